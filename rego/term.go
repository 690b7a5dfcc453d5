package rego

import (
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/proxy"
)

// termReader reads terms and remembers the first thing that was not as
// expected; what it returns after that means nothing.
type termReader struct{ err error }

func (r *termReader) fail(format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf(format, args...)
	}
}

func (r *termReader) object(what string, t *ast.Term) ast.Object {
	if t != nil {
		if o, ok := t.Value.(ast.Object); ok {
			return o
		}
	}
	r.fail("%s is not an object", what)
	return ast.NewObject()
}

func (r *termReader) key(o ast.Object, name string) *ast.Term {
	t := o.Get(ast.InternedTerm(name))
	if t == nil {
		r.fail("%s is missing", name)
	}
	return t
}

func (r *termReader) text(o ast.Object, name string) string {
	t := r.key(o, name)
	if t == nil {
		return ""
	}
	s, ok := t.Value.(ast.String)
	if !ok {
		r.fail("%s is not a string", name)
	}
	return string(s)
}

func (r *termReader) optionalText(o ast.Object, name string) string {
	if o.Get(ast.InternedTerm(name)) == nil {
		return ""
	}
	return r.text(o, name)
}

func (r *termReader) number(o ast.Object, name string) int {
	t := r.key(o, name)
	if t == nil {
		return 0
	}
	if n, ok := t.Value.(ast.Number); ok {
		if i, ok := n.Int(); ok {
			return i
		}
	}
	r.fail("%s is not a whole number", name)
	return 0
}

func (r *termReader) stage(o ast.Object) int {
	if o.Get(ast.InternedTerm("stage")) == nil {
		return -1
	}
	return r.number(o, "stage")
}

// tier reads a tier given as number or as label.
func (r *termReader) tier(o ast.Object, name string) proxy.Tier {
	t := r.key(o, name)
	if t == nil {
		return proxy.Critical
	}
	tier, ok := tierOf(t.Value)
	if !ok {
		r.fail("%s is %v; want 0 to 4 or SAFE to CRITICAL", name, t)
	}
	return tier
}

func tierOf(v ast.Value) (proxy.Tier, bool) {
	switch v := v.(type) {
	case ast.Number:
		if n, ok := v.Int(); ok && n >= int(proxy.Safe) && n <= int(proxy.Critical) {
			return proxy.Tier(n), true
		}
	case ast.String:
		return parseTier(string(v))
	}
	return proxy.Critical, false
}

func parseTier(label string) (proxy.Tier, bool) {
	for t := proxy.Safe; t <= proxy.Critical; t++ {
		if t.String() == label {
			return t, true
		}
	}
	return proxy.Critical, false
}

func (r *termReader) verdict(o ast.Object, name string) proxy.Verdict {
	word := r.optionalText(o, name)
	if word == "" {
		return 0
	}
	v, err := proxy.ParseVerdict(word)
	if err != nil {
		r.fail("%s: %w", name, err)
	}
	return v
}

// readList reads an array or a set of objects.
func readList[T any](r *termReader, name string, t *ast.Term, read func(*termReader, ast.Object) T) []T {
	var out []T
	each := func(e *ast.Term) {
		if v := read(r, r.object(name+" element", e)); r.err == nil {
			out = append(out, v)
		}
	}
	if t == nil {
		return nil
	}
	switch v := t.Value.(type) {
	case *ast.Array:
		v.Foreach(each)
	case ast.Set:
		v.Foreach(each)
	default:
		r.fail("%s is not a list", name)
	}
	return out
}
