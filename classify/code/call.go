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
	case nm == "constructor" && s.is(".") && s.at(s.i+1).text == "name":
	case s.lang.words[nm]:
		s.doubt(nm)
	case nm == "__dict__":
		return value{ref: v.ref + "." + nm, built: true}
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
	case "tmp", "tmpdir", "home":
		if s.lang.bare && !s.is("(") { // Ruby's Dir.mktmpdir
			made, _ := s.computes(s.lang.effect(full), out, nil)
			return made
		}
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
	if v.def != nil {
		v.def.passed = true
	}
	if e := s.lang.effect(v.ref); e != "" && !v.path && !hasWord(passive, strings.TrimPrefix(e, "self ")) {
		s.doubt("hands on " + v.ref)
	}
}

// passive are the effects of what only computes.
const passive = "home homepath homevar python node env parent folder path join same glob below walk names tmp tmpdir module get cwd read open request text"

// call carries out what calling v means.
func (s *scan) call(v value, args []value, keys map[string]value) value {
	if v.def != nil {
		s.invoke(v.def, args, keys)
		return value{}
	}
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
	case "unpack": // runs code that stands in the data
		if s.fetched(arg(0)) {
			s.doubt(v.ref + " of a download")
		}
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

// fetched reports whether a value is what another host answered.
func (s *scan) fetched(v value) bool {
	for i := strings.Index(v.ref, "()"); i >= 0; {
		if strings.HasPrefix(s.lang.effect(v.ref[:i]), "request") {
			return true
		}
		next := strings.Index(v.ref[i+2:], "()")
		if next < 0 {
			break
		}
		i += 2 + next
	}
	return false
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
	case "homepath":
		return value{path: true, ref: "path"}.with(literal(s.scene.Home)), true
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
	case "tmpdir":
		return value{path: true, ref: "path"}.with(literal("/tmp")), true
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
		case hasWord("do execute executescript executemany query raw exec run all get each prepare $queryrawunsafe $executerawunsafe", low) && isSQL(first.text):
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
