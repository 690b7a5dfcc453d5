package classify

import (
	"path"
	"slices"
	"strconv"
	"strings"
)

// produce notes what a stage writes to its standard output and to files, where
// that follows from its words and input alone.
func (w *walk) produce(sh *shell, s *Stage, a *reading, c command) {
	text, ok := "", false
	if !s.Remote && allLiteral(c.words) {
		text, ok = w.outputOf(sh, s, a, c)
	}
	if ok && len(text) <= 1<<16 {
		w.spend(len(text))
		w.out[s.ID] = text
	}
	for _, r := range s.Redirects {
		if r.Path != nil && (r.FD == 1 || r.FD == -1) && r.Path.Path != "" {
			w.wrote(sh, s, r.Path.Path, blob{text: text, known: ok}, strings.HasPrefix(r.Op, ">>") || r.Op == "&>>")
		}
	}
	w.copies(sh, s, a, c)
}

func allLiteral(words []field) bool {
	if len(words) > 0 && words[0].usable() && words[0].glob == 0 { // a guess is a doubt of its own
		words = words[1:]
	}
	for _, f := range words {
		if f.open != "" || f.glob > 0 {
			return false
		}
	}
	return true
}

// wrote notes the content of a file.
func (w *walk) wrote(sh *shell, s *Stage, abs string, b blob, more bool) {
	old, had := w.file(sh, abs)
	if more {
		b.text, b.known = old.text+b.text, b.known && had && old.known
	}
	b.known, b.sure = b.known && !(more && sh.spins > 0), sh.sure
	b.from = append(append(b.from, old.from...), s.ID)
	w.spend(len(b.text) + len(b.from))
	w.files[abs] = b
}

// file returns what the line wrote to a file, and whether it did. It is known
// only where the file was written on every way to here.
func (w *walk) file(sh *shell, abs string) (blob, bool) {
	b, ok := w.files[abs]
	for _, way := range b.sure {
		below := slices.ContainsFunc(w.folders[way], func(dir string) bool { return inside(abs, dir) })
		b.known = b.known && (below || slices.Contains(sh.sure, way))
		w.spend(len(sh.sure))
	}
	return b, ok
}

// copies notes files that programs write by themselves.
func (w *walk) copies(sh *shell, s *Stage, a *reading, c command) {
	if sh.remote {
		return
	}
	var b blob
	switch s.Name {
	case "tee":
		b = blob{text: c.redir.stdin.text, known: c.redir.stdin.kind == "text"}
	case "cp", "mv", "install", "ln":
		if len(s.Operands) == 2 {
			b, _ = w.file(sh, join(sh.cwd, s.Operands[0]))
		}
	case "curl", "wget", "dd", "sort":
	default:
		return
	}
	for _, p := range s.Paths[:len(s.Paths)-redirected(s)] {
		if p.Access == "write" && p.Path != "" {
			w.wrote(sh, s, p.Path, b, s.Name == "tee" && a.flags["a"])
		}
	}
}

// redirected counts the paths at the end of s.Paths that are not operands.
func redirected(s *Stage) int {
	n := 0
	for _, r := range s.Redirects {
		if r.Path != nil {
			n++
		}
	}
	if last := len(s.Paths) - 1; last >= 0 && s.Paths[last].Access == "exec" {
		n++ // the program itself
	}
	return n
}

// outputOf computes the output of programs that only print.
func (w *walk) outputOf(sh *shell, s *Stage, a *reading, c command) (string, bool) {
	in := c.redir.stdin
	ops := s.Operands
	switch s.Name {
	case "echo":
		return echo(texts(c.words[1:])), true
	case "printf":
		if len(c.words) > 1 && c.words[1].text == "-v" {
			return "", true
		}
		return format(c.words[1:])
	case "true", ":", "cd", "export", "set", "shopt", "alias", "unset", "mkdir", "touch", "declare", "local", "readonly":
		return "", true
	case "pwd":
		return sh.cwd + "\n", sh.cwd != ""
	case "basename":
		if len(ops) == 1 {
			return path.Base(ops[0]) + "\n", true
		}
	case "dirname":
		if len(ops) == 1 {
			return path.Dir(ops[0]) + "\n", true
		}
	case "mktemp":
		return w.mktemp(sh, a, ops), true
	case "git":
		if s.Sub == "rev-parse" && len(c.words) == 3 && a.flags["show-toplevel"] && inside(sh.cwd, w.place.workspace) {
			return w.place.workspace + "\n", true
		}
	case "cat":
		return w.cat(sh, ops, in)
	case "seq":
		return seq(ops)
	case "tee":
		return in.text, in.kind == "text"
	}
	if in.kind != "text" || len(in.text) > 1<<16 {
		return "", false
	}
	return filter(s, a, in.text)
}

func (w *walk) cat(sh *shell, ops []string, in input) (string, bool) {
	if len(ops) == 0 {
		return in.text, in.kind == "text"
	}
	text := ""
	for _, o := range ops {
		if o == "-" && in.kind == "text" {
			text += in.text
			continue
		}
		b, ok := w.file(sh, join(sh.cwd, o))
		if !ok || !b.known {
			return "", false
		}
		w.spend(len(text) + len(b.text))
		text += b.text
	}
	return text, true
}

// mktemp invents the name of a new temporary file or folder, and remembers
// that the line made it.
func (w *walk) mktemp(sh *shell, a *reading, ops []string) string {
	w.temps++
	name := "/tmp/tmp." + strings.Repeat("0", 9) + strconv.Itoa(w.temps)
	dir, given := a.value("p", "tmpdir")
	switch {
	case len(ops) == 1 && (given || a.anyFlag("t tmpdir")):
		name = join("/tmp", ops[0])
		if given && dir.text != "" {
			name = join(join(sh.cwd, dir.text), ops[0])
		}
	case len(ops) == 1:
		name = join(sh.cwd, ops[0])
	case given && dir.text != "":
		name = join(join(sh.cwd, dir.text), path.Base(name))
	}
	if name == "" {
		return ""
	}
	w.made[name] = true
	return name + "\n"
}
