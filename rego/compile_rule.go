package rego

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
)

// call says whether any definition holds for the arguments. Where two could have
// different values, which is an error, it is the value that counts.
func (c *compiler) call(s scope, rules []*ast.Rule, l *library, args []*ast.Term) step {
	if !allTrue(rules) {
		if args == nil {
			return truth(c.ruleValue(l, rules))
		}
		return truth(c.callValue(s, rules, l, args))
	}
	fn, given := c.function(l, rules, len(args), forTruth), c.operands(s, args)
	return func(p *possible, f *frame) odds { return fn.holds(p, f, given, nil) }
}

// allTrue says whether rules are true or undefined, or false by default.
func allTrue(rules []*ast.Rule) bool {
	return !slices.ContainsFunc(rules, func(r *ast.Rule) bool {
		return !r.Default && (r.Head.Value == nil || r.Head.Value.Value != ast.Boolean(true))
	})
}

// callValue is what a function returns.
func (c *compiler) callValue(s scope, rules []*ast.Rule, l *library, args []*ast.Term) operand {
	fn, given := c.function(l, rules, len(args), forValue), c.operands(s, args)
	return func(p *possible, f *frame) (ast.Value, known) { return fn.value(p, f, given) }
}

// ruleValue is what a rule without arguments comes to, worked out once for an
// input.
func (c *compiler) ruleValue(l *library, rules []*ast.Rule) operand {
	if isSet(rules[0]) {
		return c.domain(l, rules).set
	}
	fn := c.function(l, rules, 0, forValue)
	if isObject(rules[0]) {
		return object(ofDomain(c.domain(l, rules)))
	}
	number, numbered := c.values[fn]
	if !numbered {
		number = len(c.values)
		c.values[fn] = number
	}
	return func(p *possible, f *frame) (ast.Value, known) {
		w := &p.values[number]
		if !w.done {
			w.value, w.known = fn.value(p, f, nil)
			w.done = true
		}
		return w.value, w.known
	}
}

// functionKey names a function by its first definition, and what it is asked for.
type functionKey struct {
	rule *ast.Rule
	args int
	use  use
}

// use is what is to be known of a function.
type use int

const (
	forTruth    use = iota
	forElements     // those of its value
	forValue
)

func (c *compiler) function(l *library, rules []*ast.Rule, args int, asked use) *function {
	id := functionKey{rules[0], args, asked}
	if fn := c.functions[id]; fn != nil {
		return fn
	}
	fn := &function{}
	c.functions[id] = fn
	for _, r := range rules {
		switch {
		case r.Default && args == 0 && ast.IsConstant(r.Head.Value.Value):
			fn.otherwise = r.Head.Value.Value
		case r.Else != nil || r.Default || len(r.Head.Args) != args || partial(r) || r.Head.Value == nil || repeats(r.Head.Args):
			fn.any = true
		default:
			fn.definitions = append(fn.definitions, c.definition(l, r, asked))
		}
	}
	if fn.otherwise != nil && asked != forValue {
		fn.any = fn.any || fn.otherwise != ast.Boolean(false) || asked == forElements
	}
	return fn
}

// repeats says whether a variable stands for two arguments, which then are equal.
func repeats(args ast.Args) bool {
	seen := ast.VarSet{}
	twice := false
	for _, arg := range args {
		ast.WalkVars(arg, func(v ast.Var) bool {
			twice = twice || seen.Contains(v)
			seen.Add(v)
			return false
		})
	}
	return twice
}

func (c *compiler) definition(l *library, r *ast.Rule, asked use) definition {
	s, value := newScope(l), r.Head.Value.Value
	d := definition{binds: make([]bind, len(r.Head.Args))}
	for i, param := range r.Head.Args {
		s, d.binds[i] = s.with(param)
	}
	d.body = c.body(s, r.Body, func(s scope) step {
		switch asked {
		case forElements:
			return solution(yieldAll(c.elements(s, value)))
		case forValue:
			return yieldAll(single(c.operand(s, value)))
		}
		return c.truth(s, value)
	})
	d.size = *s.size
	return d
}

func yieldAll(all elements) step {
	return func(p *possible, f *frame) odds {
		return all(p, f, func(_, v ast.Value) odds { return f.yield(v) })
	}
}

// domain is that of rules without arguments. Of rules that make an object, or an
// object of sets, the elements are pairs of key and value.
func (c *compiler) domain(l *library, rules []*ast.Rule) *domain {
	if d := c.domains[rules[0]]; d != nil {
		return d
	}
	d := &domain{number: len(c.domains), sorted: partial(rules[0])}
	c.domains[rules[0]] = d
	for _, r := range rules {
		d.parts = append(d.parts, c.part(l, r))
	}
	return d
}

func (c *compiler) part(l *library, r *ast.Rule) definition {
	ref, value := r.Head.Ref(), r.Head.Value
	if isSet(r) || value == nil {
		value = r.Head.Key
	}
	if r.Else != nil || r.Default || len(r.Head.Args) > 0 || len(ref) > 2 || value == nil {
		return definition{}
	}
	s := newScope(l)
	body := c.body(s, r.Body, func(s scope) step {
		switch {
		case len(ref) == 2:
			return yieldAll(single(c.operand(s, ast.NewArray(ref[1], value))))
		case isSet(r):
			return yieldAll(single(c.operand(s, value.Value)))
		}
		return solution(yieldAll(c.elements(s, value.Value)))
	})
	return definition{body: body, size: *s.size}
}

// solution counts how often a body holds. A rule or a function that holds more than
// once has one value all the same, or it is an error.
func solution(next step) step {
	return func(p *possible, f *frame) odds {
		p.solutions++
		return next(p, f)
	}
}
