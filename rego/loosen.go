package rego

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// weaker lists why a new Set might permit what the old one did not; empty means
// that it cannot. It errs on the side of listing: a rule that is only written
// differently counts as changed. Adding outputs, files and helpers that no old
// rule can see is never weaker, because the join takes the maximum.
func weaker(was, is *Set) []string {
	out := loosened(was.config, is.config, nil)
	for _, old := range was.users {
		if old.query == nil {
			continue
		}
		i := slices.IndexFunc(is.users, func(p *userPackage) bool {
			return p.layer == old.layer && p.name == old.name
		})
		if i < 0 {
			out = append(out, fmt.Sprintf("package user.%s (%s) is gone", old.name, old.layer))
			continue
		}
		out = append(out, old.weakerIn(is.users[i])...)
	}
	return out
}

func (p *userPackage) weakerIn(now *userPackage) []string {
	was, is := p.rules(), now.rules()
	var out []string
	visible := map[string]bool{}
	for text, r := range was {
		for name := range namesIn(r) {
			visible[name] = true
		}
		if is[text] == nil {
			out = append(out, place(r)+" was removed or changed")
		}
	}
	for text, r := range is {
		if was[text] == nil && visible[ruleName(r)] {
			out = append(out, place(r)+" adds to what older rules use")
		}
	}
	slices.Sort(out)
	return out
}

// rules are the package's rules by their text and the imports it uses, so that
// moving a rule to another file of the folder changes nothing.
func (p *userPackage) rules() map[string]*ast.Rule {
	out := map[string]*ast.Rule{}
	for _, m := range p.modules {
		for _, r := range m.Rules {
			names := namesIn(r)
			text := r.String()
			for _, imp := range m.Imports {
				if names[string(imp.Name())] {
					text += "\n" + imp.String()
				}
			}
			out[text] = r
		}
	}
	return out
}

// namesIn is every name a rule could take from elsewhere: variables, and what
// follows data.user.<name> in full paths. Local variables are among them, which
// only makes the comparison more careful.
func namesIn(r *ast.Rule) map[string]bool {
	names := map[string]bool{}
	visit := func(x any) {
		ast.WalkVars(x, func(v ast.Var) bool { names[string(v)] = true; return false })
		ast.WalkRefs(x, func(ref ast.Ref) bool {
			if len(ref) > 3 && ref[0].Equal(ast.DefaultRootDocument) {
				if s, ok := ref[3].Value.(ast.String); ok {
					names[string(s)] = true
				}
			}
			return false
		})
	}
	for ; r != nil; r = r.Else {
		visit(r.Body)
		visit(r.Head.Args)
		for _, t := range append([]*ast.Term{r.Head.Key, r.Head.Value}, r.Head.Reference[1:]...) {
			if t != nil {
				visit(t)
			}
		}
	}
	return names
}

func ruleName(r *ast.Rule) string { return string(r.Head.Ref()[0].Value.(ast.Var)) }

func place(r *ast.Rule) string {
	return fmt.Sprintf("%s:%d: %s", filepath.Base(r.Location.File), r.Location.Row, strings.TrimSpace(ruleName(r)))
}
