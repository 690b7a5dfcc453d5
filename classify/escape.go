package classify

import (
	"strconv"
	"strings"
)

// ansiC decodes the body of $'...'.
func ansiC(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		out, used := escape(s[i:], true)
		if out == "\x00" {
			break // the shell ends the string here
		}
		b.WriteString(out)
		i += used - 1
	}
	return b.String()
}

// escape decodes one escape sequence after its backslash and returns how many
// bytes it took. Quotes are escapes in $'..' but not for echo and printf.
func escape(s string, quotes bool) (string, int) {
	const from, to = `abefnrtvE\`, "\a\b\x1b\f\n\r\t\v\x1b\\"
	if i := strings.IndexByte(from, s[0]); i >= 0 {
		return to[i : i+1], 1
	}
	switch c := s[0]; {
	case quotes && strings.IndexByte(`'"?`, c) >= 0:
		return s[:1], 1
	case c == 'x':
		return number(s, 1, 2, 16, false)
	case c == 'u':
		return number(s, 1, 4, 16, true)
	case c == 'U':
		return number(s, 1, 8, 16, true)
	case c >= '0' && c <= '7':
		if !quotes && c == '0' {
			return number(s, 0, 4, 8, false)
		}
		return number(s, 0, 3, 8, false)
	case quotes && c == 'c' && len(s) > 1:
		return string(rune(s[1] & 0x1f)), 2
	}
	return `\` + s[:1], 1
}

// number decodes up to most digits after the first skip bytes of s: a
// character if wide, else one byte.
func number(s string, skip, most, base int, wide bool) (string, int) {
	n := skip
	for n < len(s) && n < skip+most && digit(s[n]) < base {
		n++
	}
	v, err := strconv.ParseUint(s[skip:n], base, 32)
	if err != nil || v > 0x10ffff {
		return `\` + s[:max(n, 1)], max(n, 1)
	}
	if wide {
		return string(rune(v)), n
	}
	return string([]byte{byte(v)}), n
}

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}
