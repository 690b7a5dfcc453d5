package classify

import (
	"slices"
	"strconv"
	"strings"
)

// inside returns a shell for what stage id starts.
func (w *walk) inside(sh *shell, id int, via string) *shell {
	in := sh.fork()
	in.parent, in.program = id, true
	in.via = append(sh.via[:len(sh.via):len(sh.via)], via)
	return in
}

// foundLater is why a word is open that will name something below a folder.
const foundLater = "a path found at run time"

// xargs is a stage of its own; its command is another, with operands that come
// from standard input.
func (w *walk) xargs(sh *shell, c command) bool {
	t := wrapper{short: "aEdILnPs", attached: "eil", long: "arg-file delimiter max-lines max-args max-procs max-chars process-slot-var"}
	h := t.split(c.words[1:])
	if h.flags["help"] || h.flags["version"] {
		return false
	}
	id := w.program(sh, command{words: c.words[:len(c.words)-len(h.rest)], env: c.env, redir: c.redir, from: c.from, to: c.to})
	in := w.inside(sh, id, "xargs")
	in.filled = true
	in.spin()
	words := h.rest
	if len(words) == 0 {
		words = []field{{text: "echo"}}
	}
	fed, known := fedWords(c.redir.stdin, h)
	unknown := field{text: "...", open: "words read from standard input", many: true, from: c.redir.stdin.from}
	if below := w.foundBelow(sh, c.redir.stdin); len(below) > 0 && !h.flags["a"] && !h.flags["arg-file"] {
		unknown.open, unknown.under = foundLater, below
	}
	run := func(words []field) {
		w.exec(in.fork(), command{words: words, env: c.env, redir: redirection{stdin: input{kind: "null"}, stdout: c.redir.stdout}, bare: true})
	}
	marker := h.marker()
	switch most := h.most(); {
	case marker != "" && known && len(fed) > 0 && len(fed) <= maxUnroll:
		for _, f := range fed {
			run(replaced(words, marker, []field{f}, true, unknown))
		}
	case marker != "":
		run(replaced(words, marker, fed, known, unknown))
	case !known:
		run(append(words[:len(words):len(words)], unknown))
	case most > 0 && len(fed) > most && len(fed) <= maxUnroll:
		for part := range slices.Chunk(fed, most) {
			run(append(words[:len(words):len(words)], part...))
		}
	default:
		run(append(words[:len(words):len(words)], fed...))
	}
	return true
}

// most returns how many words xargs hands to one command, 0 if there is no
// bound.
func (h *head) most() int {
	f, _ := h.value("n max-args")
	n, _ := strconv.Atoi(f.text)
	return max(0, n)
}

// marker returns the text that xargs -I replaces.
func (h *head) marker() string {
	if f, ok := h.value("I"); ok {
		return f.text
	}
	if f, ok := h.value("i"); ok && f.text != "" {
		return f.text
	}
	if h.flags["i"] || h.flags["replace"] {
		return "{}"
	}
	return ""
}

// fedWords splits a known standard input the way xargs does, where that is
// simple.
func fedWords(in input, h head) ([]field, bool) {
	if in.kind != "text" || h.flags["a"] || h.flags["arg-file"] || len(in.text) > 1<<16 {
		return nil, false
	}
	end, given := h.value("d delimiter")
	switch {
	case h.flags["0"] || h.flags["null"]:
		return literals(strings.Split(strings.TrimSuffix(in.text, "\x00"), "\x00")), true
	case given && end.open == "" && len(ansiC(end.text)) == 1:
		return literals(strings.Split(strings.TrimSuffix(in.text, ansiC(end.text)), ansiC(end.text))), true
	case given || strings.ContainsAny(in.text, `"'\`) || len(in.text) > 4096:
		return nil, false
	}
	if h.marker() != "" { // a line each
		lines := strings.FieldsFunc(in.text, func(r rune) bool { return r == '\n' })
		for i, l := range lines {
			lines[i] = strings.TrimLeft(l, " \t")
		}
		return literals(lines), true
	}
	return literals(strings.Fields(in.text)), true
}

// replaced puts what is fed in place of marker.
func replaced(words []field, marker string, fed []field, known bool, unknown field) []field {
	out := make([]field, len(words))
	copy(out, words)
	for i, f := range out {
		if !strings.Contains(f.text, marker) {
			continue
		}
		if known && len(fed) == 1 {
			out[i].text = strings.ReplaceAll(f.text, marker, fed[0].text)
			continue
		}
		if out[i].open, out[i].guess = unknown.open, false; f.text == marker {
			out[i].under = unknown.under
		}
	}
	return out
}

// findExec walks the commands of find -exec, whose {} lies below find's folders.
func (w *walk) findExec(sh *shell, c command, name string) bool {
	if name == "fd" {
		return w.fd(sh, c)
	}
	a := &reading{flags: map[string]bool{}, spec: &spec{}}
	a.find(c.words[1:])
	if len(a.execs) == 0 {
		return false
	}
	id := w.program(sh, c)
	in := w.inside(sh, id, "find")
	in.spin()
	for _, words := range a.execs {
		w.each(in, c, words, a.operands, a.narrow())
	}
	return true
}

// fd -x and -X run a command for what they find, appended or in place of {}.
func (w *walk) fd(sh *shell, c command) bool {
	for i, f := range c.words {
		if f.text != "-x" && f.text != "-X" && f.text != "--exec" && f.text != "--exec-batch" {
			continue
		}
		words := c.words[i+1:]
		c.words = c.words[:i]
		id := w.program(sh, c)
		in := w.inside(sh, id, "fd")
		in.spin()
		if !strings.Contains(strings.Join(texts(words), " "), "{}") {
			words = append(words[:len(words):len(words)], field{text: "{}"})
		}
		w.each(in, c, words, []field{{text: "."}}, true)
		return true
	}
	return false
}

// each walks a command in which {} stands for files below some folders.
func (w *walk) each(in *shell, c command, words, below []field, narrow bool) {
	if len(words) == 0 {
		return
	}
	out := make([]field, len(words))
	copy(out, words)
	for i, f := range out {
		switch {
		case f.text == "{}":
			out[i].under, out[i].open = below, ""
			if narrow {
				out[i].open = foundLater
			}
		case strings.Contains(f.text, "{}"):
			out[i].open = foundLater
		}
	}
	w.exec(in, command{words: out, env: c.env, redir: redirection{stdin: c.redir.stdin, stdout: c.redir.stdout}, bare: true})
}

// parallel is a stage of its own; its command is a line for a shell, with
// operands after ::: or from standard input.
func (w *walk) parallel(sh *shell, c command) bool {
	t := wrapper{short: "jJNLnSIaCd", long: "jobs max-procs colsep delimiter arg-file joblog results timeout retries delay sshlogin tmpdir halt load memfree"}
	h := t.split(c.words[1:])
	cut, values := len(h.rest), []field(nil)
	for i, f := range h.rest {
		if strings.HasPrefix(f.text, ":::") {
			cut, values = i, h.rest[i+1:]
			break
		}
	}
	words := h.rest[:cut]
	if h.flags["help"] || h.flags["version"] || h.flags["dry-run"] || h.flags["dryrun"] {
		return false
	}
	id := w.program(sh, command{words: c.words[:len(c.words)-len(h.rest)], env: c.env, redir: c.redir, from: c.from, to: c.to})
	in := w.inside(sh, id, "parallel")
	in.spin()
	in.filled, in.remote = true, sh.remote || h.flags["S"] || h.flags["sshlogin"]
	if len(words)+len(values) == 0 {
		w.queue(in, w.stages[id], h, c.redir.stdin)
		return true
	}
	if len(values) == 0 || len(values) > maxUnroll {
		values = []field{{text: "...", open: "words read from standard input", many: true, from: c.redir.stdin.from}}
	}
	for _, v := range values {
		line := joined(words)
		switch {
		case v.open != "":
			w.exec(in, command{words: append(words[:len(words):len(words)], v), redir: redirection{stdout: c.redir.stdout}})
			continue
		case strings.Contains(line.text, "{}"):
			line.text = strings.ReplaceAll(line.text, "{}", quote(v.text))
		case line.text == "":
			line = v
		default:
			line.text += " " + quote(v.text)
		}
		w.shellText(in, command{env: c.env, redir: redirection{stdout: c.redir.stdout}}, line)
	}
	return true
}

// queue walks the lines that parallel runs where it is given no command: those
// of its standard input, or of a file.
func (w *walk) queue(in *shell, s *Stage, h head, stdin input) {
	if f, ok := h.value("a arg-file"); ok {
		stdin = input{kind: "file", path: join(in.cwd, f.text)}
	}
	in.program = false
	w.fromInput(in, s, stdin)
}
