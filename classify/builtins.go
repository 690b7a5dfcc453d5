package classify

import "strings"

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
	case "hash", "enable":
		w.renames(sh, c, name)
	case "bind":
		w.bind(sh, c)
	case "alias", "unalias":
		w.program(sh, c)
		setAliases(sh, name, args)
	case "exit", "return", "logout":
		w.program(sh, c)
		sh.ended = exited
		if name == "return" {
			sh.ended = returned
		}
	case "mapfile", "readarray":
		w.mapfile(sh, c)
		w.setVars(sh, name, args)
	case "set", "shift", "unset", "read", "getopts", "printf", "export", "readonly", "declare", "typeset", "local":
		c.env = append(c.env, declared(name, args)...)
		w.program(sh, c)
		w.setVars(sh, name, args)
	default:
		return false
	}
	return true
}

// same runs text in the shell itself, as part of stage id.
func (w *walk) same(sh *shell, id int, f func()) {
	parent, program, within := sh.parent, sh.program, sh.within
	sh.parent, sh.program, sh.within = id, false, true
	f()
	sh.parent, sh.program, sh.within = parent, program, within
}

func (w *walk) eval(sh *shell, c command) {
	text := joined(c.words[1:])
	id := w.program(sh, c)
	s := w.stages[id]
	s.Payload = &Payload{Kind: "inline", Lang: "shell", Text: text.text, Read: !text.unread()}
	if text.unread() {
		w.doubt(id, "payload", text.open)
		if !text.guess {
			s.Payload.Text = ""
			w.glimpse(sh, id, text)
			return
		}
	}
	w.same(sh, id, func() {
		n, filled := len(w.stages), sh.filled
		sh.filled = filled || !text.whole
		defer func() { sh.filled = filled }()
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
			if o.Where != "argument" && o.Where != "folder" && o.Where != "cwd" && !strings.HasPrefix(o.Reason, unreadable) {
				return false
			}
		}
	}
	return true
}

// unreadable begins what is said of a program file that is no text, or still to be
// built. The code that starts it is seen; the file is asked about as its stage is.
const unreadable = "cannot be read: "

// glimpse walks what can be seen of a payload that is not wholly literal.
func (w *walk) glimpse(sh *shell, id int, text field) {
	if text.sole {
		return
	}
	in := sh.fork()
	in.parent, in.program, in.filled = id, false, true
	w.onlyIf(in)
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
		n, filled := len(w.stages), sh.filled
		sourced := sh.sourced
		sh.filled, sh.sourced = filled || s.Payload.written, true
		defer func() { sh.filled, sh.sourced = filled, sourced }()
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
	if f.unread() {
		w.doubt(id, "payload", f.open)
	}
	if !f.usable() {
		s.Payload.Text = ""
		return
	}
	w.traps = append(w.traps, handler{id: id, text: f.text, filled: sh.filled || !f.whole})
}

// handler is what trap set up.
type handler struct {
	id     int
	text   string
	filled bool
}

// handlers walks what was trapped since mark, as the shell ends: what it knows
// then is what most handlers find, and what they name is set by then.
func (w *walk) handlers(sh *shell, mark int) {
	traps := w.traps[mark:]
	w.traps = w.traps[:mark:mark]
	for _, h := range traps {
		in := w.branch(sh)
		in.parent, in.filled, in.ended, in.program = h.id, h.filled, 0, false
		n := len(w.stages)
		w.line(in, h.text)
		p := w.stages[h.id].Payload
		p.Read = p.Read && w.clear(h.id, n)
	}
}

// renames notes that hash -p gives a name to another program; what enable -f
// loads can be anything.
func (w *walk) renames(sh *shell, c command, name string) {
	t := wrapper{short: "pf"}
	h := t.split(c.words[1:])
	id := w.program(sh, c)
	if file, ok := h.value("p"); ok && name == "hash" {
		for _, f := range h.rest {
			sh.setAlias(f.text, quote(file.text))
		}
	}
	if _, ok := h.value("f"); ok && name == "enable" {
		w.doubt(id, "program", "enable loads code into the shell")
	}
}
