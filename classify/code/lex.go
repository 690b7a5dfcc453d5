package code

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// token is one piece of code.
type token struct {
	kind  kind
	text  string
	parts []part // of a string that holds expressions
	first bool   // the first of its line
	at    int    // column, of the first of a line
}

type kind byte

const (
	name   kind = 'n'
	str    kind = 's' // a string
	shell  kind = 'x' // a string that a shell runs
	number kind = '0'
	regex  kind = 'r'
	op     kind = 'o'
)

// part is a piece of a string: text, or an expression.
type part struct {
	text string
	code []token
}

// lexer turns text into tokens.
type lexer struct {
	l     *language
	s     string
	i     int
	out   []token
	line  bool // nothing on this line yet
	start int  // where the line starts
	bad   bool
	depth int
}

func lex(l *language, text string, depth int) ([]token, bool) {
	x := &lexer{l: l, s: text, line: true, depth: depth}
	if depth > maxDepth {
		return nil, false
	}
	for x.i < len(x.s) && !x.bad {
		x.next()
	}
	return x.out, !x.bad
}

func (x *lexer) emit(t token) {
	t.first, t.at = x.line, x.i-x.start
	x.line = false
	x.out = append(x.out, t)
}

func (x *lexer) next() {
	s := x.s[x.i:]
	c := s[0]
	switch {
	case c == '\n':
		x.line, x.start = true, x.i+1
		x.i++
	case c == ' ' || c == '\t' || c == '\r':
		x.i++
	case c == '\\' && len(s) > 1 && s[1] == '\n':
		x.i += 2
	case x.comment(s):
	case c == '"' || c == '\'' || c == '`':
		x.quoted("", s)
	case c >= '0' && c <= '9':
		n := 1
		for n < len(s) && (isWord(s[n]) || s[n] == '.') {
			n++
		}
		x.emit(token{kind: number, text: s[:n]})
		x.i += n
	case isWord(c) || c >= utf8.RuneSelf || strings.IndexByte(x.l.sigils, c) >= 0 && len(s) > 1 && (isWord(s[1]) || s[1] == '$' || s[1] == '@' || s[1] == '_'):
		x.word(s)
	case c == '%' && x.l.percent && len(s) > 2 && x.operand() && x.percent(s):
	case c == '/' && x.l.regex && x.operand():
		x.regexp(s)
	case c == '$' && x.l.dollars:
		x.emit(token{kind: name, text: "$"})
		x.i++
	default:
		x.operator(s)
	}
}

func isWord(c byte) bool {
	return c == '_' || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// comment skips a comment.
func (x *lexer) comment(s string) bool {
	for _, mark := range x.l.comments {
		if strings.HasPrefix(s, mark) && !(mark == "#" && x.i > 0 && x.s[x.i-1] == '$') {
			n := strings.IndexByte(s, '\n')
			if n < 0 {
				n = len(s)
			}
			x.i += n
			return true
		}
	}
	if x.l.block && strings.HasPrefix(s, "/*") {
		n := strings.Index(s[2:], "*/")
		if n < 0 {
			x.bad = true
			return true
		}
		x.i += n + 4
		return true
	}
	return false
}

// operand reports whether a value is due next, so that / starts a pattern.
func (x *lexer) operand() bool {
	if len(x.out) == 0 {
		return true
	}
	switch t := x.out[len(x.out)-1]; t.kind {
	case op:
		return t.text != ")" && t.text != "]" && t.text != "}"
	case name:
		switch t.text {
		case "if", "unless", "and", "or", "not", "return", "split", "grep", "when", "while", "until", "in", "case", "typeof", "puts", "print", "p", "elsif", "xor", "x", "join", "map":
			return true
		}
	}
	return false
}

func (x *lexer) word(s string) {
	n := 0
	for n < len(s) && strings.IndexByte(x.l.sigils, s[n]) >= 0 {
		n++
	}
	from := n
	for n < len(s) {
		r, size := utf8.DecodeRuneInString(s[n:])
		if !(r == '_' || r == '$' && n > from && x.l.dollars || unicode.IsLetter(r) || unicode.IsDigit(r)) {
			break
		}
		n += size
	}
	if n == 0 { // no letter of any alphabet
		x.bad = true
		return
	}
	w, rest := s[:n], s[n:]
	if x.l.prefix != "" && len(w) <= 2 && rest != "" && (rest[0] == '"' || rest[0] == '\'') && strings.Trim(strings.ToLower(w), x.l.prefix) == "" {
		x.i += n
		x.quoted(strings.ToLower(w), rest)
		return
	}
	if x.l.quoting && from == 0 && x.quoteWord(w, rest) {
		return
	}
	x.emit(token{kind: name, text: w})
	x.i += n
	// Perl's and PHP's names in packages, Ruby's methods that end in ? or !
	for x.l.quoting && strings.HasPrefix(x.s[x.i:], "::") && x.i+2 < len(x.s) && isWord(x.s[x.i+2]) {
		x.emit(token{kind: op, text: "."})
		x.i += 2
		return
	}
	if x.l.marks && x.i < len(x.s) && (x.s[x.i] == '!' || x.s[x.i] == '?') && !strings.HasPrefix(x.s[x.i+1:], "=") {
		x.i++
	}
}

// operator emits one operator. What reaches into an object is a "." in all
// languages.
func (x *lexer) operator(s string) {
	for _, o := range []string{"?.", "&.", "->", "::"} {
		if strings.HasPrefix(s, o) && x.l.reach[o] {
			x.emit(token{kind: op, text: "."})
			x.i += len(o)
			return
		}
	}
	for _, o := range []string{"=>", "===", "!==", "==", "!=", "<=", ">=", "+=", ".=", "||=", "??=", "-=", "*=", "|=", "&=", ":=", "**", "<<", ">>", "&&", "||", "=~", "!~", "..."} {
		if strings.HasPrefix(s, o) {
			if o == "<<" && x.l.heredoc && len(s) > 2 && (s[2] == '~' || s[2] == '-' || s[2] == '"' || s[2] == '\'' || s[2] == '<' || s[2] >= 'A' && s[2] <= 'Z') {
				x.bad = true // a here-document
				return
			}
			x.emit(token{kind: op, text: o})
			x.i += len(o)
			return
		}
	}
	text := s[:1]
	if text == "." && x.l.concat {
		text = "+"
	}
	x.emit(token{kind: op, text: text})
	x.i++
}

// closing returns the delimiter that ends what open starts.
func closing(open byte) byte {
	if i := strings.IndexByte("([{<", open); i >= 0 {
		return ")]}>"[i]
	}
	return open
}

// delimited returns the text up to the delimiter that ends what s starts with,
// and how long all of it is.
func delimited(s string) (string, int, bool) {
	open := s[0]
	end, depth := closing(open), 0
	for i := 1; i < len(s); i++ {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == end && depth == 0:
			return s[1:i], i + 1, true
		case s[i] == end:
			depth--
		case s[i] == open:
			depth++
		}
	}
	return "", 0, false
}

func (x *lexer) regexp(s string) {
	body, n, ok := delimited(s)
	if !ok || strings.Contains(body, "\n") {
		x.operator(s)
		return
	}
	for n < len(s) && isWord(s[n]) {
		n++
	}
	x.emit(token{kind: regex, text: body})
	x.i += n
}
