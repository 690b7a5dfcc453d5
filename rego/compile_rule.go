package rego

import "github.com/open-policy-agent/opa/v1/ast"

// call says whether any definition could hold for the arguments.
func (c *compiler) call(s scope, rules []*ast.Rule, l *library, args []*ast.Term) step {
	fn, given := c.function(l, rules, len(args), forTruth), c.operands(s, args)
	return func(p *possible, f *frame) bool { return fn.any || fn.could(p, f, given, nil) }
}

// callValue is what a function returns, where only one value is possible.
func (c *compiler) callValue(s scope, rules []*ast.Rule, l *library, args []*ast.Term) operand {
	fn, given := c.function(l, rules, len(args), forValue), c.operands(s, args)
	return func(p *possible, f *frame) (ast.Value, known) {
		if fn.any {
			return nil, unknown
		}
		var value ast.Value
		several := fn.could(p, f, given, func(v ast.Value) bool {
			if v == nil || value != nil && value.Compare(v) != 0 {
				return true
			}
			value = v
			return false
		})
		if several {
			return nil, unknown
		}
		return found(value)
	}
}

// functionKey names a function by its first definition, and what it is asked for.
type functionKey struct {
	rule *ast.Rule
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
	id := functionKey{rules[0], asked}
	if fn := c.functions[id]; fn != nil {
		return fn
	}
	fn := &function{}
	c.functions[id] = fn
	for _, r := range rules {
		partial := r.Head.Key != nil || len(r.Head.Ref()) > 1
		if r.Else != nil || r.Default || len(r.Head.Args) != args || asked != forTruth && (r.Head.Value == nil || partial) {
			fn.any = true
			continue
		}
		s := newScope(l)
		d := definition{params: make([]operand, args), binds: make([]func(*frame, ast.Value), args)}
		for i, param := range r.Head.Args {
			if ast.IsConstant(param.Value) {
				d.params[i] = c.operand(s, param.Value)
			}
			s, d.binds[i] = s.with(param)
		}
		d.body = c.body(s, r.Body, func(s scope) step {
			switch asked {
			case forElements:
				return yieldAll(c.elements(s, r.Head.Value.Value))
			case forValue:
				return yieldAll(single(c.operand(s, r.Head.Value.Value)))
			}
			return end
		})
		d.size = *s.size
		fn.definitions = append(fn.definitions, d)
	}
	return fn
}

func yieldAll(all elements) step {
	return func(p *possible, f *frame) bool {
		return all(p, f, func(_, v ast.Value) bool { return f.yield(v) })
	}
}

// domainKey names a domain by the first of its rules and, where it is the part of
// an object of sets, the key of that part.
type domainKey struct {
	rule *ast.Rule
	key  ast.String
}

// domain is that of rules without arguments. With a key, the rules are those of an
// object of sets: stages[name] contains s if ...
func (c *compiler) domain(l *library, rules []*ast.Rule, key *ast.Term) *domain {
	id := domainKey{rule: rules[0]}
	if key != nil {
		id.key, _ = key.Value.(ast.String)
	}
	if d := c.domains[id]; d != nil {
		return d
	}
	d := &domain{number: len(c.domains)}
	c.domains[id] = d
	for _, r := range rules {
		part, ok := c.part(l, r, key)
		if !ok {
			d.any = true
			continue
		}
		d.parts = append(d.parts, part)
	}
	return d
}

func (c *compiler) part(l *library, r *ast.Rule, key *ast.Term) (definition, bool) {
	ref, element := r.Head.Ref(), r.Head.Key
	if r.Else != nil || r.Default || len(r.Head.Args) > 0 || len(ref) > 2 || (key == nil) != (len(ref) == 1) {
		return definition{}, false
	}
	s := newScope(l)
	body := c.body(s, r.Body, func(s scope) step {
		if element == nil {
			return yieldAll(c.elements(s, r.Head.Value.Value))
		}
		last := yieldAll(single(c.operand(s, element.Value)))
		if key == nil {
			return last
		}
		return test(same(c.operand(s, ref[1].Value), fixed(key.Value), true), last)
	})
	return definition{body: body, size: *s.size}, element != nil || r.Head.Value != nil
}
