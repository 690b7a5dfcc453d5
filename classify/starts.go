package classify

import "strings"

// helpers are options that name a program for another to start, by the one that
// starts it: its value is a line for a shell, words, or words with commas between
// them. One that is in none of these reads its options by its spec; here only
// whole words count, with one dash or two as written.
var helpers = map[string]struct{ lines, words, commas string }{
	"split": {lines: "--filter"}, "gsplit": {lines: "--filter"},
	"fzf":  {lines: "--preview"},
	"sort": {words: "--compress-program"}, "gsort": {words: "--compress-program"},
	"scp": {words: "-S"}, "sftp": {words: "-S -D"},
	"wget": {words: "--use-askpass"},
	"npm":  {words: "--script-shell"}, "bpftrace": {words: "-c"},
	"gcc": {commas: "-wrapper"}, "g++": {commas: "-wrapper"}, "clang": {commas: "-wrapper"}, "clang++": {commas: "-wrapper"},
	"cc": {commas: "-wrapper"}, "c++": {commas: "-wrapper"}, "gfortran": {commas: "-wrapper"},
}

// starts walks the programs that a stage is told to start by its options.
func (w *walk) starts(sh *shell, s *Stage, c command) {
	h, ok := helpers[tool(family(s.Name))]
	if !ok {
		return
	}
	for _, f := range valuesBehind(c.words, h.lines) {
		in := sh.child(append(s.Env[:len(s.Env):len(s.Env)], Assign{Name: "FILE", Value: piece(s), Literal: true}))
		in.parent, in.via, in.root = s.ID, append(sh.via[:len(sh.via):len(sh.via)], s.Name), sh.root
		in.stdin, in.filled = input{kind: "pipe"}, true
		w.laterLine(in, s, f)
	}
	in := w.inside(sh, s.ID, s.Name)
	in.filled = true
	for _, f := range valuesBehind(c.words, h.words) {
		w.startsWords(in, splitString(f))
	}
	for _, f := range valuesBehind(c.words, h.commas) {
		words := []field{f}
		if f.usable() {
			words = literals(strings.Split(f.text, ","))
		}
		w.startsWords(in, words)
	}
}

func (w *walk) startsWords(in *shell, words []field) {
	if len(words) > 0 {
		w.exec(in, command{words: words, redir: redirection{stdin: input{kind: "null"}}, bare: true})
	}
}

// piece is the first file that split makes, for which it sets $FILE.
func piece(s *Stage) string {
	if len(s.Operands) > 1 {
		return s.Operands[1] + "aa"
	}
	return "xaa"
}

// valuesBehind returns the words behind some options, or behind their =.
func valuesBehind(words []field, names string) []field {
	var out []field
	for i, f := range words {
		if i == 0 || !dashed(f) {
			continue
		}
		name, v, has := strings.Cut(f.text, "=")
		switch {
		case !hasWord(names, name):
		case has:
			f.text = v
			out = append(out, f)
		case i+1 < len(words):
			out = append(out, words[i+1])
		}
	}
	return out
}

// m4 walks the lines that its macros hand to a shell, where its text is at hand:
// on its standard input, in a file that the line wrote, or in one that is not the
// project's.
func (w *walk) m4(sh *shell, s *Stage, c command) {
	text := ""
	if in := c.redir.stdin; len(s.Operands) == 0 && in.kind == "text" {
		text = in.text
	}
	for _, o := range s.Operands {
		abs := join(sh.cwd, o)
		if _, written := w.files[abs]; !written && (sh.remote || w.place.zone(abs) == "workspace") {
			continue
		}
		w.scriptFile(sh, s, field{text: o}, "unknown")
		if p := s.Payload; p != nil && p.Read {
			text, s.Payload = text+p.Text, nil
		}
	}
	w.spend(len(text))
	for i := strings.Index(text, "syscmd("); i >= 0; i = strings.Index(text, "syscmd(") {
		text = text[i+len("syscmd"):]
		line, n := bracketed(text)
		text = text[n:]
		w.later(sh, s, field{text: strings.Trim(line, "`' \t\n")})
	}
}
