package classify

import (
	"strings"
	"unicode"

	"golang.org/x/text/unicode/norm"
)

// normal returns free text in the form in which it is matched: compatibility
// forms folded (NFKC), terminal escapes and invisible characters gone. What
// looks like "kill" to a person is "kill" to a rule.
func normal(s string) string {
	s = norm.NFKC.String(dropEscapes(s))
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n' || r == '\t':
			return r
		case unicode.Is(unicode.Cf, r), unicode.IsControl(r), r == '\u034f', r >= 0xfe00 && r <= 0xfe0f:
			return -1
		}
		return r
	}, s)
}

// dropEscapes removes terminal control sequences: CSI, OSC and two-byte ones
// (ECMA-48).
func dropEscapes(s string) string {
	if strings.IndexByte(s, 0x1b) < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != 0x1b {
			b.WriteByte(s[i])
			continue
		}
		if i++; i == len(s) {
			break
		}
		switch s[i] {
		case '[':
			for i+1 < len(s) && (s[i+1] < 0x40 || s[i+1] > 0x7e) {
				i++
			}
			i++
		case ']', 'P', 'X', '^', '_':
			for i+1 < len(s) && s[i] != 7 && s[i] != 0x1b {
				i++
			}
			if s[i] == 0x1b && i+1 < len(s) && s[i+1] == '\\' {
				i++
			}
		}
	}
	return b.String()
}
