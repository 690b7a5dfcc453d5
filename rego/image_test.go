package rego

import (
	"encoding/binary"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// TestTheReferenceImageIsOfTheSources makes the image again from the sources that
// are embedded beside it. -update writes it anew.
func TestTheReferenceImageIsOfTheSources(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	want, _ := newImage(t, e)
	if *update {
		if err := os.WriteFile("builtin.image", want, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	got, err := os.ReadFile("builtin.image")
	if err != nil {
		t.Fatal(err)
	}
	if string(got) != string(want) {
		t.Errorf("builtin.image is out of date (%d bytes, want %d); run: go test ./rego -run 'Reference|SchemaFile' -update", len(got), len(want))
	}
}

// TestAnImageHoldsWhatTheCompilerMade compares everything that evaluation sees.
func TestAnImageHoldsWhatTheCompilerMade(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	made, names := newImage(t, e)
	u, err := unpack(string(made), e.digest)
	if err != nil || u == nil {
		t.Fatal(u, err)
	}
	c, err := compiledBefore(e.newCompiler(), u.compiled)
	if err != nil {
		t.Fatal(err)
	}
	sameModules(t, e.modules, u.parsed, names)
	sameModules(t, e.compiler.Modules, c.Modules, names)
	if !maps.Equal(u.remedies, e.remedies) || len(u.remedies) < 50 {
		t.Errorf("got %d remedies, want %d", len(u.remedies), len(e.remedies))
	}
	if got, want := indexed(c), indexed(e.compiler); got != want {
		t.Errorf("%d comprehensions have an index, want %d", got, want)
	}
	for _, m := range e.compiler.Modules {
		for _, r := range m.Rules {
			if got, want := len(c.GetRules(r.Ref())), len(e.compiler.GetRules(r.Ref())); got != want {
				t.Errorf("%s: got %d rules, want %d", r.Ref(), got, want)
			}
			if (c.RuleIndex(r.Ref()) == nil) != (e.compiler.RuleIndex(r.Ref()) == nil) {
				t.Errorf("%s: one of them has no index", r.Ref())
			}
		}
	}
}

func indexed(c *ast.Compiler) int {
	n := 0
	for _, m := range c.Modules {
		ast.WalkTerms(m, func(t *ast.Term) bool {
			if c.ComprehensionIndex(t) != nil {
				n++
			}
			return false
		})
	}
	return n
}

// sameModules compares modules, but for what was given other names.
func sameModules(t *testing.T, want, got map[string]*ast.Module, names map[*ast.Rule]map[ast.Var]ast.Var) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("got %d modules, want %d", len(got), len(want))
	}
	for name, m := range want {
		other := got[name]
		if other == nil || !other.Package.Equal(m.Package) || len(other.Rules) != len(m.Rules) {
			t.Errorf("%s: the package or its rules are not there", name)
			continue
		}
		for i, r := range m.Rules {
			got, want := other.Rules[i], named(t, r, names[r])
			if got.Compare(want) != 0 || got.String() != want.String() || got.Module != other {
				t.Errorf("%s: got %s\nwant %s", name, got, want)
			}
			if got.Location.Row != r.Location.Row || got.Location.File != r.Location.File {
				t.Errorf("%s: got place %v, want %v", name, got.Location, r.Location)
			}
		}
	}
}

// named is a copy of a rule without annotations and with other names.
func named(t *testing.T, r *ast.Rule, names map[ast.Var]ast.Var) *ast.Rule {
	t.Helper()
	bare := r.Copy()
	bare.Annotations = nil
	if len(names) == 0 {
		return bare
	}
	x, err := ast.TransformVars(bare, func(v ast.Var) (ast.Value, error) {
		if name, ok := names[v]; ok {
			return name, nil
		}
		return v, nil
	})
	if err != nil {
		t.Fatal(err)
	}
	return x.(*ast.Rule)
}

// TestADamagedImageIsAnError changes and cuts an image in many places.
func TestADamagedImageIsAnError(t *testing.T) {
	digest := (&imageReader{rest: image}).text()
	if _, err := unpack(image+"x", digest); !errors.Is(err, errImage) {
		t.Errorf("one with more behind it: got %v", err)
	}
	for n := len(digest) + 1; n < len(image); n += len(image) / 97 {
		if _, err := unpack(image[:n], digest); !errors.Is(err, errImage) {
			t.Errorf("the first %d bytes: got %v", n, err)
		}
	}
	if u, err := unpack(image, "of other sources"); u != nil || err != nil {
		t.Errorf("one of other sources: got %v, %v, want none", u, err)
	}
}

// TestAPolicyWithoutItsImageIsCompiled is a build whose sources were changed.
func TestAPolicyWithoutItsImageIsCompiled(t *testing.T) {
	packed, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	compiled, err := loadWith(builtin, "")
	if err != nil {
		t.Fatal(err)
	}
	if packed.digest != compiled.digest || packed.compiler.Graph != nil || compiled.compiler.Graph == nil {
		t.Fatal("the one was compiled, or the other was not")
	}
	a, b := mustBuild(t, packed), mustBuild(t, compiled)
	for _, line := range ordinary {
		got, want := mustDecide(t, a, lineInput(t, line)), mustDecide(t, b, lineInput(t, line))
		if got, want := fmt.Sprintf("%+v", got), fmt.Sprintf("%+v", want); got != want {
			t.Errorf("%s: got %s\nwant %s", line, got, want)
		}
	}
	if len(packed.Rules()) < 50 || len(packed.Rules()) != len(compiled.Rules()) {
		t.Errorf("got %d rules, want %d", len(packed.Rules()), len(compiled.Rules()))
	}
}

// imageWriter makes an image; see image. The compiler gives each variable a number
// of its own; here those of each rule begin at 0, so that rules share more terms
// and one that changes leaves the others as they are.
type imageWriter struct {
	t      *testing.T
	words  table
	places table
	terms  table
	names  map[ast.Var]ast.Var               // of the rule at hand
	all    map[*ast.Rule]map[ast.Var]ast.Var // of every rule
}

// table numbers entries, equal ones alike.
type table struct {
	numbers map[string]int
	entries []string
}

func (w *table) add(entry string) int {
	n, ok := w.numbers[entry]
	if !ok {
		if w.numbers == nil {
			w.numbers = map[string]int{}
		}
		n = len(w.entries)
		w.numbers[entry] = n
		w.entries = append(w.entries, entry)
	}
	return n
}

func (w *table) bytes() []byte {
	b := number(nil, len(w.entries))
	for _, e := range w.entries {
		b = append(b, e...)
	}
	return b
}

func newImage(t *testing.T, e *Engine) ([]byte, map[*ast.Rule]map[ast.Var]ast.Var) {
	w := &imageWriter{t: t, all: map[*ast.Rule]map[ast.Var]ast.Var{}}
	remedies := number(nil, len(e.remedies))
	for _, id := range slices.Sorted(maps.Keys(e.remedies)) {
		remedies = number(remedies, w.word(id), w.word(e.remedies[id]))
	}
	modules := append(w.modules(e.modules), w.modules(e.compiler.Modules)...)
	image := text(e.digest)
	for _, part := range [][]byte{w.words.bytes(), remedies, w.places.bytes(), w.terms.bytes(), modules} {
		image = append(image, part...)
	}
	return image, w.all
}

func number(b []byte, numbers ...int) []byte {
	for _, n := range numbers {
		b = binary.AppendUvarint(b, uint64(n))
	}
	return b
}

func text(s string) []byte { return append(number(nil, len(s)), s...) }

func (w *imageWriter) word(s string) int { return w.words.add(string(text(s))) }

func (w *imageWriter) term(x *ast.Term) int {
	w.t.Helper()
	b := []byte{}
	switch v := x.Value.(type) {
	case ast.Null:
		b = number(b, kindNull)
	case ast.Boolean:
		b = number(b, map[ast.Boolean]int{false: kindFalse, true: kindTrue}[v])
	case ast.Number:
		b = number(b, kindNumber, w.word(string(v)))
	case ast.String:
		b = number(b, kindString, w.word(string(v)))
	case ast.Var:
		b = number(b, kindVar, w.word(string(w.name(v))))
	case ast.Ref:
		b = append(number(b, kindRef), w.list(v)...)
	case ast.Call:
		b = append(number(b, kindCall), w.list(v)...)
	case *ast.Array:
		var all []*ast.Term
		v.Foreach(func(x *ast.Term) { all = append(all, x) })
		b = append(number(b, kindArray), w.list(all)...)
	case ast.Set:
		b = append(number(b, kindSet), w.list(v.Slice())...)
	case ast.Object:
		b = number(b, kindObject, v.Len())
		v.Foreach(func(k, x *ast.Term) { b = number(b, w.term(k), w.term(x)) })
	case *ast.ArrayComprehension:
		return w.closure(append(number(b, kindArrayOf, w.term(v.Term)), w.body(v.Body)...))
	case *ast.SetComprehension:
		return w.closure(append(number(b, kindSetOf, w.term(v.Term)), w.body(v.Body)...))
	case *ast.ObjectComprehension:
		return w.closure(append(number(b, kindObjectOf, w.term(v.Key), w.term(v.Value)), w.body(v.Body)...))
	default:
		w.t.Fatalf("%T: an image has no such term", v)
	}
	return w.terms.add(string(b))
}

func (w *imageWriter) name(v ast.Var) ast.Var {
	if !strings.HasPrefix(string(v), "__local") {
		return v
	}
	if _, ok := w.names[v]; !ok {
		w.names[v] = ast.Var(fmt.Sprintf("__local%d__", len(w.names)))
	}
	return w.names[v]
}

// closure is a term that is shared with none.
func (w *imageWriter) closure(b []byte) int {
	w.terms.entries = append(w.terms.entries, string(b))
	return len(w.terms.entries) - 1
}

func (w *imageWriter) list(all []*ast.Term) []byte {
	b := number(nil, len(all))
	for _, x := range all {
		b = number(b, w.term(x))
	}
	return b
}

func (w *imageWriter) optional(x *ast.Term) int {
	if x == nil {
		return 0
	}
	return w.term(x) + 1
}

func (w *imageWriter) place(l *ast.Location) int {
	if l == nil {
		return 0
	}
	return w.places.add(string(number(nil, w.word(l.File), l.Row))) + 1
}

func (w *imageWriter) body(body ast.Body) []byte {
	b := number(nil, len(body))
	for i, e := range body {
		if e.Index != i {
			w.t.Fatalf("%s: an image has no index but the place in the body", e)
		}
		b = number(b, bit(e.Negated, 1)+bit(e.Generated, 2), w.place(e.Location))
		switch x := e.Terms.(type) {
		case *ast.Term:
			b = number(b, exprTerm, w.term(x))
		case []*ast.Term:
			b = append(number(b, exprTerms), w.list(x)...)
		case *ast.SomeDecl:
			b = append(number(b, exprSome), w.list(x.Symbols)...)
		case *ast.Every:
			b = append(number(b, exprEvery, w.optional(x.Key), w.term(x.Value), w.term(x.Domain)), w.body(x.Body)...)
		default:
			w.t.Fatalf("%T: an image has no such expression", x)
		}
		b = number(b, len(e.With))
		for _, with := range e.With {
			b = number(b, w.term(with.Target), w.term(with.Value))
		}
	}
	return b
}

func bit(set bool, n int) int {
	if set {
		return n
	}
	return 0
}

func (w *imageWriter) modules(modules map[string]*ast.Module) []byte {
	b := number(nil, len(modules))
	for _, name := range slices.Sorted(maps.Keys(modules)) {
		m := modules[name]
		b = number(b, w.word(name), w.term(ast.NewTerm(m.Package.Path)), len(m.Imports))
		for _, i := range m.Imports {
			b = number(b, w.term(i.Path), w.word(string(i.Alias)))
		}
		b = number(b, len(m.Rules))
		for _, r := range m.Rules {
			w.names = map[ast.Var]ast.Var{}
			b = append(b, w.rule(r)...)
			w.all[r] = w.names
		}
	}
	return b
}

func (w *imageWriter) rule(r *ast.Rule) []byte {
	h := r.Head
	b := number(nil, bit(r.Default, 1)+bit(h.Assign, 2)+bit(r.Else != nil, 4), w.place(r.Location), w.word(string(h.Name)))
	b = append(append(b, w.list(h.Reference)...), w.list(h.Args)...)
	b = append(number(b, w.optional(h.Key), w.optional(h.Value)), w.body(r.Body)...)
	if r.Else != nil {
		b = append(b, w.rule(r.Else)...)
	}
	return b
}
