package rego

import "github.com/open-policy-agent/opa/v1/ast"

// possible answers whether a rule's body could hold for an input: much faster
// than the evaluator, and never with a wrong no. It understands what most rules
// begin with: iteration over what a command has, comparison and membership of
// known values, a few builtins, and functions made of these. Everything else
// could hold, and so could every negation.
//
// A body becomes a step, once, when the policy is loaded; see compile.go.
type possible struct {
	input   ast.Value
	steps   int           // left; without any, everything is possible
	domains [][]ast.Value // by number of the domain; nil: not worked out
	free    []*frame
}

// maxSteps bounds the work for one input, so that a line of thousands of
// commands costs what evaluation alone would.
const maxSteps = 100_000

// frame is where a body runs.
type frame struct {
	vars  []ast.Value          // one that is nil is not known
	yield func(ast.Value) bool // what the end of a body that has elements does with one
}

// enter gives a body a frame, and leave takes it back.
func (p *possible) enter(size int, yield func(ast.Value) bool) *frame {
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

// step says whether a body could hold from here to its end.
type step func(*possible, *frame) bool

// operand is a value as far as it is known.
type operand func(*possible, *frame) (ast.Value, known)

// elements calls back with each possible element of a collection and its key,
// until told that one will do. What is nil could be anything.
type elements func(p *possible, f *frame, will func(key, element ast.Value) bool) bool

type known int

const (
	unknown known = iota
	missing       // undefined
	present
)

// spend says whether the work was too much.
func (p *possible) spend() bool {
	p.steps--
	return p.steps < 0
}

func end(*possible, *frame) bool { return true }

// test goes on where an expression could hold.
func test(could, next step) step {
	return func(p *possible, f *frame) bool { return p.spend() || could(p, f) && next(p, f) }
}

// truth says whether an operand could be something else than undefined and false.
func truth(o operand) step {
	return func(p *possible, f *frame) bool {
		v, k := o(p, f)
		return k == unknown || k == present && v != ast.Boolean(false)
	}
}

// same says whether two operands could be equal, or unequal.
func same(a, b operand, equal bool) step {
	return func(p *possible, f *frame) bool {
		v, kv := a(p, f)
		w, kw := b(p, f)
		if kv == missing || kw == missing {
			return false
		}
		return kv == unknown || kw == unknown || (v.Compare(w) == 0) == equal
	}
}

// member says whether an operand could be an element of a collection.
func member(element operand, coll elements) step {
	return func(p *possible, f *frame) bool {
		v, k := element(p, f)
		return k != missing && coll(p, f, func(_, w ast.Value) bool {
			return k == unknown || w == nil || w.Compare(v) == 0
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
	return func(p *possible, f *frame) bool {
		v, k := element(p, f)
		if _, ok := v.(ast.String); ok && k == present {
			return words[v]
		}
		return k == unknown || k == present && set.Contains(ast.NewTerm(v))
	}
}

// over goes on with each element of a collection.
func over(coll elements, key, element func(*frame, ast.Value), next step) step {
	return func(p *possible, f *frame) bool {
		return coll(p, f, func(k, v ast.Value) bool {
			if p.spend() {
				return true
			}
			key(f, k)
			element(f, v)
			return next(p, f)
		})
	}
}

// of are the elements of what an operand stands for.
func of(o operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		switch coll, k := o(p, f); {
		case k == missing:
			return false
		case k == unknown:
			return will(nil, nil)
		default:
			return anyOf(coll, will)
		}
	}
}

func anyOf(coll ast.Value, will func(key, element ast.Value) bool) bool {
	switch coll := coll.(type) {
	case *ast.Array:
		for i := range coll.Len() {
			if will(ast.InternedTerm(i).Value, coll.Elem(i).Value) {
				return true
			}
		}
	case ast.Set:
		return coll.Until(func(t *ast.Term) bool { return will(t.Value, t.Value) })
	case ast.Object:
		return coll.Until(func(k, t *ast.Term) bool { return will(k.Value, t.Value) })
	}
	return false
}

// union are the elements of several collections, whose keys are not known then.
func union(all ...elements) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		for _, one := range all {
			if one(p, f, func(_, v ast.Value) bool { return will(nil, v) }) {
				return true
			}
		}
		return false
	}
}
