package rego

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// elements compiles what stands for a collection.
func (c *compiler) elements(s scope, v ast.Value) elements {
	if rules, l := s.rulesOf(v); rules != nil && (isSet(rules[0]) || !partial(rules[0])) {
		return ofDomain(c.domain(l, rules))
	}
	if rules, l, key := s.keyed(v); rules != nil {
		return ofPart(c.domain(l, rules), c.operand(s, key.Value))
	}
	if families, key := c.families(s, v); families != nil {
		return ofFamily(families, key)
	}
	switch v := v.(type) {
	case *ast.ArrayComprehension:
		return c.comprehension(s, v.Body, v.Term)
	case *ast.SetComprehension:
		return c.comprehension(s, v.Body, v.Term)
	case ast.Set:
		if !ast.IsConstant(v) {
			return listed(c.operands(s, v.Slice()))
		}
	case ast.Call:
		if rules, l := s.rulesOf(v[0].Value); rules != nil {
			return c.callElements(s, rules, l, v[1:])
		}
		join := v[0].Value.Compare(ast.ArrayConcat.Ref()) == 0 && (isComprehension(v[1]) || isComprehension(v[2]))
		if join || v[0].Value.Compare(ast.Or.Ref()) == 0 {
			return union(c.joined(s, v[1].Value, join), c.joined(s, v[2].Value, join))
		}
	}
	return of(c.operand(s, v))
}

// joined compiles one of two collections that are made one.
func (c *compiler) joined(s scope, v ast.Value, array bool) joined {
	j := joined{array: array, elements: c.elements(s, v)}
	if !c.defined(s, v) {
		j.whole = c.operand(s, v)
	}
	return j
}

func isComprehension(t *ast.Term) bool {
	_, ok := t.Value.(*ast.ArrayComprehension)
	return ok
}

// single is a collection of one element.
func single(o operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		switch v, k := o(p, f); k {
		case missing:
			return no
		case present:
			return will(nil, v)
		default:
			return p.offer(will, nil, v)
		}
	}
}

// comprehension are its elements; it has a frame of its own, in which it knows
// the variables around it.
func (c *compiler) comprehension(s scope, body ast.Body, term *ast.Term) elements {
	run := c.body(s, body, func(s scope) step { return yieldAll(single(c.operand(s, term.Value))) })
	size := s.size // of the frame around it, which is known when all is compiled
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		inner := p.enter(*size, func(v ast.Value) odds { return will(nil, v) })
		copy(inner.vars, f.vars)
		a := run(p, inner)
		p.leave(inner)
		return a
	}
}

// callElements are the elements of what a function returns.
func (c *compiler) callElements(s scope, rules []*ast.Rule, l *library, args []*ast.Term) elements {
	fn, given := c.function(l, rules, len(args), forElements), c.operands(s, args)
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		if fn.any {
			if a := p.offer(will, nil, nil); p.enough(a) {
				return a
			}
		}
		return fn.elements(p, f, given, will)
	}
}

// families are the sets of one name in all packages below one, by the rest of
// their path: what data.guard.rules[name].hit could be. The key is that rest.
func (c *compiler) families(s scope, v ast.Value) (map[ast.Value]*domain, operand) {
	ref, ok := v.(ast.Ref)
	if !ok || len(ref) < 3 || !ref.HasPrefix(ast.DefaultRootRef) || !ref[:len(ref)-2].IsGround() {
		return nil, nil
	}
	set, ok := ref[len(ref)-1].Value.(ast.String)
	if !ok || ast.IsConstant(ref[len(ref)-2].Value) {
		return nil, nil
	}
	var all map[ast.Value]*domain
	for path, l := range s.library.all {
		name, below := strings.CutPrefix(path, ref[:len(ref)-2].String()+".")
		if rules := l.rules[ast.Var(set)]; below && !strings.Contains(name, ".") && rules != nil && isSet(rules[0]) {
			if all == nil {
				all = map[ast.Value]*domain{}
			}
			all[ast.String(name)] = c.domain(l, rules)
		}
	}
	return all, c.operand(s, ref[len(ref)-2].Value)
}

// ofFamily are the elements of one of several domains.
func ofFamily(all map[ast.Value]*domain, key operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		name, k := key(p, f)
		_, word := name.(ast.String)
		switch d := all[name]; {
		case k == missing:
			return no
		case k != present || !word:
			return p.offer(will, nil, nil)
		case d == nil:
			return no
		default:
			return ofDomain(d)(p, f, will)
		}
	}
}
