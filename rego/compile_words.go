package rego

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// wordly are builtins that rules ask of every word of a command, with every word of
// a table: answered here without what a call of the evaluator's allocates. Nil is no
// answer; then the evaluator's own is asked.
var wordly = map[string]func(word, other ast.Value) ast.Value{
	"contains":                 asked(strings.Contains),
	"endswith":                 asked(strings.HasSuffix),
	"startswith":               asked(strings.HasPrefix),
	"strings.any_prefix_match": askedOfAny(strings.HasPrefix),
	"strings.any_suffix_match": askedOfAny(strings.HasSuffix),
	"trim":                     cut(strings.Trim),
	"trim_left":                cut(strings.TrimLeft),
	"trim_prefix":              cut(strings.TrimPrefix),
	"trim_right":               cut(strings.TrimRight),
	"trim_suffix":              cut(strings.TrimSuffix),
}

func asked(does func(a, b string) bool) func(a, b ast.Value) ast.Value {
	return func(a, b ast.Value) ast.Value {
		word, ok1 := a.(ast.String)
		part, ok2 := b.(ast.String)
		if !ok1 || !ok2 {
			return nil
		}
		return ast.Boolean(does(string(word), string(part)))
	}
}

// askedOfAny is for one word and a list of parts.
func askedOfAny(does func(a, b string) bool) func(a, b ast.Value) ast.Value {
	return func(a, b ast.Value) ast.Value {
		word, ok1 := a.(ast.String)
		list, ok2 := b.(*ast.Array)
		if !ok1 || !ok2 {
			return nil
		}
		for i := range list.Len() {
			part, ok := list.Elem(i).Value.(ast.String)
			if !ok {
				return nil
			}
			if does(string(word), string(part)) {
				return ast.Boolean(true)
			}
		}
		return ast.Boolean(false)
	}
}

func cut(does func(a, b string) string) func(a, b ast.Value) ast.Value {
	return func(a, b ast.Value) ast.Value {
		word, ok1 := a.(ast.String)
		part, ok2 := b.(ast.String)
		if !ok1 || !ok2 {
			return nil
		}
		if rest := does(string(word), string(part)); rest != string(word) {
			return ast.String(rest)
		}
		return a
	}
}

// ofWords is a builtin of words; otherwise answers what it does not.
func ofWords(does func(word, other ast.Value) ast.Value, word, other, otherwise operand) operand {
	return func(p *possible, f *frame) (ast.Value, known) {
		a, ka := word(p, f)
		if ka == missing {
			return nil, missing
		}
		b, kb := other(p, f)
		k := min(ka, kb)
		switch {
		case kb == missing:
			return nil, missing
		case k == unknown:
			return nil, unknown
		}
		if answer := does(a, b); answer != nil {
			return answer, k
		}
		return otherwise(p, f)
	}
}
