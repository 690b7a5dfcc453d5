package code

import (
	"cmp"
	"strings"
)

// lexBuilt returns the tokens of code. What reaches into something is a "."; a text
// that does not end goes on to the last byte.
func lexBuilt(text string, rust bool) []token {
	var out []token
	first := true
	for i := 0; i < len(text); {
		rest := text[i:]
		t, n := token{kind: op, text: rest[:1]}, 1
		switch {
		case rest[0] == '\n':
			first, i = true, i+1
			continue
		case rest[0] == ' ' || rest[0] == '\t' || rest[0] == '\r':
			i++
			continue
		case strings.HasPrefix(rest, "//"):
			i += cmp.Or(max(0, strings.IndexByte(rest, '\n')), len(rest))
			continue
		case strings.HasPrefix(rest, "/*"):
			i += until(rest, 2, "*/")
			continue
		case rust && rest[0] == '\'' && lifetime(rest[1:]):
			i++
			continue
		case strings.HasPrefix(rest, "::"):
			t.text, n = ".", 2
		case rust && strings.HasPrefix(rest, `r#"`):
			n = until(rest, 3, `"#`)
			t.kind, t.text = str, strings.TrimSuffix(rest[3:n], `"#`)
		case strings.HasPrefix(rest, `"""`):
			n = until(rest, 3, `"""`)
			t.kind, t.text = str, strings.TrimSuffix(rest[3:n], `"""`)
		case strings.IndexByte("\"'`", rest[0]) >= 0:
			n = quoteEnd(rest)
			t.kind, t.text = str, builtEscapes.Replace(strings.TrimSuffix(rest[1:n], rest[:1]))
		case isWord(rest[0]):
			for n < len(rest) && isWord(rest[n]) {
				n++
			}
			if t.text = rest[:n]; rest[0] < '0' || rest[0] > '9' {
				t.kind = name
			}
		}
		t.first = first
		out, first, i = append(out, t), false, i+n
	}
	return out
}

// until returns where the mark ends that stands behind the first n bytes.
func until(s string, n int, mark string) int {
	if i := strings.Index(s[n:], mark); i >= 0 {
		return n + i + len(mark)
	}
	return len(s)
}

// quoteEnd returns how long the string is that s starts with.
func quoteEnd(s string) int {
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\' && s[0] != '`':
			i++
		case s[i] == s[0]:
			return i + 1
		}
	}
	return len(s)
}

// lifetime reports whether what stands behind a ' names a lifetime, not a character.
func lifetime(s string) bool {
	n := 0
	for n < len(s) && isWord(s[n]) {
		n++
	}
	return n > 0 && (n == len(s) || s[n] != '\'')
}

var builtEscapes = strings.NewReplacer(`\"`, `"`, `\'`, `'`, `\\`, `\`, `\n`, "\n", `\$`, "$")
