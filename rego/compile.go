package rego

import (
	"maps"

	"github.com/open-policy-agent/opa/v1/ast"
)

// compiler makes steps of bodies.
type compiler struct {
	tables    ast.Value
	packages  map[string]bool         // paths at and above the packages, where rules may be
	functions map[*ast.Rule]*function // by first definition
	domains   map[domainKey]*domain
}

func newCompiler(modules map[string]*ast.Module, tables ast.Value) *compiler {
	c := &compiler{tables, map[string]bool{}, map[*ast.Rule]*function{}, map[domainKey]*domain{}}
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

// with is the scope in which the variables of a pattern are bound, and how.
func (s scope) with(pattern *ast.Term) (scope, func(frame, ast.Value)) {
	switch x := pattern.Value.(type) {
	case ast.Var:
		slot := *s.size
		*s.size++
		s.slots = maps.Clone(s.slots)
		s.slots[x] = slot
		return s, func(f frame, v ast.Value) { f[slot] = v }
	case *ast.Array:
		binds := make([]func(frame, ast.Value), x.Len())
		for i := range binds {
			s, binds[i] = s.with(x.Elem(i))
		}
		return s, func(f frame, v ast.Value) {
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
	return s, func(frame, ast.Value) {}
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
		return test(truth(c.term(s, terms.Value)), c.body(s, rest, last))
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
	from, element := call[len(call)-1], call[len(call)-2]
	inner := s
	if len(call) == 4 { // some key, element in ...
		inner, _ = s.with(call[1])
	}
	inner, bind := inner.with(element)
	next := c.body(inner, rest, last)
	if rules, l := s.rulesOf(from.Value); rules != nil {
		return overDomain(c.domain(l, rules, nil), bind, next)
	}
	if rules, key := s.keyed(from.Value); rules != nil {
		return overDomain(c.domain(s.library, rules, key), bind, next)
	}
	return over(c.term(s, from.Value), bind, next)
}

// operation compiles an operator with its operands.
func (c *compiler) operation(s scope, terms []*ast.Term, rest ast.Body, last func(scope) step) step {
	if rules, l := s.rulesOf(terms[0].Value); rules != nil {
		return test(c.call(s, rules, l, terms[1:]), c.body(s, rest, last))
	}
	if pure[terms[0].String()] {
		return test(truth(c.builtin(s, terms)), c.body(s, rest, last))
	}
	if len(terms) != 3 {
		return c.body(s, rest, last)
	}
	a, b := c.term(s, terms[1].Value), c.term(s, terms[2].Value)
	switch name := terms[0].Value; {
	case name.Compare(ast.Equal.Ref()) == 0:
		return test(same(a, b, true), c.body(s, rest, last))
	case name.Compare(ast.NotEqual.Ref()) == 0:
		return test(same(a, b, false), c.body(s, rest, last))
	case name.Compare(ast.Member.Ref()) == 0:
		return test(member(a, b), c.body(s, rest, last))
	case name.Compare(ast.Assign.Ref()) == 0:
		inner, bind := s.with(terms[1])
		next := c.body(inner, rest, last)
		return func(p *possible, f frame) bool {
			v, k := b(p, f)
			bind(f, v)
			return k != missing && next(p, f)
		}
	}
	return c.body(s, rest, last)
}

// function is the definitions of a function, or of a rule without arguments.
type function struct {
	any         bool // a definition is not understood
	definitions []definition
}

type definition struct {
	params []operand // those that are constant; nil for the others
	binds  []func(frame, ast.Value)
	body   step
	size   int
}

// call says whether any definition could hold for the arguments.
func (c *compiler) call(s scope, rules []*ast.Rule, l *library, args []*ast.Term) step {
	fn, given := c.function(l, rules), make([]operand, len(args))
	for i, arg := range args {
		given[i] = c.term(s, arg.Value)
	}
	return func(p *possible, f frame) bool {
		return fn.any || fn.could(p, f, given)
	}
}

func (fn *function) could(p *possible, outer frame, args []operand) bool {
	for _, d := range fn.definitions {
		if len(d.binds) != len(args) {
			return true
		}
		f := make(frame, d.size)
		if d.accepts(p, f, outer, args) && d.body(p, f) {
			return true
		}
	}
	return false
}

// accepts binds the arguments, unless one is undefined or another than the
// definition is for.
func (d definition) accepts(p *possible, f, outer frame, args []operand) bool {
	for i, arg := range args {
		v, k := arg(p, outer)
		if k == missing {
			return false
		}
		if d.params[i] != nil && k == present {
			if want, _ := d.params[i](p, f); want.Compare(v) != 0 {
				return false
			}
		}
		d.binds[i](f, v)
	}
	return true
}

func (c *compiler) function(l *library, rules []*ast.Rule) *function {
	if fn := c.functions[rules[0]]; fn != nil {
		return fn
	}
	fn := &function{}
	c.functions[rules[0]] = fn
	for _, r := range rules {
		if r.Else != nil || r.Default {
			fn.any = true
			continue
		}
		s := newScope(l)
		d := definition{params: make([]operand, len(r.Head.Args)), binds: make([]func(frame, ast.Value), len(r.Head.Args))}
		for i, param := range r.Head.Args {
			if ast.IsConstant(param.Value) {
				d.params[i] = c.term(s, param.Value)
			}
			s, d.binds[i] = s.with(param)
		}
		d.body = c.body(s, r.Body, func(scope) step { return end })
		d.size = *s.size
		fn.definitions = append(fn.definitions, d)
	}
	return fn
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
		ref, body, element := r.Head.Ref(), r.Body, r.Head.Key
		if r.Head.Value != nil && element == nil {
			body, element = comprehension(r.Head.Value.Value)
		}
		if element == nil || r.Else != nil || r.Default || len(r.Head.Args) > 0 || (key == nil) != (len(ref) == 1) || len(ref) > 2 {
			d.any = true
			continue
		}
		s := newScope(l)
		run := c.body(s, body, func(s scope) step {
			last := collect(c.term(s, element.Value))
			if key == nil {
				return last
			}
			return test(same(c.term(s, ref[1].Value), fixed(key.Value), true), last)
		})
		d.parts = append(d.parts, part{run, *s.size})
	}
	return d
}

func comprehension(v ast.Value) (ast.Body, *ast.Term) {
	switch c := v.(type) {
	case *ast.ArrayComprehension:
		return c.Body, c.Term
	case *ast.SetComprehension:
		return c.Body, c.Term
	}
	return nil, nil
}
