package classify

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// filled reports whether a part of a word stands for something else than its own
// letters.
func filled(p syntax.WordPart) bool {
	switch p := p.(type) {
	case *syntax.Lit, *syntax.SglQuoted:
		return false
	case *syntax.DblQuoted:
		return slices.ContainsFunc(p.Parts, filled)
	}
	return true
}

// note keeps a command that will be executed as it is spelled out, with its
// folder; stage is what it comes to.
func (w *walk) note(sh *shell, c command, stage int) {
	itself := w.cmd.Kind == "exec" && !w.noted
	w.noted = true
	if itself || sh.filled || sh.remote || sh.cwd == "" || len(w.execs) >= maxExecs {
		return
	}
	name := c.words[0].text
	if !sh.program && !strings.Contains(name, "/") && isBuiltin(name) {
		return
	}
	for _, f := range c.words {
		if !f.whole || f.open != "" || f.glob > 0 || len(f.under) > 0 {
			return
		}
	}
	w.execs = append(w.execs, Exec{Argv: texts(c.words), Cwd: sh.cwd, Loop: sh.loop, Stage: stage})
}

// spelled returns the executions that were noted, but for those of code that was
// not understood as a whole.
func (w *walk) spelled() []Exec {
	return slices.DeleteFunc(w.execs, func(e Exec) bool {
		if e.Stage >= len(w.stages) {
			return true
		}
		for id := w.stages[e.Stage].Parent; id >= 0; id = w.stages[id].Parent {
			if p := w.stages[id].Payload; p != nil && !p.Read {
				return true
			}
		}
		return false
	})
}

// behindEnv notes what env executes next for a script whose first line names it:
// the kernel hands env the rest of that line as one word, then the script.
func (w *walk) behindEnv(sh *shell, s *Stage, c command) {
	line, _, _ := strings.Cut(s.Payload.Text, "\n")
	rest, ok := strings.CutPrefix(line, "#!")
	program, arg, _ := strings.Cut(strings.TrimSpace(rest), " ")
	if !ok || baseName(program) != "env" {
		return
	}
	words := []field{{text: strings.TrimSpace(arg), whole: true}}
	if split, ok := strings.CutPrefix(words[0].text, "-S"); ok {
		words = splitString(field{text: split, whole: true})
	}
	if len(words) == 0 || dashed(words[0]) || isAssign(words[0]) || s.Payload.written {
		return
	}
	in := sh.fork()
	in.program = true
	c.words = append(words, c.words...)
	w.note(in, c, s.ID)
}
