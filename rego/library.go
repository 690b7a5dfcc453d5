package rego

import "github.com/open-policy-agent/opa/v1/ast"

// library is a module's rules and constants by name.
type library struct {
	rules     map[ast.Var][]*ast.Rule
	constants map[ast.Var]ast.Value
	imports   map[ast.Var]*library // modules of the policy; nil for other imports
}

// libraries are the libraries of modules, by path of their package.
func libraries(modules map[string]*ast.Module) map[string]*library {
	all := map[string]*library{}
	for _, m := range modules {
		all[m.Package.Path.String()] = newLibrary(m)
	}
	for _, m := range modules {
		l := all[m.Package.Path.String()]
		for _, i := range m.Imports {
			l.imports[i.Name()] = all[i.Path.String()]
		}
	}
	return all
}

func newLibrary(m *ast.Module) *library {
	l := &library{map[ast.Var][]*ast.Rule{}, map[ast.Var]ast.Value{}, map[ast.Var]*library{}}
	for _, r := range m.Rules {
		name := ast.Var(ruleName(r))
		l.rules[name] = append(l.rules[name], r)
	}
	for name, rules := range l.rules {
		r := rules[0]
		if len(rules) == 1 && r.Head.Key == nil && len(r.Head.Args) == 0 && r.Else == nil && !r.Default &&
			r.Head.Value != nil && ast.IsConstant(r.Head.Value.Value) && r.Body.Equal(ast.NewBody(ast.NewExpr(ast.BooleanTerm(true)))) {
			switch r.Head.Value.Value.(type) {
			case ast.Object, ast.Set, *ast.Array, ast.String, ast.Number:
				l.constants[name] = r.Head.Value.Value
			}
		}
	}
	return l
}

// rulesOf are the rules that a name stands for, here or in an import, with their
// library; nil if it is a variable, a constant, or no name of rules.
func (s scope) rulesOf(name ast.Value) ([]*ast.Rule, *library) {
	ref, ok := name.(ast.Ref)
	if v, isVar := name.(ast.Var); isVar {
		ref, ok = ast.Ref{ast.NewTerm(v)}, true
	}
	if !ok || len(ref) > 2 {
		return nil, nil
	}
	head, _ := ref[0].Value.(ast.Var)
	if _, bound := s.slots[head]; bound {
		return nil, nil
	}
	if len(ref) == 1 {
		return s.library.named(head)
	}
	word, ok := ref[1].Value.(ast.String)
	if other := s.library.imports[head]; ok && other != nil {
		return other.named(ast.Var(word))
	}
	return nil, nil
}

// keyed are the rules of an object of sets, and the key of the one that is meant:
// for stages.push those of stages[name] contains ...
func (s scope) keyed(name ast.Value) ([]*ast.Rule, *ast.Term) {
	ref, ok := name.(ast.Ref)
	if !ok || len(ref) != 2 {
		return nil, nil
	}
	head, _ := ref[0].Value.(ast.Var)
	if _, bound := s.slots[head]; bound || s.library.constants[head] != nil {
		return nil, nil
	}
	if _, ok := ref[1].Value.(ast.String); !ok {
		return nil, nil
	}
	return s.library.rules[head], ref[1]
}

func (l *library) named(name ast.Var) ([]*ast.Rule, *library) {
	if l.constants[name] != nil {
		return nil, nil
	}
	return l.rules[name], l
}
