package rego

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

func TestBuiltinsOfWordsAnswerAsTheEvaluatorDoes(t *testing.T) {
	var operands []ast.Value
	for _, text := range []string{`""`, `"a"`, `"ab"`, `"/tmp/a"`, `"aab"`, `"é"`, `["a", "/tmp"]`, `["b"]`, `[]`, `[1]`, `{"a"}`, `1`, `true`} {
		operands = append(operands, ast.MustParseTerm(text).Value)
	}
	for name, does := range wordly {
		answers := 0
		for _, a := range operands {
			for _, b := range operands {
				got := does(a, b)
				if got == nil {
					continue
				}
				var want ast.Value
				if err := topdown.GetBuiltin(name)(topdown.BuiltinContext{}, []*ast.Term{ast.NewTerm(a), ast.NewTerm(b)}, func(x *ast.Term) error {
					want = x.Value
					return nil
				}); err != nil || want == nil || got.Compare(want) != 0 {
					t.Errorf("%s(%v, %v): got %v, want %v, %v", name, a, b, got, want, err)
				}
				answers++
			}
		}
		if answers < 10 {
			t.Errorf("%s: %d answers", name, answers)
		}
	}
}
