package code

import "strings"

// arguments returns the words between the bracket at i and the one that closes it,
// and the place of that; without a bracket, those up to the end of the line.
func (b *built) arguments(i int) ([]Word, int) {
	var out []Word
	bare := b.at(i).kind != op
	depth, from, end := 0, i+1, i
	if bare {
		from, depth = i, 1
	}
	for end = i; end < len(b.t); end++ {
		t := b.t[end]
		if bare && t.first && end > i {
			break
		}
		if t.kind != op {
			continue
		}
		switch t.text {
		case "(":
			depth++
		case "[", "{":
			if from == end || b.at(end-1).text == "!" || b.at(end-1).text == "&" { // args(["x", "y"]), vec!["x"], &["x"]
				from = end + 1
			}
		case ")":
			depth--
		case ",", "]", "}":
			if depth == 1 {
				out = b.argument(out, b.t[from:end])
				from = end + 1
			}
		}
		if depth == 0 {
			break
		}
	}
	b.work += 8 + end - i
	return b.argument(out, b.t[min(from, len(b.t)):min(max(end, from), len(b.t))]), end
}

// argument adds the word that some tokens are.
func (b *built) argument(out []Word, t []token) []Word {
	for len(t) > 0 && t[0].kind == op && t[0].text != "-" {
		t = t[1:]
	}
	if len(t) == 0 {
		return out
	}
	plus := false
	for _, one := range t {
		plus = plus || one.text == "+"
	}
	if t[0].kind == str && !plus && !strings.Contains(t[0].text, "${") {
		return append(out, Word{Text: t[0].text})
	}
	names, texts := map[string]bool{}, []string{}
	b.mentions(t, names, &texts, 0)
	return append(out, b.place(names, texts))
}

// mentions collects the names and strings that some tokens come to.
func (b *built) mentions(t []token, names map[string]bool, texts *[]string, depth int) {
	b.work += len(t)
	for _, one := range t {
		switch {
		case one.kind == str:
			*texts = append(*texts, one.text)
		case one.kind == name && !names[one.text] && len(names) < 40:
			names[one.text] = true
			if depth < 4 {
				b.mentions(b.given[one.text], names, texts, depth+1)
			}
		}
	}
}

// place returns the path that names and strings speak of, where that is home or a
// place of the code's own.
func (b *built) place(names map[string]bool, texts []string) Word {
	home, own, below := false, false, ""
	for nm := range names {
		home, own = home || homeNames[nm], own || ownPlaces[nm]
	}
	for _, text := range texts {
		switch {
		case toolVariables[text] != "":
			return Word{Text: toolVariables[text]}
		case text == "HOME" || text == "user.home":
			home = true
		case ownPlaces[text]:
			own = true
		case strings.Contains(text, ".."):
			return Word{Text: "...", Open: "a value is not known before the code runs"}
		case strings.HasPrefix(text, "/") || !strings.ContainsAny(text, " %"):
			below = "/" + strings.Trim(text, "/")
		}
	}
	switch {
	case home && b.home != "" && len(texts) <= 2:
		return Word{Text: b.home + below}
	case own && !home:
		return Word{Text: "/tmp/tmp.made-by-code"}
	}
	return Word{Text: "...", Open: "a value is not known before the code runs"}
}

// toolVariables name the tools that a build is done with.
var toolVariables = map[string]string{"CARGO": "cargo", "RUSTC": "rustc", "RUSTDOC": "rustdoc", "CC": "cc", "CXX": "c++", "PYTHON": "python3"}
