package classify

import (
	"path"
	"slices"
	"strings"
)

// loginShell walks sudo -i, sudo -s and su without a command, or with one that
// the shell of the other user runs.
func (w *walk) loginShell(sh *shell, c command, rest []field) {
	if len(rest) > 0 {
		w.shellText(sh, c, joined(rest))
		return
	}
	c.words = []field{{text: "sh"}}
	w.program(sh, c)
}

func (w *walk) env(sh *shell, c command) bool {
	t := wrapper{short: "uCSa", long: "unset chdir split-string argv0 block-signal default-signal ignore-signal"}
	h := t.split(c.words[1:])
	if h.flags["help"] || h.flags["version"] {
		return false
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], "env")
	in.program = true
	if dir, ok := h.value("C chdir"); ok {
		in.cwd = ""
		if dir.usable() {
			in.cwd = join(sh.cwd, dir.text)
		}
	}
	c.take(h.options)
	if text, ok := h.value("S split-string"); ok {
		h.rest = append(splitString(text), h.rest...)
		again := t.split(h.rest)
		h.rest, h.open = again.rest, append(h.open, again.open...)
	}
	if len(h.rest) > 0 && h.rest[0].text == "-" { // -i
		h.rest = h.rest[1:]
	}
	for len(h.rest) > 0 && isAssign(h.rest[0]) {
		c.env = append(c.env, assignWord(h.rest[0]))
		h.rest = h.rest[1:]
	}
	h.open = slices.DeleteFunc(h.open, func(f field) bool {
		kept := w.settings(f)
		if kept {
			c.from = append(c.from, f.from...)
		}
		return kept
	})
	if len(h.rest) == 0 && len(h.open) == 0 {
		return false
	}
	w.inner(in, c, h)
	return true
}

// settings reports whether a word stands for the NAME=value lines of a file that
// the project keeps for that: env $(grep -v '^#' .env | xargs) make. What the line
// itself wrote to such a file is known, and so the word is.
func (w *walk) settings(f field) bool {
	kept, todo := false, slices.Clone(f.from)
	for len(todo) > 0 {
		s := w.stages[todo[0]]
		todo = append(append(todo[1:], s.ReadsFrom...), s.Takes...)
		w.spend(len(todo))
		if !hasWord("cat grep egrep sed awk xargs echo tr head cut", s.Name) {
			return false
		}
		for _, p := range s.Paths {
			if p.Zone != "workspace" || !w.keepsSettings(p.Path) {
				return false
			}
			kept = true
		}
	}
	return kept
}

// keepsSettings reports whether a file is named as those of settings are, and not
// written by the line.
func (w *walk) keepsSettings(abs string) bool {
	name := path.Base(abs)
	_, written := w.files[abs]
	return !written && (name == ".env" || strings.HasPrefix(name, ".env.") || strings.HasSuffix(name, ".env"))
}

// splitString splits env -S's value at blanks, with its quotes.
func splitString(f field) []field {
	if !f.usable() {
		return []field{f}
	}
	var out []field
	cur, has, quote := "", false, byte(0)
	for i := 0; i < len(f.text); i++ {
		switch c := f.text[i]; {
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n'):
			if has {
				out = append(out, field{text: cur, open: f.open, guess: f.guess, whole: f.whole})
			}
			cur, has = "", false
		case quote == 0 && (c == '"' || c == '\''):
			quote, has = c, true
		case c == quote:
			quote = 0
		case c == '\\' && i+1 < len(f.text) && quote != '\'':
			i++
			cur, has = cur+f.text[i:i+1], true
			if f.text[i] == '_' {
				cur = cur[:len(cur)-1] + " "
			}
		default:
			cur, has = cur+string([]byte{c}), true
		}
	}
	if has {
		out = append(out, field{text: cur, open: f.open, guess: f.guess, whole: f.whole})
	}
	return out
}

func (w *walk) su(sh *shell, c command, name string) bool {
	t := wrapper{short: "cgGsTuw", long: "command session-command group supp-group shell user whitelist-environment"}
	h := t.split(c.words[1:])
	if h.flags["help"] || h.flags["version"] || h.flags["h"] || h.flags["V"] {
		return false
	}
	in := sh.fork()
	in.via, in.root, in.program = append(sh.via[:len(sh.via):len(sh.via)], name), true, true
	if text := suCommand(c.words[1:]); len(text) > 0 {
		w.shellText(in, c, text[0])
		return true
	}
	if name == "runuser" && h.flags["u"] && len(h.rest) > 0 {
		w.inner(in, c, h)
		return true
	}
	w.loginShell(in, c, nil)
	return true
}

// suCommand finds the value of -c anywhere in su's words.
func suCommand(words []field) []field {
	for i, f := range words {
		if f.text == "-c" || f.text == "--command" || len(f.text) > 2 && f.text[0] == '-' && f.text[1] != '-' && f.text[len(f.text)-1] == 'c' {
			if i+1 < len(words) {
				return words[i+1 : i+2]
			}
		}
		if v, ok := strings.CutPrefix(f.text, "--command="); ok {
			f.text = v
			return []field{f}
		}
	}
	return nil
}

func (w *walk) script(sh *shell, c command) bool {
	text := suCommand(c.words[1:])
	if len(text) == 0 {
		return false
	}
	in := sh.fork()
	in.via = append(sh.via[:len(sh.via):len(sh.via)], "script")
	w.shellText(in, c, text[0])
	return true
}
