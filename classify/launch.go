package classify

import (
	"slices"
	"strings"
)

// launched walks the command that stands in the words of a program that nothing is
// known about, where a word and the one behind it can hardly be anything else:
// daemon-x --log f rm -rf dir, run-it bash -c '..'. Whether the program starts it is
// not known, and so it stands beside the program's own stage.
func (w *walk) launched(sh *shell, id int, c command) {
	s := w.stages[id]
	if s.Name == "" || s.Builtin || len(s.Opaque) > 0 || !stranger(s.Name) {
		return
	}
	for i, f := range c.words {
		if i == 0 || i+1 == len(c.words) || !f.usable() || f.glob > 0 || !startsCommand(c.words[i:]) {
			continue
		}
		in := w.inside(sh, id, s.Name)
		in.filled = true
		w.exec(in, command{words: c.words[i:], env: c.env, redir: redirection{stdin: input{kind: "null"}, stdout: c.redir.stdout}, bare: true})
		return
	}
}

// stranger reports whether nothing is known about a program. To some, names of
// programs are names only.
func stranger(name string) bool {
	name = family(name)
	if lookupSpec(name) != nil || hasWord(aboutPrograms, name) {
		return false
	}
	_, code := interpreters[name]
	_, evaluates := evaluators[name]
	_, client := clients[name]
	return !code && !evaluates && !client && name != "shell"
}

// aboutPrograms are programs whose words name others, which they describe, look
// for or install.
const aboutPrograms = "man tldr info apropos whatis which whereis cheat help alias hash type ag ack ugrep pt rga history explainshell guard apt apt-get apt-cache dpkg apk pacman yay rpm dnf yum zypper brew port snap flatpak emerge nix-env mise asdf"

// startsCommand reports whether words are a command: a shell or interpreter with
// code, a program that changes files with its options, or any program of the
// system by its path and with options.
func startsCommand(words []field) bool {
	name, next := family(baseName(words[0].text)), words[1]
	if strings.Contains(words[0].text, "/") && !slices.Contains(programFolders, dirOf(words[0].text)) {
		return false
	}
	switch in, code := interpreters[name]; {
	case name == "shell":
		return dashed(next) && !strings.HasPrefix(next.text, "--") && strings.Contains(next.text, "c") && len(words) > 2
	case code:
		return dashed(next) && hasWord(in.inline, strings.TrimLeft(next.text, "-")) && len(words) > 2
	case name == "dd":
		return strings.HasPrefix(next.text, "if=") || strings.HasPrefix(next.text, "of=")
	}
	return dashed(next) && (strings.Contains(words[0].text, "/") || hasWord("rm shred truncate chmod chown mv cp", name))
}

// programFolders are where systems keep their programs.
var programFolders = []string{"/bin", "/sbin", "/usr/bin", "/usr/sbin", "/usr/local/bin", "/usr/local/sbin"}

func dirOf(name string) string {
	return name[:max(0, strings.LastIndexByte(name, '/'))]
}

// sg runs a line as a member of another group.
func (w *walk) sg(sh *shell, c command) bool {
	words := c.words[1:]
	if len(words) > 0 && words[0].text == "-" {
		words = words[1:]
	}
	if len(words) < 2 {
		return w.newgrp(sh, c)
	}
	if words = words[1:]; words[0].text == "-c" {
		words = words[1:]
	}
	if len(words) == 0 {
		return false
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], "sg")
	w.shellText(in, c, joined(words))
	return true
}

// newgrp starts a shell as a member of another group, which reads what newgrp is
// given to read.
func (w *walk) newgrp(sh *shell, c command) bool {
	std := c.redir.stdin
	if std.kind != "text" && std.kind != "file" && !std.plain && len(std.from) == 0 {
		return false
	}
	in := sh.fork()
	in.via, in.program = append(sh.via[:len(sh.via):len(sh.via)], baseName(c.words[0].text)), true
	c.words = literals([]string{"sh"})
	w.program(in, c)
	return true
}

// capsh hands what stands behind -- to bash.
func (w *walk) capsh(sh *shell, c command) bool {
	rest := behind(c.words[1:], func(f field) bool { return f.text == "--" || f.text == "==" })
	if len(rest) == 0 {
		return false
	}
	in := sh.fork()
	in.via, in.program = append(sh.via[:len(sh.via):len(sh.via)], "capsh"), true
	c.words, c.bare = append(literals([]string{"bash"}), rest...), true
	w.exec(in, c)
	return true
}

// nixRun walks the program of a package that nix runs: nix run nixpkgs#bash -- -c x.
func (w *walk) nixRun(sh *shell, c command) bool {
	rest := behind(c.words, func(f field) bool { return f.text == "--" })
	if len(c.words) < 3 || c.words[1].text != "run" || len(rest) == 0 {
		return false
	}
	_, program, ok := strings.Cut(c.words[2].text, "#")
	if !ok || program == "" || c.words[2].open != "" {
		return false
	}
	id := w.program(sh, c)
	in := w.inside(sh, id, "nix")
	in.filled = true
	w.exec(in, command{words: append(literals([]string{program}), rest...), env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true})
	return true
}

// emulates reports whether a program runs programs for another processor:
// qemu-aarch64, but not qemu-system-aarch64 and qemu-img.
func emulates(name string) bool {
	arch, ok := strings.CutPrefix(strings.TrimSuffix(name, "-static"), "qemu-")
	return ok && !strings.Contains(arch, "-") && !hasWord("img io nbd edid ga pr bridge-helper", arch)
}

// emulated walks the program that an emulator runs.
func (w *walk) emulated(sh *shell, c command, name string) bool {
	words := c.words[1:]
	for len(words) > 0 && dashed(words[0]) {
		n := 1
		if hasWord("g L s cpu E U 0 r B R d dfilter D p seed trace plugin", strings.TrimLeft(words[0].text, "-")) {
			n = min(2, len(words))
		}
		words = words[n:]
	}
	if len(words) == 0 {
		return false
	}
	in := sh.fork()
	in.via, in.program, in.filled = append(sh.via[:len(sh.via):len(sh.via)], name), true, true
	c.words, c.bare = words, true
	w.exec(in, c)
	return true
}

// service walks what start-stop-daemon starts.
func (w *walk) service(sh *shell, c command) bool {
	program := valuesBehind(c.words, "-x --exec -a --startas")
	if len(program) == 0 || len(valuesBehind(append(c.words[:len(c.words):len(c.words)], field{}), "-K --stop -T --status")) > 0 {
		return false
	}
	id := w.program(sh, c)
	words := append(program[len(program)-1:], behind(c.words, func(f field) bool { return f.text == "--" })...)
	w.exec(w.inside(sh, id, "start-stop-daemon"), command{words: words, env: c.env, redir: redirection{stdin: input{kind: "null"}}, bare: true})
	return true
}
