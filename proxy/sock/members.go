package sock

import (
	"encoding/json"
	"reflect"
	"strings"
)

// appendMembers appends what json.Marshal makes of a struct, member by member, and
// so for structs that it points to, down to depth. encoding/json prepares for every
// type below the one that it is given, met or not; for a frame that takes half a
// millisecond, at each start of guard.
func appendMembers(b []byte, v reflect.Value, depth int) ([]byte, error) {
	b = append(b, '{')
	for i := range v.NumField() {
		name, options, _ := strings.Cut(v.Type().Field(i).Tag.Get("json"), ",")
		m := v.Field(i)
		if name == "-" || options == "omitempty" && isEmpty(m) {
			continue
		}
		if b[len(b)-1] != '{' {
			b = append(b, ',')
		}
		b = append(append(append(b, '"'), name...), '"', ':')
		var err error
		if depth > 0 && m.Kind() == reflect.Pointer && m.Elem().Kind() == reflect.Struct {
			b, err = appendMembers(b, m.Elem(), depth-1)
		} else {
			var value []byte
			value, err = json.Marshal(m.Interface())
			b = append(b, value...)
		}
		if err != nil {
			return nil, err
		}
	}
	return append(b, '}'), nil
}

// isEmpty says whether encoding/json leaves a value out that may be (omitempty).
func isEmpty(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.Slice, reflect.Map:
		return v.Len() == 0
	case reflect.Struct:
		return false
	}
	return v.IsZero()
}
