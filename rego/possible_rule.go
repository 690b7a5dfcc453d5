package rego

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// domain is rules without arguments that define a set, or elements of a value.
type domain struct {
	number int
	parts  []definition // by rule; one without a body is not understood
	sorted bool         // it is a set, or an object
}

// extent is what a domain comes to for an input.
type extent struct {
	all   []candidate
	some  []bool // by part, whether it could have elements; nil: not known
	mixed bool   // they are not in order
}

type candidate struct {
	value ast.Value // nil: could be anything
	sure  bool
}

var nothingKnown = &extent{all: []candidate{{}}}

// ofDomain are its elements.
func ofDomain(d *domain) elements {
	return func(p *possible, _ *frame, will func(key, element ast.Value) odds) odds {
		x := p.extent(d)
		p.mixed = p.mixed || x.mixed
		return p.through(x.all, will)
	}
}

// through is each for candidates.
func (p *possible) through(all []candidate, will func(key, element ast.Value) odds) odds {
	a := no
	for _, c := range all {
		if c.sure {
			a = max(a, will(nil, c.value))
		} else {
			a = max(a, p.offer(will, nil, c.value))
		}
		if p.enough(a) {
			break
		}
	}
	return a
}

// ofPart are the elements of the set that an object of sets has under a key.
func ofPart(d *domain, key operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) odds) odds {
		name, k := key(p, f)
		if k == missing {
			return no
		}
		return ofDomain(d)(p, f, func(_, v ast.Value) odds {
			pair, ok := v.(*ast.Array)
			switch {
			case !ok:
				return p.offer(will, nil, nil)
			case k == unknown:
				return p.offer(will, nil, pair.Elem(1).Value)
			case pair.Elem(0).Value.Compare(name) != 0:
				return no
			case k == likely:
				return p.offer(will, nil, pair.Elem(1).Value)
			}
			return will(nil, pair.Elem(1).Value)
		})
	}
}

// extent works a domain out, once for an input.
func (p *possible) extent(d *domain) *extent {
	if x := p.domains[d.number]; x != nil {
		return x
	}
	x := &extent{some: make([]bool, len(d.parts))}
	sure, mixed, solutions := p.sure, p.mixed, p.solutions
	p.mixed, p.solutions = false, 0
	for i, part := range d.parts {
		yield := func(v ast.Value) odds {
			x.all, x.some[i] = append(x.all, candidate{v, p.sure && v != nil}), true
			return no
		}
		if part.body == nil {
			yield(nil)
			continue
		}
		p.sure = true
		f := p.enter(part.size, yield)
		part.body(p, f)
		p.leave(f)
	}
	x.mixed = p.mixed && !d.sorted
	if !d.sorted && p.solutions > 1 {
		doubtAll(x.all)
	}
	p.solutions = solutions
	if p.sure, p.mixed = sure, mixed; p.steps < 0 {
		x = nothingKnown
	} else if d.sorted {
		x.sort()
	}
	p.domains[d.number] = x
	return x
}

// doubtAll makes guesses of what could be elements twice, or of two values.
func doubtAll(all []candidate) {
	for i := range all {
		all[i].sure = false
	}
}

// occurs says whether a rule could contribute something.
func (x *extent) occurs(part int) bool { return x.some == nil || x.some[part] }

// sort puts the elements in the order in which the evaluator goes through a set,
// each once. Where one is not known, nothing is made of the order.
func (x *extent) sort() {
	if len(x.all) < 2 || slices.ContainsFunc(x.all, func(c candidate) bool { return c.value == nil }) {
		return
	}
	slices.SortFunc(x.all, func(a, b candidate) int { return a.value.Compare(b.value) })
	once := x.all[:1]
	for _, c := range x.all[1:] {
		if last := &once[len(once)-1]; last.value.Compare(c.value) != 0 {
			once = append(once, c)
		} else {
			last.sure = last.sure || c.sure
		}
	}
	x.all = once
}

// set is a domain as a value.
func (d *domain) set(p *possible, _ *frame) (ast.Value, known) {
	x := p.extent(d)
	terms := make([]*ast.Term, len(x.all))
	for i, c := range x.all {
		if !c.sure {
			return nil, unknown
		}
		terms[i] = ast.NewTerm(c.value)
	}
	return ast.NewSet(terms...), present
}
