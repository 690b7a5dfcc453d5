package rego

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// ConfigSchema is the JSON schema of guard.json, made from the built-in values and
// the knobs that turn them, so that it names what the loader takes and nothing
// else. That a value must not loosen the one before it, no schema can say.
func (e *Engine) ConfigSchema() map[string]any {
	guard, _ := e.data["guard"].(map[string]any)
	config, _ := guard["config"].(map[string]any)
	schema := objectSchema(config, nil)
	schema["$schema"] = "http://json-schema.org/draft-07/schema#"
	schema["title"] = "guard.json"
	return schema
}

func objectSchema(values map[string]any, path []string) map[string]any {
	properties := map[string]any{}
	for _, key := range slices.Sorted(maps.Keys(values)) {
		here := append(slices.Clone(path), key)
		if inner, ok := values[key].(map[string]any); ok {
			if sub := objectSchema(inner, here); len(sub["properties"].(map[string]any)) > 0 || sub["additionalProperties"] != false {
				properties[key] = sub
			}
		} else if leaf := leafSchema(here); leaf != nil {
			properties[key] = leaf
		}
	}
	schema := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	for _, k := range knobs { // names that the built-in values do not have
		above, last := cutLast(k.path)
		switch {
		case above == "" || above != strings.Join(path, "."):
		case last == "*" && len(values) == 0:
			schema["additionalProperties"] = k.schema()
		case last != "*":
			properties[last] = k.schema()
		}
	}
	return schema
}

// leafSchema is the schema of one value; nil where it cannot be changed.
func leafSchema(path []string) map[string]any {
	if strings.Join(path, ".") == onTrustChange {
		return map[string]any{"type": "string", "pattern": "^(/.*)?$", "description": "absolute path of a program; not in a workspace"}
	}
	if _, _, isList := names(path, nil); isList {
		return map[string]any{"type": "array", "items": map[string]any{"type": "string", "pattern": "^[^: ]+$"}, "description": "login names"}
	}
	if k := knobAt(path); k != nil {
		return k.schema()
	}
	return nil
}

// schema says which values the knob takes, by trying them.
func (k knob) schema() map[string]any {
	s := map[string]any{"description": k.want}
	var words []any
	for _, word := range strings.FieldsFunc(k.want, func(r rune) bool { return r == ' ' || r == ',' }) {
		if _, ok := k.rank(word); ok {
			words = append(words, word)
		}
	}
	_, isBool := k.rank(true)
	switch {
	case k.path == "presets.*.trust":
		s["enum"] = proxy.TrustLevels()
	case len(words) > 0:
		s["enum"] = words
	case isBool:
		s["type"] = "boolean"
	default:
		s["type"], s["minimum"], s["maximum"] = "integer", k.least(), k.most()
	}
	return s
}

// least and most are the bounds of a knob for numbers.
func (k knob) least() int {
	if k.takes(0) {
		return 0
	}
	return 1
}

func (k knob) most() int {
	if n := 30 * 24 * 60; !k.takes(n + 1) {
		return n
	}
	return 1 << 31
}

func (k knob) takes(n int) bool {
	_, ok := k.rank(json.Number(strconv.Itoa(n)))
	return ok
}

func cutLast(path string) (above, last string) {
	i := strings.LastIndexByte(path, '.')
	return path[:max(i, 0)], path[i+1:]
}
