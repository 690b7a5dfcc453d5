package rego

import (
	"bytes"
	"context"
	"io/fs"
	"maps"
	"strings"
	"testing"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/format"
)

func TestTheBuiltinPolicyPassesItsOwnTests(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	modules := maps.Clone(e.modules)
	eachFile(t, "_test.rego", func(name string, text []byte) {
		m, err := e.parse(name, text)
		if err != nil {
			t.Fatal(err)
		}
		modules[name] = m
	})
	results, err := e.runTests(context.Background(), modules, newStore(e.data), time.Minute, nil)
	if err != nil {
		t.Fatal(err)
	}
	if len(results) < 300 {
		t.Errorf("ran %d tests", len(results))
	}
	for _, r := range results {
		if !r.Pass {
			t.Errorf("%s:%d: %s", r.File, r.Line, r.reason())
		}
	}
}

func TestTheBuiltinPolicyIsFormatted(t *testing.T) {
	eachFile(t, ".rego", func(name string, text []byte) {
		want, err := format.SourceWithOpts(name, text, format.Opts{RegoVersion: ast.RegoV1})
		if err != nil || !bytes.Equal(want, text) {
			t.Errorf("%s: run opa fmt (%v)", name, err)
		}
	})
}

// TestEveryBuiltinRuleIsDocumented: each package and public rule has a title
// and a description; each rule that finds something also has its id and what
// to do instead, and the id in the METADATA is the id of the finding.
func TestEveryBuiltinRuleIsDocumented(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range e.modules {
		if m.Package == nil || !documented(m.Annotations, m.Package) {
			t.Errorf("%s: package has no METADATA with title and description", name)
		}
		for _, r := range m.Rules {
			head := ruleName(r)
			if strings.HasPrefix(head, "_") && literalID(r) == "" || r.Default {
				continue
			}
			notes := annotationsOf(m, r)
			if len(notes) == 0 && definedBefore(m, r) {
				continue
			}
			if len(notes) == 0 || notes[0].Title == "" || notes[0].Description == "" {
				t.Errorf("%s: %s has no METADATA with title and description", r.Location, head)
				continue
			}
			if id := literalID(r); id != "" {
				custom := notes[0].Custom
				if custom["id"] != id || !strings.HasPrefix(id, "relief.") && (custom["remedy"] == nil || custom["remedy"] == "none") {
					t.Errorf("%s: %s: METADATA has id %v and remedy %v", r.Location, id, custom["id"], custom["remedy"])
				}
			}
		}
	}
}

func eachFile(t *testing.T, suffix string, do func(name string, text []byte)) {
	t.Helper()
	err := fs.WalkDir(builtin, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || !strings.HasSuffix(name, suffix) {
			return err
		}
		text, err := fs.ReadFile(builtin, name)
		do(name, text)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func documented(notes []*ast.Annotations, p *ast.Package) bool {
	for _, a := range notes {
		if a.Scope == "package" && a.Title != "" && a.Description != "" && a.GetTargetPath().Equal(p.Path) {
			return true
		}
	}
	return false
}

func annotationsOf(m *ast.Module, r *ast.Rule) []*ast.Annotations {
	var out []*ast.Annotations
	for _, a := range m.Annotations {
		if a.Scope == "rule" && a.EndLoc().Row == r.Location.Row-1 {
			out = append(out, a)
		}
	}
	return out
}

// definedBefore: the further definitions of a rule need no text of their own,
// unless they are sets, whose every definition is another rule.
func definedBefore(m *ast.Module, r *ast.Rule) bool {
	for _, other := range m.Rules {
		if other == r {
			return false
		}
		if ruleName(other) == ruleName(r) {
			return r.Head.RuleKind() != ast.MultiValue || literalID(r) == ""
		}
	}
	return false
}

// literalID is the id of the finding or relief a rule adds, "" if it adds none.
func literalID(r *ast.Rule) string {
	if r.Head.Key == nil {
		return ""
	}
	o, ok := r.Head.Key.Value.(ast.Object)
	if !ok {
		return ""
	}
	id := o.Get(ast.StringTerm("id"))
	if id == nil || o.Get(ast.StringTerm("msg")) == nil && o.Get(ast.StringTerm("finding")) == nil {
		return ""
	}
	s, _ := id.Value.(ast.String)
	return string(s)
}
