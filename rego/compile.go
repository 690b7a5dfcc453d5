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
}

func newCompiler(modules map[string]*ast.Module, tables ast.Value) *compiler {
	c := &compiler{tables, map[string]bool{}, map[functionKey]*function{}, map[domainKey]*domain{}}
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

// call says whether any definition could hold for the arguments.
func (c *compiler) call(s scope, rules []*ast.Rule, l *library, args []*ast.Term) step {
	fn, given := c.function(l, rules, len(args), false), c.operands(s, args)
	return func(p *possible, f *frame) bool { return fn.any || fn.could(p, f, given, nil) }
}

// functionKey names a function by its first definition, and whether it is asked
// for the elements of its value, not for its truth.
type functionKey struct {
	rule     *ast.Rule
	elements bool
}

func (c *compiler) function(l *library, rules []*ast.Rule, args int, elements bool) *function {
	id := functionKey{rules[0], elements}
	if fn := c.functions[id]; fn != nil {
		return fn
	}
	fn := &function{}
	c.functions[id] = fn
	for _, r := range rules {
		if r.Else != nil || r.Default || len(r.Head.Args) != args || elements && r.Head.Value == nil {
			fn.any = true
			continue
		}
		s := newScope(l)
		d := definition{params: make([]operand, args), binds: make([]func(*frame, ast.Value), args)}
		for i, param := range r.Head.Args {
			if ast.IsConstant(param.Value) {
				d.params[i] = c.operand(s, param.Value)
			}
			s, d.binds[i] = s.with(param)
		}
		d.body = c.body(s, r.Body, func(s scope) step {
			if !elements {
				return end
			}
			return yieldAll(c.elements(s, r.Head.Value.Value))
		})
		d.size = *s.size
		fn.definitions = append(fn.definitions, d)
	}
	return fn
}

func yieldAll(all elements) step {
	return func(p *possible, f *frame) bool {
		return all(p, f, func(_, v ast.Value) bool { return f.yield(v) })
	}
}

// domainKey names a domain by the first of its rules and, where it is the part of
// an object of sets, the key of that part.
type domainKey struct {
	rule *ast.Rule
	key  ast.String
}

// domain is that of rules without arguments. With a key, the rules are those of an
// object of sets: stages[name] contains s if ...
func (c *compiler) domain(l *library, rules []*ast.Rule, key *ast.Term) *domain {
	id := domainKey{rule: rules[0]}
	if key != nil {
		id.key, _ = key.Value.(ast.String)
	}
	if d := c.domains[id]; d != nil {
		return d
	}
	d := &domain{number: len(c.domains)}
	c.domains[id] = d
	for _, r := range rules {
		part, ok := c.part(l, r, key)
		if !ok {
			d.any = true
			continue
		}
		d.parts = append(d.parts, part)
	}
	return d
}

func (c *compiler) part(l *library, r *ast.Rule, key *ast.Term) (definition, bool) {
	ref, element := r.Head.Ref(), r.Head.Key
	if r.Else != nil || r.Default || len(r.Head.Args) > 0 || len(ref) > 2 || (key == nil) != (len(ref) == 1) {
		return definition{}, false
	}
	s := newScope(l)
	body := c.body(s, r.Body, func(s scope) step {
		if element == nil {
			return yieldAll(c.elements(s, r.Head.Value.Value))
		}
		last := yieldAll(single(c.operand(s, element.Value)))
		if key == nil {
			return last
		}
		return test(same(c.operand(s, ref[1].Value), fixed(key.Value), true), last)
	})
	return definition{body: body, size: *s.size}, element != nil || r.Head.Value != nil
}
