package classify

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// isBuiltin reports whether a shell runs name itself.
func isBuiltin(name string) bool {
	const names = `. : [ [[ (( alias bg bind break builtin caller cd command compgen complete continue declare dirs disown echo
		enable eval exec exit export false fc fg getopts hash help history jobs kill let local logout mapfile popd printf
		pushd pwd read readarray readonly return set shift shopt source suspend test times trap true type typeset ulimit
		umask unalias unset wait`
	return hasWord(names, name)
}

// builtin runs the builtins that change the shell's state or run their words;
// false if c is none of them.
func (w *walk) builtin(sh *shell, c command, name string) bool {
	args := c.words[1:]
	switch name {
	case "cd", "pushd", "popd", "chdir":
		w.program(sh, c)
		w.changeDir(sh, name, args)
	case "eval":
		w.eval(sh, c)
	case "source", ".":
		w.source(sh, c)
	case "exec":
		w.becomes(sh, c)
	case "command", "builtin":
		w.command(sh, c, name)
	case "trap":
		w.trap(sh, c)
	case "alias", "unalias":
		w.program(sh, c)
		setAliases(sh, name, args)
	case "exit", "return", "logout":
		w.program(sh, c)
		sh.ended = exited
		if name == "return" {
			sh.ended = returned
		}
	case "set", "shift", "unset", "read", "mapfile", "readarray", "getopts", "printf", "export", "readonly", "declare", "typeset", "local":
		w.program(sh, c)
		w.setVars(sh, name, args)
	default:
		return false
	}
	return true
}

// changeDir follows cd. It is taken to succeed unless the scene says that the
// folder is not there.
func (w *walk) changeDir(sh *shell, name string, args []field) {
	for len(args) > 0 && dashed(args[0]) && strings.Trim(args[0].text, "-LPe@n") == "" {
		args = args[1:]
	}
	if name == "popd" {
		if n := len(sh.dirs); n > 0 && len(args) == 0 {
			dir := sh.dirs[n-1]
			sh.dirs = sh.dirs[:n-1]
			sh.chdir(dir)
			return
		}
		sh.chdir("")
		return
	}
	from := sh.cwd
	if len(args) == 0 {
		home, _ := sh.lookup("HOME")
		sh.chdir(clean(home.text))
	} else {
		w.changeTo(sh, args[0])
	}
	if name == "pushd" {
		w.spend(16 * len(sh.dirs))
		sh.dirs = append(sh.dirs[:len(sh.dirs):len(sh.dirs)], from)
	}
}

func (w *walk) changeTo(sh *shell, f field) {
	if f.text == "-" {
		sh.chdir(sh.old)
		return
	}
	if !f.usable() || f.open != "" || f.glob > 0 || f.text == "" || strings.HasPrefix(f.text, "+") {
		sh.chdir("")
		return
	}
	if _, ok := sh.lookup("CDPATH"); ok && !strings.HasPrefix(f.text, "/") && !strings.HasPrefix(f.text, ".") {
		sh.chdir("")
		return
	}
	dir := join(sh.cwd, f.text)
	if o := w.scene[Query{Op: "path", Path: dir}]; o != nil && !sh.remote && !w.madeHere(dir) {
		if o.Exists == "no" {
			sh.chdir("")
			return
		}
		if real := clean(o.Real); real != "" {
			dir = real
		}
	}
	if f.made {
		w.made[dir] = true
	}
	sh.chdir(dir)
}

// same runs text in the shell itself, as part of stage id.
func (w *walk) same(sh *shell, id int, f func()) {
	parent, program := sh.parent, sh.program
	sh.parent, sh.program = id, false
	f()
	sh.parent, sh.program = parent, program
}

func (w *walk) eval(sh *shell, c command) {
	text := joined(c.words[1:])
	id := w.program(sh, c)
	s := w.stages[id]
	s.Payload = &Payload{Kind: "inline", Lang: "shell", Text: text.text, Read: text.open == ""}
	if text.open != "" {
		w.doubt(id, "payload", text.open)
		if !text.guess {
			s.Payload.Text = ""
			w.glimpse(sh, id, text)
			return
		}
	}
	w.same(sh, id, func() {
		n := len(w.stages)
		w.line(sh, text.text)
		s.Payload.Read = s.Payload.Read && w.clear(id, n)
	})
}

// clear reports whether nothing is in doubt about stage id's payload, whose
// stages start at n.
func (w *walk) clear(id, n int) bool {
	for _, o := range w.stages[id].Opaque {
		if o.Where == "payload" {
			return false
		}
	}
	for _, s := range w.stages[n:] {
		for _, o := range s.Opaque {
			if o.Where != "argument" {
				return false
			}
		}
	}
	return true
}

// glimpse walks what can be seen of a payload that is not wholly literal.
func (w *walk) glimpse(sh *shell, id int, text field) {
	if text.sole {
		return
	}
	in := sh.fork()
	in.parent, in.program = id, false
	in.cond++
	w.line(in, text.text)
}

func (w *walk) source(sh *shell, c command) {
	id := w.program(sh, c)
	s := w.stages[id]
	if s.Payload == nil || !s.Payload.Read {
		return
	}
	s.Payload.Read = false
	args, ok := sh.args, sh.argsOK
	if len(c.words) > 2 {
		sh.args, sh.argsOK = c.words[2:], true
	}
	w.same(sh, id, func() {
		n := len(w.stages)
		w.line(sh, s.Payload.Text)
		s.Payload.Read = w.clear(id, n)
	})
	sh.args, sh.argsOK = args, ok
	if sh.ended == returned {
		sh.ended = 0
	}
}

// becomes walks exec: with a command it is that command, without it only its
// redirections count, for all that follows.
func (w *walk) becomes(sh *shell, c command) {
	t := wrapper{short: "a"}
	h := t.split(c.words[1:])
	if len(h.rest) == 0 && len(h.open) == 0 {
		w.program(sh, c)
		sh.stdin, sh.stdout = c.redir.stdin, c.redir.stdout
		return
	}
	in := sh.fork()
	in.via, in.program = append(sh.via[:len(sh.via):len(sh.via)], "exec"), true
	w.inner(in, c, h)
	sh.ended = exited
}

func (w *walk) command(sh *shell, c command, name string) {
	t := wrapper{}
	h := t.split(c.words[1:])
	if len(h.rest) == 0 && len(h.open) == 0 || h.flags["v"] || h.flags["V"] {
		w.program(sh, c)
		return
	}
	via := sh.via
	sh.via = append(via[:len(via):len(via)], name)
	w.inner(sh, c, h)
	sh.via = via
}

// trap walks a handler, which may run at any time later.
func (w *walk) trap(sh *shell, c command) {
	id := w.program(sh, c)
	ops := w.stages[id].Operands
	if len(ops) < 2 || ops[0] == "-" || ops[0] == "" {
		return
	}
	f := c.words[len(c.words)-len(ops)]
	s := w.stages[id]
	s.Payload = &Payload{Kind: "inline", Lang: "shell", Text: f.text, Read: f.usable()}
	if f.open != "" {
		w.doubt(id, "payload", f.open)
	}
	if !f.usable() {
		s.Payload.Text = ""
		return
	}
	in := sh.branch()
	in.parent = id
	n := len(w.stages)
	w.line(in, f.text)
	s.Payload.Read = s.Payload.Read && w.clear(id, n)
}

func setAliases(sh *shell, name string, args []field) {
	for _, f := range args {
		k, v, ok := strings.Cut(f.text, "=")
		switch {
		case name == "unalias":
			sh.setAlias(f.text, "")
		case ok && f.usable():
			sh.setAlias(k, v)
		}
	}
}

// setVars carries out what a builtin does to variables.
func (w *walk) setVars(sh *shell, name string, args []field) {
	switch name {
	case "set":
		setArgs(sh, args)
	case "shift":
		n := 1
		if len(args) > 0 {
			n, _ = strconv.Atoi(args[0].text)
		}
		if n < 0 || n > len(sh.args) || len(args) > 0 && args[0].open != "" {
			sh.args, sh.argsOK = nil, false
			return
		}
		sh.args = sh.args[n:]
	case "printf":
		if len(args) > 2 && args[0].text == "-v" {
			sh.forget(args[1].text, "$"+args[1].text+" is formatted")
			if text, ok := format(args[2:]); ok {
				sh.set(args[1].text, value{text: text})
			}
		}
	case "export", "readonly", "declare", "typeset", "local":
		for _, f := range args {
			if isAssign(f) {
				a := assignWord(f)
				v := assigned(a)
				v.line, v.env = true, name == "export"
				sh.set(a.Name, v)
			}
		}
	case "unset":
		unset(sh, args)
	default:
		for _, f := range args {
			if syntax.ValidName(f.text) {
				sh.forget(f.text, "$"+f.text+" is read from input")
			}
		}
		if name == "read" {
			sh.forget("REPLY", "$REPLY is read from input")
		}
	}
}

func setArgs(sh *shell, args []field) {
	for i, f := range args {
		if f.text == "--" || !dashed(f) && !strings.HasPrefix(f.text, "+") {
			if f.text == "--" {
				i++
			}
			if i > 0 && args[i-1].text == "-o" {
				continue
			}
			sh.args, sh.argsOK = args[i:], true
			return
		}
	}
}

func unset(sh *shell, args []field) {
	for _, f := range args {
		if syntax.ValidName(f.text) && f.open == "" {
			sh.set(f.text, value{unset: true})
			sh.setFunction(f.text, function{})
		}
	}
}
