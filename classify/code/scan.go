package code

import (
	"strings"
)

// scan walks tokens in the order in which they stand and evaluates what is
// literal.
type scan struct {
	lang      *language
	scene     Scene
	names     map[string][]value // all that a name was ever given
	t         []token
	i         int
	depth     int
	inside    bool // between brackets, where a comma ends an element
	work      int
	functions []*function
	acts      []Act
	doubts    []string
	doubted   map[string]bool
}

func (s *scan) doubt(why string) {
	if !s.doubted[why] && len(s.doubts) < maxActs {
		s.doubted[why] = true
		s.doubts = append(s.doubts, why)
	}
}

// spend ends the walk where it takes too long.
func (s *scan) spend(n int) {
	if s.work += n; s.work > maxWork {
		s.doubt("code that is too involved")
		s.i = len(s.t)
	}
}

// program walks some code and returns the value of its last expression.
func (s *scan) program(toks []token) value {
	t, i, inside := s.t, s.i, s.inside
	s.t, s.i, s.inside = toks, 0, false
	var v value
	if s.depth++; s.depth < maxDepth {
		for s.i < len(s.t) {
			if !s.is(";") && !s.is(",") { // const a = 1, b = 2
				v = s.statement()
				continue
			}
			s.i++
		}
	} else {
		s.doubt("code that is nested too deeply")
	}
	s.depth--
	s.t, s.i, s.inside = t, i, inside
	return v
}

func (s *scan) at(i int) token {
	if i < 0 || i >= len(s.t) {
		return token{kind: op}
	}
	return s.t[i]
}

func (s *scan) is(text string) bool {
	t := s.at(s.i)
	return t.text == text && (t.kind == op || t.kind == name)
}

// statement walks one statement, or a piece of one, and moves on.
func (s *scan) statement() value {
	start := s.i
	v := s.step()
	if s.i == start {
		s.i++
	}
	return v
}

func (s *scan) step() value {
	t := s.at(s.i)
	if t.kind == name {
		switch {
		case (t.text == "import" || t.text == "from") && s.lang.imports && s.importing(t.text):
			return value{}
		case hasWord(s.lang.funcs, t.text) && s.defining():
			return value{}
		case t.text == "for" || t.text == "foreach":
			s.i++
			s.loop()
			return value{}
		case hasWord("const let var my our local global nonlocal public private static", t.text):
			s.i++
			return s.step()
		}
	}
	if o := s.at(s.i + 1); t.kind == name && o.kind == op && hasWord("+= .= ||= -= *= |= &= /= ??= :=", o.text) {
		old := s.lookup(t.text)
		s.i += 2
		v := s.expr()
		if o.text != ":=" {
			v = plus(old, v)
		}
		s.set(t.text, v)
		return v
	}
	if n := s.assignment(); n > 0 {
		target := s.t[s.i : s.i+n-1]
		s.i += n
		v := s.expr()
		s.bind(target, v)
		return v
	}
	v := s.expr()
	if s.is("as") && s.at(s.i+1).kind == name { // with open(x) as f
		s.set(s.at(s.i+1).text, v)
		s.i += 2
	}
	return v
}

// assignment returns how many tokens of TARGET = stand here; 0 if none do.
func (s *scan) assignment() int {
	depth := 0
	for n := 0; n < 40; n++ {
		t := s.at(s.i + n)
		switch {
		case t.kind != op && t.kind != name, n > 0 && t.first && depth == 0, t.text == ";" && t.kind == op,
			t.text == "," && depth == 0 && s.inside:
			return 0
		case t.text == "=" && n > 0 && depth == 0:
			return n + 1
		case strings.Contains("([{", t.text) && t.kind == op:
			if n > 0 && t.text != "[" {
				return 0
			}
			depth++
		case strings.Contains(")]}", t.text) && t.kind == op:
			if depth--; depth < 0 {
				return 0
			}
		case t.kind == op && t.text != "," && t.text != "." && t.text != ":" && t.text != "*":
			return 0
		}
	}
	return 0
}

// bind gives the names of target a value: x, const {a, b: c}, a, b.
func (s *scan) bind(target []token, v value) {
	if len(target) == 1 {
		s.set(target[0].text, v)
		return
	}
	if len(target) == 3 && target[1].text == ":" { // x: str = ..
		s.set(target[0].text, v)
		return
	}
	if target[len(target)-2].text == "." || target[0].kind == name && target[1].text == "[" {
		return // a field of something
	}
	n := 0
	for i, t := range target {
		if t.kind != name || i+1 < len(target) && target[i+1].text == ":" {
			continue
		}
		field := t.text
		if i > 0 && target[i-1].text == ":" && i > 1 {
			field = target[i-2].text
		}
		switch {
		case target[0].text == "{" && v.ref != "":
			s.set(t.text, value{ref: s.lang.full(v.ref + "." + field)})
		case v.list && n < len(v.items):
			s.set(t.text, v.items[n])
		default:
			s.set(t.text, value{})
		}
		n++
	}
}

func (s *scan) set(nm string, v value) {
	if len(s.names[nm]) < 8 {
		all := v.also
		v.also = nil
		s.names[nm] = append(append(s.names[nm], all...), v)
	}
}

// lookup returns what a name stands for: the last value it was given, and
// those before.
func (s *scan) lookup(nm string) value {
	vs := s.names[nm]
	if len(vs) == 0 {
		return value{ref: s.lang.full(nm)}
	}
	last := len(vs) - 1
	for i := last; i >= 0 && vs[last].ref == "" && !vs[last].known; i-- {
		if vs[i].ref != "" { // a module's name that is also a parameter's
			last = i
		}
	}
	v := vs[last]
	v.also = append(append([]value{}, vs[:last]...), vs[last+1:]...)
	return v
}

// loop binds the names of "for x in y" and of "for (const x of y)".
func (s *scan) loop() {
	i := s.i
	for i < s.i+8 && (s.at(i).text == "(" || hasWord("const let var my await", s.at(i).text)) {
		i++
	}
	from := i
	for i < from+12 && s.at(i).text != "in" && s.at(i).text != "of" {
		if s.at(i).kind != name && s.at(i).text != "," && s.at(i).text != "(" && s.at(i).text != ")" {
			return
		}
		i++
	}
	if i == from || s.at(i).kind != name {
		return
	}
	target := s.t[from:i]
	s.i = i + 1
	v := s.expr()
	one := v.each()
	if len(target) == 1 {
		s.set(target[0].text, one)
		return
	}
	n := 0
	for _, t := range target {
		if t.kind == name {
			var item value
			if one.list && n < len(one.items) {
				item = one.items[n]
			}
			s.set(t.text, item)
			n++
		}
	}
}

func hasWord(list, word string) bool {
	for w := range strings.FieldsSeq(list) {
		if w == word {
			return true
		}
	}
	return false
}
