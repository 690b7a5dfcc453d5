package code

import (
	"strings"
)

// importing binds the names of an import statement; false if it is none.
func (s *scan) importing(word string) bool {
	end := s.i + 1
	for end < len(s.t) && !(s.t[end].first && s.lang.indent) && s.t[end].text != ";" && !(s.t[end].kind == str && !s.lang.indent) {
		end++
	}
	line := s.t[s.i+1 : min(end, len(s.t))]
	if len(line) > 0 && line[0].text == "(" && word == "import" && !s.lang.indent {
		return false // import("x")
	}
	if !s.lang.indent {
		return s.importFrom(line, end)
	}
	module := ""
	if word == "from" {
		for len(line) > 0 && line[0].text != "import" {
			module += line[0].text
			line = line[1:]
		}
		if len(line) == 0 {
			return false
		}
		line = line[1:]
		module += "."
	}
	for len(line) > 0 {
		full, nm := "", ""
		for len(line) > 0 && line[0].text != "," {
			switch {
			case line[0].text == "as" && len(line) > 1:
				nm = line[1].text
				line = line[1:]
			case line[0].text == "*":
				s.doubtAll(module)
			case line[0].kind == name || line[0].text == ".":
				s.spend(len(full))
				full += line[0].text
			}
			line = line[1:]
		}
		switch {
		case full == "":
		case nm != "":
			s.set(nm, value{ref: s.lang.full(module + full)})
		case module != "":
			s.set(full, value{ref: s.lang.full(module + full)})
		default:
			top, _, _ := strings.Cut(full, ".")
			s.set(top, value{ref: top})
		}
		s.distrust(module + full)
		if len(line) > 0 {
			line = line[1:]
		}
	}
	s.i = end
	return true
}

// doubtAll doubts "from x import *" where the names include some that act.
func (s *scan) doubtAll(module string) {
	for nm, effect := range s.lang.calls {
		if strings.HasPrefix(nm, module) && !hasWord(passive, effect) {
			s.doubt("all names of " + strings.TrimSuffix(module, "."))
		}
	}
}

// importFrom binds the names of JavaScript's import a, {b as c} from "m".
func (s *scan) importFrom(line []token, end int) bool {
	if end >= len(s.t) || s.t[end].kind != str {
		return false
	}
	module := s.lang.full(s.t[end].text)
	s.distrust(module)
	braces := false
	for i, t := range line {
		switch {
		case t.text == "{":
			braces = true
		case t.kind != name || t.text == "as" || t.text == "from" || t.text == "type" || i+1 < len(line) && line[i+1].text == "as" && braces:
		case i > 1 && line[i-1].text == "as" && braces:
			s.set(t.text, value{ref: s.lang.full(module + "." + line[i-2].text)})
		case braces:
			s.set(t.text, value{ref: s.lang.full(module + "." + t.text)})
		default:
			s.set(t.text, value{ref: module})
		}
	}
	s.i = end + 1
	return true
}

// distrust doubts modules whose purpose is to get around the language.
func (s *scan) distrust(module string) {
	top, _, _ := strings.Cut(module, ".")
	if s.lang.dark[top] || s.lang.dark[module] {
		s.doubt("the module " + top)
	}
}
