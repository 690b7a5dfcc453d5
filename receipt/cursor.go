package receipt

import (
	"bytes"
	"errors"
	"strconv"
	"unicode/utf8"
)

// cursor reads canonical JSON. After the first error it stays where it is.
type cursor struct {
	b   []byte
	i   int
	err error
}

func (c *cursor) fail(what string) {
	if c.err == nil {
		c.err = errors.New(what)
	}
}

func (c *cursor) try(s string) bool {
	if c.err == nil && len(c.b)-c.i >= len(s) && string(c.b[c.i:c.i+len(s)]) == s {
		c.i += len(s)
		return true
	}
	return false
}

func (c *cursor) lit(s string) {
	if !c.try(s) {
		c.fail("want " + s)
	}
}

// word reads a string without escapes that ok accepts.
func (c *cursor) word(ok func(string) bool) string {
	at := c.i
	s := c.str()
	if c.err == nil && (bytes.IndexByte(s, '\\') >= 0 || ok != nil && !ok(string(s))) {
		c.i = at
		c.fail("a word that cannot stand here")
	}
	return string(s)
}

func (c *cursor) uint() uint64 {
	at := c.i
	c.number()
	n, err := strconv.ParseUint(string(c.b[at:c.i]), 10, 64)
	if err != nil {
		c.fail("want a number from 0")
	}
	return n
}

// value reads any value of the profile.
func (c *cursor) value(depth int) {
	switch {
	case c.err != nil:
	case c.i == len(c.b):
		c.fail("ends early")
	case depth > maxDepth:
		c.fail("nested too deep")
	case c.b[c.i] == '"':
		c.str()
	case c.b[c.i] == '{':
		c.object(depth)
	case c.b[c.i] == '[':
		c.array(depth)
	case c.try("true"), c.try("false"), c.try("null"):
	default:
		c.number()
	}
}

func (c *cursor) array(depth int) {
	c.i++
	if c.try("]") {
		return
	}
	for c.value(depth + 1); !c.try("]") && c.err == nil; c.value(depth + 1) {
		c.lit(",")
	}
}

func (c *cursor) object(depth int) {
	c.i++
	if c.try("}") {
		return
	}
	var last []byte
	for first := true; c.err == nil; first = false {
		at := c.i
		key := c.str()
		if c.err == nil && (!isKey(key) || !first && bytes.Compare(last, key) >= 0) {
			c.i = at
			c.fail("a key out of order, twice, or not printable ASCII")
		}
		last = key
		c.lit(":")
		c.value(depth + 1)
		if c.try("}") {
			return
		}
		c.lit(",")
	}
}

// number reads an integer of at most 2^53-1 in either direction.
func (c *cursor) number() {
	at := c.i
	c.try("-")
	digits := c.i
	for c.i < len(c.b) && '0' <= c.b[c.i] && c.b[c.i] <= '9' {
		c.i++
	}
	n, err := strconv.ParseUint(string(c.b[digits:c.i]), 10, 64)
	if err != nil || n > maxInt || c.b[digits] == '0' && c.i-at > 1 {
		c.i = at
		c.fail("want a value; numbers are integers within 2^53-1")
	}
}

// str reads a string and returns what stands between its quotes.
func (c *cursor) str() []byte {
	c.lit(`"`)
	at := c.i
	for c.err == nil {
		if c.i == len(c.b) {
			c.fail("ends early")
			break
		}
		switch b := c.b[c.i]; {
		case b == '"':
			c.i++
			return c.b[at : c.i-1]
		case b == '\\':
			c.escape()
		case b < 0x20 || b == 0x7f:
			c.fail("a control character")
		case b < utf8.RuneSelf:
			c.i++
		default:
			r, n := utf8.DecodeRune(c.b[c.i:])
			if r == utf8.RuneError && n == 1 {
				c.fail("not UTF-8")
			}
			c.i += n
		}
	}
	return nil
}

// escape reads the one escape that RFC 8785 allows for a character.
func (c *cursor) escape() {
	rest := c.b[c.i+1:]
	switch {
	case len(rest) > 0 && bytes.IndexByte([]byte(`"\bfnrt`), rest[0]) >= 0:
		c.i += 2
	case len(rest) >= 5 && string(rest[:3]) == "u00" && controlEscape(rest[3], rest[4]):
		c.i += 6
	default:
		c.fail("an escape that RFC 8785 does not use")
	}
}

// controlEscape tells whether hex digits a and b name a control character that
// has no short escape.
func controlEscape(a, b byte) bool {
	if a != '0' && a != '1' || bytes.IndexByte([]byte("0123456789abcdef"), b) < 0 {
		return false
	}
	return a == '1' || bytes.IndexByte([]byte("89acd"), b) < 0
}

func isKey(s []byte) bool {
	for _, b := range s {
		if b < 0x20 || b > 0x7e || b == '"' || b == '\\' {
			return false
		}
	}
	return len(s) > 0
}

func isTag(s string) bool { return len(s) <= maxTag && isKey([]byte(s)) }

// isScroll knows the scrolls of schema 2.0.0; another one needs another schema.
func isScroll(s string) bool {
	switch s {
	case "identity", "cognitive", "treasury", "execution", "approvals", "trust", "velocity", "policy", ScrollLog, "drill":
		return true
	}
	return false
}

func isName(s string) bool {
	for i := range len(s) {
		if b := s[i]; b != '_' && (b < 'a' || b > 'z') && (b < '0' || b > '9' || i == 0) {
			return false
		}
	}
	return 0 < len(s) && len(s) <= 64
}

func isHost(s string) bool {
	for i := range len(s) {
		b := s[i] | 0x20
		if (b < 'a' || b > 'z') && (s[i] < '0' || s[i] > '9') && s[i] != '_' && s[i] != '-' && s[i] != '.' {
			return false
		}
	}
	return 0 < len(s) && len(s) <= 64
}

func isHash(s string) bool {
	const prefix = "blake3:"
	if len(s) != len(prefix)+64 || s[:len(prefix)] != prefix {
		return false
	}
	for _, b := range []byte(s[len(prefix):]) {
		if (b < '0' || b > '9') && (b < 'a' || b > 'f') {
			return false
		}
	}
	return true
}
