package classify

import (
	"fmt"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// builder puts one word's fields together.
type builder struct {
	w     *walk
	sh    *shell
	split bool
	done  []field
	cur   field // its text stands in buf until it is whole
	buf   []byte
	has   bool // cur is a word, even if empty
	mixed bool // cur had quotes or expansions
	fills bool // something in the word stands for something else
}

func (b *builder) end() []field {
	b.cut()
	for i := range b.done {
		b.done[i].whole = !b.fills
	}
	return b.done
}

func (b *builder) cut() {
	if b.has {
		b.done = append(b.done, b.whole())
	}
	b.cur, b.buf, b.has, b.mixed = field{}, b.buf[:0], false, false
}

func (b *builder) whole() field {
	b.cur.text, b.cur.plain, b.cur.whole = string(b.buf), !b.mixed, !b.fills
	b.cur.from = ids(b.cur.from)
	return b.cur
}

// add appends known text.
func (b *builder) add(s string, quoted bool) {
	b.w.spend(len(s))
	b.has, b.mixed = true, b.mixed || quoted
	b.cur.sole = b.cur.sole && s == ""
	if !quoted && b.cur.glob == 0 {
		if i := strings.IndexAny(s, "*?["); i >= 0 && (s[i] != '[' || strings.IndexByte(s[i:], ']') > 0) {
			b.cur.glob = len(b.buf) + i + 1
		}
	}
	b.buf = append(b.buf, s...)
}

// miss appends a part whose value is not known.
func (b *builder) miss(n syntax.Node, why string, quoted bool, from []int) {
	raw := b.sh.source(n)
	b.w.spend(len(raw))
	b.has, b.mixed = true, true
	b.cur.sole = len(b.buf) == 0
	b.buf = append(b.buf, raw...)
	b.cur.guess = false
	b.cur.many = b.cur.many || !quoted
	b.cur.open = worse(b.cur.open, why)
	b.holds(from)
}

// holds notes stages whose output is part of the word.
func (b *builder) holds(from []int) {
	b.w.spend(len(from))
	b.cur.from = append(b.cur.from, from...)
}

// put appends what an expansion is known to yield.
func (b *builder) put(v string, quoted bool, from []int) {
	b.mixed = true
	if quoted || !b.split {
		b.add(v, true)
		b.holds(from)
		return
	}
	ifs := " \t\n"
	if v, ok := b.sh.lookup("IFS"); ok && v.open == "" && !v.unset {
		ifs = v.text
	}
	for v != "" {
		i := strings.IndexAny(v, ifs)
		if i < 0 {
			break
		}
		if i > 0 {
			b.add(v[:i], false)
			b.holds(from)
			b.mixed = true
		}
		b.cut()
		v = v[i+1:]
	}
	if v != "" {
		b.add(v, false)
		b.holds(from)
		b.mixed = true
	}
}

func (b *builder) word(wd *syntax.Word) {
	for i, p := range wd.Parts {
		if l, ok := p.(*syntax.Lit); ok {
			text := l.Value
			if i == 0 {
				text = b.tildes(text, len(wd.Parts) == 1)
			}
			b.lit(text)
			continue
		}
		b.part(p, false)
	}
}

// lit adds unquoted text in which a backslash quotes the next character.
func (b *builder) lit(s string) {
	for {
		i := strings.IndexByte(s, '\\')
		if i < 0 || i+1 >= len(s) {
			break
		}
		if i > 0 {
			b.add(s[:i], false)
		}
		if s[i+1] != '\n' {
			b.add(s[i+1:i+2], true)
		}
		s = s[i+2:]
	}
	if s != "" {
		b.add(s, false)
	}
}

// tildes expands ~ at the start of a word, and after the = of one that looks
// like an assignment, and returns the rest.
func (b *builder) tildes(text string, whole bool) string {
	if i := strings.Index(text, "=~"); i > 0 && syntax.ValidName(text[:i]) {
		b.add(text[:i+1], false)
		text = text[i+1:]
	}
	if strings.HasPrefix(text, "~") {
		return b.tilde(text, whole)
	}
	return text
}

// tilde expands the prefix of text and returns the rest.
func (b *builder) tilde(text string, whole bool) string {
	b.fills = true
	user, rest := text[1:], ""
	if i := strings.IndexByte(user, '/'); i >= 0 {
		user, rest = user[:i], user[i:]
	} else if !whole {
		return text // ~"x" is not a tilde-prefix
	}
	dir := b.sh.tilde(user)
	if dir == "" {
		b.cur.open = "the home folder of ~" + user + " is not known"
		b.add("~"+user, true)
		return rest
	}
	b.add(dir, true)
	return rest
}

// tilde returns the folder that ~user stands for, "" if it is not known.
func (sh *shell) tilde(user string) string {
	name := map[string]string{"": "HOME", "+": "PWD", "-": "OLDPWD"}[user]
	if u, ok := sh.lookup("USER"); ok && u.open == "" && u.text == user && user != "" {
		name = "HOME"
	}
	if name != "" {
		v, _ := sh.lookup(name)
		return v.text
	}
	if user == "root" {
		return "/root"
	}
	return ""
}

func (b *builder) part(p syntax.WordPart, quoted bool) {
	b.fills = b.fills || filled(p)
	switch p := p.(type) {
	case *syntax.Lit:
		b.add(unescape(p.Value, "$`\"\\\n"), true)
	case *syntax.SglQuoted:
		text := p.Value
		if p.Dollar {
			text = ansiC(text)
		}
		b.add(text, true)
	case *syntax.DblQuoted:
		if !b.allArgs(p) {
			b.has, b.mixed = true, true
			for _, q := range p.Parts {
				b.part(q, true)
			}
		}
	case *syntax.ParamExp:
		b.param(p, quoted)
	case *syntax.CmdSubst:
		text, why, from := b.w.capture(b.sh, p.Stmts)
		b.mark(text)
		if why == "" {
			b.put(text, quoted, from)
		} else {
			b.miss(p, why, quoted, from)
		}
	case *syntax.ArithmExp:
		if n, ok := b.w.arithm(b.sh, p.X); ok {
			b.put(fmt.Sprint(n), quoted, nil)
		} else {
			b.miss(p, "a number that is not known", true, nil)
		}
	case *syntax.ProcSubst:
		from, to := b.w.process(b.sh, p)
		b.add("/dev/fd/63", true)
		b.holds(from)
		b.cur.to = append(b.cur.to, to...)
	case *syntax.ExtGlob:
		b.add(b.sh.source(p), true)
		if b.cur.glob == 0 {
			b.cur.glob = len(b.buf)
		}
	default:
		b.miss(p, "a kind of expansion that is not understood", quoted, nil)
	}
}

// allArgs expands "$@" and "${a[@]}" standing alone in quotes.
func (b *builder) allArgs(q *syntax.DblQuoted) bool {
	if len(q.Parts) != 1 || !b.split {
		return false
	}
	p, ok := q.Parts[0].(*syntax.ParamExp)
	if !ok || p.Param == nil || lists(p) == "*" { // "$*" is one word
		return false
	}
	words, known, ok := b.sh.elements(p)
	if !ok {
		return false
	}
	if !known {
		b.miss(p, b.sh.source(p)+" is not known", false, nil)
		return true
	}
	for i, f := range words {
		if i > 0 {
			b.cut()
		}
		b.w.spend(len(f.text) + 16)
		b.has, b.mixed = true, true
		b.buf = append(b.buf, f.text...)
		b.holds(f.from)
		b.cur.made = b.cur.made || f.made
		if len(words) == 1 || len(f.under) > 0 {
			b.cur.under = f.under
		}
		if known := b.cur.open; known != worse(known, f.open) {
			b.cur.open, b.cur.guess = f.open, f.guess
		}
	}
	return true
}

// elements returns the words of $@, $* or ${name[@]}; ok if p is one of them.
func (sh *shell) elements(p *syntax.ParamExp) (words []field, known, ok bool) {
	if p.Param == nil || p.Exp != nil || p.Repl != nil || p.Slice != nil || p.Excl || p.Length || len(p.Modifiers) > 0 {
		return nil, false, false
	}
	if name := p.Param.Value; p.Index == nil {
		if name != "@" && name != "*" {
			return nil, false, false
		}
		return sh.args, sh.argsOK, true
	}
	if i, isWord := p.Index.(*syntax.Word); !isWord || i.Lit() != "@" && i.Lit() != "*" {
		return nil, false, false
	}
	v, _ := sh.lookup(p.Param.Value)
	if !v.array || v.open != "" {
		return nil, false, true
	}
	return literals(v.list), true, true
}

// mark notes that a field names what mktemp made.
func (b *builder) mark(text string) {
	if len(b.buf) == 0 && b.w.made[text] {
		b.cur.made = true
	}
}
