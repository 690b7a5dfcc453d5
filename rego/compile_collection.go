package rego

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// collection compiles an object or a set that is written down.
func (c *compiler) collection(s scope, v ast.Value) operand {
	if ast.IsConstant(v) {
		return fixed(v)
	}
	if set, ok := v.(ast.Set); ok {
		all := c.operands(s, set.Slice())
		return func(p *possible, f *frame) (ast.Value, known) {
			values, k := evaluate(p, f, all)
			if k < likely {
				return nil, k
			}
			return ast.NewSet(values...), k
		}
	}
	var keys, values []operand
	v.(ast.Object).Foreach(func(key, value *ast.Term) {
		keys, values = append(keys, c.operand(s, key.Value)), append(values, c.operand(s, value.Value))
	})
	return func(p *possible, f *frame) (ast.Value, known) {
		names, k := evaluate(p, f, keys)
		terms, l := evaluate(p, f, values)
		if k == missing || l == missing {
			return nil, missing
		}
		if k = min(k, l); k == unknown {
			return nil, k
		}
		object := objectOf(names, terms)
		if object == nil {
			return nil, unknown
		}
		return object, k
	}
}

// objectOf is nil where a key comes twice: which value it has is the evaluator's to
// say.
func objectOf(keys, values []*ast.Term) ast.Object {
	object := ast.NewObject()
	for i, key := range keys {
		if object.Get(key) != nil {
			return nil
		}
		object.Insert(key, values[i])
	}
	return object
}

// gathered is a comprehension as a value, where every element is known. In which
// order the evaluator puts what is in an array is known where mixed does not stand.
func gathered(v ast.Value, all elements) operand {
	_, isArray := v.(*ast.ArrayComprehension)
	return func(p *possible, f *frame) (ast.Value, known) {
		was := p.mixed
		p.mixed = false
		terms, sure := p.gather(f, all)
		if isArray && len(terms) > 1 {
			sure = sure && !p.mixed
		}
		p.mixed = was
		switch {
		case !sure:
			return nil, unknown
		case isArray:
			return ast.NewArray(terms...), present
		}
		return ast.NewSet(terms...), present
	}
}

// keyed is the set that an object of sets has under a key. Where nothing is in it,
// it is not there, unless a rule names the key: then it is there, and empty.
func keyed(rules []*ast.Rule, set operand) operand {
	named := slices.ContainsFunc(rules, func(r *ast.Rule) bool { return ast.IsConstant(r.Head.Ref()[1].Value) })
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := set(p, f)
		switch all, ok := v.(ast.Set); {
		case !ok || all.Len() > 0:
			return v, k
		case named:
			return nil, unknown
		}
		return nil, missing
	}
}

// gather returns all elements of a collection, and whether they are these.
func (p *possible) gather(f *frame, all elements) ([]*ast.Term, bool) {
	var terms []*ast.Term
	was, sure := p.sure, true
	p.sure = true
	all(p, f, func(_, v ast.Value) odds {
		sure = sure && p.sure && v != nil
		terms = append(terms, ast.NewTerm(v))
		return no
	})
	p.sure = was
	return terms, sure && p.steps >= 0
}

// object is what pairs of key and value make, where no key comes with two values.
func object(all elements) operand {
	return func(p *possible, f *frame) (ast.Value, known) {
		pairs, sure := p.gather(f, all)
		if !sure {
			return nil, unknown
		}
		object := ast.NewObject()
		for _, t := range pairs {
			pair := t.Value.(*ast.Array)
			if was := object.Get(pair.Elem(0)); was != nil && !was.Equal(pair.Elem(1)) {
				p.failed = true
				return nil, unknown
			}
			object.Insert(pair.Elem(0), pair.Elem(1))
		}
		return object, present
	}
}
