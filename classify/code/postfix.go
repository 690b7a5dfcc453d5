package code

import (
	"strconv"
	"strings"
)

// postfix walks what follows an operand: members, calls, indexes.
func (s *scan) postfix(v value) value {
	for s.i < len(s.t) {
		t := s.t[s.i]
		if t.first && s.lang.lines && t.text != "." {
			return v
		}
		switch {
		case t.kind == op && t.text == "." && s.at(s.i+1).kind == name:
			s.i += 2
			v = s.member(v, s.t[s.i-1].text)
		case t.kind == op && t.text == ".":
			s.i++
		case t.kind == op && t.text == "(":
			v = s.called(v)
		case t.kind == op && t.text == "[":
			v = s.index(v)
		case t.kind == str && s.lang.template && s.lang.effect(v.ref) != "":
			s.i++
			v = s.call(v, []value{s.text(t)}, nil)
		case s.lang.bare && !t.first && (t.kind == str || t.kind == name && !s.lang.skips[t.text] && !hasWord("do if unless and or while until in x", t.text) || t.kind == number) && s.lang.effect(v.ref) != "":
			v = s.call(v, s.bareArgs(), nil)
		case s.lang.bare && !t.first && t.text == "*" && s.at(s.i+1).kind == str && s.lang.effect(v.ref) != "": // exec *%w[..]
			s.i++
			v = s.call(v, s.bareArgs(), nil)
		case s.lang.bare && (t.text == "{" || t.text == "do") && s.at(s.i+1).text == "|" && s.at(s.i+2).kind == name:
			var one value
			switch {
			case v.self != nil:
				one = v.self.each()
			case v.path: // Dir.mktmpdir do |dir|
				one = v
			}
			s.set(s.at(s.i+2).text, one)
			s.i += 4
			return v
		default:
			return v
		}
	}
	return v
}

// bareArgs walks the arguments of a call without brackets.
func (s *scan) bareArgs() []value {
	var args []value
	for s.i < len(s.t) {
		args = append(args, s.expr())
		if !s.is(",") {
			break
		}
		s.i++
	}
	return args
}

// called walks the arguments of a call and the call itself.
func (s *scan) called(v value) value {
	if v.self != nil && !s.lang.indent { // xs.forEach(x => ..)
		i := s.i + 1
		if s.at(i).text == "(" {
			i++
		}
		after := s.at(i + 1).text
		if s.at(i).kind == name && (after == "=>" || after == ")" && s.at(i+2).text == "=>") && len(s.names[s.at(i).text]) == 0 {
			s.set(s.at(i).text, v.self.each())
		}
	}
	keys := map[string]value{}
	args := s.group(keys)
	return s.call(v, args, keys)
}

func (s *scan) index(v value) value {
	start := s.i
	items := s.group(nil)
	if v.ref == "" && !v.list {
		return value{}
	}
	if len(items) != 1 || s.i-start < 3 {
		return value{}
	}
	at := items[0]
	if v.ref == "globals()" || v.ref == "locals()" || v.ref == "vars()" {
		return value{ref: v.ref + "[]", built: true}
	}
	switch {
	case s.lang.effect(v.ref+"[]") != "":
		return s.call(value{ref: v.ref + "[]"}, items, nil)
	case v.ref == s.lang.args && at.known:
		return s.argument(at.text)
	case v.list && at.known:
		if n, err := strconv.Atoi(at.text); err == nil && n >= 0 && n < len(v.items) && len(v.also) == 0 {
			return v.items[n]
		}
		return v.each()
	case at.known && strings.Trim(at.text, "0123456789") != "":
		return s.member(v, at.text)
	}
	return value{ref: v.ref + "[]", built: !at.known}
}

// argument returns a word that the code was given.
func (s *scan) argument(n string) value {
	if len(n) == 1 && n[0] > '0' && int(n[0]-'1') < len(s.scene.Args) {
		return literal(s.scene.Args[n[0]-'1'])
	}
	return value{}
}
