package rego

import (
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// possible answers whether a rule's body holds for an input: much faster than the
// evaluator, and never with a wrong no or a wrong yes. It understands what most
// rules are made of: iteration over what a command has, comparison and membership
// of known values, negation, a few builtins, and functions made of these. Of
// everything else it says maybe, and the evaluator is asked.
//
// A body becomes a step, once, when the policy is loaded; see compile.go.
//
// What a path through a body has passed does not stand in its values: a guess on
// the way makes all that follows a guess. Whoever keeps a value for later, and
// does not go on with it, has to look at sure.
type possible struct {
	input     ast.Value
	config    ast.Value  // data.guard.config; nil: not known
	steps     int        // left; without any, everything is possible
	until     time.Time  // when there are none left
	sure      bool       // nothing on the path so far was guessed
	failed    bool       // something is an error: the evaluator has to say so
	mixed     bool       // elements came in another order than the evaluator's
	solutions int        // of the rule or function whose elements are being worked out
	domains   []*extent  // by number of the domain; nil: not worked out
	values    []worked   // by number of the rule
	args      []argument // of the calls that are under way
	free      []*frame
}

// maxSteps bounds the work for one input, so that a line of thousands of
// commands costs what evaluation alone would.
const (
	maxSteps     = 100_000
	stepsBetween = 500 // looks at the clock
)

// odds is whether something holds.
type odds int8

const (
	no odds = iota
	maybe
	yes
)

// frame is where a body runs.
type frame struct {
	vars  []ast.Value          // one that is nil is not known
	yield func(ast.Value) odds // what the end of a body that has elements does with one
}

// enter gives a body a frame, and leave takes it back.
func (p *possible) enter(size int, yield func(ast.Value) odds) *frame {
	var f *frame
	if n := len(p.free); n > 0 {
		f, p.free = p.free[n-1], p.free[:n-1]
	} else {
		f = &frame{vars: make([]ast.Value, 16)}
	}
	if cap(f.vars) < size {
		f.vars = make([]ast.Value, size)
	}
	f.vars, f.yield = f.vars[:size], yield
	clear(f.vars)
	return f
}

func (p *possible) leave(f *frame) { p.free = append(p.free, f) }

// step says whether a body holds from here to its end.
type step func(*possible, *frame) odds

// operand is a value as far as it is known.
type operand func(*possible, *frame) (ast.Value, known)

// elements calls back with each possible element of a collection and its key,
// until the answer is yes. What is nil could be anything; an element that may not
// be there comes while the path is not sure.
type elements func(p *possible, f *frame, will func(key, element ast.Value) odds) odds

type known int

const (
	unknown known = iota
	missing       // undefined
	likely        // this or undefined
	present
)

// spend says whether the work was too much. The evaluator, which has limits of its
// own and can be cancelled, does it then.
func (p *possible) spend() bool {
	p.steps--
	if p.steps%stepsBetween == 0 && time.Now().After(p.until) {
		p.steps = -1
	}
	return p.steps < 0
}

// enough says whether a loop may end: no later answer could change anything.
func (p *possible) enough(a odds) bool { return a == yes || p.steps < 0 }

// guess goes on where the path may not lead.
func (p *possible) guess(next step, f *frame) odds {
	was := p.sure
	p.sure = false
	a := next(p, f)
	p.sure = was
	return min(a, maybe)
}

// offer is guess for an element.
func (p *possible) offer(will func(key, element ast.Value) odds, key, element ast.Value) odds {
	was := p.sure
	p.sure = false
	a := will(key, element)
	p.sure = was
	return min(a, maybe)
}

func end(*possible, *frame) odds { return yes }

// test goes on where an expression holds.
func test(holds, next step) step {
	return func(p *possible, f *frame) odds {
		if p.spend() {
			return maybe
		}
		switch holds(p, f) {
		case no:
			return no
		case yes:
			return next(p, f)
		}
		return p.guess(next, f)
	}
}

// doubt goes on after something that is not understood.
func doubt(next step) step {
	return func(p *possible, f *frame) odds { return p.guess(next, f) }
}

func negation(holds step) step {
	return func(p *possible, f *frame) odds { return yes - holds(p, f) }
}

// certainly is what follows from an operand that is known so well.
func certainly(holds bool, k known) odds {
	switch {
	case !holds:
		return no
	case k == present:
		return yes
	}
	return maybe
}

// about says whether something holds for the value of an operand.
func about(o operand, holds func(ast.Value) bool) step {
	return func(p *possible, f *frame) odds {
		v, k := o(p, f)
		switch k {
		case missing:
			return no
		case unknown:
			return maybe
		}
		return certainly(holds(v), k)
	}
}

// truth says whether an operand is something else than undefined and false.
func truth(o operand) step {
	return about(o, func(v ast.Value) bool { return v != ast.Boolean(false) })
}

// same says whether two operands are equal, or unequal.
func same(a, b operand, equal bool) step {
	return func(p *possible, f *frame) odds {
		v, kv := a(p, f)
		w, kw := b(p, f)
		switch {
		case kv == missing || kw == missing:
			return no
		case kv == unknown || kw == unknown:
			return maybe
		}
		return certainly((v.Compare(w) == 0) == equal, min(kv, kw))
	}
}
