package rego

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strconv"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// An encoder turns a Go value of one type into a Rego term. It is built once
// from the type and honours json tags, so that input is exactly what
// encoding/json would write, with two differences a rule can rely on: a nil
// slice is an empty array, and no field is ever left out.
type encoder func(reflect.Value) *ast.Term

var (
	nullTerm   = ast.NullTerm()
	emptyArray = ast.ArrayTerm()
	inputCoder = fieldsEncoder(reflect.TypeFor[Input]())
)

// value returns in as the evaluator wants it: an object of its own, made of parts
// that others may share.
func (in Input) value() ast.Value { return inputCoder(reflect.ValueOf(in)).Value }

var textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()

func encoderOf(t reflect.Type) encoder {
	if t.Implements(textMarshaler) {
		return encodeText
	}
	switch t.Kind() {
	case reflect.Struct:
		return structEncoder(t)
	case reflect.Slice:
		return sliceEncoder(encoderOf(t.Elem()))
	case reflect.Pointer:
		elem := encoderOf(t.Elem())
		return func(v reflect.Value) *ast.Term {
			if v.IsNil() {
				return nullTerm
			}
			return elem(v.Elem())
		}
	case reflect.String:
		return func(v reflect.Value) *ast.Term { return ast.InternedTerm(v.String()) }
	case reflect.Bool:
		return func(v reflect.Value) *ast.Term { return ast.InternedTerm(v.Bool()) }
	case reflect.Int, reflect.Int64:
		return encodeInt
	default:
		panic(fmt.Sprintf("rego: input has a field of type %s, which has no encoder", t))
	}
}

func encodeInt(v reflect.Value) *ast.Term {
	n := v.Int()
	if int64(int(n)) != n {
		return ast.NumberTerm(json.Number(strconv.FormatInt(n, 10)))
	}
	return ast.InternedTerm(int(n))
}

func encodeText(v reflect.Value) *ast.Term {
	text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	if err != nil {
		return nullTerm // a rule that needs it is then undefined, and the result with it
	}
	return ast.InternedTerm(string(text))
}

func sliceEncoder(elem encoder) encoder {
	return func(v reflect.Value) *ast.Term {
		if v.Len() == 0 {
			return emptyArray
		}
		terms := make([]*ast.Term, v.Len())
		for i := range terms {
			terms[i] = elem(v.Index(i))
		}
		return ast.ArrayTerm(terms...)
	}
}

// structEncoder encodes the zero value once, which much of an input is.
func structEncoder(t reflect.Type) encoder {
	encode := fieldsEncoder(t)
	zero := encode(reflect.Zero(t))
	return func(v reflect.Value) *ast.Term {
		if v.IsZero() {
			return zero
		}
		return encode(v)
	}
}

func fieldsEncoder(t reflect.Type) encoder {
	type field struct {
		key    *ast.Term
		index  []int
		encode encoder
	}
	var fields []field
	for _, f := range jsonFields(t) {
		fields = append(fields, field{ast.StringTerm(f.name), f.index, encoderOf(f.typ)})
	}
	return func(v reflect.Value) *ast.Term {
		pairs := make([][2]*ast.Term, len(fields))
		for i, f := range fields {
			pairs[i] = [2]*ast.Term{f.key, f.encode(v.FieldByIndex(f.index))}
		}
		return ast.ObjectTerm(pairs...)
	}
}

type jsonField struct {
	name  string
	index []int
	typ   reflect.Type
}

// jsonFields lists the fields that encoding/json would write, embedded structs
// flattened.
func jsonFields(t reflect.Type) []jsonField {
	var out []jsonField
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous || !f.IsExported() {
			continue
		}
		name, _, _ := strings.Cut(f.Tag.Get("json"), ",")
		if name == "-" {
			continue
		}
		if name == "" {
			name = f.Name
		}
		out = append(out, jsonField{name, f.Index, f.Type})
	}
	return out
}
