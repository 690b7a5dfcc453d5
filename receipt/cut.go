package receipt

import (
	"encoding/json"
	"fmt"
	"slices"
	"strconv"
	"unicode/utf8"
)

// fit encodes body. If that is longer than a receipt may be, strings and lists
// are cut to their beginning and the member "cut" of the body says where, how
// much was kept, and the digest of the whole; nothing else changes, so a body
// still decodes into the type it came from.
func fit(body map[string]any) ([]byte, error) {
	b, err := appendValue(nil, body, 0)
	if err != nil || len(b) <= maxBody {
		return b, err
	}
	for size, items := 8192, 512; items >= 4; size, items = size/2, items/2 {
		c := cutter{size: size, items: items}
		short, err := c.value(body, "")
		if err != nil {
			return nil, err
		}
		slices.SortFunc(c.done, func(a, b cut) int { return slices.Compare([]byte(a.at), []byte(b.at)) })
		list := make([]any, len(c.done))
		for i, d := range c.done {
			list[i] = map[string]any{"at": d.at, "b3": d.b3, "kept": number(d.kept), "of": number(d.of)}
		}
		short.(map[string]any)["cut"] = list
		if b, err = appendValue(nil, short, 0); err != nil || len(b) <= maxBody {
			return b, err
		}
	}
	return nil, fmt.Errorf("%w: %d bytes", ErrTooLarge, len(b))
}

func number(n int) json.Number { return json.Number(strconv.Itoa(n)) }

// cut records one shortened string (counted in bytes) or list (in items).
type cut struct {
	at       string // keys and indices on the way, joined by "/"
	kept, of int
	b3       string // digest of the whole string, or of the whole list's canonical form
}

// cutter copies a tree with no string above size bytes and no list above items.
type cutter struct {
	size, items int
	done        []cut
}

func (c *cutter) value(v any, at string) (any, error) {
	switch v := v.(type) {
	case string:
		return c.text(v, at), nil
	case []any:
		return c.list(v, at)
	case map[string]any:
		out := make(map[string]any, len(v))
		for k, e := range v {
			var err error
			if out[k], err = c.value(e, join(at, k)); err != nil {
				return nil, err
			}
		}
		return out, nil
	}
	return v, nil
}

func (c *cutter) text(s, at string) string {
	if len(s) <= c.size {
		return s
	}
	n := c.size
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	c.done = append(c.done, cut{at: at, kept: n, of: len(s), b3: digest([]byte(s))})
	return s[:n]
}

func (c *cutter) list(v []any, at string) (any, error) {
	if len(v) > c.items {
		whole, err := appendValue(nil, v, 0)
		if err != nil {
			return nil, err
		}
		c.done = append(c.done, cut{at: at, kept: c.items, of: len(v), b3: digest(whole)})
		v = v[:c.items]
	}
	out := make([]any, len(v))
	for i, e := range v {
		var err error
		if out[i], err = c.value(e, join(at, strconv.Itoa(i))); err != nil {
			return nil, err
		}
	}
	return out, nil
}

func join(at, key string) string {
	if at == "" {
		return key
	}
	return at + "/" + key
}
