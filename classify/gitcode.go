package classify

import (
	"iter"
	"strings"
)

// gitCode walks the commands that git starts at each step: rebase --exec,
// bisect run, submodule foreach, difftool --extcmd, grep --open-files-in-pager;
// and what an alias that it is given stands for.
func (w *walk) gitCode(sh *shell, s *Stage, a *reading, c command) {
	in := a.elsewhere(sh).child(s.Env)
	in.parent, in.via, in.root, in.loop = s.ID, append(sh.via[:len(sh.via):len(sh.via)], "git"), sh.root, true
	in.stdin, in.stdout = input{kind: "null"}, c.redir.stdout
	for key, value := range gitSettings(s, a) {
		if strings.HasPrefix(strings.ToLower(key), "alias.") {
			w.gitAlias(in.fork(), s, value)
		}
	}
	w.noteOwn(s, a)
	switch s.Sub {
	case "checkout":
		w.checkout(sh, s, a, c)
	case "rebase":
		w.gitLines(in, s, a, "x", "exec")
	case "difftool":
		w.gitLines(in, s, a, "x", "extcmd")
	case "grep":
		w.gitLines(in, s, a, "O", "open-files-in-pager")
	case "submodule foreach", "submodule--helper foreach":
		if len(a.operands) > 0 {
			w.laterLine(in, s, joined(a.operands))
		}
	case "bisect run", "bisect--helper run":
		if len(a.operands) > 0 {
			in.program = true
			s.Payload = &Payload{Kind: "inline", Lang: "shell", Text: quoteArgv(texts(a.operands))}
			n := len(w.stages)
			w.exec(in, command{words: a.operands, redir: redirection{stdin: in.stdin, stdout: in.stdout}, bare: true})
			s.Payload.Read = w.clear(s.ID, n)
		}
	}
}

// checkout adds the paths that stand behind -- in the words of git checkout, and the
// one that its only word names, if the scene says that there is one: git then takes
// it for a file and not for a branch.
func (w *walk) checkout(sh *shell, s *Stage, a *reading, c command) {
	for _, f := range behind(c.words, func(f field) bool { return f.text == "--" }) {
		s.Paths = append(s.Paths, w.path(a.elsewhere(sh), f, "write"))
	}
	if len(s.Paths) > 0 {
		return
	}
	if len(a.operands) != 1 || a.anyFlag("b B orphan detach d t track") || sh.remote {
		return
	}
	p := w.path(a.elsewhere(sh), a.operands[0], "write")
	if p.Exists == "yes" {
		s.Paths = append(s.Paths, p)
		return
	}
	w.want("path", p.Path)
}

// gitSettings are the settings that a stage makes, for itself or for later, in
// the order they are made.
func gitSettings(s *Stage, a *reading) iter.Seq2[string, field] {
	return func(yield func(string, field) bool) {
		for _, o := range a.options {
			if o.name != "c" && o.name != "config" {
				continue
			}
			f := o.value
			key, value, ok := strings.Cut(f.text, "=")
			if f.text = value; ok && !yield(key, f) {
				return
			}
		}
		words := a.operands
		if s.Sub != "config" || len(words) == 0 {
			return
		}
		if words[0].text == "set" || words[0].text == "add" {
			words = words[1:]
		}
		if len(words) > 1 {
			yield(words[0].text, words[1])
		}
	}
}

// gitAlias walks what an alias stands for: a line for a shell behind !, else a
// subcommand.
func (w *walk) gitAlias(in *shell, s *Stage, f field) {
	line, shell := strings.CutPrefix(strings.TrimSpace(f.text), "!")
	if f.text = line; !shell {
		f.text = "git " + line
	}
	w.laterLine(in, s, f)
}

// gitLines walks each value of an option as a line for a shell.
func (w *walk) gitLines(in *shell, s *Stage, a *reading, names ...string) {
	for _, o := range a.options {
		for _, name := range names {
			if o.name == name {
				w.laterLine(in.fork(), s, o.value)
			}
		}
	}
}

// laterLine walks a line that a stage has a shell run, now or later, beside
// others of its kind.
func (w *walk) laterLine(in *shell, s *Stage, text field) {
	unread := s.Payload != nil && !s.Payload.Read
	w.inlineShell(in, s, text)
	s.Payload.Read = s.Payload.Read && !unread
}
