package classify

import (
	"strings"
)

// interpreter says how a program takes code.
type interpreter struct {
	lang   string
	inline string // options whose value is code
	info   string // options with which it runs none
	module string // options that name installed code
}

var interpreters = map[string]interpreter{
	"python":    {lang: "python", inline: "c", info: "V version h help", module: "m"},
	"pypy":      {lang: "python", inline: "c", info: "V version h help", module: "m"},
	"perl":      {lang: "perl", inline: "e E", info: "v V h"},
	"ruby":      {lang: "ruby", inline: "e", info: "v version h help"},
	"node":      {lang: "node", inline: "e eval p print", info: "v version h help", module: "test"},
	"bun":       {lang: "node", inline: "e eval p print", info: "v version h help"},
	"php":       {lang: "php", inline: "r run B R E", info: "v version h help i m", module: "S"},
	"lua":       {lang: "unknown", inline: "e", info: "v"},
	"osascript": {lang: "unknown", inline: "e"},
}

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
		w.awk(s, a)
	case name == "make" || name == "gmake":
		w.makefile(s, a, c)
	case s.Path != "":
		w.ownFile(sh, s, a, c)
	}
	if in, ok := interpreters[name]; ok {
		w.interpreted(sh, s, a, c, in)
	}
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
		}
		w.inlineShell(child, s, text)
	case len(a.operands) > 0 && !a.flags["s"]:
		child.args = a.operands[1:]
		w.scriptFile(sh, s, a.operands[0], "shell")
		w.runScript(child, s)
	default:
		child.args = a.operands
		w.fromInput(child, s, c.redir.stdin)
	}
}

// inlineShell walks the text of sh -c.
func (w *walk) inlineShell(child *shell, s *Stage, text field) {
	s.Payload = &Payload{Kind: "inline", Lang: "shell", Text: text.text}
	if text.open != "" {
		w.doubt(s.ID, "payload", text.open)
		if !text.guess {
			s.Payload.Text = ""
			w.glimpse(child, s.ID, text)
			return
		}
	}
	s.Payload.Read = true
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
	w.line(child, s.Payload.Text)
	s.Payload.Read = len(s.Opaque) == doubts && w.clear(s.ID, n)
}

// scriptFile sets the payload of a stage that runs a file: its text is known
// if the line wrote it or the scene has it.
func (w *walk) scriptFile(sh *shell, s *Stage, f field, lang string) {
	s.Payload = &Payload{Kind: "script", Lang: lang}
	if strings.HasPrefix(f.text, "/dev/fd/") || f.text == "/dev/stdin" || f.text == "-" {
		s.Payload.Kind = "stdin"
		w.doubt(s.ID, "stdin", "runs what another program writes")
		return
	}
	if f.open != "" && !f.guess {
		w.doubt(s.ID, "payload", f.open)
		return
	}
	abs := join(sh.cwd, f.text)
	if abs == "" || sh.remote {
		return
	}
	if b, ok := w.files[abs]; ok {
		s.Payload.Text, s.Payload.Read = b.text, b.known
		s.Takes = ids(append(s.Takes, b.from...))
		if !b.known {
			w.doubt(s.ID, "payload", "runs a file that the line itself writes")
		}
		return
	}
	o := w.scene[Query{Op: "text", Path: abs}]
	if o == nil {
		if lang == "shell" {
			w.want("text", abs)
		}
		return
	}
	if o.Error == "" && o.Exists != "no" {
		s.Payload.Text, s.Payload.Read = o.Text, true
	}
}

// ownFile handles a program given by path: what the line wrote, or a shell
// script in reach of the agent, is walked.
func (w *walk) ownFile(sh *shell, s *Stage, a *reading, c command) {
	zone := w.place.zone(s.Path)
	_, written := w.files[s.Path]
	if sh.remote || zone == "system" && !written || zone == "device" || zone == "null" {
		return
	}
	w.scriptFile(sh, s, field{text: s.Path}, "shell")
	if p := s.Payload; p.Text == "" && !written {
		s.Payload = nil // a program, for all that is known
		return
	}
	if s.Payload.Lang = shebang(s.Payload.Text); s.Payload.Lang != "shell" {
		s.Payload.Read = false
		return
	}
	child := sh.child(s.Env)
	child.parent, child.program = s.ID, false
	child.args = a.operands
	child.stdin, child.stdout = c.redir.stdin, c.redir.stdout
	w.runScript(child, s)
}

// shebang returns the language of a script; without a first line that names
// one a shell runs it.
func shebang(text string) string {
	line, _, _ := strings.Cut(text, "\n")
	rest, ok := strings.CutPrefix(line, "#!")
	if !ok {
		return "shell"
	}
	for _, word := range strings.Fields(rest) {
		name := family(baseName(word))
		if name == "shell" {
			return "shell"
		}
		if in, ok := interpreters[name]; ok {
			return in.lang
		}
	}
	return "unknown"
}

// fromInput sets the payload of a stage that runs its standard input.
func (w *walk) fromInput(child *shell, s *Stage, in input) {
	p := &Payload{Kind: "stdin", Lang: "shell"}
	switch in.kind {
	case "terminal", "null":
		return
	case "text":
		p.Text, p.Read = in.text, true
		if in.plain {
			p.Kind = "heredoc"
		}
	case "file":
		s.Payload = p
		w.scriptFile(child, s, field{text: in.path}, "shell")
		if !s.Payload.Read {
			w.doubt(s.ID, "stdin", "runs a file that was not read")
		}
	default:
		if in.plain {
			p.Kind = "heredoc"
			w.doubt(s.ID, "payload", "a here-document with parts that are not known")
			s.Payload = p
			w.glimpse(child, s.ID, field{text: in.text})
			return
		}
		w.doubt(s.ID, "stdin", "runs what another program writes")
	}
	if s.Payload == nil {
		s.Payload = p
	}
	child.stdin = input{kind: "null"}
	w.runScript(child, s)
}

// interpreted states the code handed to an interpreter that is not a shell.
func (w *walk) interpreted(sh *shell, s *Stage, a *reading, c command, in interpreter) {
	if a.anyFlag(in.info) || a.anyFlag(in.module) {
		return
	}
	if v, ok := a.value(strings.Fields(in.inline)...); ok {
		s.Payload = &Payload{Kind: "inline", Lang: in.lang, Text: v.text}
		if v.open != "" {
			s.Payload.Text = ""
			w.doubt(s.ID, "payload", v.open)
		}
		return
	}
	if len(a.operands) > 0 && a.operands[0].text != "-" {
		w.scriptFile(sh, s, a.operands[0], in.lang)
		s.Payload.Read = false
		return
	}
	s.Payload = &Payload{Kind: "stdin", Lang: in.lang}
	switch std := c.redir.stdin; std.kind {
	case "terminal", "null":
		s.Payload = nil
	case "text":
		s.Payload.Text = std.text
		if std.plain {
			s.Payload.Kind = "heredoc"
		}
	case "file":
		s.Payload.Kind = "script"
	default:
		w.doubt(s.ID, "stdin", "runs what another program writes")
	}
}

// makefile states the rules that make reads from its standard input.
func (w *walk) makefile(s *Stage, a *reading, c command) {
	f, ok := a.value("f", "file", "makefile")
	if !ok || f.text != "-" && f.text != "/dev/stdin" && !strings.HasPrefix(f.text, "/dev/fd/") {
		return
	}
	s.Payload = &Payload{Kind: "stdin", Lang: "make"}
	switch in := c.redir.stdin; {
	case in.kind == "text" && f.text == "-":
		s.Payload.Text = in.text
		if in.plain {
			s.Payload.Kind = "heredoc"
		}
	default:
		w.doubt(s.ID, "stdin", "runs what another program writes")
	}
}

// awk programs that neither start processes nor write files are understood.
func (w *walk) awk(s *Stage, a *reading) {
	if a.anyFlag("f file") || len(a.operands) == 0 {
		return
	}
	f := a.operands[0]
	s.Payload = &Payload{Kind: "inline", Lang: "awk", Text: f.text}
	if f.open != "" {
		s.Payload.Text = ""
		w.doubt(s.ID, "payload", f.open)
		return
	}
	acts := strings.Contains(f.text, "system") || strings.Contains(f.text, "getline") || strings.Contains(strings.ReplaceAll(f.text, "||", ""), "|") || strings.Contains(f.text, ">")
	s.Payload.Read = !acts
}
