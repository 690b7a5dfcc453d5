package rego

import (
	"maps"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// library is a module's rules and constants by name.
type library struct {
	rules     map[ast.Var][]*ast.Rule
	constants map[ast.Var]ast.Value
	imports   map[ast.Var]*library // modules of the policy; nil for other imports
	all       map[string]*library  // by path of their package
}

// libraries are the libraries of modules, by path of their package.
func libraries(modules map[string]*ast.Module) map[string]*library {
	all := map[string]*library{}
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		path := modules[name].Package.Path.String()
		if all[path] == nil {
			all[path] = &library{map[ast.Var][]*ast.Rule{}, map[ast.Var]ast.Value{}, map[ast.Var]*library{}, all}
		}
		all[path].add(modules[name].Rules)
	}
	for _, m := range modules {
		l := all[m.Package.Path.String()]
		for _, i := range m.Imports {
			if other, twice := l.imports[i.Name()]; twice && other != all[i.Path.String()] {
				l.imports[i.Name()] = nil // two files mean different things by it
			} else {
				l.imports[i.Name()] = all[i.Path.String()]
			}
		}
	}
	for _, l := range all {
		l.findConstants()
	}
	return all
}

func (l *library) add(rules []*ast.Rule) {
	for _, r := range rules {
		name := ast.Var(ruleName(r))
		l.rules[name] = append(l.rules[name], r)
	}
}

func (l *library) findConstants() {
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
}

// rulesOf are the rules that a name stands for, with their library; nil if it is
// a variable, a constant, or no name of rules.
func (s scope) rulesOf(name ast.Value) ([]*ast.Rule, *library) {
	if rules, l, rest := s.resolve(name); len(rest) == 0 {
		return rules, l
	}
	return nil, nil
}

// keyed are the rules of an object of sets, and the key of the one that is meant:
// for stages.push those of stages[name] contains ...
func (s scope) keyed(name ast.Value) ([]*ast.Rule, *library, *ast.Term) {
	rules, l, rest := s.resolve(name)
	if len(rest) != 1 || len(rules[0].Head.Ref()) != 2 || rules[0].Head.Value != nil {
		return nil, nil, nil
	}
	return rules, l, rest[0]
}

// resolve finds the rules that a reference begins with, here, in an import or by
// the path of their package, and what follows.
func (s scope) resolve(name ast.Value) ([]*ast.Rule, *library, ast.Ref) {
	ref, ok := name.(ast.Ref)
	if v, isVar := name.(ast.Var); isVar {
		ref, ok = ast.Ref{ast.NewTerm(v)}, true
	}
	if !ok {
		return nil, nil, nil
	}
	head, _ := ref[0].Value.(ast.Var)
	if _, bound := s.slot(head); bound {
		return nil, nil, nil
	}
	if ref.HasPrefix(ast.DefaultRootRef) {
		return s.library.absolute(ref)
	}
	if rules := s.library.rules[head]; rules != nil {
		return s.library.named(head, ref[1:])
	}
	if other := s.library.imports[head]; other != nil && len(ref) > 1 {
		if word, ok := ref[1].Value.(ast.String); ok {
			return other.named(ast.Var(word), ref[2:])
		}
	}
	return nil, nil, nil
}

// absolute is resolve for data.guard.stage.verb and the like.
func (l *library) absolute(ref ast.Ref) ([]*ast.Rule, *library, ast.Ref) {
	for i := len(ref) - 1; i > 1; i-- {
		word, ok := ref[i].Value.(ast.String)
		if !ok || !ref[:i].IsGround() {
			continue
		}
		if other := l.all[ref[:i].String()]; other != nil {
			return other.named(ast.Var(word), ref[i+1:])
		}
	}
	return nil, nil, nil
}

func (l *library) named(name ast.Var, rest ast.Ref) ([]*ast.Rule, *library, ast.Ref) {
	if l.constants[name] != nil || l.rules[name] == nil {
		return nil, nil, nil
	}
	return l.rules[name], l, rest
}

// constant is what a reference to a constant of an import begins with, and what
// follows.
func (s scope) constant(ref ast.Ref) (ast.Value, ast.Ref) {
	head, _ := ref[0].Value.(ast.Var)
	other := s.library.imports[head]
	if _, bound := s.slot(head); bound || other == nil || len(ref) < 2 || s.library.rules[head] != nil {
		return nil, nil
	}
	word, _ := ref[1].Value.(ast.String)
	return other.constants[ast.Var(word)], ref[2:]
}
