package classify

import (
	"path"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// command is a simple command on its way to become a stage.
type command struct {
	words []field
	env   []Assign
	redir redirection
	from  []int // stages whose output stands in the words
	to    []int // stages that read what the words' >(..) receive
	bare  bool  // not a function or alias: command, builtin, exec
}

// redirection is what a command's redirections come to.
type redirection struct {
	list   []Redirect
	stdin  input
	stdout *pipe
	from   []int
	to     []int
	open   []string
}

// visible reports whether a redirection touches a file or another process.
func (r redirection) visible() bool {
	for _, one := range r.list {
		if one.Path != nil {
			return true
		}
	}
	return len(r.open) > 0 || len(r.to) > 0
}

// argv walks words that are executed directly.
func (w *walk) argv(sh *shell, words []string) {
	if len(words) == 0 {
		return
	}
	sh.program = true
	w.exec(sh, command{words: literals(words), redir: redirection{stdin: sh.stdin}})
}

// call walks a simple command as the parser sees it.
func (w *walk) call(sh *shell, c *syntax.CallExpr, redirs []*syntax.Redirect) {
	if w.aliased(sh, c, redirs) {
		return
	}
	cmd := command{words: w.fields(sh, c.Args)}
	for _, a := range c.Assigns {
		if len(c.Args) > 0 { // for this command only
			env, f := w.assign(sh.fork(), a, true)
			cmd.env, cmd.from = append(cmd.env, env), append(cmd.from, f.from...)
			continue
		}
		env, f := w.assign(sh, a, false)
		cmd.env, cmd.from = append(cmd.env, env), append(cmd.from, f.from...)
	}
	cmd.redir = w.redirects(sh, redirs)
	if len(cmd.words) == 0 {
		w.nameless(sh, cmd)
		return
	}
	w.exec(sh, cmd)
}

// aliased walks an alias of the line. A shell that is not interactive does not
// expand aliases, so the command under its own name is walked too.
func (w *walk) aliased(sh *shell, c *syntax.CallExpr, redirs []*syntax.Redirect) bool {
	if len(c.Args) == 0 {
		return false
	}
	name := c.Args[0].Lit()
	text, ok := sh.alias(name)
	if !ok || name == "" || slices.Contains(sh.active, "alias "+name) {
		return false
	}
	from := int(c.Args[0].End().Offset())
	to := int(c.End().Offset())
	if len(redirs) > 0 {
		to = max(to, int(redirs[len(redirs)-1].End().Offset()))
	}
	active := append(sh.active[:len(sh.active):len(sh.active)], "alias "+name)
	expanded, plain := sh.fork(), sh.fork()
	expanded.active, plain.active, expanded.filled = active, active, true
	w.line(expanded, text+sh.src[min(from, len(sh.src)):min(to, len(sh.src))])
	w.call(plain, c, redirs)
	expanded.active, plain.active, expanded.filled = sh.active, sh.active, sh.filled
	sh.join(expanded, plain)
	return true
}

// exec walks a command whose words are expanded.
func (w *walk) exec(sh *shell, c command) {
	w.spend(16 * len(c.words))
	first := c.words[0]
	for _, f := range c.words {
		c.from, c.to = append(c.from, f.from...), append(c.to, f.to...)
	}
	if bases := w.bases(first); len(bases) > 0 {
		for _, base := range bases {
			w.inFolder(sh, c, base)
		}
		return
	}
	if !first.usable() {
		w.program(sh, c)
		for len(c.words) > 0 && c.words[0].vanishes() {
			c.words = c.words[1:]
		}
		if len(c.words) > 0 && c.words[0].usable() {
			filled := sh.filled
			sh.filled = true
			w.exec(sh, c)
			sh.filled = filled
		}
		return
	}
	name := first.text
	if !sh.program && !strings.Contains(name, "/") {
		if f, ok := sh.function(name); ok && !c.bare {
			w.invoke(sh, name, f, c)
			return
		}
		if w.builtin(sh, c, name) {
			return
		}
	}
	w.note(sh, c, len(w.stages))
	if dir, sub, ok := strings.Cut(name, "/git-core/git-"); ok && dir != "" && sub != "" && first.glob == 0 {
		c.words = append([]field{literal("git"), {text: sub, whole: first.whole}}, c.words[1:]...)
	}
	if base := baseName(name); first.glob == 0 && (isLoader(base) && w.load(sh, c, base) || w.unwrap(sh, c, base)) {
		return
	}
	w.launched(sh, w.program(sh, c), c)
}

// base returns the last part of a word whose folder is not known, such as
// $GOPATH/bin/air, where that is what stands there.
func (f field) base() string {
	i := strings.LastIndexByte(f.text, '/')
	if f.usable() || i < 0 || f.glob > 0 {
		return ""
	}
	name := f.text[i+1:]
	if strings.Trim(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-") != "" || strings.Trim(name, ".") == "" {
		return ""
	}
	return name
}

// bases returns the names that a program in an unknown folder may have: those
// that stand at the end of the word, or those that which and command -v look for.
func (w *walk) bases(f field) []string {
	if base := f.base(); base != "" {
		return []string{base}
	}
	if f.usable() || !f.sole {
		return nil
	}
	var out []string
	for _, id := range f.from {
		s := w.stages[id]
		looks := s.Name == "which" || (s.Name == "command" || s.Name == "type") && len(s.Args) == 2 && hasWord("-v -p -P", s.Args[0])
		if !looks || len(s.Opaque) > 0 || len(s.Args) == 0 || dashed(field{text: s.Args[len(s.Args)-1]}) {
			return nil
		}
		out = append(out, baseName(s.Args[len(s.Args)-1]))
	}
	return out
}

// inFolder walks a program whose name is known and whose folder is not.
func (w *walk) inFolder(sh *shell, c command, base string) {
	why, n := c.words[0].open, len(w.stages)
	in := sh.fork()
	in.program = true
	c.words = slices.Clone(c.words)
	c.words[0] = field{text: base, from: c.words[0].from}
	w.exec(in, c)
	if n < len(w.stages) {
		w.doubt(n, "folder", why)
	}
}

// baseName is the name under which a program is known.
func baseName(name string) string {
	if name == "" || name == "." {
		return name
	}
	b := path.Base(name)
	return strings.TrimPrefix(strings.TrimPrefix(strings.TrimSuffix(b, ".exe"), "zf_"), "=") // zsh: zf_rm is an rm of its own, =rm the path of rm
}

// add appends a stage with its circumstances and connections.
func (w *walk) add(sh *shell, c command, s *Stage) int {
	if len(w.stages) >= maxStages {
		panic(refusal{ErrTooMuch})
	}
	id := len(w.stages)
	s.ID, s.Parent, s.Cwd = id, sh.parent, sh.cwd
	s.Via, s.Raise = slices.Clone(sh.via), slices.Clone(sh.raise)
	s.Root, s.Remote, s.Loop, s.Background = sh.root, sh.remote, sh.loop, sh.detach
	s.Redirects = c.redir.list
	s.Env = append(s.Env, w.environment(sh, c.env)...)
	s.Takes = ids(append(slices.Clone(c.from), c.redir.from...))
	s.ReadsFrom = ids(c.redir.stdin.from)
	w.stages = append(w.stages, s)
	w.spend(len(s.ReadsFrom) + len(s.Takes))
	for _, from := range s.ReadsFrom {
		w.stages[from].WritesTo = append(w.stages[from].WritesTo, id)
	}
	for _, to := range ids(append(slices.Clone(c.to), c.redir.to...)) {
		s.WritesTo = append(s.WritesTo, to)
		w.stages[to].ReadsFrom = ids(append(w.stages[to].ReadsFrom, id))
	}
	if p := c.redir.stdout; p != nil {
		p.writers = append(p.writers, id)
		p.unsure = p.unsure || sh.cond != p.cond || sh.spins != p.spins
	}
	for _, why := range c.redir.open {
		w.doubt(id, "redirect", why)
	}
	return id
}

// environment adds to a command's own assignments what the line exported.
func (w *walk) environment(sh *shell, own []Assign) []Assign {
	all := slices.DeleteFunc(sh.exports(), func(a Assign) bool {
		return slices.ContainsFunc(own, func(o Assign) bool { return o.Name == a.Name })
	})
	all = append(all, own...)
	w.spend(16 * len(all))
	return all
}

// program adds the stage of a program or builtin and returns its number.
func (w *walk) program(sh *shell, c command) int {
	first := c.words[0]
	s := &Stage{Args: texts(c.words[1:])}
	if first.usable() {
		s.Name = baseName(first.text)
		if strings.Contains(first.text, "/") {
			s.Path = join(sh.cwd, first.text)
		}
		s.Builtin = !sh.program && !strings.Contains(first.text, "/") && isBuiltin(s.Name)
	}
	for _, f := range c.words {
		c.from, c.to = append(c.from, f.from...), append(c.to, f.to...)
	}
	id := w.add(sh, c, s)
	if s.Builtin {
		w.names(sh, s.Name, c.words[1:])
	}
	switch {
	case first.open != "" && first.guess:
		w.doubt(id, "folder", first.open)
	case first.open != "":
		w.doubt(id, "program", first.open)
	case first.glob > 0:
		s.Name = ""
		w.doubt(id, "program", first.text+" stands for whatever matches it")
	}
	for _, f := range c.words[1:] {
		if f.open != "" {
			w.doubt(id, "argument", f.open)
		}
	}
	a := w.read(sh, s, c.words)
	w.paths(sh, s, a, first)
	w.peers(s, a)
	w.statements(s, a, c)
	w.code(sh, s, a, c)
	s.Opaque = slices.DeleteFunc(s.Opaque, func(o Opaque) bool { // said better
		return o.Where == "argument" && slices.Contains(s.Opaque, Opaque{s.ID, "payload", o.Reason})
	})
	w.produce(sh, s, a, c)
	return id
}

func texts(fs []field) []string {
	out := make([]string, len(fs))
	for i, f := range fs {
		out[i] = f.text
	}
	return out
}

// ids sorts stage numbers and removes duplicates.
func ids(s []int) []int {
	slices.Sort(s)
	return slices.Compact(s)
}

func set(m map[string]bool) []string {
	out := make([]string, 0, len(m))
	for k := range m {
		out = append(out, k)
	}
	slices.Sort(out)
	return out
}

// quoteArgv writes words so that a POSIX shell reads them back.
func quoteArgv(words []string) string {
	out := make([]string, len(words))
	for i, s := range words {
		out[i] = quote(s)
	}
	return strings.Join(out, " ")
}

func quote(s string) string {
	safe := s != "" && strings.IndexFunc(s, func(r rune) bool {
		return !(r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("%+,-./:=@_", r))
	}) < 0
	if safe {
		return s
	}
	return "'" + strings.ReplaceAll(s, "'", `'\''`) + "'"
}
