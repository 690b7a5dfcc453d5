package rego

import "github.com/open-policy-agent/opa/v1/ast"

// possible answers whether a rule's body could hold for an input: much faster
// than the evaluator, and never with a wrong no. It understands what most rules
// begin with: iteration over what a command has, comparison and membership of
// known values, and calls of functions that do no more. Everything else could
// hold, and so could every negation.
//
// A body becomes a step, once, when the policy is loaded; see compile.go.
type possible struct {
	input   ast.Value
	steps   int           // left; without any, everything is possible
	domains [][]ast.Value // by number of the domain; nil: not worked out
	sink    *[]ast.Value  // where the domain that is worked out collects
}

// maxSteps bounds the work for one input, so that a line of thousands of
// commands costs what evaluation alone would.
const maxSteps = 100_000

// frame holds the variables of a body. One that is nil is not known.
type frame []ast.Value

// step says whether a body could hold from here to its end.
type step func(*possible, frame) bool

// operand is a value as far as it is known.
type operand func(*possible, frame) (ast.Value, known)

type known int

const (
	unknown known = iota
	missing       // undefined
	present
)

func end(*possible, frame) bool { return true }

// test goes on where an expression could hold.
func test(could, next step) step {
	return func(p *possible, f frame) bool {
		if p.steps--; p.steps < 0 {
			return true
		}
		return could(p, f) && next(p, f)
	}
}

// truth says whether a term could be something else than undefined and false.
func truth(t operand) step {
	return func(p *possible, f frame) bool {
		v, k := t(p, f)
		return k == unknown || k == present && v != ast.Boolean(false)
	}
}

// same says whether two terms could be equal, or unequal.
func same(a, b operand, equal bool) step {
	return func(p *possible, f frame) bool {
		v, kv := a(p, f)
		w, kw := b(p, f)
		if kv == missing || kw == missing {
			return false
		}
		return kv == unknown || kw == unknown || (v.Compare(w) == 0) == equal
	}
}

// member says whether a term could be an element of a collection.
func member(element, coll operand) step {
	return func(p *possible, f frame) bool {
		v, kv := element(p, f)
		all, k := coll(p, f)
		if kv == missing || k == missing {
			return false
		}
		if set, ok := all.(ast.Set); ok && kv == present {
			return set.Contains(ast.NewTerm(v))
		}
		return k == unknown || anyOf(all, func(w ast.Value) bool { return kv == unknown || w.Compare(v) == 0 })
	}
}

// over goes on with each element of a collection, once with an unknown one where
// the collection is not known.
func over(coll operand, bind func(frame, ast.Value), next step) step {
	return func(p *possible, f frame) bool {
		all, k := coll(p, f)
		if k == missing {
			return false
		}
		each := func(v ast.Value) bool {
			if p.steps--; p.steps < 0 {
				return true
			}
			bind(f, v)
			return next(p, f)
		}
		if k == unknown {
			return each(nil)
		}
		return anyOf(all, each)
	}
}

// anyOf says whether an element of a collection will do.
func anyOf(coll ast.Value, will func(ast.Value) bool) bool {
	switch coll := coll.(type) {
	case *ast.Array:
		for i := range coll.Len() {
			if will(coll.Elem(i).Value) {
				return true
			}
		}
	case ast.Set:
		return coll.Until(func(t *ast.Term) bool { return will(t.Value) })
	case ast.Object:
		return coll.Until(func(_, t *ast.Term) bool { return will(t.Value) })
	}
	return false
}

// domain is what rules without arguments could define: a comprehension, or the
// elements of a set.
type domain struct {
	number int
	parts  []part
	any    bool // something about it is not understood
}

type part struct {
	body step // ends in collect
	size int  // of its frame
}

// overDomain is over for a domain, which is worked out once for an input.
func overDomain(d *domain, bind func(frame, ast.Value), next step) step {
	return func(p *possible, f frame) bool {
		for _, v := range p.elements(d) {
			if p.steps--; p.steps < 0 {
				return true
			}
			bind(f, v)
			if next(p, f) {
				return true
			}
		}
		return false
	}
}

// elements are the possible elements of a domain; one that is nil could be anything.
func (p *possible) elements(d *domain) []ast.Value {
	if p.domains[d.number] != nil {
		return p.domains[d.number]
	}
	all, outer := []ast.Value{}, p.sink
	if d.any {
		all = append(all, nil)
	}
	p.sink = &all
	for _, part := range d.parts {
		part.body(p, make(frame, part.size))
	}
	if p.sink = outer; p.steps < 0 {
		all = []ast.Value{nil}
	}
	p.domains[d.number] = all
	return all
}

// collect is the end of a domain's body.
func collect(element operand) step {
	return func(p *possible, f frame) bool {
		if v, k := element(p, f); k != missing {
			*p.sink = append(*p.sink, v)
		}
		return false
	}
}
