package rego

import "github.com/open-policy-agent/opa/v1/ast"

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

// elements goes through the elements of what the function returns.
func (fn *function) elements(p *possible, outer *frame, args []operand, will func(key, element ast.Value) odds) odds {
	var all []candidate
	solutions, sure := p.solutions, p.sure
	p.solutions, p.sure = 0, true
	a := fn.holds(p, outer, args, func(v ast.Value) odds {
		all = append(all, candidate{v, p.sure && v != nil})
		return no
	})
	if p.solutions > 1 {
		doubtAll(all)
	}
	p.solutions, p.sure = solutions, sure
	return max(a, p.through(all, will))
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
