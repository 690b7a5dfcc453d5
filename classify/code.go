package classify

// code states what code a stage runs, and walks it where it is for a shell.
func (w *walk) code(sh *shell, s *Stage, a *reading, c command) {
	name := family(s.Name)
	switch {
	case name == "shell":
		w.shellCode(sh, s, a, c)
	case s.Name == "source" && s.Builtin || s.Name == "." && s.Builtin:
		if len(a.operands) > 0 {
			w.scriptFile(sh, s, a.operands[0], "shell")
		}
	case name == "awk":
		w.awk(sh, s, a)
	case name == "sed" || name == "gsed":
		w.sed(sh, s, a)
	case name == "tar":
		w.filters(sh, s, a)
	case name == "git":
		w.gitCode(sh, s, a, c)
	case hasWord("cmake npm mvn mvnw", name):
		w.buildCode(sh, s, a, c)
	case name == "make" || name == "gmake":
		w.makefile(sh, s, a, c)
	case name == "m4":
		w.m4(sh, s, c)
	case s.Path != "":
		w.ownFile(sh, s, a, c)
	}
	w.escaped(sh, s, a, c)
	w.starts(sh, s, c)
	w.project(sh, s, a)
	w.givenCode(sh, s, c)
	if file, ok := compiled(s, a); ok {
		w.compiles(sh, s, file)
	}
	w.builds(sh, s, a, c.redir.stdin)
	if in, ok := interpreters[name]; ok {
		w.interpreted(sh, s, a, c, in)
	} else if len(c.words) > 1 {
		w.evaluated(sh, s, c.words[1:], name, c.redir.stdin)
	}
	w.edits(sh, s)
}

func (w *walk) shellCode(sh *shell, s *Stage, a *reading, c command) {
	if a.anyFlag("n version help") {
		return
	}
	child := sh.child(s.Env)
	child.parent, child.program, child.via, child.root = s.ID, false, sh.via, sh.root
	child.stdin, child.stdout = c.redir.stdin, c.redir.stdout
	switch {
	case a.flags["c"] && len(a.operands) > 0:
		text := a.operands[0]
		if len(a.operands) > 1 {
			child.args = a.operands[2:min(2, len(a.operands))]
			child.args = a.operands[min(2, len(a.operands)):]
			if f := a.operands[1]; f.open == "" {
				child.self = f.text
			}
		}
		w.inlineShell(child, s, text)
	case len(a.operands) > 0 && !a.flags["s"]:
		child.args = a.operands[1:]
		if child.enter(join(sh.cwd, a.operands[0].text), a.operands[0], s.Name) {
			w.scriptFile(sh, s, a.operands[0], "shell")
			w.runScript(child, s)
		}
	default:
		child.args = a.operands
		w.fromInput(child, s, c.redir.stdin)
	}
}

// inlineShell walks the text of sh -c.
func (w *walk) inlineShell(child *shell, s *Stage, text field) {
	s.Payload = &Payload{Kind: "inline", Lang: "shell", Text: text.text}
	if text.unread() {
		w.doubt(s.ID, "payload", text.open)
		if !text.guess {
			s.Payload.Text = ""
			w.glimpse(child, s.ID, text)
			return
		}
	}
	s.Payload.Read = true
	child.filled = child.filled || !text.whole
	w.runScript(child, s)
}

// runScript walks a payload whose text is known, and says whether all of it
// was understood.
func (w *walk) runScript(child *shell, s *Stage) {
	if s.Payload == nil || !s.Payload.Read {
		return
	}
	n := len(w.stages)
	doubts := len(s.Opaque)
	child.filled = child.filled || s.Payload.written
	w.line(child, s.Payload.Text)
	s.Payload.Read = len(s.Opaque) == doubts && w.clear(s.ID, n)
}
