package rego

import (
	"regexp"

	"github.com/open-policy-agent/opa/v1/ast"
)

// compiler makes steps of bodies.
type compiler struct {
	tables    ast.Value
	packages  map[string]bool // paths at and above the packages, where rules may be
	functions map[functionKey]*function
	domains   map[*ast.Rule]*domain // by the first of its rules
	values    map[*function]int     // numbers of rules without arguments
	patterns  map[string]*regexp.Regexp
	words     map[ast.Object]map[ast.Value]ast.Value // of tables
}

func newCompiler(modules map[string]*ast.Module, tables ast.Value) *compiler {
	c := &compiler{
		tables: tables, packages: map[string]bool{}, functions: map[functionKey]*function{}, domains: map[*ast.Rule]*domain{},
		values: map[*function]int{}, patterns: map[string]*regexp.Regexp{}, words: map[ast.Object]map[ast.Value]ast.Value{},
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
	bound   *binding
	size    *int // of the frame
}

func newScope(l *library) scope { return scope{l, nil, new(int)} }

// binding is where a variable stands in the frame; up are those before it.
type binding struct {
	name ast.Var
	slot int
	up   *binding
}

// slot is where a variable stands; false for names that are no variables.
func (s scope) slot(name ast.Var) (int, bool) {
	for b := s.bound; b != nil; b = b.up {
		if b.name == name {
			return b.slot, true
		}
	}
	return 0, false
}

// bind gives the variables of a pattern the values they have in another one, and
// says whether it fits.
type bind func(*possible, *frame, ast.Value) odds

func forget(*possible, *frame, ast.Value) odds { return yes }

// with is the scope in which the variables of a pattern are bound, and how.
func (s scope) with(pattern *ast.Term) (scope, bind) {
	switch x := pattern.Value.(type) {
	case ast.Var:
		slot := *s.size
		*s.size++
		s.bound = &binding{x, slot, s.bound}
		return s, func(_ *possible, f *frame, v ast.Value) odds {
			f.vars[slot] = v
			return yes
		}
	case *ast.Array:
		binds := make([]bind, x.Len())
		for i := range binds {
			s, binds[i] = s.with(x.Elem(i))
		}
		return s, func(p *possible, f *frame, v ast.Value) odds { return fit(p, f, binds, v) }
	}
	if !ast.IsConstant(pattern.Value) {
		return s, func(*possible, *frame, ast.Value) odds { return maybe }
	}
	return s, func(_ *possible, _ *frame, v ast.Value) odds {
		if v == nil {
			return maybe
		}
		return certainly(v.Compare(pattern.Value) == 0, present)
	}
}

// fit binds the elements of an array.
func fit(p *possible, f *frame, binds []bind, v ast.Value) odds {
	array, ok := v.(*ast.Array)
	if v != nil && (!ok || array.Len() != len(binds)) {
		return no
	}
	a := yes
	for i, bind := range binds {
		if v == nil {
			a = min(maybe, bind(p, f, nil))
		} else {
			a = min(a, bind(p, f, array.Elem(i).Value))
		}
	}
	return a
}

// body compiles expressions; last makes the end, in the scope that they leave.
func (c *compiler) body(s scope, body ast.Body, last func(scope) step) step {
	if len(body) == 0 {
		return last(s)
	}
	expr, rest := body[0], body[1:]
	if len(expr.With) > 0 {
		return doubt(c.body(s, rest, last))
	}
	if expr.Negated {
		return c.negation(s, expr, c.body(s, rest, last))
	}
	switch terms := expr.Terms.(type) {
	case *ast.SomeDecl:
		return c.some(s, terms, rest, last)
	case *ast.Every:
		return test(c.every(s, terms), c.body(s, rest, last))
	case *ast.Term:
		return test(c.truth(s, terms.Value), c.body(s, rest, last))
	case []*ast.Term:
		return c.operation(s, terms, rest, last)
	}
	return doubt(c.body(s, rest, last))
}

func (c *compiler) truth(s scope, v ast.Value) step {
	if rules, l := s.rulesOf(v); rules != nil && !partial(rules[0]) {
		return c.call(s, rules, l, nil)
	}
	return truth(c.operand(s, v))
}

func (c *compiler) some(s scope, decl *ast.SomeDecl, rest ast.Body, last func(scope) step) step {
	call, ok := decl.Symbols[0].Value.(ast.Call)
	if !ok || len(decl.Symbols) != 1 || len(call) < 3 {
		for _, symbol := range decl.Symbols { // nothing is known of them
			s, _ = s.with(symbol)
		}
		return c.body(s, rest, last)
	}
	from, inner, key := c.elements(s, call[len(call)-1].Value), s, bind(forget)
	if len(call) == 4 { // some key, element in ...
		inner, key = inner.with(call[1])
	}
	inner, element := inner.with(call[len(call)-2])
	next := c.body(inner, rest, last)
	if !ordered(s, call[len(call)-1].Value) {
		next = mixed(next)
	}
	return over(from, key, element, next)
}

// ordered says whether the elements of a collection come as the evaluator goes
// through them.
func ordered(s scope, v ast.Value) bool {
	switch v := v.(type) {
	case *ast.SetComprehension:
		return false
	case ast.Set:
		return ast.IsConstant(v)
	case ast.Call:
		if v[0].Value.Compare(ast.ArrayConcat.Ref()) == 0 {
			return ordered(s, v[1].Value) && ordered(s, v[2].Value)
		}
		rules, _ := s.rulesOf(v[0].Value)
		return rules == nil && v[0].Value.Compare(ast.Or.Ref()) != 0
	}
	return true
}

// every compiles every key, element in ... { ... }
func (c *compiler) every(s scope, e *ast.Every) step {
	from, there := c.elements(s, e.Domain.Value), step(end)
	if !c.defined(s, e.Domain.Value) {
		o := c.operand(s, e.Domain.Value)
		from, there = of(o), collection(o)
	}
	inner, key := s, bind(forget)
	if e.Key != nil {
		inner, key = inner.with(e.Key)
	}
	inner, element := inner.with(e.Value)
	return test(there, every(from, key, element, c.body(inner, e.Body, func(scope) step { return end })))
}

// defined says whether something is a collection, be it empty, whatever the input.
func (c *compiler) defined(s scope, v ast.Value) bool {
	switch v.(type) {
	case *ast.ArrayComprehension, *ast.SetComprehension:
		return true
	}
	rules, _ := s.rulesOf(v)
	return rules != nil && isSet(rules[0])
}

// isSet says whether a rule adds to a set.
func isSet(r *ast.Rule) bool { return r.Head.Key != nil && len(r.Head.Ref()) == 1 }

// isObject says whether a rule adds to an object.
func isObject(r *ast.Rule) bool { return len(r.Head.Ref()) == 2 && r.Head.Value != nil }

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
		return doubt(c.body(s, rest, last))
	case name.Compare(ast.Assign.Ref()) == 0:
		value := c.operand(s, terms[2].Value)
		inner, bind := s.with(terms[1])
		return assign(value, bind, c.body(inner, rest, last))
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
	}
	return doubt(c.body(s, rest, last))
}

// assign goes on with a value in a pattern.
func assign(value operand, bind bind, next step) step {
	return func(p *possible, f *frame) odds {
		v, k := value(p, f)
		if k == missing {
			return no
		}
		a := bind(p, f, v)
		switch {
		case a == no:
			return no
		case a == yes && k == present:
			return next(p, f)
		}
		return p.guess(next, f)
	}
}
