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
	case name == "git":
		w.gitCode(sh, s, a, c)
	case name == "cmake" || name == "npm":
		w.buildCode(sh, s, a, c)
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
