package classify

// gitCode walks the commands that git starts at each step: rebase --exec,
// bisect run, submodule foreach, difftool --extcmd, grep --open-files-in-pager.
func (w *walk) gitCode(sh *shell, s *Stage, a *reading, c command) {
	in := a.elsewhere(sh).child(s.Env)
	in.parent, in.via, in.root, in.loop = s.ID, append(sh.via[:len(sh.via):len(sh.via)], "git"), sh.root, true
	in.stdin, in.stdout = input{kind: "null"}, c.redir.stdout
	switch s.Sub {
	case "rebase":
		w.gitLines(in, s, a, "x", "exec")
	case "difftool":
		w.gitLines(in, s, a, "x", "extcmd")
	case "grep":
		w.gitLines(in, s, a, "O", "open-files-in-pager")
	case "submodule foreach":
		if len(a.operands) > 0 {
			w.laterLine(in, s, joined(a.operands))
		}
	case "bisect run":
		if len(a.operands) > 0 {
			in.program = true
			s.Payload = &Payload{Kind: "inline", Lang: "shell", Text: quoteArgv(texts(a.operands))}
			n := len(w.stages)
			w.exec(in, command{words: a.operands, redir: redirection{stdin: in.stdin, stdout: in.stdout}, bare: true})
			s.Payload.Read = w.clear(s.ID, n)
		}
	}
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
