package rego

import "github.com/open-policy-agent/opa/v1/ast"

// domain is what rules without arguments could define.
type domain struct {
	number int
	parts  []definition
	any    bool // something about it is not understood
}

// ofDomain are its elements, which are worked out once for an input.
func ofDomain(d *domain) elements {
	return func(p *possible, _ *frame, will func(key, element ast.Value) bool) bool {
		for _, v := range p.elements(d) {
			if will(nil, v) {
				return true
			}
		}
		return false
	}
}

func (p *possible) elements(d *domain) []ast.Value {
	if p.domains[d.number] != nil {
		return p.domains[d.number]
	}
	all := []ast.Value{}
	if d.any {
		all = append(all, nil)
	}
	for _, part := range d.parts {
		f := p.enter(part.size, func(v ast.Value) bool {
			all = append(all, v)
			return false
		})
		part.body(p, f)
		p.leave(f)
	}
	if p.steps < 0 {
		all = []ast.Value{nil}
	}
	p.domains[d.number] = all
	return all
}

// function is the definitions of a function, or of a rule without arguments.
type function struct {
	any         bool // a definition is not understood
	definitions []definition
}

type definition struct {
	params []operand // those that are constant; nil for the others
	binds  []func(*frame, ast.Value)
	body   step
	size   int // of its frame
}

// could says whether any definition could hold for the arguments; yield gets
// what the function has as elements then.
func (fn *function) could(p *possible, outer *frame, args []operand, yield func(ast.Value) bool) bool {
	for i := range fn.definitions {
		d := &fn.definitions[i]
		f := p.enter(d.size, yield)
		could := d.accepts(p, f, outer, args) && d.body(p, f)
		if p.leave(f); could {
			return true
		}
	}
	return false
}

// accepts binds the arguments, unless one is undefined or another than the
// definition is for.
func (d *definition) accepts(p *possible, f, outer *frame, args []operand) bool {
	for i, arg := range args {
		v, k := arg(p, outer)
		if k == missing {
			return false
		}
		if d.params[i] != nil && k == present {
			if want, _ := d.params[i](p, f); want.Compare(v) != 0 {
				return false
			}
		}
		d.binds[i](f, v)
	}
	return true
}
