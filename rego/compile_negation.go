package rego

import "github.com/open-policy-agent/opa/v1/ast"

// negation compiles not ... The compiler of Rego takes what an operator or a
// function is given out of the negation: where an operand is undefined, so is not
// f(operand), and the body does not hold. Only the operands of == and a reference
// that stands alone are inside.
func (c *compiler) negation(s scope, expr *ast.Expr, next step) step {
	positive := *expr
	positive.Negated = false
	inner := c.body(s, ast.Body{&positive}, func(scope) step { return end })
	next = test(negation(inner), next)
	switch terms := expr.Terms.(type) {
	case *ast.Term:
		return c.require(s, parts(terms), next)
	case []*ast.Term:
		for _, t := range terms[1:] {
			if terms[0].Value.Compare(ast.Equal.Ref()) == 0 {
				next = c.require(s, parts(t), next)
			} else {
				next = c.require(s, []*ast.Term{t}, next)
			}
		}
		return next
	}
	return doubt(next)
}

// parts are what is taken out of a term that stays.
func parts(t *ast.Term) []*ast.Term {
	switch v := t.Value.(type) {
	case ast.Var: // of a rule
		return nil
	case ast.Ref:
		if _, isVar := v[0].Value.(ast.Var); isVar {
			return v[1:]
		}
		return v
	}
	return []*ast.Term{t}
}

// require goes on where all terms are defined.
func (c *compiler) require(s scope, terms []*ast.Term, next step) step {
	for _, t := range terms {
		if always(s, t.Value) {
			continue
		}
		next = test(defined(c.operand(s, t.Value)), next)
	}
	return next
}

// always says whether a term is defined whatever the input.
func always(s scope, v ast.Value) bool {
	switch v := v.(type) {
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension:
		return true
	case ast.Var:
		rules, _ := s.rulesOf(v)
		return rules == nil || isSet(rules[0])
	}
	return ast.IsConstant(v)
}

func defined(o operand) step {
	return func(p *possible, f *frame) odds {
		switch _, k := o(p, f); k {
		case missing:
			return no
		case present:
			return yes
		}
		return maybe
	}
}
