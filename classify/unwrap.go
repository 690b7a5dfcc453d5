package classify

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// unwrap takes a command out of its wrapper and walks it; false if c is not a
// wrapper with a command in it.
func (w *walk) unwrap(sh *shell, c command, name string) bool {
	switch name {
	case "env":
		return w.env(sh, c)
	case "su", "runuser":
		return w.su(sh, c, name)
	case "script":
		return w.script(sh, c)
	case "xargs":
		return w.xargs(sh, c)
	case "find", "fd":
		return w.findExec(sh, c, name)
	case "parallel":
		return w.parallel(sh, c)
	case "ssh", "docker", "podman", "kubectl", "nerdctl":
		return w.remote(sh, c, name) || w.runs(sh, c, name)
	case "busybox", "toybox":
		return w.applet(sh, c, name)
	case "nix":
		return w.nixRun(sh, c) || w.runs(sh, c, name)
	case "sg":
		return w.sg(sh, c)
	case "newgrp":
		return w.newgrp(sh, c)
	case "capsh":
		return w.capsh(sh, c)
	case "start-stop-daemon":
		return w.service(sh, c)
	}
	if emulates(name) {
		return w.emulated(sh, c, name)
	}
	if t, ok := plainWrappers[name]; ok {
		return w.plain(sh, c, name, t)
	}
	return w.runs(sh, c, name)
}

func (w *walk) plain(sh *shell, c command, name string, t wrapper) bool {
	h := t.split(c.words[1:])
	for f := range h.flags {
		if hasWord(t.unset, f) {
			return false
		}
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], name)
	in.root, in.detach, in.loop = sh.root || t.root, sh.detach || t.detach, sh.loop || t.loop
	in.program = true
	if name == "sudo" || name == "doas" {
		in.raise = raising(sh.raise, h)
	}
	if dir, ok := h.value(t.dir); ok {
		in.cwd = ""
		if dir.usable() {
			in.cwd = join(sh.cwd, dir.text)
		}
	}
	c.take(h.options)
	for t.assigns && len(h.rest) > 0 && isAssign(h.rest[0]) {
		c.env = append(c.env, assignWord(h.rest[0]))
		h.rest = h.rest[1:]
	}
	if text, ok := h.value(t.text); ok {
		w.shellText(in, c, text)
		return true
	}
	switch {
	case (name == "sudo" || name == "doas") && (h.flags["s"] || h.flags["i"] || h.flags["shell"] || h.flags["login"]):
		w.loginShell(in, c, h.rest)
	case len(h.rest) == 0 && len(h.open) == 0:
		return false
	case name == "watch" && !h.flags["x"] && !h.flags["exec"]:
		w.shellText(in, c, joined(h.rest))
	default:
		w.inner(in, c, h)
	}
	return true
}

// raising adds to a set what is said to sudo or doas besides the command.
func raising(known []string, h head) []string {
	said := map[string]bool{}
	for _, name := range known {
		said[name] = true
	}
	for name := range h.flags {
		said[name] = true
	}
	if len(h.rest) > 0 && isAssign(h.rest[0]) {
		said["="] = true
	}
	if len(h.open) > 0 {
		said["?"] = true
	}
	return set(said)
}

// inner walks the command of a wrapper. A word before it that is not literal
// may be the command itself.
func (w *walk) inner(sh *shell, c command, h head) {
	if len(h.open) > 0 {
		d := c
		d.words = append(slices.Clone(h.open[len(h.open)-1:]), h.rest...)
		w.program(sh, d)
		sh = sh.fork()
		sh.filled = true
	}
	if len(h.rest) > 0 {
		c.words, c.bare = h.rest, true
		w.exec(sh, c)
	}
}

// take keeps the connections of option values that are dropped with the wrapper.
func (c *command) take(options []option) {
	for _, o := range options {
		c.from, c.to = append(c.from, o.value.from...), append(c.to, o.value.to...)
	}
}

func isAssign(f field) bool {
	name, _, ok := strings.Cut(f.text, "=")
	return ok && syntax.ValidName(name)
}

func assignWord(f field) Assign {
	name, v, _ := strings.Cut(f.text, "=")
	return Assign{Name: name, Value: v, Literal: f.open == ""}
}

// joined makes one line of several words, as programs do that hand theirs to a
// shell.
func joined(words []field) field {
	out := field{whole: true}
	out.text = strings.Join(texts(words), " ")
	for _, f := range words {
		out.whole = out.whole && f.whole && f.glob == 0
		if out.open != worse(out.open, f.open) {
			out.open, out.guess, out.sole = f.open, f.guess, f.sole && len(words) == 1
		}
		out.from = append(out.from, f.from...)
	}
	return out
}

// shellText walks a line that a wrapper hands to a shell.
func (w *walk) shellText(sh *shell, c command, text field) {
	in := sh.child(c.env)
	in.program, in.filled = false, sh.filled || !text.whole
	in.stdin, in.stdout = c.redir.stdin, c.redir.stdout
	if c.redir.visible() {
		w.nameless(in, c)
	}
	if text.open != "" {
		w.doubt(sh.parent, "payload", text.open)
		if !text.guess {
			d := command{words: []field{{text: "sh"}, {text: "-c"}, text}, redir: c.redir, env: c.env}
			w.program(sh, d)
			return
		}
	}
	w.line(in, text.text)
}

func (w *walk) applet(sh *shell, c command, name string) bool {
	if len(c.words) < 2 || dashed(c.words[1]) {
		return false
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], name)
	in.program = true
	c.words = c.words[1:]
	w.exec(in, c)
	return true
}
