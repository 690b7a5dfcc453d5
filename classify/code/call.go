package code

import (
	"path"
	"strings"
)

// member returns what v.nm is.
func (s *scan) member(v value, nm string) value {
	self := v
	self.self = nil
	full := s.lang.full(v.ref + "." + nm)
	switch {
	case v.ref == "":
		full = ""
		if v.known || v.glob {
			full = "text." + nm
		}
	case s.lang.words[nm]:
		s.doubt(nm)
	case s.lang.closed[v.ref] && s.lang.effect(full) == "":
		s.doubt(full)
	}
	s.spend(len(full))
	out := value{ref: full, self: &self, built: v.built}
	switch s.lang.effect(full) {
	case "python":
		return literal("python3")
	case "node":
		return literal("node")
	case "homevar":
		return literal(s.scene.Home)
	case "parent":
		if v.known {
			return value{ref: v.ref, path: true}.with(literal(path.Dir(v.text)))
		}
		return value{ref: v.ref, path: true}.with(v)
	case "doubt":
		s.doubt(full)
	}
	if full == "" {
		out.ref = "?." + nm
	}
	if s.lang.bare && s.lang.effect(full) == "" { // a call needs no brackets
		s.harsh(nm)
	}
	return out
}

// harsh doubts methods whose names say that they destroy or send something.
func (s *scan) harsh(nm string) {
	low := strings.ToLower(nm)
	for _, w := range s.lang.harsh {
		if strings.HasPrefix(low, w) {
			s.doubt(nm)
			return
		}
	}
}

// handed doubts what acts if it is passed on for others to call.
func (s *scan) handed(v value) {
	if e := s.lang.effect(v.ref); e != "" && !v.path && !hasWord(passive, strings.TrimPrefix(e, "self ")) {
		s.doubt("hands on " + v.ref)
	}
}

// passive are the effects of what only computes.
const passive = "home homevar python node env parent folder path join same glob below walk names tmp module get cwd read open request text"

// call carries out what calling v means.
func (s *scan) call(v value, args []value, keys map[string]value) value {
	if s.lang.callable && (v.known || strings.HasPrefix(v.ref, "$")) { // $f("x")
		if !v.known {
			s.doubt("calls a name that is not known")
		}
		v.ref = v.text
	}
	e := s.lang.effect(v.ref)
	if rest, ok := strings.CutPrefix(e, "self "); ok {
		e = rest
		if v.self != nil {
			args = append([]value{*v.self}, args...)
		}
	}
	if v.built || strings.HasPrefix(v.ref, "&$") {
		s.doubt("calls a name that is put together")
	}
	if e == "" {
		if v.self != nil && (v.ref == "?.join" || v.ref == "text.join") {
			return joined(*v.self, args)
		}
		return s.stranger(v, args)
	}
	arg := func(i int) value {
		if i < len(args) {
			return args[i]
		}
		return value{}
	}
	if made, ok := s.computes(e, v, args); ok {
		return made
	}
	word, rest, _ := strings.Cut(e, " ")
	switch word {
	case "line":
		s.act("line", arg(0))
	case "run":
		s.run(args, keys)
	case "words": // of an argv, one by one
		s.act("argv", args...)
	case "write", "append", "read":
		s.act(word, arg(0))
	case "open":
		s.open(arg(0), arg(1), keys)
	case "popen":
		s.perlOpen(args)
	case "load": // sys.path.insert(0, "/tmp/x")
		s.act("load", args[max(0, len(args)-1):]...)
	case "sql":
		s.sql(arg(0))
	case "eval":
		s.eval(arg(0))
	case "doubt":
		s.doubt(v.ref)
	case "callback":
		for _, a := range args {
			if a.known && s.lang.effect(a.text) != "" {
				s.doubt(v.ref)
			}
		}
	case "request":
		s.request(rest, args, keys)
	case "connect":
		s.connect(args)
	case "kill":
		s.act("argv", literal("kill"), signal(arg(1)), arg(0))
	case "chmod":
		s.act("argv", literal("chmod"), mode(arg(1)), arg(0))
	case "do": // do rm -r: a program with the arguments as operands
		s.do(rest, args, keys)
	}
	return value{ref: v.ref + "()"}
}

// joined returns ["a", "b"].join("-") and "-".join(["a", "b"]).
func joined(self value, args []value) value {
	list, sep := self, literal("")
	if len(args) > 0 {
		sep = args[0]
	}
	if !list.list && sep.list {
		list, sep = sep, self
	}
	if !list.list {
		return value{}
	}
	out := literal("")
	for i, v := range list.items {
		if i > 0 {
			out = plus(out, sep)
		}
		out = plus(out, v)
	}
	return out
}

// computes carries out what only computes; ok if e is that.
func (s *scan) computes(e string, v value, args []value) (value, bool) {
	first := value{}
	if len(args) > 0 {
		first = args[0]
	}
	switch e {
	case "home":
		return literal(s.scene.Home), true
	case "env":
		if first.text == "HOME" {
			return literal(s.scene.Home), true
		}
		return value{ref: "os.environ." + first.text}, true
	case "text":
		return value{}, true
	case "cwd":
		return value{path: true, ref: "path"}.with(literal(".")), true
	case "tmp":
		return value{path: true, ref: "path"}.with(literal("/tmp/tmp.made-by-code")), true
	case "same":
		if home, ok := strings.CutPrefix(first.text, "~"); ok && first.known && (home == "" || home[0] == '/') && s.scene.Home != "" {
			first = first.with(literal(s.scene.Home + home))
		}
		return first, true
	case "path":
		return value{path: true, ref: "path"}.with(joinPath(args)), true
	case "join":
		return joinPath(args).as(first), true
	case "folder":
		if first.known {
			return literal(path.Dir(first.text)).as(first), true
		}
		return first, true
	case "glob":
		return value{glob: true, path: first.path, ref: first.ref}.with(pattern(args)), true
	case "below":
		return value{glob: true, path: first.path, ref: first.ref}.with(pattern(args[:min(1, len(args))])), true
	case "walk":
		top := pattern(args[:min(1, len(args))])
		return value{list: true, items: []value{{list: true, items: []value{top}}}}, true
	case "names":
		return value{list: true}, true
	case "module":
		if !first.known {
			s.doubt("a module whose name is not known")
			return value{built: true, ref: "?"}, true
		}
		s.distrust(s.lang.full(first.text))
		return value{ref: s.lang.full(first.text)}, true
	case "get": // getattr(x, "y")
		if len(args) > 1 && args[1].known {
			return s.member(first, args[1].text), true
		}
		s.doubt("a name that is put together")
		return value{built: true, ref: "?"}, true
	}
	return value{}, false
}

func (v value) as(like value) value {
	v.path = like.path
	if like.path {
		v.ref = like.ref
	}
	return v
}

// pattern returns what stands for the files below a folder.
func pattern(args []value) value {
	all := append([]value{}, args...)
	if len(all) < 2 && !(len(all) == 1 && strings.ContainsAny(all[0].text, "*?[")) {
		all = append(all, literal("*"))
	}
	if len(all) == 0 || !all[0].known && !all[0].glob {
		return value{}
	}
	v := joinPath(all)
	return value{text: v.text, glob: v.text != ""}
}

// act records that code does something; once for each value that its words may
// have.
func (s *scan) act(kind string, words ...value) {
	n := 1
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
		if len(s.acts) < maxActs {
			s.acts = append(s.acts, a)
		} else {
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

// stranger calls what is in no table: the project's own functions, a
// library's. Their names may tell.
func (s *scan) stranger(v value, args []value) value {
	last := v.ref[strings.LastIndexByte(v.ref, '.')+1:]
	if strings.HasSuffix(v.ref, "()") || v.ref == "" {
		return value{ref: v.ref}
	}
	if strings.Contains(v.ref, ".git.") { // Repo(".").git.push("--force")
		s.act("argv", append([]value{literal("git"), literal(strings.ReplaceAll(last, "_", "-"))}, args...)...)
		return value{ref: v.ref + "()"}
	}
	if strings.Contains(v.ref, ".") {
		low := strings.ToLower(last)
		if low != "truncate" || len(args) > 0 || !s.lang.indent { // f.truncate(): of a file that is open
			s.harsh(last)
		}
		first := value{}
		if len(args) > 0 {
			first = args[0]
		}
		switch {
		case hasWord("execute executescript executemany query raw exec run all get each prepare $queryrawunsafe $executerawunsafe", low) && isSQL(first.text):
			s.sql(first)
		case hasWord("post put patch request", low) && strings.Contains(first.text, "://"):
			s.request(low, []value{first}, nil)
		case hasWord("exec execsync system spawn spawnsync popen execcommand", low) && first.known && !hasWord("text", strings.Split(v.ref, ".")[0]) && strings.Contains(strings.TrimSpace(first.text), " "):
			s.act("line", first)
		}
	}
	if len(args) > 0 && isSQL(args[0].text) { // text("select ..")
		return args[0]
	}
	return value{ref: v.ref + "()"}
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
