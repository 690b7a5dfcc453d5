package rego

import "github.com/open-policy-agent/opa/v1/ast"

// member says whether an operand is an element of a collection.
func member(element operand, coll elements) step {
	return func(p *possible, f *frame) odds {
		v, k := element(p, f)
		if k == missing {
			return no
		}
		return coll(p, f, func(_, w ast.Value) odds {
			if k == unknown || w == nil {
				return maybe
			}
			return certainly(w.Compare(v) == 0, k)
		})
	}
}

// among is member for a set that is known.
func among(element operand, set ast.Set) step {
	words := map[ast.Value]bool{}
	set.Foreach(func(t *ast.Term) {
		if _, ok := t.Value.(ast.String); ok {
			words[t.Value] = true
		}
	})
	return about(element, func(v ast.Value) bool {
		if _, ok := v.(ast.String); ok {
			return words[v]
		}
		return set.Contains(ast.NewTerm(v))
	})
}

// over goes on with each element of a collection.
func over(coll elements, key, element bind, next step) step {
	return func(p *possible, f *frame) odds {
		return coll(p, f, func(k, v ast.Value) odds {
			if p.spend() {
				return maybe
			}
			switch min(key(p, f, k), element(p, f, v)) {
			case no:
				return no
			case yes:
				return next(p, f)
			}
			return p.guess(next, f)
		})
	}
}

func mixed(next step) step {
	return func(p *possible, f *frame) odds {
		p.mixed = true
		return next(p, f)
	}
}

// every says whether a body holds for each element of a collection.
func every(coll elements, key, element bind, body step) step {
	return func(p *possible, f *frame) odds {
		was, all := p.sure, yes
		p.sure = true
		coll(p, f, func(k, v ast.Value) odds {
			a := maybe
			if !p.spend() && min(key(p, f, k), element(p, f, v)) == yes {
				a = body(p, f)
			}
			if a == no && !p.sure {
				a = maybe // it may not be an element
			}
			all = min(all, a)
			return yes - all // one no is enough
		})
		p.sure = was
		if p.steps < 0 {
			return min(all, maybe)
		}
		return all
	}
}

// collection says whether an operand is one.
func collection(o operand) step {
	return about(o, func(v ast.Value) bool {
		switch v.(type) {
		case *ast.Array, ast.Set, ast.Object:
			return true
		}
		return false
	})
}

// of are the elements of what an operand stands for.
func of(o operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		coll, k := o(p, f)
		switch k {
		case missing:
			return no
		case unknown:
			return p.offer(will, nil, nil)
		case present:
			return p.each(coll, will)
		}
		was := p.sure
		p.sure = false
		a := p.each(coll, will)
		p.sure = was
		return min(a, maybe)
	}
}

// each goes through a collection until the answer is yes.
func (p *possible) each(coll ast.Value, will func(key, element ast.Value) odds) odds {
	a := no
	switch coll := coll.(type) {
	case *ast.Array:
		for i := range coll.Len() {
			if a = max(a, will(ast.InternedTerm(i).Value, coll.Elem(i).Value)); p.enough(a) {
				break
			}
		}
	case ast.Set:
		coll.Until(func(t *ast.Term) bool {
			a = max(a, will(t.Value, t.Value))
			return p.enough(a)
		})
	case ast.Object:
		coll.Until(func(k, t *ast.Term) bool {
			a = max(a, will(k.Value, t.Value))
			return p.enough(a)
		})
	}
	if p.steps < 0 {
		return max(a, maybe)
	}
	return a
}

// joined is one of two collections that are made one.
type joined struct {
	elements elements
	whole    operand // nil: it is there, and what it has to be, whatever the input
	array    bool    // it has to be an array, not a set
}

// in says whether a collection is there. Where it is known, its elements are those
// of the value.
func (j joined) in(p *possible, f *frame) (elements, odds) {
	if j.whole == nil {
		return j.elements, yes
	}
	v, k := j.whole(p, f)
	switch {
	case k == missing:
		return nil, no
	case k == unknown:
		return j.elements, maybe
	}
	_, isArray := v.(*ast.Array)
	_, isSet := v.(ast.Set)
	if j.array != isArray || j.array == isSet {
		p.failed = true
		return nil, no
	}
	return of(fixed(v)), certainly(true, k)
}

// union are the elements of two collections, whose keys are not known then. Where
// one is undefined, so are both.
func union(a, b joined) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		first, ka := a.in(p, f)
		second, kb := b.in(p, f)
		there := min(ka, kb)
		if there == no {
			return no
		}
		each := func(_, v ast.Value) odds {
			if there == maybe {
				return p.offer(will, nil, v)
			}
			return will(nil, v)
		}
		answer := first(p, f, each)
		if p.enough(answer) {
			return answer
		}
		return max(answer, second(p, f, each))
	}
}

// listed are the elements of a set that is written down. Where one is undefined,
// so is the set.
func listed(all []operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		values, k := evaluate(p, f, all)
		if k == missing {
			return no
		}
		a := no
		for _, t := range values {
			if k == present {
				a = max(a, will(nil, t.Value))
			} else {
				a = max(a, p.offer(will, nil, t.Value))
			}
			if p.enough(a) {
				break
			}
		}
		return a
	}
}
