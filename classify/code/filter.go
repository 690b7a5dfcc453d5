package code

import (
	"path"
	"strings"
)

var awkLang = &language{comments: []string{"#"}, sigils: "$", regex: true, reach: set("")}

// readAwk finds what an awk program starts and writes: system(), pipes, and
// redirections of print.
func readAwk(text string) Result {
	toks, ok := lex(awkLang, text, 0)
	s := &scan{lang: awkLang, doubted: map[string]bool{}}
	if !ok {
		s.doubt("code that is not well formed")
	}
	s.t = toks
	printing, depth := false, 0
	for i, t := range toks {
		next := s.at(i + 1)
		if t.first || t.kind == op && strings.Contains(";}{", t.text) {
			printing, depth = false, 0
		}
		switch {
		case t.kind == name && (t.text == "print" || t.text == "printf"):
			printing = true
		case t.kind == name && (t.text == "system" || t.text == "close") && next.text == "(":
			if t.text == "system" {
				s.target("line", i+2)
			}
		case t.kind == op && (t.text == "(" || t.text == "["):
			depth++
		case t.kind == op && (t.text == ")" || t.text == "]"):
			depth--
		case t.kind == op && t.text == "|" && next.text == "getline":
			s.target("line", i-1)
		case t.kind == op && t.text == "<" && (s.at(i-1).text == "getline" || s.at(i-2).text == "getline"):
			s.target("read", i+1)
		case t.kind == op && t.text == "|" && next.text == "&":
			s.doubt("a program that awk talks to")
		case t.kind == op && t.text == "|":
			s.target("line", i+1)
		case t.kind == op && (t.text == ">" || t.text == ">>") && printing && depth == 0:
			s.target("write", i+1)
		case t.kind == op && t.text == "@":
			s.doubt("code that awk loads")
		}
	}
	return Result{s.acts, s.doubts}
}

// target records an act on the operand at i, which has to be one string. What
// is written may have a name whose end is computed.
func (s *scan) target(kind string, i int) {
	t, after := s.at(i), s.at(i+1)
	alone := i+1 >= len(s.t) || after.first || after.kind == op && strings.Contains(";})|", after.text) || after.text == "getline"
	switch {
	case t.kind == str && alone:
		s.act(kind, literal(t.text))
	case t.kind == str && kind == "write":
		s.act(kind, value{text: path.Join(path.Dir(t.text+"x"), "*"), glob: true})
	case kind == "read":
	case kind == "write":
		s.act(kind, value{})
	default:
		s.doubt("a program whose name is computed")
	}
}

// readSed finds what a sed script runs (e, s///e) and writes (w, s///w).
func readSed(text string) Result {
	var r Result
	for rest, n := text, 0; rest != ""; n++ {
		if n > 1000 {
			r.Doubts = append(r.Doubts, "a script that is too long")
			break
		}
		rest = strings.TrimLeft(rest, " \t\n;{}")
		rest = skipAddress(rest)
		if rest == "" {
			break
		}
		c := rest[0]
		line, after, _ := strings.Cut(rest[1:], "\n")
		switch c {
		case 'e':
			if cmd := strings.TrimSpace(line); cmd != "" {
				r.Acts = append(r.Acts, Act{"line", []Word{{Text: cmd}}})
			} else {
				r.Doubts = append(r.Doubts, "runs its input")
			}
			rest = after
		case 'w', 'W':
			r.Acts = append(r.Acts, Act{"write", []Word{{Text: strings.TrimSpace(line)}}})
			rest = after
		case 'r', 'R':
			r.Acts = append(r.Acts, Act{"read", []Word{{Text: strings.TrimSpace(line)}}})
			rest = after
		case 'a', 'i', 'c', '#', ':', 'b', 't', 'T':
			for strings.HasSuffix(line, `\`) && after != "" && strings.IndexByte("aic", c) >= 0 {
				line, after, _ = strings.Cut(after, "\n")
			}
			if strings.IndexByte("bt", c) >= 0 {
				_, after, _ = strings.Cut(rest[1:], ";")
			}
			rest = after
		case 's', 'y':
			rest = r.substitute(rest)
		default:
			rest = rest[1:]
		}
	}
	return r
}

// substitute reads s/a/b/flags and returns what follows.
func (r *Result) substitute(text string) string {
	if len(text) < 2 {
		return ""
	}
	end, i := text[1], 2
	for n := 0; n < 2 && i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '[':
			if j := strings.IndexByte(text[min(i+2, len(text)):], ']'); n == 0 && j >= 0 && !strings.Contains(text[i:i+2+j], "\n") && end != ']' {
				i += 2 + j
			}
		case end:
			n++
		}
	}
	flags := i
	for i < len(text) && strings.IndexByte("0123456789gpiImMe", text[i]) >= 0 {
		i++
	}
	if text[0] == 's' && strings.Contains(text[min(flags, len(text)):min(i, len(text))], "e") {
		r.Doubts = append(r.Doubts, "runs what a substitution makes")
	}
	if i < len(text) && text[i] == 'w' && text[0] == 's' {
		line, after, _ := strings.Cut(text[i+1:], "\n")
		r.Acts = append(r.Acts, Act{"write", []Word{{Text: strings.TrimSpace(line)}}})
		return after
	}
	return text[min(i, len(text)):]
}

// skipAddress removes 1,5 /x/,$ and ! before a command.
func skipAddress(text string) string {
	for text != "" {
		switch c := text[0]; {
		case c >= '0' && c <= '9' || strings.IndexByte("$,! ~+", c) >= 0:
			text = text[1:]
		case c == '/' || c == '\\' && len(text) > 2:
			if c == '\\' {
				text = text[1:]
			}
			_, n, ok := delimited(text)
			if !ok {
				return ""
			}
			text = strings.TrimLeft(text[n:], "IM")
		default:
			return text
		}
	}
	return text
}
