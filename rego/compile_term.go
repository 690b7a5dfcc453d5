package rego

import (
	"regexp"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// term compiles what stands for a value.
func (c *compiler) term(s scope, v ast.Value) operand {
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

// pure are the builtins whose answer is worked out: cheap ones that need nothing
// but their operands.
var pure = map[string]bool{
	"regex.match":  true, // with a pattern that is known
	"array.concat": true, "concat": true, "contains": true, "endswith": true, "lower": true, "split": true, "startswith": true,
	"strings.any_prefix_match": true, "strings.any_suffix_match": true, "substring": true, "trim_prefix": true, "trim_suffix": true, "upper": true,
}

func (c *compiler) builtin(s scope, call ast.Call) operand {
	name := call[0].String()
	if name == "regex.match" {
		return c.pattern(s, call)
	}
	if !pure[name] {
		return notUnderstood
	}
	run, args := topdown.GetBuiltin(name), make([]operand, len(call)-1)
	for i := range args {
		args[i] = c.term(s, call[i+1].Value)
	}
	return func(p *possible, f frame) (ast.Value, known) {
		values := make([]*ast.Term, len(args))
		for i, arg := range args {
			v, k := arg(p, f)
			if k != present {
				return nil, k
			}
			values[i] = ast.NewTerm(v)
		}
		var answer ast.Value
		err := run(topdown.BuiltinContext{}, values, func(t *ast.Term) error {
			answer = t.Value
			return nil
		})
		if err != nil { // the evaluator will say it again
			return nil, unknown
		}
		return found(answer)
	}
}

// pattern compiles regex.match with a pattern that is known, which OPA gives to
// package regexp, too.
func (c *compiler) pattern(s scope, call ast.Call) operand {
	text, ok := call[1].Value.(ast.String)
	re, err := regexp.Compile(string(text))
	if !ok || err != nil {
		return notUnderstood
	}
	subject := c.term(s, call[2].Value)
	return func(p *possible, f frame) (ast.Value, known) {
		v, k := subject(p, f)
		if k != present {
			return nil, k
		}
		word, ok := v.(ast.String)
		if !ok {
			return nil, unknown
		}
		return ast.Boolean(re.MatchString(string(word))), present
	}
}

func fixed(v ast.Value) operand {
	return func(*possible, frame) (ast.Value, known) { return v, present }
}

func notUnderstood(*possible, frame) (ast.Value, known) { return nil, unknown }

func (c *compiler) variable(s scope, name ast.Var) operand {
	if slot, ok := s.slots[name]; ok {
		return func(_ *possible, f frame) (ast.Value, known) {
			if f[slot] == nil {
				return nil, unknown
			}
			return f[slot], present
		}
	}
	switch v := s.library.constants[name]; {
	case name == "input":
		return func(p *possible, _ frame) (ast.Value, known) { return p.input, present }
	case v != nil:
		return fixed(v)
	}
	return notUnderstood
}

func (c *compiler) array(s scope, a *ast.Array) operand {
	elements := make([]operand, a.Len())
	for i := range elements {
		elements[i] = c.term(s, a.Elem(i).Value)
	}
	return func(p *possible, f frame) (ast.Value, known) {
		values, all := make([]*ast.Term, len(elements)), present
		for i, element := range elements {
			v, k := element(p, f)
			if k == missing {
				return nil, missing
			}
			all = min(all, k)
			values[i] = ast.NewTerm(v)
		}
		if all == unknown {
			return nil, unknown
		}
		return ast.NewArray(values...), present
	}
}

// ref compiles a path into the input, a variable, a constant of the module, or a
// table.
func (c *compiler) ref(s scope, ref ast.Ref) operand {
	at, path := c.term(s, ref[0].Value), ref[1:]
	if ref.HasPrefix(ast.DefaultRootRef) {
		if at, path = c.table(ref); at == nil {
			return notUnderstood
		}
	}
	for _, step := range path {
		at = c.element(s, at, step)
	}
	return at
}

// table is the longest part of a reference that the input does not change, with
// the rest; nil where a rule may add to what is there.
func (c *compiler) table(ref ast.Ref) (operand, ast.Ref) {
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
	return fixed(table), ref[n:]
}

// element compiles one step of a path.
func (c *compiler) element(s scope, of operand, key *ast.Term) operand {
	if ast.IsConstant(key.Value) {
		return func(p *possible, f frame) (ast.Value, known) {
			v, k := of(p, f)
			if k != present {
				return nil, k
			}
			return found(child(v, key))
		}
	}
	which := c.term(s, key.Value)
	return func(p *possible, f frame) (ast.Value, known) {
		v, k := of(p, f)
		if k != present {
			return nil, k
		}
		w, k := which(p, f)
		if k != present {
			return nil, k
		}
		return found(child(v, ast.NewTerm(w)))
	}
}

func found(v ast.Value) (ast.Value, known) {
	if v == nil {
		return nil, missing
	}
	return v, present
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
