package sock

import (
	"encoding"
	"encoding/json"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"
)

// Frames are read by encoding/json, but for those that are as our own side writes
// them: no blanks, no member twice or unknown, names spelled as they are. Those are
// most, and are read in a third of the time. Both ways give the same frame.

// take reads the value at the scanner's place into v, which is zero. It says false
// where only encoding/json can tell what stands there.
type take func(s *scanner, v reflect.Value) bool

// takeFrame is made at first use, and of the types below it what is met.
var takeFrame = sync.OnceValue(func() take { return takeOf(reflect.TypeFor[frame](), 0) })

// readDirect reads a frame as our own side writes it.
func readDirect(line []byte) (f frame, ok bool) {
	s := scanner{b: line}
	ok = takeFrame()(&s, reflect.ValueOf(&f).Elem()) && s.i == len(line)
	return f, ok
}

func takeNothing(*scanner, reflect.Value) bool { return false }

func takeText(s *scanner, v reflect.Value) bool {
	text, ok := s.text()
	v.SetString(text)
	return ok
}

func takeBool(s *scanner, v reflect.Value) bool {
	if s.try("true") {
		v.SetBool(true)
		return true
	}
	return s.try("false")
}

func takeInt(s *scanner, v reflect.Value) bool {
	n, err := strconv.ParseInt(s.digits(), 10, v.Type().Bits())
	v.SetInt(n)
	return err == nil
}

func takeUint(s *scanner, v reflect.Value) bool {
	n, err := strconv.ParseUint(s.digits(), 10, v.Type().Bits())
	v.SetUint(n)
	return err == nil
}

func takeWord(s *scanner, v reflect.Value) bool {
	text, ok := s.text()
	return ok && v.Addr().Interface().(encoding.TextUnmarshaler).UnmarshalText([]byte(text)) == nil
}

// takeTime reads what time.Time reads, which knows no escapes.
func takeTime(s *scanner, v reflect.Value) bool {
	begin := s.i
	text, ok := s.text()
	return ok && len(text) == s.i-begin-2 && v.Addr().Interface().(*time.Time).UnmarshalText([]byte(text)) == nil
}

func takeTexts(s *scanner, v reflect.Value) bool {
	if s.try("null") {
		return true
	}
	m := map[string]string{}
	v.Set(reflect.ValueOf(m))
	if !s.try("{") {
		return false
	}
	for !s.try("}") {
		if len(m) > 0 && !s.try(",") {
			return false
		}
		before := len(m)
		name, ok := s.text()
		if !ok || !s.try(":") {
			return false
		}
		if m[name], ok = s.text(); !ok || len(m) == before {
			return false
		}
	}
	return true
}

var (
	textUnmarshaler = reflect.TypeFor[encoding.TextUnmarshaler]()
	jsonUnmarshaler = reflect.TypeFor[json.Unmarshaler]()
)

// maxNested is more than our types are nested; one within itself would be without end.
const maxNested = 12

// takeOf returns how a type is read.
func takeOf(t reflect.Type, depth int) take {
	pointer := reflect.PointerTo(t)
	switch {
	case t == reflect.TypeFor[time.Time]():
		return takeTime
	case t == reflect.TypeFor[*time.Time](): // goes on below
	case depth > maxNested || pointer.Implements(jsonUnmarshaler) || t.Implements(jsonUnmarshaler):
		return takeNothing
	case pointer.Implements(textUnmarshaler) && t.Kind() != reflect.Pointer:
		return takeWord
	case t == reflect.TypeFor[map[string]string]():
		return takeTexts
	}
	switch t.Kind() {
	case reflect.String:
		return takeText
	case reflect.Bool:
		return takeBool
	case reflect.Int, reflect.Int64, reflect.Int32:
		return takeInt
	case reflect.Uint, reflect.Uint64, reflect.Uint32:
		return takeUint
	case reflect.Pointer:
		elem := sync.OnceValue(func() take { return takeOf(t.Elem(), depth+1) }) // most are never met
		return func(s *scanner, v reflect.Value) bool {
			if s.try("null") {
				return true
			}
			v.Set(reflect.New(t.Elem()))
			return elem()(s, v.Elem())
		}
	case reflect.Slice:
		return takeList(t, takeOf(t.Elem(), depth+1))
	case reflect.Struct:
		return takeStruct(t, depth)
	}
	return takeNothing
}

func takeList(t reflect.Type, elem take) take {
	if t.Elem().Kind() == reflect.Uint8 {
		return takeNothing
	}
	return func(s *scanner, v reflect.Value) bool {
		if s.try("null") {
			return true
		}
		if !s.try("[") {
			return false
		}
		v.Set(reflect.MakeSlice(t, 0, 4))
		for n := 0; !s.try("]"); n++ {
			if n > 0 && !s.try(",") {
				return false
			}
			v.Grow(1)
			v.SetLen(n + 1)
			v.Index(n).SetZero()
			if !elem(s, v.Index(n)) {
				return false
			}
		}
		return true
	}
}

// member is a field of a struct.
type member struct {
	name  string // quoted, with its colon
	index []int
	take  take
}

func takeStruct(t reflect.Type, depth int) take {
	var members []member
	for _, f := range reflect.VisibleFields(t) {
		if f.Anonymous && f.Type.Kind() == reflect.Struct && f.Tag == "" || !f.IsExported() || f.Tag.Get("json") == "-" {
			continue // the fields of what is embedded are visible themselves
		}
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		m := member{`"` + name + `":`, f.Index, takeOf(f.Type, depth+1)}
		if name == "" || f.Anonymous || options != "" && options != "omitempty" ||
			slices.ContainsFunc(members, func(other member) bool { return other.name == m.name }) {
			return takeNothing
		}
		members = append(members, m)
	}
	return func(s *scanner, v reflect.Value) bool {
		if !s.try("{") {
			return false
		}
		next := 0 // ours come in order
		for first := true; !s.try("}"); first = false {
			if !first && !s.try(",") {
				return false
			}
			for next < len(members) && !s.try(members[next].name) {
				next++
			}
			if next == len(members) || !members[next].take(s, v.FieldByIndex(members[next].index)) {
				return false
			}
			next++
		}
		return true
	}
}
