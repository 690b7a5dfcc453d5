package rego

import (
	"regexp"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// operand compiles what stands for a value.
func (c *compiler) operand(s scope, v ast.Value) operand {
	switch v := v.(type) {
	case ast.Var:
		return c.variable(s, v)
	case ast.Ref:
		return c.ref(s, v)
	case ast.Call:
		return c.builtin(s, v)
	case *ast.Array:
		return c.array(s, v)
	case ast.String, ast.Number, ast.Boolean, ast.Null:
		return fixed(v)
	case ast.Object, ast.Set:
		if ast.IsConstant(v) {
			return fixed(v)
		}
	}
	return notUnderstood
}

func (c *compiler) operands(s scope, terms []*ast.Term) []operand {
	out := make([]operand, len(terms))
	for i, t := range terms {
		out[i] = c.operand(s, t.Value)
	}
	return out
}

func fixed(v ast.Value) operand {
	return func(*possible, *frame) (ast.Value, known) { return v, present }
}

func notUnderstood(*possible, *frame) (ast.Value, known) { return nil, unknown }

func found(v ast.Value) (ast.Value, known) {
	if v == nil {
		return nil, missing
	}
	return v, present
}

func (c *compiler) variable(s scope, name ast.Var) operand {
	if slot, ok := s.slots[name]; ok {
		return func(_ *possible, f *frame) (ast.Value, known) {
			if f.vars[slot] == nil {
				return nil, unknown
			}
			return f.vars[slot], present
		}
	}
	switch v := s.library.constants[name]; {
	case name == "input":
		return func(p *possible, _ *frame) (ast.Value, known) { return p.input, present }
	case v != nil:
		return fixed(v)
	}
	return notUnderstood
}

// evaluate gives the values of all operands, and how much is known of them.
func evaluate(p *possible, f *frame, all []operand) ([]*ast.Term, known) {
	values := make([]*ast.Term, len(all))
	k := present
	for i, o := range all {
		v, one := o(p, f)
		if one == missing {
			return nil, missing
		}
		k = min(k, one)
		values[i] = ast.NewTerm(v)
	}
	return values, k
}

func (c *compiler) array(s scope, a *ast.Array) operand {
	all := make([]operand, a.Len())
	for i := range all {
		all[i] = c.operand(s, a.Elem(i).Value)
	}
	return func(p *possible, f *frame) (ast.Value, known) {
		values, k := evaluate(p, f, all)
		if k != present {
			return nil, k
		}
		return ast.NewArray(values...), present
	}
}

// ref compiles a path into the input, a variable, a constant of the module, or a
// table.
func (c *compiler) ref(s scope, ref ast.Ref) operand {
	at, path := c.operand(s, ref[0].Value), ref[1:]
	if ref.HasPrefix(ast.DefaultRootRef) {
		table, rest := c.table(ref)
		if table == nil {
			return notUnderstood
		}
		at, path = fixed(table), rest
		if object, ok := table.(ast.Object); ok && len(rest) > 0 {
			at, path = inTable(object, c.operand(s, rest[0].Value)), rest[1:]
		}
	}
	for _, key := range path {
		if ast.IsConstant(key.Value) {
			at = fixedElement(at, key)
		} else {
			at = element(at, c.operand(s, key.Value))
		}
	}
	return at
}

// table is the longest part of a reference that the input does not change, with
// the rest; nil where a rule may add to what is there.
func (c *compiler) table(ref ast.Ref) (ast.Value, ast.Ref) {
	table, n := c.tables, 1
	for ; n < len(ref); n++ {
		name, ok := ref[n].Value.(ast.String)
		if !ok {
			break
		}
		if table = child(table, ast.NewTerm(name)); table == nil {
			return nil, nil
		}
	}
	if c.packages[ref[:n].String()] {
		return nil, nil
	}
	return table, ref[n:]
}

// inTable is an element of a table.
func inTable(table ast.Object, key operand) operand {
	words := map[ast.Value]ast.Value{}
	table.Foreach(func(k, v *ast.Term) {
		if _, ok := k.Value.(ast.String); ok {
			words[k.Value] = v.Value
		}
	})
	other := element(fixed(table), key)
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := key(p, f)
		if _, ok := v.(ast.String); ok && k == present {
			return found(words[v])
		}
		return other(p, f)
	}
}

// fixedElement is a step of a path that is always the same.
func fixedElement(of operand, key *ast.Term) operand {
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := of(p, f)
		if k != present {
			return nil, k
		}
		return found(child(v, key))
	}
}

// element is one step of a path.
func element(of, key operand) operand {
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := of(p, f)
		if k != present {
			return nil, k
		}
		w, k := key(p, f)
		if k != present {
			return nil, k
		}
		return found(child(v, ast.NewTerm(w)))
	}
}

// child is an element of a collection, nil if it is not there.
func child(of ast.Value, key *ast.Term) ast.Value {
	var t *ast.Term
	switch of := of.(type) {
	case ast.Object:
		t = of.Get(key)
	case *ast.Array:
		t = of.Get(key)
	case ast.Set:
		if of.Contains(key) {
			t = key
		}
	}
	if t == nil {
		return nil
	}
	return t.Value
}

// pure are the builtins whose answer is worked out: cheap ones that need nothing
// but their operands. Patterns have to be literals or in tables.
var pure = map[string]bool{
	"array.concat": true, "concat": true, "contains": true, "count": true, "endswith": true, "gt": true, "gte": true, "lower": true, "lt": true, "lte": true, "minus": true, "plus": true, "regex.match": true,
	"regex.split": true, "split": true, "sprintf": true, "startswith": true, "strings.any_prefix_match": true,
	"strings.any_suffix_match": true, "substring": true, "trim_prefix": true, "trim_suffix": true, "upper": true,
}

func (c *compiler) builtin(s scope, call ast.Call) operand {
	name := call[0].String()
	if !pure[name] {
		return notUnderstood
	}
	if name == "regex.match" || name == "regex.split" {
		return c.pattern(s, name, call)
	}
	run, args := topdown.GetBuiltin(name), c.operands(s, call[1:])
	return func(p *possible, f *frame) (ast.Value, known) {
		values, k := evaluate(p, f, args)
		if k != present {
			return nil, k
		}
		var answer ast.Value
		if err := run(topdown.BuiltinContext{}, values, func(t *ast.Term) error {
			answer = t.Value
			return nil
		}); err != nil {
			return nil, unknown // the evaluator will find it, too, and say so
		}
		return found(answer)
	}
}

// pattern compiles a builtin of regular expressions. OPA gives them to package
// regexp, too.
func (c *compiler) pattern(s scope, name string, call ast.Call) operand {
	pattern := call[1].Value
	if ref, ok := pattern.(ast.Ref); ok && ref.HasPrefix(ast.DefaultRootRef) {
		if table, rest := c.table(ref); len(rest) == 0 {
			pattern = table
		}
	}
	text, ok := pattern.(ast.String)
	re, err := regexp.Compile(string(text))
	if !ok || err != nil {
		return notUnderstood
	}
	subject := c.operand(s, call[2].Value)
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := subject(p, f)
		word, isText := v.(ast.String)
		switch {
		case k != present:
			return nil, k
		case !isText:
			return nil, unknown
		case name == "regex.match":
			return ast.Boolean(re.MatchString(string(word))), present
		}
		var parts []*ast.Term
		for _, part := range re.Split(string(word), -1) {
			parts = append(parts, ast.StringTerm(part))
		}
		return ast.NewArray(parts...), present
	}
}

// elements compiles what stands for a collection.
func (c *compiler) elements(s scope, v ast.Value) elements {
	if rules, l := s.rulesOf(v); rules != nil {
		return ofDomain(c.domain(l, rules, nil))
	}
	if rules, key := s.keyed(v); rules != nil {
		return ofDomain(c.domain(s.library, rules, key))
	}
	switch v := v.(type) {
	case *ast.ArrayComprehension:
		return c.comprehension(s, v.Body, v.Term)
	case *ast.SetComprehension:
		return c.comprehension(s, v.Body, v.Term)
	case ast.Set:
		if !ast.IsConstant(v) {
			var all []elements
			v.Foreach(func(t *ast.Term) { all = append(all, single(c.operand(s, t.Value))) })
			return union(all...)
		}
	case ast.Call:
		if rules, l := s.rulesOf(v[0].Value); rules != nil {
			return c.callElements(s, rules, l, v[1:])
		}
		join := v[0].Value.Compare(ast.ArrayConcat.Ref()) == 0 && (isComprehension(v[1]) || isComprehension(v[2]))
		if join || v[0].Value.Compare(ast.Or.Ref()) == 0 {
			return union(c.elements(s, v[1].Value), c.elements(s, v[2].Value))
		}
	}
	return of(c.operand(s, v))
}

func isComprehension(t *ast.Term) bool {
	_, ok := t.Value.(*ast.ArrayComprehension)
	return ok
}

// single is a collection of one element.
func single(o operand) elements {
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		v, k := o(p, f)
		return k != missing && will(nil, v)
	}
}

// comprehension are its elements; it has a frame of its own, in which it knows
// the variables around it.
func (c *compiler) comprehension(s scope, body ast.Body, term *ast.Term) elements {
	run := c.body(s, body, func(s scope) step { return yieldAll(single(c.operand(s, term.Value))) })
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		inner := p.enter(*s.size, func(v ast.Value) bool { return will(nil, v) })
		defer p.leave(inner)
		copy(inner.vars, f.vars)
		return run(p, inner)
	}
}

// callElements are the elements of what a function returns.
func (c *compiler) callElements(s scope, rules []*ast.Rule, l *library, args []*ast.Term) elements {
	fn, given := c.function(l, rules, len(args), true), c.operands(s, args)
	return func(p *possible, f *frame, will func(key, element ast.Value) bool) bool {
		yield := func(v ast.Value) bool { return will(nil, v) }
		return fn.any && yield(nil) || fn.could(p, f, given, yield)
	}
}
