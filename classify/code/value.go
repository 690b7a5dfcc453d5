package code

import "strings"

// value is what is known about the value of an expression.
type value struct {
	ref   string // the full name of what it is: os.remove, pathlib.Path(); "" if it has none
	text  string // a string or path
	known bool   // text is all of it
	glob  bool   // text is a pattern for one or many paths
	list  bool   // items are its elements
	items []value
	self  *value // what a method was taken from
	keys  map[string]value
	path  bool      // an object for a path
	also  []value   // what it may be instead
	def   *function // what the code defines under this name
	built bool      // reached by a name that was put together
}

func literal(s string) value { return value{text: s, known: true} }

// word returns v as a word of an act.
func (v value) word(what string) Word {
	switch {
	case v.known:
		return Word{Text: v.text}
	case v.glob:
		return Word{Text: v.text, Glob: true}
	}
	return Word{Text: v.text + "...", Open: what + " is not known before the code runs"}
}

// each returns what a loop over v takes.
func (v value) each() value {
	if v.list && len(v.items) > 0 {
		one := v.items[0]
		one.also = append(append([]value{}, one.also...), v.items[1:]...)
		return one
	}
	if v.glob {
		return value{text: v.text, glob: true, path: v.path, ref: v.ref}
	}
	return value{}
}

// joinPath returns the path a/b/c.
func joinPath(vs []value) value {
	if len(vs) == 0 {
		return value{}
	}
	out := vs[0]
	for _, v := range vs[1:] {
		switch {
		case out.known && v.known && strings.HasPrefix(v.text, "/"):
			out.text = v.text
		case out.known && v.known:
			out.text = strings.TrimSuffix(out.text, "/") + "/" + v.text
		case out.known && out.text != "":
			out = value{text: strings.TrimSuffix(out.text, "/") + "/*", glob: true}
		case out.known && v.glob:
			out = v
		case !out.glob:
			return value{}
		}
	}
	return value{text: out.text, known: out.known, glob: out.glob}
}

// plus returns the text of a followed by that of b. Of a path whose end is not
// known, the folder is.
func plus(a, b value) value {
	switch {
	case len(a.text)+len(b.text) > maxText:
	case a.known && b.known:
		return literal(a.text + b.text)
	case b.variable() != "" && (a.known || a.text != ""):
		return value{text: a.text + "${" + b.variable() + "}"}
	case a.known && strings.Contains(a.text, "://"):
		if _, host, _ := strings.Cut(a.text, "://"); strings.ContainsAny(host, "/:") {
			return value{text: a.text + "*", glob: true}
		}
	case a.known && strings.Contains(a.text, "/"):
		return value{text: a.text[:strings.LastIndexByte(a.text, '/')+1] + "*", glob: true}
	case a.glob:
		return value{text: a.text, glob: true}
	}
	return value{text: a.text} // what it starts with
}

// variable returns the name of the environment's variable that v is, "" if it
// is none.
func (v value) variable() string {
	for _, env := range []string{"os.environ.", "process.env.", "Bun.env.", "ENV.", "$_ENV."} {
		if name, ok := strings.CutPrefix(v.ref, env); ok && !v.known && !strings.ContainsAny(name, ".()[]") {
			return name
		}
	}
	return ""
}
