package classify

import (
	"slices"
	"strings"
)

// makefile walks what make runs, where its rules are at hand: on its standard
// input, or in a file that the line wrote or that is not the project's.
func (w *walk) makefile(sh *shell, s *Stage, a *reading, c command) {
	f, given := a.value("f", "file", "makefile")
	if dir, ok := a.value("C", "directory"); ok {
		sh = sh.fork()
		sh.cwd = join(sh.cwd, dir.text)
	}
	switch {
	case given && (f.text == "-" || f.text == "/dev/stdin" || strings.HasPrefix(f.text, "/dev/fd/")):
		s.Payload = &Payload{Kind: "stdin", Lang: "make"}
		if c.redir.stdin.kind != "text" || f.text != "-" {
			w.doubt(s.ID, "stdin", "runs what another program writes")
			return
		}
		s.Payload.Text = c.redir.stdin.text
		if c.redir.stdin.plain {
			s.Payload.Kind = "heredoc"
		}
	default:
		if s.Payload = w.rulesFile(sh, s, f, given); s.Payload == nil || s.Payload.Text == "" {
			return
		}
	}
	n := len(w.stages)
	in := sh.child(s.Env)
	in.parent, in.root, in.remote, in.filled = s.ID, sh.root, sh.remote, true
	in.via = append(sh.via[:len(sh.via):len(sh.via)], "make")
	in.stdin, in.stdout = input{kind: "null"}, c.redir.stdout
	targets := slices.DeleteFunc(texts(a.operands), func(t string) bool { return strings.Contains(t, "=") })
	w.spend(16 * len(s.Payload.Text))
	for _, line := range readRules(s.Payload.Text).commands(targets) {
		w.line(in.fork(), line)
	}
	s.Payload.Read = w.clear(s.ID, n)
}

// rulesFile returns the payload of a file of rules, nil if it is the project's
// own.
func (w *walk) rulesFile(sh *shell, s *Stage, f field, given bool) *Payload {
	if sh.remote {
		return nil
	}
	if !given {
		for _, name := range []string{"GNUmakefile", "makefile", "Makefile"} {
			if b, ok := w.file(sh, join(sh.cwd, name)); ok {
				return &Payload{Kind: "script", Lang: "make", Text: b.text, Read: b.known}
			}
		}
		return nil
	}
	abs := join(sh.cwd, f.text)
	if _, written := w.files[abs]; !written && w.place.zone(abs) == "workspace" {
		return nil
	}
	w.scriptFile(sh, s, f, "make")
	return s.Payload
}

// rules are a makefile's, as far as its commands matter.
type rules struct {
	first string
	vars  map[string]string
	deps  map[string][]string
	lines map[string][]string
	all   []string // commands that run when it is read
}

func readRules(text string) *rules {
	r := &rules{vars: map[string]string{"RM": "rm -f", "MAKE": "make", "CURDIR": "$PWD", "SHELL": "sh"}, deps: map[string][]string{}, lines: map[string][]string{}}
	var now []string
	for line := range strings.SplitSeq(strings.ReplaceAll(text, "\\\n", " "), "\n") {
		if cmd, ok := strings.CutPrefix(line, "\t"); ok {
			for _, t := range now {
				r.lines[t] = append(r.lines[t], strings.TrimLeft(cmd, " \t@-+"))
			}
			continue
		}
		line, _, _ = strings.Cut(line, " #")
		i := strings.IndexAny(line, ":=")
		if i < 0 || strings.HasPrefix(line, "#") {
			continue
		}
		eq := strings.IndexByte(line, '=')
		if eq >= 0 && strings.Trim(line[i:eq], ":?+!") == "" {
			r.assign(strings.Trim(line[:eq], " :?+!"), strings.TrimSpace(line[eq+1:]))
			continue
		}
		now = r.target(line[:i], strings.TrimLeft(line[i:], ":"))
	}
	return r
}

func (r *rules) assign(name, v string) {
	name = strings.TrimPrefix(strings.TrimPrefix(name, "export "), "override ")
	if strings.Contains(v, "$(shell ") {
		r.all = append(r.all, ": "+r.expand(v, ""))
	}
	r.vars[name] = r.expand(v, "")
}

func (r *rules) target(names, rest string) []string {
	deps, cmd, has := strings.Cut(rest, ";")
	now := strings.Fields(names)
	for _, t := range now {
		if r.first == "" && !strings.HasPrefix(t, ".") {
			r.first = t
		}
		r.deps[t] = append(r.deps[t], strings.Fields(deps)...)
		if has {
			r.lines[t] = append(r.lines[t], strings.TrimLeft(cmd, " @-+"))
		}
	}
	return now
}

// commands returns the lines that making targets would run.
func (r *rules) commands(targets []string) []string {
	if len(targets) == 0 {
		targets = []string{r.first}
	}
	out, done := slices.Clone(r.all), map[string]bool{}
	for len(targets) > 0 {
		t := targets[0]
		targets = targets[1:]
		if done[t] {
			continue
		}
		done[t] = true
		targets = append(targets, r.deps[t]...)
		for _, line := range r.lines[t] {
			out = append(out, r.expand(line, t))
		}
	}
	return out
}

// expand writes make's variables as a shell would find them: those that the
// file does not set come from the environment.
func (r *rules) expand(line, target string) string {
	var b strings.Builder
	for i := 0; i < len(line); i++ {
		if line[i] != '$' || i+1 == len(line) || b.Len() > maxRetry {
			b.WriteByte(line[i])
			continue
		}
		i++
		end := strings.IndexByte("({", line[i])
		if end < 0 {
			b.WriteString(map[byte]string{'$': "$", '@': target}[line[i]])
			if line[i] != '$' && line[i] != '@' {
				b.WriteString("$MADE")
			}
			continue
		}
		name, n := bracketed(line[i:])
		i += n - 1
		v, set := r.vars[name]
		fn, arg, call := strings.Cut(name, " ")
		switch {
		case set && len(v) < 4096:
			b.WriteString(v)
		case call && fn == "shell":
			b.WriteString("$(" + arg + ")")
		case call && fn == "wildcard":
			b.WriteString(arg)
		case call:
			b.WriteString("$MADE")
		default:
			b.WriteString("${" + name + "}")
		}
	}
	return b.String()
}

// bracketed returns what stands between s[0] and the bracket that closes it,
// and how long all of it is.
func bracketed(s string) (string, int) {
	depth := 0
	for i := range len(s) {
		switch s[i] {
		case '(', '{':
			depth++
		case ')', '}':
			if depth--; depth == 0 {
				return s[1:i], i + 1
			}
		}
	}
	return s[1:], len(s)
}
