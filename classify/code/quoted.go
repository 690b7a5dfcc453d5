package code

import (
	"strconv"
	"strings"
)

// quoted emits the string that s starts with.
func (x *lexer) quoted(prefix, s string) {
	q := s[:1]
	if x.l.triple && len(s) >= 6 && s[1:3] == q+q {
		q = s[:3]
	}
	end := len(q)
	for end < len(s) && !strings.HasPrefix(s[end:], q) {
		if s[end] == '\\' {
			end++
		}
		end++
	}
	if end >= len(s) || q == "`" && !x.l.template && !x.l.tick {
		x.bad = true
		return
	}
	t := token{kind: str}
	body := s[len(q):end]
	switch {
	case q == "`" && x.l.tick:
		t.kind = shell
		x.expand(&t, body)
	case strings.Contains(prefix, "f"):
		x.holes(&t, body, "{", strings.Contains(prefix, "r"))
	case strings.Contains(prefix, "r"):
		t.text = body
	case q == "`":
		x.holes(&t, body, "${", false)
	case q == "'" && x.l.interp != "":
		t.text = strings.NewReplacer(`\\`, `\`, `\'`, `'`).Replace(body)
	default:
		x.expand(&t, body)
	}
	x.emit(t)
	x.i += end + len(q)
}

// quoteWord emits what Perl's and Ruby's quoting words stand for: q(..),
// qx(..), m(..), s(..)(..).
func (x *lexer) quoteWord(w, rest string) bool {
	if !strings.Contains(" q qq qw qx qr m s y tr ", " "+w+" ") || rest == "" || !strings.ContainsAny(rest[:1], "/!#|{([<'\"~@,:;%^") {
		return false
	}
	if strings.HasPrefix(rest, "=>") || rest[0] == ',' || rest[0] == ';' || rest[0] == '(' && w == "y" {
		return false
	}
	body, n, ok := delimited(rest)
	if !ok {
		x.bad = true
		return true
	}
	t := token{kind: str, text: body}
	switch w {
	case "qx":
		t.kind = shell
		x.expand(&t, body)
	case "qq":
		x.expand(&t, body)
	case "m", "qr":
		t.kind = regex
	case "s", "y", "tr":
		t.kind = regex
		n = x.substitution(&t, w, rest, n)
	}
	for t.kind == regex && n < len(rest) && isWord(rest[n]) {
		n++
	}
	x.emit(t)
	x.i += len(w) + n
	return true
}

// percent emits Ruby's %x(..), %w[..] and %(..).
func (x *lexer) percent(s string) bool {
	kindOf, rest := s[1], s[2:]
	if strings.IndexByte("xwWqQiIr", kindOf) < 0 {
		kindOf, rest = 'Q', s[1:]
	}
	if rest == "" || strings.IndexByte("([{<|!/", rest[0]) < 0 {
		return false
	}
	body, n, ok := delimited(rest)
	if !ok {
		x.bad = true
		return true
	}
	t := token{kind: str, text: body}
	switch kindOf {
	case 'x':
		t.kind = shell
		x.expand(&t, body)
	case 'Q':
		x.expand(&t, body)
	}
	x.emit(t)
	x.i += len(s) - len(rest) + n
	return true
}

// substitution reads the second half of s/// and returns where it ends. With
// the flag e that half is code.
func (x *lexer) substitution(t *token, w, rest string, n int) int {
	second := rest[n-1:]
	if closing(rest[0]) != rest[0] {
		second = strings.TrimLeft(rest[n:], " \n")
	}
	if second == "" {
		x.bad = true
		return n
	}
	body, m, ok := delimited(second)
	if !ok {
		x.bad = true
		return n
	}
	end := len(rest) - len(second) + m
	flags := end
	for flags < len(rest) && isWord(rest[flags]) {
		flags++
	}
	if w == "s" && strings.Contains(rest[end:flags], "e") {
		t.parts = x.inner(t.parts, body)
	} else if w == "s" {
		x.expand(t, body)
	}
	return end
}

// expand sets what a string in double quotes holds.
func (x *lexer) expand(t *token, body string) {
	switch x.l.interp {
	case "#":
		x.holes(t, body, "#{", false)
	case "$":
		x.dollars(t, body)
	default:
		t.text = escapes(body)
	}
}

// holes splits a string at expressions between open and }.
func (x *lexer) holes(t *token, body, open string, raw bool) {
	text := func(s string) {
		if open == "{" {
			s = strings.NewReplacer("{{", "{", "}}", "}").Replace(s)
		}
		if !raw {
			s = escapes(s)
		}
		t.parts = append(t.parts, part{text: s})
	}
	rest := body
	from := 0
	for {
		i := strings.Index(rest[from:], open)
		if i < 0 {
			break
		}
		i += from
		if open == "{" && strings.HasPrefix(rest[i:], "{{") {
			from = i + 2
			continue
		}
		inside, n, ok := delimited(rest[i+len(open)-1:])
		if !ok {
			x.bad = true
			return
		}
		text(rest[:i])
		t.parts = x.inner(t.parts, inside)
		rest, from = rest[i+len(open)-1+n:], 0
	}
	if text(rest); len(t.parts) == 1 {
		t.text, t.parts = t.parts[0].text, nil
	}
}

// inner adds an expression.
func (x *lexer) inner(to []part, code string) []part {
	toks, ok := lex(x.l, code, x.depth+1)
	x.bad = x.bad || !ok
	return append(to, part{code: append(toks, token{kind: op, text: ";"})})
}

// dollars splits a string at variables: $x, ${x}, {$x}, @{[ code ]}.
func (x *lexer) dollars(t *token, body string) {
	from := 0
	for i := 0; i < len(body); i++ {
		switch c := body[i]; {
		case c == '\\':
			i++
		case (c == '$' || c == '@') && i+1 < len(body) && (isWord(body[i+1]) || body[i+1] == '{' || body[i+1] == '$'):
			t.parts = append(t.parts, part{text: escapes(body[from:i])})
			n := i + 1
			for n < len(body) && isWord(body[n]) {
				n++
			}
			code := body[i:n]
			if n < len(body) && (body[n] == '{' || body[n] == '[') {
				inside, m, ok := delimited(body[n:])
				if !ok {
					inside, m = "", 0
				}
				code, n = "("+inside+")", n+m
			}
			t.parts = x.inner(t.parts, code)
			from, i = n, n-1
		}
	}
	if t.parts = append(t.parts, part{text: escapes(body[from:])}); len(t.parts) == 1 {
		t.text, t.parts = t.parts[0].text, nil
	}
}

// escapes decodes what backslashes mean in most languages.
func escapes(s string) string {
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
		if j := strings.IndexByte("ntr\n", s[i]); j >= 0 {
			b.WriteString([]string{"\n", "\t", "\r", ""}[j])
			continue
		}
		r, n := coded(s[i:])
		if n == 0 {
			b.WriteByte(s[i])
			continue
		}
		b.WriteRune(r)
		i += n - 1
	}
	return b.String()
}

// coded decodes x41, u0041, u{41}, U00000041 and 101, and returns how long it is.
func coded(s string) (rune, int) {
	digits, base, skip := 3, 8, 0
	switch s[0] {
	case 'x':
		digits, base, skip = 2, 16, 1
	case 'u':
		digits, base, skip = 4, 16, 1
	case 'U':
		digits, base, skip = 8, 16, 1
	}
	if strings.HasPrefix(s[skip:], "{") && skip > 0 {
		if end := strings.IndexByte(s, '}'); end > 0 {
			if v, err := strconv.ParseUint(s[2:end], 16, 32); err == nil {
				return rune(v), end + 1
			}
		}
	}
	for n := min(digits, len(s)-skip); n > 0; n-- {
		if v, err := strconv.ParseUint(s[skip:skip+n], base, 32); err == nil {
			return rune(v), skip + n
		}
	}
	return 0, 0
}
