package code

import "strings"

// function is one that the code defines. Its body is walked where it is called,
// with what it is called with; one that is handed on, or that nothing is seen to
// call, is walked once more with parameters that may be anything.
type function struct {
	params  []string
	rest    string           // the parameter that takes all further arguments
	given   map[string]value // values that parameters have if a call gives none
	body    []token
	calls   int
	passed  bool
	running bool
}

// maxCalls bounds how often one function's body is walked.
const maxCalls = 16

// defining takes a function definition that starts here; false if there is none.
func (s *scan) defining() bool {
	nm, open := s.at(s.i+1), s.at(s.i+2)
	if nm.kind != name || open.text != "(" || s.lang.bare {
		return false
	}
	f := &function{given: map[string]value{}}
	i := s.i + 3
	for depth := 1; i < len(s.t) && depth > 0; i++ {
		switch t, before := s.t[i], s.t[i-1].text; {
		case t.kind == op && strings.Contains("([{", t.text):
			depth++
		case t.kind == op && strings.Contains(")]}", t.text):
			depth--
		case t.kind == name && depth == 1 && hasWord("( , * ...", before):
			f.params = append(f.params, t.text)
			if before == "*" || before == "..." {
				f.rest = t.text
			}
		case t.kind == str && before == "=" && t.parts == nil && len(f.params) > 0:
			f.given[f.params[len(f.params)-1]] = literal(t.text)
		}
	}
	from, end := s.bodyOf(i)
	if from < 0 {
		return false
	}
	f.body = s.t[from:end]
	s.functions = append(s.functions, f)
	s.names[nm.text] = append(s.names[nm.text], value{ref: "def " + nm.text, def: f})
	s.i = end
	return true
}

// bodyOf returns where a function's body starts and ends, whose parameters end
// before i; -1 if there is none.
func (s *scan) bodyOf(i int) (from, end int) {
	stop := ":"
	if !s.lang.indent {
		stop = "{"
	}
	for i < len(s.t) && s.t[i].text != stop {
		if i++; s.at(i).text == ";" {
			return -1, -1
		}
	}
	from, end = i+1, i+1
	if s.lang.indent {
		column := s.column()
		for end < len(s.t) && !(s.t[end].first && s.t[end].at <= column) {
			end++
		}
		return from, end
	}
	for depth := 1; end < len(s.t); end++ {
		switch t := s.t[end]; {
		case t.kind == op && t.text == "{":
			depth++
		case t.kind == op && t.text == "}":
			if depth--; depth == 0 {
				return from, end + 1
			}
		}
	}
	return from, end
}

// column returns where the line of the present token starts.
func (s *scan) column() int {
	for i := s.i; i >= 0; i-- {
		if s.t[i].first {
			return s.t[i].at
		}
	}
	return 0
}

// invoke walks the body of a function with the arguments of a call.
func (s *scan) invoke(f *function, args []value, keys map[string]value) {
	if f.calls++; f.running || f.calls > maxCalls {
		f.passed = true
		return
	}
	for i, p := range f.params {
		v, ok := keys[p]
		if !ok {
			v, ok = f.given[p]
		}
		if i < len(args) {
			v, ok = args[i], true
		}
		if p == f.rest {
			v, ok = value{list: true, items: args[min(i, len(args)):]}, true
		}
		if !ok {
			v = value{}
		}
		s.names[p] = append(s.names[p], v)
	}
	s.body(f)
}

// body walks a function's body and takes its parameters away again.
func (s *scan) body(f *function) {
	f.running = true
	s.program(f.body)
	f.running = false
	for _, p := range f.params {
		s.names[p] = s.names[p][:max(0, len(s.names[p])-1)]
	}
}

// uncalled walks what nothing was seen to call.
func (s *scan) uncalled() {
	for i := 0; i < len(s.functions) && i < maxActs; i++ {
		f := s.functions[i]
		if f.calls > 0 && !f.passed {
			continue
		}
		for _, p := range f.params {
			s.names[p] = append(s.names[p], value{})
		}
		s.body(f)
	}
}
