package code

import (
	"strings"
)

// expr walks one expression: operands and operators up to a comma, a closing
// bracket, or the end of the line where that ends a statement.
func (s *scan) expr() value {
	if s.depth++; s.depth >= maxDepth {
		s.doubt("code that is nested too deeply")
		s.i = len(s.t)
	}
	v := s.operand()
	for s.i < len(s.t) {
		t := s.t[s.i]
		if t.kind != op || t.first && s.lang.lines || strings.Contains(",)]};:=>", t.text) {
			break
		}
		s.i++
		o := s.operand()
		switch {
		case t.text == "+":
			v = plus(v, o)
		case t.text == "/" && v.path:
			v = value{ref: v.ref, path: true}.with(joinPath([]value{v, o}))
		case t.text == "||" || t.text == "?":
			v = value{also: append(append(v.also, v), o)}
		default:
			v = value{}
		}
	}
	s.depth--
	return v
}

func (v value) with(text value) value {
	v.text, v.known, v.glob = text.text, text.known, text.glob
	return v
}

// operand walks what stands between two operators.
func (s *scan) operand() value {
	for s.i < len(s.t) {
		t := s.t[s.i]
		if t.kind == name && s.lang.skips[t.text] || t.kind == op && t.text != "" && strings.Contains(`!-+~*&@\...**`, t.text) {
			s.i++
			continue
		}
		break
	}
	s.spend(8)
	if s.i >= len(s.t) {
		return value{}
	}
	t := s.t[s.i]
	var v value
	switch {
	case t.kind == str:
		s.i++
		v = s.text(t)
		for s.lang.indent && s.at(s.i).kind == str {
			v = plus(v, s.text(s.t[s.i]))
			s.i++
		}
	case t.kind == shell:
		s.i++
		s.act("line", s.text(t))
	case t.kind == number:
		s.i++
		v = literal(t.text)
	case t.kind == regex:
		s.i++
		s.text(t)
	case t.kind == name:
		s.i++
		v = s.named(t)
	case t.text == "(" || t.text == "[":
		items := s.group(nil)
		v = value{list: true, items: items}
		if t.text == "(" && len(items) == 1 {
			v = items[0]
		}
	case t.text == "{":
		keys := map[string]value{}
		s.group(keys)
		v = value{keys: keys}
	default:
		return value{}
	}
	return s.postfix(v)
}

// text returns the value of a string.
func (s *scan) text(t token) value {
	if t.parts == nil {
		return literal(t.text)
	}
	v := literal("")
	for _, p := range t.parts {
		one := literal(p.text)
		if p.code != nil {
			one = s.program(p.code)
		}
		v = plus(v, one)
	}
	return v
}

func (s *scan) named(t token) value {
	switch {
	case t.text == "constructor": // of a class that is defined here
		return value{}
	case s.lang.words[t.text]:
		s.doubt(t.text)
	case s.lang == perlLang && (t.text == "do" || t.text == "require"):
		if next := s.at(s.i); next.kind == str || next.kind == name && strings.ContainsAny(next.text[:1], "$@") {
			s.doubt(t.text + " of a file")
		}
		return value{}
	case t.text == "lambda":
		for s.i < len(s.t) && !s.is(":") {
			s.i++
		}
		s.i++
		return s.expr().nothing()
	case hasWord(s.lang.funcs, t.text):
		for s.i < len(s.t) && !s.is("(") && !s.is("{") && !s.is(":") && !s.t[s.i].first {
			s.i++
		}
		if s.is("(") {
			s.parameters()
		}
		return value{}
	}
	return s.lookup(t.text)
}

func (v value) nothing() value { return value{} }

// parameters notes that a function's parameters may have other values than the
// names had outside.
func (s *scan) parameters() {
	for s.i < len(s.t) && !s.is(")") {
		before := s.at(s.i - 1).text
		if t := s.t[s.i]; t.kind == name && (before == "(" || before == ",") && len(s.names[t.text]) > 0 {
			s.set(t.text, value{})
		}
		s.i++
	}
}

// group walks what stands in brackets and returns its elements; keys, if not
// nil, takes what is named in it.
func (s *scan) group(keys map[string]value) []value {
	s.i++
	s.comprehension()
	var items []value
	for s.i < len(s.t) {
		t := s.t[s.i]
		if t.kind == op && (t.text == ")" || t.text == "]" || t.text == "}") {
			s.i++
			break
		}
		if t.kind == op && (t.text == "," || t.text == ";") {
			s.i++
			continue
		}
		key := ""
		next := s.at(s.i + 1).text
		if (t.kind == name || t.kind == str) && s.at(s.i+1).kind == op && (next == ":" || next == "=" || next == "=>") {
			if key = t.text; next != "=" || keys != nil || s.lang.named {
				if next == "=>" && keys == nil && t.kind == name { // x => ..
					s.names[t.text] = append(s.names[t.text], value{})
				}
				s.i += 2
			} else {
				key = ""
			}
		}
		start, before := s.i, len(items)
		v := s.element()
		if s.i == start {
			s.i++
			continue
		}
		if key != "" && keys != nil {
			keys[key] = v
			continue
		}
		if key == "" && before == len(items) {
			s.handed(v)
			items = append(items, v)
		}
	}
	return items
}

// element walks one element of a list: usually one expression, but a function
// or a condition is several.
func (s *scan) element() value {
	outer := s.inside
	s.inside = true
	defer func() { s.inside = outer }()
	v := s.statement()
	for s.i < len(s.t) {
		if t := s.t[s.i]; t.kind == op && t.text != "" && strings.Contains(",)]};", t.text) {
			return v
		}
		s.statement()
		v = value{}
	}
	return v
}

// comprehension binds the names of "f(x) for x in y" before f(x) is walked.
func (s *scan) comprehension() {
	if !s.lang.indent {
		return
	}
	depth := 0
	for i := s.i; i < len(s.t) && depth >= 0; i++ {
		s.spend(1)
		switch t := s.t[i]; {
		case t.kind == op && (t.text == "(" || t.text == "[" || t.text == "{"):
			depth++
		case t.kind == op && (t.text == ")" || t.text == "]" || t.text == "}"):
			depth--
		case t.kind == name && t.text == "for" && depth == 0:
			here, acts := s.i, len(s.acts)
			s.i = i + 1
			s.loop()
			s.i = here
			s.acts = s.acts[:acts] // they are walked again
		}
	}
}
