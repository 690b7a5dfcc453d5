package rego

import "github.com/open-policy-agent/opa/v1/ast"

// operand compiles what stands for a value.
func (c *compiler) operand(s scope, v ast.Value) operand {
	switch v := v.(type) {
	case ast.Var:
		if rules, l := s.rulesOf(v); rules != nil {
			return c.ruleValue(l, rules)
		}
		return c.variable(s, v)
	case ast.Ref:
		return c.ref(s, v)
	case ast.Call:
		if rules, l := s.rulesOf(v[0].Value); rules != nil {
			return c.callValue(s, rules, l, v[1:])
		}
		return c.builtin(s, v)
	case *ast.Array:
		return c.array(s, v)
	case ast.String, ast.Number, ast.Boolean, ast.Null:
		return fixed(v)
	case ast.Object, ast.Set:
		return c.collection(s, v)
	case *ast.SetComprehension, *ast.ArrayComprehension:
		return gathered(v, c.elements(s, v))
	case *ast.ObjectComprehension:
		return object(c.comprehension(s, v.Body, ast.ArrayTerm(v.Key, v.Value)))
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

func found(v ast.Value, k known) (ast.Value, known) {
	if v == nil {
		return nil, missing
	}
	return v, k
}

func (c *compiler) variable(s scope, name ast.Var) operand {
	if slot, ok := s.slot(name); ok {
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
		if k < likely {
			return nil, k
		}
		return ast.NewArray(values...), k
	}
}

// ref compiles a path into the input, a variable, a constant of the module, or a
// table.
func (c *compiler) ref(s scope, ref ast.Ref) operand {
	at, path := c.operand(s, ref[0].Value), ref[1:]
	if rules, l, rest := s.resolve(ref); rules != nil {
		if rules, _, key := s.keyed(ref); key != nil {
			return keyed(rules, gathered(ref, c.elements(s, ref)))
		}
		at, path = c.ruleValue(l, rules), rest
	} else if value, rest := s.constant(ref); value != nil {
		at, path = fixed(value), rest
	} else if ref.HasPrefix(configRef) {
		at, path = configuration, ref[len(configRef):]
	} else if ref.HasPrefix(ast.DefaultRootRef) {
		table, rest := c.table(ref)
		if table == nil {
			return notUnderstood
		}
		at, path = fixed(table), rest
		if object, ok := table.(ast.Object); ok && len(rest) > 0 {
			at, path = c.inTable(object, c.operand(s, rest[0].Value)), rest[1:]
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

var configRef = ast.MustParseRef("data.guard.config")

// configuration is the one table that differs from Set to Set.
func configuration(p *possible, _ *frame) (ast.Value, known) {
	if p.config == nil {
		return nil, unknown
	}
	return p.config, present
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
func (c *compiler) inTable(table ast.Object, key operand) operand {
	words := c.wordsOf(table)
	other := element(fixed(table), key)
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := key(p, f)
		if _, ok := v.(ast.String); ok && k >= likely {
			return found(words[v], k)
		}
		return other(p, f)
	}
}

// wordsOf are the elements of a table that have a word as their key.
func (c *compiler) wordsOf(table ast.Object) map[ast.Value]ast.Value {
	if words := c.words[table]; words != nil {
		return words
	}
	words := make(map[ast.Value]ast.Value, table.Len())
	table.Foreach(func(k, v *ast.Term) {
		if _, ok := k.Value.(ast.String); ok {
			words[k.Value] = v.Value
		}
	})
	c.words[table] = words
	return words
}

// fixedElement is a step of a path that is always the same.
func fixedElement(of operand, key *ast.Term) operand {
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := of(p, f)
		if k < likely {
			return nil, k
		}
		return found(child(v, key), k)
	}
}

// element is one step of a path. The evaluator works out the key first, whose error
// is one even where there is nothing to look in.
func element(of, key operand) operand {
	return func(p *possible, f *frame) (ast.Value, known) {
		w, l := key(p, f)
		if l < likely {
			return nil, l
		}
		v, k := of(p, f)
		if k < likely {
			return nil, k
		}
		return found(child(v, ast.NewTerm(w)), min(k, l))
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
