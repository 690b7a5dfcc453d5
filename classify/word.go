package classify

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/expand"
	"mvdan.cc/sh/v3/syntax"
)

// field is one word after expansion. Parts that are not known stand in text as
// they were written.
type field struct {
	text  string
	open  string  // why it is not literal; "" if it is
	guess bool    // open, but text is what it is unless something outside the line says otherwise
	whole bool    // every letter of it stands in the line
	many  bool    // open, unquoted: may be no word at all, or several
	glob  int     // offset+1 in text of the first active pattern character; 0 if none
	plain bool    // nothing in it was quoted or expanded
	sole  bool    // open, and nothing but one expansion
	made  bool    // names something the line itself made
	from  []int   // stages whose output it holds
	to    []int   // stages that read what is written to it: >(..)
	under []field // stands for something below these folders, found at run time
}

func literal(s string) field { return field{text: s, plain: true, whole: true} }

func (f field) same(g field) bool { return f.text == g.text && f.open == g.open }

// usable reports whether text says what the word is.
func (f field) usable() bool { return f.open == "" || f.guess }

// unread reports whether a text that a shell is to run is not known; a number
// in it says nothing about what it does.
func (f field) unread() bool { return f.open != "" && !strings.HasSuffix(f.open, unknownNumber) }

// worse returns the reason to keep of two why a word is open: the first, unless
// that is only a number.
func worse(a, b string) string {
	if a == "" || b != "" && strings.HasSuffix(a, unknownNumber) {
		return b
	}
	return a
}

// vanishes reports whether a word may expand to no word at all, or to several.
func (f field) vanishes() bool {
	return f.many && !f.usable() && f.text != "" && (f.text[0] == '$' || f.text[0] == '`')
}

func literals(words []string) []field {
	out := make([]field, len(words))
	for i, s := range words {
		out[i] = field{text: s, whole: true}
	}
	return out
}

// fields expands words as for a command's arguments.
func (w *walk) fields(sh *shell, words []*syntax.Word) []field {
	out := make([]field, 0, len(words))
	for _, wd := range words {
		if l, ok := simple(wd); ok {
			w.spend(len(l))
			out = append(out, literal(l))
			continue
		}
		for _, one := range w.braces(wd) {
			b := builder{w: w, sh: sh, split: true}
			b.word(one)
			out = append(out, b.end()...)
		}
	}
	return out
}

// simple returns the text of a word that expansion does not change.
func simple(wd *syntax.Word) (string, bool) {
	if len(wd.Parts) != 1 {
		return "", false
	}
	l, ok := wd.Parts[0].(*syntax.Lit)
	if !ok || strings.ContainsAny(l.Value, "\\*?[{~") {
		return "", false
	}
	return l.Value, true
}

// braces expands {a,b} and {1..9}. Where that would be too much, the word
// stays as it was written.
func (w *walk) braces(wd *syntax.Word) []*syntax.Word {
	if !hasBrace(wd) {
		return []*syntax.Word{wd}
	}
	w.spend(unclosed(wd))
	split := &syntax.Word{Parts: append([]syntax.WordPart{}, wd.Parts...)}
	if !syntax.SplitBraces(split) {
		return []*syntax.Word{wd}
	}
	if braced(split) > maxStages {
		panic(refusal{ErrTooMuch})
	}
	var out []*syntax.Word
	for one, err := range expand.BracesSeq(nil, split) {
		if err != nil {
			panic(refusal{ErrTooMuch})
		}
		w.spend(16 * len(one.Parts))
		out = append(out, joinNames(one))
	}
	return out
}

// unclosed returns what the braces of a word cost to take apart, roughly: each that
// is not closed moves all that follows it once more.
func unclosed(wd *syntax.Word) int {
	deep, deepest, pieces := 0, 0, len(wd.Parts)
	for _, p := range wd.Parts {
		l, ok := p.(*syntax.Lit)
		if !ok {
			continue
		}
		for i := range len(l.Value) {
			switch l.Value[i] {
			case '{':
				deep++
			case '}':
				deep = max(0, deep-1)
			case ',', '.':
			default:
				continue
			}
			deepest, pieces = max(deepest, deep), pieces+1
		}
	}
	return deepest * pieces
}

// joinNames makes one literal of those that stand side by side after brace
// expansion, and one name of $A and the letters behind it: braces come first,
// so ~{,/a} is ~ and ~/a, and $A{b,c} is $Ab and $Ac.
func joinNames(wd *syntax.Word) *syntax.Word {
	out := &syntax.Word{Parts: make([]syntax.WordPart, 0, len(wd.Parts))}
	for i := 0; i < len(wd.Parts); i++ {
		l, ok := wd.Parts[i].(*syntax.Lit)
		if !ok {
			out.Parts = append(out.Parts, wd.Parts[i])
			continue
		}
		one := *l
		var text strings.Builder
		for ; ok; i++ {
			text.WriteString(l.Value)
			if i+1 == len(wd.Parts) {
				break
			}
			if l, ok = wd.Parts[i+1].(*syntax.Lit); !ok {
				break
			}
		}
		one.Value = text.String()
		one.Value = one.Value[lengthen(out, one.Value):]
		if one.Value != "" || len(wd.Parts) == 1 {
			out.Parts = append(out.Parts, &one)
		}
	}
	return out
}

// lengthen adds the letters at the start of text to the name of a variable that
// ends wd, and returns how many it took.
func lengthen(wd *syntax.Word, text string) int {
	last := len(wd.Parts) - 1
	if last < 0 {
		return 0
	}
	p, ok := wd.Parts[last].(*syntax.ParamExp)
	if !ok || !p.Short || p.Index != nil || !syntax.ValidName(p.Param.Value) {
		return 0
	}
	n := 0
	for n < len(text) && syntax.ValidName(p.Param.Value+text[:n+1]) {
		n++
	}
	name, longer := *p.Param, *p
	name.Value += text[:n]
	longer.Param = &name
	wd.Parts[last] = &longer
	return n
}

// braced returns how many words a word expands to, or more than maxStages.
func braced(wd *syntax.Word) int {
	n := 1
	for _, p := range wd.Parts {
		b, ok := p.(*syntax.BraceExp)
		if !ok {
			continue
		}
		sum := 0
		if b.Sequence {
			sum = sequence(b.Elems)
		} else {
			for _, e := range b.Elems {
				sum += braced(e)
			}
		}
		if n *= sum; n > maxStages {
			return n
		}
	}
	return n
}

// sequence returns how many words {a..b} expands to, at most.
func sequence(ends []*syntax.Word) int {
	a, err := strconv.Atoi(ends[0].Lit())
	b, err2 := strconv.Atoi(ends[1].Lit())
	if err != nil || err2 != nil {
		x, y := ends[0].Lit(), ends[1].Lit()
		if len(x) != 1 || len(y) != 1 {
			return maxStages + 1
		}
		a, b = int(x[0]), int(y[0])
	}
	if max(a-b, b-a) < 0 || max(a-b, b-a) > maxStages {
		return maxStages + 1
	}
	return max(a-b, b-a) + 1
}

func hasBrace(wd *syntax.Word) bool {
	for _, p := range wd.Parts {
		if l, ok := p.(*syntax.Lit); ok && strings.Contains(l.Value, "{") {
			return true
		}
	}
	return false
}

// single expands a word without splitting it: an assignment's value, the
// target of a redirection, the subject of a case.
func (w *walk) single(sh *shell, wd *syntax.Word) field {
	if wd == nil {
		return field{}
	}
	b := builder{w: w, sh: sh, has: true}
	b.word(wd)
	b.cur.glob = 0
	return b.whole()
}

// document expands the body of a here-document.
func (w *walk) document(sh *shell, wd *syntax.Word, quoted bool) field {
	if wd == nil {
		return field{}
	}
	b := builder{w: w, sh: sh, has: true}
	for _, p := range wd.Parts {
		if l, ok := p.(*syntax.Lit); ok {
			text := l.Value
			if !quoted {
				text = unescape(text, "$`\\\n")
			}
			b.add(text, true)
			continue
		}
		b.part(p, true)
	}
	return b.whole()
}

// source returns a node as it was written.
func (sh *shell) source(n syntax.Node) string {
	from, to := int(n.Pos().Offset()), int(n.End().Offset())
	if from < 0 || to > len(sh.src) || from >= to {
		return "$?"
	}
	return sh.src[from:to]
}

// unescape removes the backslash before any of the characters in set; an
// escaped newline disappears.
func unescape(s, set string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] == '\\' && i+1 < len(s) && strings.IndexByte(set, s[i+1]) >= 0 {
			i++
			if s[i] == '\n' {
				continue
			}
		}
		b.WriteByte(s[i])
	}
	return b.String()
}
