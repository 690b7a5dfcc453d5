package rego

import (
	"maps"

	"github.com/open-policy-agent/opa/v1/ast"
)

// compiler makes steps of bodies.
type compiler struct {
	tables    ast.Value
	packages  map[string]bool // paths at and above the packages, where rules may be
	functions map[functionKey]*function
	domains   map[domainKey]*domain
	words     map[ast.Object]map[ast.Value]ast.Value // of tables
}

func newCompiler(modules map[string]*ast.Module, tables ast.Value) *compiler {
	c := &compiler{
		tables, map[string]bool{}, map[functionKey]*function{}, map[domainKey]*domain{}, map[ast.Object]map[ast.Value]ast.Value{},
	}
	for _, m := range modules {
		for i := range m.Package.Path {
			c.packages[m.Package.Path[:i+1].String()] = true
		}
	}
	return c
}

// scope is what names mean at some point of a body.
type scope struct {
	library *library
	slots   map[ast.Var]int
	size    *int // of the frame
}

func newScope(l *library) scope { return scope{l, map[ast.Var]int{}, new(int)} }

func forget(*frame, ast.Value) {}

// with is the scope in which the variables of a pattern are bound, and how.
func (s scope) with(pattern *ast.Term) (scope, func(*frame, ast.Value)) {
	switch x := pattern.Value.(type) {
	case ast.Var:
		slot := *s.size
		*s.size++
		s.slots = maps.Clone(s.slots)
		s.slots[x] = slot
		return s, func(f *frame, v ast.Value) { f.vars[slot] = v }
	case *ast.Array:
		binds := make([]func(*frame, ast.Value), x.Len())
		for i := range binds {
			s, binds[i] = s.with(x.Elem(i))
		}
		return s, func(f *frame, v ast.Value) {
			value, _ := v.(*ast.Array)
			for i, bind := range binds {
				if value != nil && i < value.Len() {
					bind(f, value.Elem(i).Value)
				} else {
					bind(f, nil)
				}
			}
		}
	}
	return s, forget
}

// body compiles expressions; last makes the end, in the scope that they leave.
func (c *compiler) body(s scope, body ast.Body, last func(scope) step) step {
	if len(body) == 0 {
		return last(s)
	}
	expr, rest := body[0], body[1:]
	if expr.Negated || len(expr.With) > 0 {
		return c.body(s, rest, last)
	}
	switch terms := expr.Terms.(type) {
	case *ast.SomeDecl:
		return c.some(s, terms, rest, last)
	case *ast.Term:
		if rules, l := s.rulesOf(terms.Value); rules != nil {
			return test(c.call(s, rules, l, nil), c.body(s, rest, last))
		}
		return test(truth(c.operand(s, terms.Value)), c.body(s, rest, last))
	case []*ast.Term:
		return c.operation(s, terms, rest, last)
	}
	return c.body(s, rest, last)
}

func (c *compiler) some(s scope, decl *ast.SomeDecl, rest ast.Body, last func(scope) step) step {
	call, ok := decl.Symbols[0].Value.(ast.Call)
	if !ok || len(decl.Symbols) != 1 || len(call) < 3 {
		for _, symbol := range decl.Symbols { // nothing is known of them
			s, _ = s.with(symbol)
		}
		return c.body(s, rest, last)
	}
	from, inner, key := c.elements(s, call[len(call)-1].Value), s, forget
	if len(call) == 4 { // some key, element in ...
		inner, key = inner.with(call[1])
	}
	inner, element := inner.with(call[len(call)-2])
	return over(from, key, element, c.body(inner, rest, last))
}

// operation compiles an operator with its operands.
func (c *compiler) operation(s scope, terms []*ast.Term, rest ast.Body, last func(scope) step) step {
	name := terms[0].Value
	if rules, l := s.rulesOf(name); rules != nil {
		return test(c.call(s, rules, l, terms[1:]), c.body(s, rest, last))
	}
	switch {
	case pure[name.String()]:
		return test(truth(c.builtin(s, terms)), c.body(s, rest, last))
	case len(terms) != 3:
		return c.body(s, rest, last)
	}
	a := c.operand(s, terms[1].Value)
	switch {
	case name.Compare(ast.Equal.Ref()) == 0, name.Compare(ast.NotEqual.Ref()) == 0:
		equal := name.Compare(ast.Equal.Ref()) == 0
		return test(same(a, c.operand(s, terms[2].Value), equal), c.body(s, rest, last))
	case name.Compare(ast.Member.Ref()) == 0:
		if set, ok := terms[2].Value.(ast.Set); ok && ast.IsConstant(set) {
			return test(among(a, set), c.body(s, rest, last))
		}
		return test(member(a, c.elements(s, terms[2].Value)), c.body(s, rest, last))
	case name.Compare(ast.Assign.Ref()) == 0:
		value := c.operand(s, terms[2].Value)
		inner, bind := s.with(terms[1])
		next := c.body(inner, rest, last)
		return func(p *possible, f *frame) bool {
			v, k := value(p, f)
			bind(f, v)
			return k != missing && next(p, f)
		}
	}
	return c.body(s, rest, last)
}
