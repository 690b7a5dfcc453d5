package classify

import (
	"cmp"
	"strings"
)

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
	if b, ok := w.file(sh, abs); ok {
		s.Payload.Text, s.Payload.Read, s.Payload.written = b.text, b.known, true
		s.Takes = ids(append(s.Takes, b.from...))
		if !b.known {
			w.doubt(s.ID, "payload", "runs a file that the line itself writes")
		}
		return
	}
	o := w.scene[Query{Op: "text", Path: abs}]
	if o == nil {
		if lang == "shell" || lang != "unknown" && w.place.zone(abs) != "workspace" {
			w.want("text", abs)
		}
		return
	}
	if o.Old && w.installed(abs) && w.installed(clean(o.Real)) {
		s.Payload = nil // a program like others
		return
	}
	if o.Error != "" {
		w.doubt(s.ID, "payload", unreadable+o.Error)
	}
	if o.Error == "" && o.Exists != "no" {
		s.Payload.Text, s.Payload.Read = o.Text, true
		s.Payload.library = inLibrary(cmp.Or(clean(o.Real), abs))
	}
}

// inLibrary says whether a file is part of an installed package. Every program
// imports those unseen, so one that is run by its path is judged by what can be
// followed in it alone.
func inLibrary(abs string) bool {
	for part := range strings.SplitSeq(abs, "/") {
		if part == "site-packages" || part == "dist-packages" || part == "node_modules" {
			return true
		}
	}
	return false
}

// ownFile handles a program given by path: what the line wrote, or a shell
// script in reach of the agent, is walked.
func (w *walk) ownFile(sh *shell, s *Stage, a *reading, c command) {
	zone := w.place.zone(s.Path)
	_, written := w.files[s.Path]
	if sh.remote || zone == "system" && !written || zone == "device" || zone == "null" {
		return
	}
	if e := w.exe; e != nil && (s.Path == e.Path || s.Path == join(clean(w.cmd.Cwd), e.Raw)) && (len(e.Chain) == 0 || w.tool(e)) {
		return // no script, or one that people have installed
	}
	w.scriptFile(sh, s, field{text: s.Path}, "shell")
	if p := s.Payload; p == nil || p.Text == "" && !written {
		s.Payload = nil // a program, for all that is known
		return
	}
	w.behindEnv(sh, s, c)
	if s.Payload.Lang = shebang(s.Payload.Text); s.Payload.Lang != "shell" {
		if s.Payload.Lang == "unknown" {
			s.Payload.Read = false
			return
		}
		w.foreign(sh, s, a.operands)
		return
	}
	child := sh.child(s.Env)
	child.parent, child.program = s.ID, false
	child.args = a.operands
	child.stdin, child.stdout = c.redir.stdin, c.redir.stdout
	name := field{text: s.Path}
	if len(c.words) > 0 && strings.Contains(c.words[0].text, "/") {
		name = c.words[0]
	}
	if !child.enter(s.Path, name, s.Payload.Text) {
		s.Payload = nil
		return
	}
	w.runScript(child, s)
}

// maxAgain is how often a script is walked within itself. What it executes is the
// same each time, but for the words that it hands on.
const maxAgain = 2

// enter begins a script file, whose $0 is name; false if that runs itself, and was
// walked often enough. What kind of shell it is, interpreter tells.
func (sh *shell) enter(file string, name field, interpreter string) bool {
	line, _, _ := strings.Cut(interpreter, "\n")
	if name.open == "" && !strings.Contains(line, "zsh") && !strings.Contains(line, "fish") {
		sh.self = name.text
	}
	again := 0
	for _, around := range sh.scripts {
		if around == file {
			again++
		}
	}
	sh.scripts = append(sh.scripts[:len(sh.scripts):len(sh.scripts)], file)
	return again < maxAgain || file == ""
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
		if s.Payload != nil && !s.Payload.Read {
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
	child.filled = child.filled || in.kind == "text" && !in.whole
	w.runScript(child, s)
}
