package receipt

import (
	"encoding"
	"reflect"
	"strconv"
	"sync"
	"unicode/utf8"
)

// The long way to a canonical body goes over encoding/json and a tree, in which
// secrets are replaced and what is too long is cut. Most bodies need neither, and
// are structs whose members are known: those are written directly. Both ways lead
// to the same bytes, and what the direct one cannot do it leaves to the other.

// form appends a value of one type in canonical form. It says false where only
// the long way leads on.
type form func(w *direct, v reflect.Value) bool

// forms has the form of each type that was asked for; nil for none.
type forms struct{ known sync.Map }

func (f *forms) of(t reflect.Type) form {
	if known, ok := f.known.Load(t); ok {
		return known.(form)
	}
	made := formOf(t, "", 0)
	f.known.Store(t, made)
	return made
}

// direct is a body on its way.
type direct struct {
	b   []byte
	red *Redactor
}

// write returns body in canonical form, if it is a struct that can be written
// directly and has nothing to redact or to cut.
func (f *forms) write(body any, red *Redactor) ([]byte, bool) {
	v := reflect.ValueOf(body)
	if v.Kind() != reflect.Struct {
		return nil, false
	}
	form := f.of(v.Type())
	if form == nil {
		return nil, false
	}
	w := direct{b: make([]byte, 0, 1<<10), red: red}
	if !form(&w, v) || len(w.b) > maxBody {
		return nil, false
	}
	return w.b, true
}

func writeMarshaler(w *direct, v reflect.Value) bool {
	text, err := v.Interface().(encoding.TextMarshaler).MarshalText()
	return err == nil && w.text(string(text))
}

// text appends a string in which nothing is secret.
func (w *direct) text(s string) bool {
	has := look(s)
	if has&isOdd == 0 && w.red == nil || has == 0 {
		w.b = append(append(append(w.b, '"'), s...), '"')
		return true
	}
	if !utf8.ValidString(s) || w.red != nil && (has&hasMark != 0 || len(spansOf(s, has)) > 0) {
		return false
	}
	w.b = appendText(w.b, s)
	return true
}

// tells says whether arguments give secrets away by their place.
func tells(argv reflect.Value) (found bool) {
	words := make([]string, argv.Len())
	for i := range words {
		words[i] = masked(argv.Index(i).String())
	}
	commandSpans(words, func(int, span) { found = true })
	return found
}

func (w *direct) object(fields []field, v reflect.Value) bool {
	w.b = append(w.b, '{')
	empty := len(w.b)
	for i := range fields {
		f := &fields[i]
		value := v.FieldByIndex(f.index)
		if f.omit && isEmpty(value) {
			continue
		}
		if len(w.b) > empty {
			w.b = append(w.b, ',')
		}
		w.b = append(w.b, f.begin...)
		if f.quoted {
			w.b = append(w.b, '"')
		}
		if !f.write(w, value) {
			return false
		}
		if f.quoted {
			w.b = append(w.b, '"')
		}
	}
	w.b = append(w.b, '}')
	return true
}

// scalars are the forms of what has no parts.
var scalars = map[reflect.Kind]form{
	reflect.String: func(w *direct, v reflect.Value) bool { return w.text(v.String()) },
	reflect.Bool:   writeBool,
	reflect.Int:    writeInt, reflect.Int8: writeInt, reflect.Int16: writeInt, reflect.Int32: writeInt, reflect.Int64: writeInt,
	reflect.Uint: writeUint, reflect.Uint8: writeUint, reflect.Uint16: writeUint, reflect.Uint32: writeUint, reflect.Uint64: writeUint,
}

func writeBool(w *direct, v reflect.Value) bool {
	w.b = strconv.AppendBool(w.b, v.Bool())
	return true
}

func writeInt(w *direct, v reflect.Value) bool {
	n := v.Int()
	w.b = strconv.AppendInt(w.b, n, 10)
	return -maxInt <= n && n <= maxInt
}

func writeUint(w *direct, v reflect.Value) bool {
	n := v.Uint()
	w.b = strconv.AppendUint(w.b, n, 10)
	return n <= maxInt
}

// isEmpty is what encoding/json leaves out for omitempty.
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.String:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
