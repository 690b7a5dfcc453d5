package rego

import "github.com/open-policy-agent/opa/v1/ast"

// elements compiles what stands for a collection.
func (c *compiler) elements(s scope, v ast.Value) elements {
	if rules, l := s.rulesOf(v); rules != nil {
		return ofDomain(c.domain(l, rules, nil))
	}
	if rules, key := s.keyed(v); rules != nil {
		return ofDomain(c.domain(s.library, rules, key))
	}
	switch v := v.(type) {
	case *ast.ArrayComprehension:
		return c.comprehension(s, v.Body, v.Term)
	case *ast.SetComprehension:
		return c.comprehension(s, v.Body, v.Term)
	case ast.Set:
		if !ast.IsConstant(v) {
			var all []elements
			v.Foreach(func(t *ast.Term) { all = append(all, single(c.operand(s, t.Value))) })
			return union(all...)
		}
	case ast.Call:
		if rules, l := s.rulesOf(v[0].Value); rules != nil {
			return c.callElements(s, rules, l, v[1:])
		}
		join := v[0].Value.Compare(ast.ArrayConcat.Ref()) == 0 && (isComprehension(v[1]) || isComprehension(v[2]))
		if join || v[0].Value.Compare(ast.Or.Ref()) == 0 {
			return union(c.elements(s, v[1].Value), c.elements(s, v[2].Value))
		}
	}
	return of(c.operand(s, v))
}

func isComprehension(t *ast.Term) bool {
	_, ok := t.Value.(*ast.ArrayComprehension)
	return ok
}

// single is a collection of one element.
func single(o operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		v, k := o(p, f)
		return k != missing && will(nil, v)
	}
}

// comprehension are its elements; it has a frame of its own, in which it knows
// the variables around it.
func (c *compiler) comprehension(s scope, body ast.Body, term *ast.Term) elements {
	run := c.body(s, body, func(s scope) step { return yieldAll(single(c.operand(s, term.Value))) })
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		inner := p.enter(*s.size, func(v ast.Value) bool { return will(nil, v) })
		defer p.leave(inner)
		copy(inner.vars, f.vars)
		return run(p, inner)
	}
}

// callElements are the elements of what a function returns.
func (c *compiler) callElements(s scope, rules []*ast.Rule, l *library, args []*ast.Term) elements {
	fn, given := c.function(l, rules, len(args), forElements), c.operands(s, args)
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		yield := func(v ast.Value) bool { return will(nil, v) }
		return fn.any && yield(nil) || fn.could(p, f, given, yield)
	}
}
