package rego

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
)

// parseJSON reads one JSON value. Unlike encoding/json it refuses an object
// that names a key twice (REQUIREMENTS X-20): the second one would silently
// win. Numbers stay as written.
func parseJSON(data []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	v, err := jsonValue(dec, "")
	if err != nil {
		return nil, err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return nil, errors.New("more than one JSON value")
	}
	return v, nil
}

func jsonValue(dec *json.Decoder, at string) (any, error) {
	tok, err := dec.Token()
	if err != nil {
		return nil, err
	}
	switch tok {
	case json.Delim('{'):
		return jsonObject(dec, at)
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			v, err := jsonValue(dec, at+"[]")
			if err != nil {
				return nil, err
			}
			list = append(list, v)
		}
		_, err := dec.Token()
		return list, err
	}
	return tok, nil
}

func jsonObject(dec *json.Decoder, at string) (any, error) {
	object := map[string]any{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return nil, err
		}
		key := tok.(string) // inside an object the decoder gives nothing else here
		path := strings.TrimPrefix(at+"."+key, ".")
		if _, twice := object[key]; twice {
			return nil, fmt.Errorf("%s is set twice", path)
		}
		if object[key], err = jsonValue(dec, path); err != nil {
			return nil, err
		}
	}
	_, err := dec.Token()
	return object, err
}

// mount puts value at path below root; objects are joined, anything else that
// meets is an error.
func mount(root map[string]any, path []string, value any) error {
	object, ok := value.(map[string]any)
	if !ok {
		return errors.New("a data file holds one JSON object")
	}
	for _, name := range slices.Backward(path) {
		object = map[string]any{name: object}
	}
	return merge(root, object, "")
}

func merge(into, from map[string]any, at string) error {
	for _, key := range slices.Sorted(maps.Keys(from)) {
		old, meets := into[key]
		if !meets {
			into[key] = from[key]
			continue
		}
		a, okA := old.(map[string]any)
		b, okB := from[key].(map[string]any)
		if !okA || !okB {
			return fmt.Errorf("data.%s%s is defined in two files", at, key)
		}
		if err := merge(a, b, at+key+"."); err != nil {
			return err
		}
	}
	return nil
}
