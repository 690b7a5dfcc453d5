package code

import (
	"slices"
	"strings"
)

// act records that code does something; once for each value that its words may
// have.
func (s *scan) act(kind string, words ...value) {
	n, first := 1, len(s.acts)
	for _, w := range words {
		n = max(n, len(w.also)+1)
	}
	for k := range min(n, 8) {
		a := Act{Kind: kind}
		for _, w := range words {
			if k > 0 && len(w.also) > 0 {
				w = w.also[min(k-1, len(w.also)-1)]
			}
			a.Words = append(a.Words, w.word("a value"))
		}
		switch {
		case slices.ContainsFunc(s.acts[first:], func(b Act) bool { return slices.Equal(a.Words, b.Words) }):
		case len(s.acts) < maxActs:
			s.acts = append(s.acts, a)
		default:
			s.doubt("code that does too much")
		}
	}
}

// run starts a program: from a list of words, or from a line for a shell.
func (s *scan) run(args []value, keys map[string]value) {
	if len(args) == 0 {
		args = []value{keys["args"]}
	}
	words := args[0]
	opts := keys
	for _, a := range args[1:] {
		if a.keys != nil {
			opts = a.keys
		}
	}
	inShell := opts["shell"].ref != "" && opts["shell"].ref != "False" && opts["shell"].ref != "false"
	if given := opts["args"]; given.list && !words.list { // Deno.Command("rm", {args: ["x"]})
		s.act("argv", append([]value{words}, given.items...)...)
		return
	}
	if words.list { // run(["rm", "-r", "x"])
		s.act("argv", words.items...)
		return
	}
	if len(args) > 1 && args[1].list && !inShell { // spawn("rm", ["-r", "x"])
		s.act("argv", append([]value{words}, args[1].items...)...)
		return
	}
	if len(args) > 1 && args[1].list {
		for _, w := range args[1].items {
			words = plus(plus(words, literal(" ")), w)
		}
	} else if len(args) > 1 && args[1].keys == nil && !s.lang.indent && (args[1].known || args[1].glob) { // system("rm", "-r", "x")
		s.act("argv", args...)
		return
	}
	s.act("line", words)
}

// do runs a program on files that are the arguments.
func (s *scan) do(line string, args []value, keys map[string]value) {
	prog := strings.Fields(line)
	words := []value{}
	for _, a := range args {
		if a.keys != nil {
			keys = a.keys
			continue
		}
		if a.list {
			words = append(words, a.items...)
			continue
		}
		words = append(words, a)
	}
	if most := map[string]int{"rm": 1, "rmdir": 1, "mkdir": 1, "mv": 2, "cp": 2, "ln": 2, "touch": 1, "truncate": 1}[prog[0]]; !s.lang.many && most > 0 && len(words) > most {
		words = words[:most]
	}
	if prog[0] == "rm" && (keys["recursive"].ref != "" && keys["recursive"].ref != "false") {
		prog = append(prog, "-r")
	}
	out := []value{}
	for _, p := range prog {
		out = append(out, literal(p))
	}
	s.act("argv", append(out, words...)...)
}

// open opens a file in some mode.
func (s *scan) open(file, how value, keys map[string]value) {
	if k, ok := keys["mode"]; ok {
		how = k
	}
	if s.lang.pipes && file.known && strings.HasPrefix(file.text, "|") { // open("|cmd")
		s.act("line", literal(file.text[1:]))
		return
	}
	kind := "read"
	switch mode := how.text; {
	case strings.ContainsAny(mode, "w+x"):
		kind = "write"
	case strings.Contains(mode, "a"):
		kind = "append"
	case !how.known && how.ref != "":
		kind = "write"
	}
	s.act(kind, file)
}

// perlOpen opens a file or a program: open(F, ">x"), open(F, ">", "x"),
// open(F, "-|", "cmd").
func (s *scan) perlOpen(args []value) {
	if len(args) < 2 {
		s.doubt("open")
		return
	}
	how, file := args[1], value{}
	if len(args) > 2 {
		file = args[2]
	} else if how.known {
		mode := strings.Trim(how.text, "+<>|: ")
		file = literal(mode)
	}
	switch {
	case !how.known:
		s.doubt("open")
	case strings.Contains(how.text, "|"):
		s.act("line", file)
	case strings.Contains(how.text, ">"):
		s.act("write", file)
	default:
		s.act("read", file)
	}
}

// request fetches a URL, or sends something there.
func (s *scan) request(method string, args []value, keys map[string]value) {
	url := value{}
	if len(args) > 0 {
		url = args[0]
	}
	if method == "any" && len(args) > 1 {
		method, url = args[0].text, args[1]
	}
	if u, ok := keys["url"]; ok {
		url = u
	}
	for _, a := range args {
		if a.keys != nil {
			keys = a.keys
		}
	}
	if m, ok := keys["method"]; ok {
		if method = m.text; !m.known {
			method = "POST"
		}
	}
	words := []value{literal("curl")}
	method = strings.ToUpper(method)
	body := false
	for _, k := range []string{"data", "json", "files", "body", "content"} {
		_, ok := keys[k]
		body = body || ok
	}
	if method == "" && body {
		method = "POST"
	}
	if method != "" && method != "GET" && method != "HEAD" && method != "OPTIONS" {
		words = append(words, literal("-X"), literal(method))
	}
	if body {
		words = append(words, literal("-d"), literal("..."))
	}
	s.act("argv", append(words, url)...)
}

// connect opens a connection to a host and port.
func (s *scan) connect(args []value) {
	if len(args) > 0 && args[0].list {
		args = args[0].items
	}
	words := []value{literal("nc")}
	for _, a := range args[:min(2, len(args))] {
		if a.known || a.glob || len(words) == 1 {
			words = append(words, a)
		}
	}
	s.act("argv", words...)
}

// sql records a statement.
func (s *scan) sql(v value) {
	s.act("sql", v)
}

// eval walks code that code runs.
func (s *scan) eval(v value) {
	if !v.known {
		s.doubt("code that runs code")
		return
	}
	toks, ok := lex(s.lang, v.text, s.depth)
	if !ok {
		s.doubt("code that is not well formed")
		return
	}
	s.program(toks)
}

func isSQL(text string) bool {
	verb, _, _ := strings.Cut(strings.ToLower(strings.TrimSpace(text)), " ")
	return hasWord("select insert update delete drop truncate alter create grant revoke with replace merge pragma vacuum", verb)
}

// signal returns kill's option for a signal.
func signal(v value) value {
	if !v.known {
		t := v.ref[strings.LastIndexByte(v.ref, '.')+1:]
		if strings.HasPrefix(t, "SIG") {
			return literal("-" + t)
		}
		return literal("-TERM")
	}
	return literal("-" + strings.TrimPrefix(v.text, "-"))
}

// mode returns chmod's operand for a mode.
func mode(v value) value {
	if v.known {
		return literal(strings.TrimPrefix(strings.TrimPrefix(v.text, "0o"), "0O"))
	}
	return v
}
