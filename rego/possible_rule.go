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
		a, x := no, p.extent(d)
		p.mixed = p.mixed || x.mixed
		for _, c := range x.all {
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
	sure, mixed := p.sure, p.mixed
	p.mixed = false
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
	if p.sure, p.mixed = sure, mixed; p.steps < 0 {
		x = nothingKnown
	} else if d.sorted {
		x.sort()
	}
	p.domains[d.number] = x
	return x
}

// occurs says whether a rule could contribute something.
func (x *extent) occurs(part int) bool { return x.some == nil || x.some[part] }

// sort puts the elements in the order in which the evaluator goes through a set.
// Where one is not known, nothing is made of the order.
func (x *extent) sort() {
	if len(x.all) < 2 || slices.ContainsFunc(x.all, func(c candidate) bool { return c.value == nil }) {
		return
	}
	slices.SortFunc(x.all, func(a, b candidate) int { return a.value.Compare(b.value) })
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

// function is the definitions of a function, or of a rule without arguments.
type function struct {
	any         bool // a definition is not understood
	definitions []definition
	otherwise   ast.Value // its default; nil: none
}

type definition struct {
	binds []bind // of the arguments
	body  step
	size  int // of its frame
}

// argument is a value that a function is called with.
type argument struct {
	value ast.Value
	known known
}

// worked is the value of a rule, once it is worked out.
type worked struct {
	argument
	done bool
}

// holds says whether any definition holds for the arguments; yield gets what the
// function has as elements then.
func (fn *function) holds(p *possible, outer *frame, args []operand, yield func(ast.Value) odds) odds {
	first := len(p.args)
	for _, arg := range args {
		v, k := arg(p, outer)
		if k == missing {
			p.args = p.args[:first]
			return no
		}
		p.args = append(p.args, argument{v, k})
	}
	a := no
	for i := range fn.definitions {
		d := &fn.definitions[i]
		f := p.enter(d.size, yield)
		switch d.accepts(p, f, p.args[first:]) {
		case maybe:
			a = max(a, p.guess(d.body, f))
		case yes:
			a = max(a, d.body(p, f))
		}
		if p.leave(f); p.enough(a) {
			break
		}
	}
	p.args = p.args[:first]
	if fn.any {
		return max(a, maybe)
	}
	return a
}

// accepts binds the arguments, unless the definition is for another one.
func (d *definition) accepts(p *possible, f *frame, args []argument) odds {
	a := yes
	for i, arg := range args {
		if arg.known != present {
			a = maybe
		}
		if a = min(a, d.binds[i](p, f, arg.value)); a == no {
			return no
		}
	}
	return a
}

// value is what a function returns for the arguments, where only one value is
// possible.
func (fn *function) value(p *possible, outer *frame, args []operand) (ast.Value, known) {
	if fn.any {
		return nil, unknown
	}
	var value ast.Value
	was, several, sure := p.sure, false, false
	p.sure = true
	fn.holds(p, outer, args, func(v ast.Value) odds {
		several = several || v == nil || value != nil && value.Compare(v) != 0
		value, sure = v, sure || p.sure
		return no
	})
	p.sure = was
	switch {
	case several || p.steps < 0:
		return nil, unknown
	case sure:
		return value, present
	case value == nil:
		return found(fn.otherwise, present)
	case fn.otherwise != nil:
		return nil, unknown
	}
	return value, likely
}
