package rego

import (
	_ "embed"
	"encoding/binary"
	"errors"
	"fmt"

	"github.com/open-policy-agent/opa/v1/ast"
)

// image is the embedded policy as the compiler leaves it, in bytes, so that a
// start need not parse and compile it, which would take longer than all the rest
// and leave twice the memory behind. A test makes it again from the sources and
// compares every byte; where it is not of the sources that are embedded beside it,
// it is not used.
//
// All numbers are unsigned varints, and everything is named by its number:
//
//	digest of the sources, as text (a length, then bytes)
//	words: a count, then texts
//	remedies: a count, then pairs of words
//	places: a count, then pairs of file (a word) and row
//	terms: a count, then each with its kind; what it is made of stands before it
//	modules as parsed, then as compiled: each set a count, then modules
//
// Equal terms are one term. Comprehensions are never shared: the compiler knows
// them by their address.
//
//go:embed builtin.image
var image string

// Kinds of terms.
const (
	kindNull = iota
	kindFalse
	kindTrue
	kindNumber
	kindString
	kindVar
	kindRef
	kindCall
	kindArray
	kindSet
	kindObject
	kindArrayOf // comprehensions
	kindSetOf
	kindObjectOf
)

// Kinds of expressions.
const (
	exprTerm = iota
	exprTerms
	exprSome
	exprEvery
)

// imageReader reads an image. What it returns stays valid with the image; an image
// that is no image ends in a panic, which unpack catches.
type imageReader struct {
	rest   string
	words  []string
	places []ast.Location
	terms  []ast.Term
}

// unpacked is what an image holds.
type unpacked struct {
	remedies         map[string]string
	parsed, compiled map[string]*ast.Module
}

var errImage = errors.New("unpack built-in policy: the image is damaged")

// unpack reads an image of the sources with the digest. It is nil if the image is
// one of other sources.
func unpack(image, digest string) (u *unpacked, err error) {
	defer func() {
		if p := recover(); p != nil {
			u, err = nil, fmt.Errorf("%w: %v", errImage, p)
		}
	}()
	r := &imageReader{rest: image}
	if r.text() != digest {
		return nil, nil
	}
	r.words = make([]string, r.number())
	for i := range r.words {
		r.words[i] = r.text()
	}
	u = &unpacked{remedies: map[string]string{}}
	for range r.number() {
		id := r.word()
		u.remedies[id] = r.word()
	}
	r.places = make([]ast.Location, r.number())
	for i := range r.places {
		r.places[i] = ast.Location{File: r.word(), Row: r.number()}
	}
	r.terms = make([]ast.Term, r.number())
	for i := range r.terms {
		r.terms[i].Value = r.value()
	}
	u.parsed, u.compiled = r.modules(), r.modules()
	if r.rest != "" {
		return nil, errImage
	}
	return u, nil
}

func (r *imageReader) number() int {
	var n uint64
	for shift := 0; ; shift += 7 {
		b := r.rest[0]
		r.rest = r.rest[1:]
		n |= uint64(b&0x7f) << shift
		if b < 0x80 {
			return int(n)
		}
		if shift > 7*binary.MaxVarintLen32 {
			panic("a number without an end")
		}
	}
}

func (r *imageReader) text() string {
	n := r.number()
	s := r.rest[:n]
	r.rest = r.rest[n:]
	return s
}

func (r *imageReader) word() string    { return r.words[r.number()] }
func (r *imageReader) term() *ast.Term { return &r.terms[r.number()] }

// optional numbers are one more than they are; 0 stands for none.
func (r *imageReader) optional() *ast.Term {
	if n := r.number(); n > 0 {
		return &r.terms[n-1]
	}
	return nil
}

func (r *imageReader) place() *ast.Location {
	if n := r.number(); n > 0 {
		return &r.places[n-1]
	}
	return nil
}

func (r *imageReader) list() []*ast.Term {
	n := r.number()
	if n == 0 {
		return nil
	}
	list := make([]*ast.Term, n)
	for i := range list {
		list[i] = r.term()
	}
	return list
}

func (r *imageReader) value() ast.Value {
	switch kind := r.number(); kind {
	case kindNull:
		return ast.Null{}
	case kindFalse, kindTrue:
		return ast.Boolean(kind == kindTrue)
	case kindNumber:
		return ast.Number(r.word())
	case kindString:
		return ast.String(r.word())
	case kindVar:
		return ast.Var(r.word())
	case kindRef:
		return ast.Ref(r.list())
	case kindCall:
		return ast.Call(r.list())
	case kindArray:
		return ast.NewArray(r.list()...)
	case kindSet:
		return ast.NewSet(r.list()...)
	case kindObject:
		pairs := make([][2]*ast.Term, r.number())
		for i := range pairs {
			pairs[i] = [2]*ast.Term{r.term(), r.term()}
		}
		return ast.NewObject(pairs...)
	case kindArrayOf:
		return &ast.ArrayComprehension{Term: r.term(), Body: r.body()}
	case kindSetOf:
		return &ast.SetComprehension{Term: r.term(), Body: r.body()}
	case kindObjectOf:
		return &ast.ObjectComprehension{Key: r.term(), Value: r.term(), Body: r.body()}
	default:
		panic(fmt.Sprint("a term of kind ", kind))
	}
}

func (r *imageReader) body() ast.Body {
	body := make(ast.Body, r.number())
	for i := range body {
		flags := r.number()
		body[i] = &ast.Expr{Index: i, Location: r.place(), Negated: flags&1 != 0, Generated: flags&2 != 0}
		switch kind := r.number(); kind {
		case exprTerm:
			body[i].Terms = r.term()
		case exprTerms:
			body[i].Terms = r.list()
		case exprSome:
			body[i].Terms = &ast.SomeDecl{Symbols: r.list()}
		case exprEvery:
			body[i].Terms = &ast.Every{Key: r.optional(), Value: r.term(), Domain: r.term(), Body: r.body()}
		default:
			panic(fmt.Sprint("an expression of kind ", kind))
		}
		for range r.number() {
			body[i].With = append(body[i].With, &ast.With{Target: r.term(), Value: r.term()})
		}
	}
	return body
}

func (r *imageReader) modules() map[string]*ast.Module {
	modules := map[string]*ast.Module{}
	for range r.number() {
		name := r.word()
		m := &ast.Module{Package: &ast.Package{Path: r.term().Value.(ast.Ref)}}
		for range r.number() {
			m.Imports = append(m.Imports, &ast.Import{Path: r.term(), Alias: ast.Var(r.word())})
		}
		m.Rules = make([]*ast.Rule, r.number())
		for i := range m.Rules {
			m.Rules[i] = r.rule(m)
		}
		modules[name] = m
	}
	return modules
}

func (r *imageReader) rule(m *ast.Module) *ast.Rule {
	flags, place := r.number(), r.place()
	rule := &ast.Rule{Module: m, Location: place, Default: flags&1 != 0}
	rule.Head = &ast.Head{
		Name: ast.Var(r.word()), Reference: ast.Ref(r.list()), Args: ast.Args(r.list()),
		Key: r.optional(), Value: r.optional(), Assign: flags&2 != 0, Location: place,
	}
	rule.Body = r.body()
	if flags&4 != 0 {
		rule.Else = r.rule(m)
	}
	return rule
}

// neededStages are those that an image does not spare: they make what is found by
// address.
var neededStages = map[ast.StageID]bool{
	ast.StageSetModuleTree: true, ast.StageSetRuleTree: true,
	ast.StageBuildRuleIndices: true, ast.StageBuildComprehensionIndices: true,
}

// compiledBefore makes a compiler of modules that were compiled already.
func compiledBefore(c *ast.Compiler, modules map[string]*ast.Module) (*ast.Compiler, error) {
	names := make(map[string]*ast.Module, len(modules))
	for name, m := range modules {
		names[name] = &ast.Module{Package: m.Package} // the compiler copies what it is given
	}
	for _, stage := range ast.AllStages() {
		if !neededStages[stage] && stage != ast.StageRemoveImports {
			c = c.WithSkipStages(stage)
		}
	}
	c = c.WithStageAfterID(ast.StageRemoveImports, ast.CompilerStageDefinition{
		Name: "PutModulesIn", MetricName: "put_modules_in",
		Stage: func(c *ast.Compiler) *ast.Error {
			c.Modules = modules
			return nil
		},
	})
	return compileWith(c, names)
}
