package sock

import (
	"strconv"
	"strings"
)

// scanner is a place in a frame.
type scanner struct {
	b []byte
	i int
}

func (s *scanner) try(text string) bool {
	if len(s.b)-s.i >= len(text) && string(s.b[s.i:s.i+len(text)]) == text {
		s.i += len(text)
		return true
	}
	return false
}

// text reads a string. The line is known to be UTF-8.
func (s *scanner) text() (string, bool) {
	if !s.try(`"`) {
		return "", false
	}
	from, escaped := s.i, false
	for ; s.i < len(s.b); s.i++ {
		switch c := s.b[s.i]; {
		case c == '"':
			raw := s.b[from:s.i]
			s.i++
			if !escaped {
				return string(raw), true
			}
			return unescape(raw)
		case c == '\\':
			escaped = true
			s.i++
		case c < 0x20:
			return "", false
		}
	}
	return "", false
}

// unescape replaces the escapes that encoding/json writes.
func unescape(raw []byte) (string, bool) {
	out := make([]byte, 0, len(raw))
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			out = append(out, raw[i])
			continue
		}
		i++
		switch at := strings.IndexByte(`"\/bfnrt`, raw[i]); {
		case at >= 0:
			out = append(out, "\"\\/\b\f\n\r\t"[at])
		case raw[i] == 'u' && i+4 < len(raw):
			n, err := strconv.ParseUint(string(raw[i+1:i+5]), 16, 16)
			if err != nil || n >= 0xd800 && n < 0xe000 {
				return "", false
			}
			out = append(out, string(rune(n))...)
			i += 4
		default:
			return "", false
		}
	}
	return string(out), true
}

// digits reads the digits of an integer, and its sign.
func (s *scanner) digits() string {
	from := s.i
	s.try("-")
	first := s.i
	for s.i < len(s.b) && '0' <= s.b[s.i] && s.b[s.i] <= '9' {
		s.i++
	}
	if s.i-first > 1 && s.b[first] == '0' {
		return ""
	}
	return string(s.b[from:s.i])
}
