package receipt

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
	"time"
)

var (
	textMarshaler = reflect.TypeFor[encoding.TextMarshaler]()
	jsonMarshaler = reflect.TypeFor[json.Marshaler]()
)

// maxForm is how deep a form may be nested; a type within itself has none.
const maxForm = 8

// formOf returns the form of a type that stands under a key, or nil.
func formOf(t reflect.Type, key string, depth int) form {
	if depth == maxForm {
		return nil
	}
	pointer := reflect.PointerTo(t)
	switch {
	case t == reflect.TypeFor[time.Time](): // its two forms are the same
		return writeMarshaler
	case t == reflect.TypeFor[json.Number](), t.Implements(jsonMarshaler), pointer.Implements(jsonMarshaler):
		return nil
	case t.Implements(textMarshaler) && t.Kind() != reflect.Pointer:
		return writeMarshaler
	case pointer.Implements(textMarshaler):
		return nil
	}
	switch t.Kind() {
	case reflect.Struct:
		return structForm(t, key, depth)
	case reflect.Slice:
		return sliceForm(t, key, depth)
	case reflect.Pointer:
		return pointerForm(formOf(t.Elem(), key, depth+1))
	}
	return scalars[t.Kind()]
}

func pointerForm(elem form) form {
	if elem == nil {
		return nil
	}
	return func(w *direct, v reflect.Value) bool {
		if v.IsNil() {
			w.b = append(w.b, "null"...)
			return true
		}
		return elem(w, v.Elem())
	}
}

func sliceForm(t reflect.Type, key string, depth int) form {
	elem := formOf(t.Elem(), "", depth+1)
	if elem == nil || t.Elem().Kind() == reflect.Uint8 || key == "args" {
		return nil
	}
	command := key == "argv" && t.Elem().Kind() == reflect.String
	return func(w *direct, v reflect.Value) bool {
		if v.IsNil() {
			w.b = append(w.b, "null"...)
			return true
		}
		if command && w.red != nil && tells(v) {
			return false
		}
		w.b = append(w.b, '[')
		for i := range v.Len() {
			if i > 0 {
				w.b = append(w.b, ',')
			}
			if !elem(w, v.Index(i)) {
				return false
			}
		}
		w.b = append(w.b, ']')
		return true
	}
}

// field is one of a struct, as encoding/json sees it.
type field struct {
	name   string
	begin  string // quoted name and colon
	index  []int
	write  form
	omit   bool // left out when empty
	quoted bool // a number in quotes
}

func structForm(t reflect.Type, key string, depth int) form {
	if key == "env" || key == "vars" {
		return nil // whether a variable is secret its name says
	}
	var fields []field
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag == "" || !f.IsExported() || f.Tag.Get("json") == "-" {
			continue // the fields of what is embedded are visible themselves
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		one := field{name, `"` + name + `":`, f.Index, formOf(f.Type, name, depth+1), false, false}
		for option := range strings.SplitSeq(options, ",") {
			switch option {
			case "omitempty":
				one.omit = true
			case "string":
				one.quoted = true
			case "":
			default:
				return nil
			}
		}
		if one.write == nil || f.Anonymous || !isName(name) || one.quoted && !isNumber(f.Type) ||
			slices.ContainsFunc(fields, func(other field) bool { return other.name == name }) {
			return nil
		}
		fields = append(fields, one)
	}
	slices.SortFunc(fields, func(a, b field) int { return strings.Compare(a.name, b.name) })
	return func(w *direct, v reflect.Value) bool { return w.object(fields, v) }
}

func isNumber(t reflect.Type) bool {
	return reflect.Int <= t.Kind() && t.Kind() <= reflect.Uint64 && !t.Implements(textMarshaler)
}
