package classify

import (
	"cmp"
	"path"
	"strings"
)

// evaluators are programs, or scripts of projects, that take code behind a word.
// The words in console take it from their standard input.
var evaluators = map[string]struct{ lang, words, options, console string }{
	"deno":      {"node", "eval", "", ""},
	"manage.py": {"python", "shell", "c command", "shell shell_plus"},
	"rails":     {"ruby", "runner r", "", "console c"},
	"artisan":   {"php", "tinker", "execute", "tinker"},
	"wp":        {"php", "eval", "", "shell"},
	"drush":     {"php", "php:eval php-eval ev", "", ""},
	"mix":       {"unknown", "run eval", "e eval", ""},
	"flask":     {"python", "shell", "c", "shell"},
}

// evaluated states the code in the words of what has it behind a subcommand;
// false if there is none.
func (w *walk) evaluated(sh *shell, s *Stage, words []field, name string, in input) bool {
	e, ok := evaluators[name]
	if !ok || len(words) == 0 {
		return false
	}
	if len(words) == 1 && hasWord(e.console, words[0].text) && in.kind == "text" {
		s.Payload = &Payload{Kind: "heredoc", Lang: e.lang, Text: in.text, Read: true}
		w.foreign(sh, s, nil)
		return true
	}
	if len(words) == 1 || !hasWord(e.words, words[0].text) {
		return false
	}
	for i, f := range words {
		opt, v, has := strings.Cut(strings.TrimLeft(f.text, "-"), "=")
		if !dashed(f) || !hasWord(e.options, opt) {
			continue
		}
		if f.text = v; !has && i+1 < len(words) {
			f = words[i+1]
		}
		w.given(sh, s, e.lang, f, nil)
		return true
	}
	if last := words[len(words)-1]; e.options == "" && !dashed(last) {
		if strings.HasSuffix(last.text, ".rb") && !strings.ContainsAny(last.text, " (") { // rails runner takes either
			w.scriptFile(sh, s, last, e.lang)
			w.foreign(sh, s, nil)
			return true
		}
		w.given(sh, s, e.lang, last, nil)
		return true
	}
	return false
}

// compiled returns the source file that a compiler is told to run at once.
func compiled(s *Stage, a *reading) (field, bool) {
	ends, sub := compilers[s.Name], ""
	if s.Name == "go" || s.Name == "zig" || s.Name == "crystal" || s.Name == "dart" || s.Name == "deno" || s.Name == "dotnet" {
		sub = "run"
	}
	ops := a.operands
	if sub != "" && s.Sub != sub {
		if len(ops) == 0 || ops[0].text != sub {
			return field{}, false
		}
		ops = ops[1:]
	}
	for _, f := range ops {
		for end := range strings.FieldsSeq(ends) {
			if strings.HasSuffix(f.text, end) {
				return f, true
			}
		}
	}
	return field{}, false
}

// compilers that run source files, by the ends of those files' names.
var compilers = map[string]string{
	"go": ".go", "java": ".java", "zig": ".zig", "crystal": ".cr", "dart": ".dart", "deno": ".ts .js .mjs", "dotnet": ".cs .csx", "swift": ".swift",
	"runghc": ".hs", "runhaskell": ".hs", "ocaml": ".ml", "scala": ".scala .sc", "kotlin": ".kts", "kotlinc": ".kts", "nim": ".nim", "tcc": ".c", "rust-script": ".rs",
	"nmap": ".nse", "elixir": ".exs", "escript": ".escript", "sbcl": ".lisp", "guile": ".scm", "racket": ".rkt", "tclsh": ".tcl", "expect": ".exp",
}

// compiles states the source that a compiler runs, where the line wrote it or
// it is not the project's.
func (w *walk) compiles(sh *shell, s *Stage, f field) {
	abs := join(sh.cwd, f.text)
	_, written := w.files[abs]
	if sh.remote || f.open == "" && !written && w.place.zone(abs) == "workspace" {
		return
	}
	w.scriptFile(sh, s, f, cmp.Or(sourceLang[path.Ext(f.text)], "unknown"))
	w.foreign(sh, s, nil)
}

// sourceLang are the languages of source files, by the ends of their names, where
// more is known of them than telling words.
var sourceLang = map[string]string{".go": "go", ".rs": "rust", ".ts": "node", ".js": "node", ".mjs": "node", ".exs": "build", ".java": "build", ".kts": "gradle", ".swift": "build", ".zig": "build", ".scala": "build", ".cs": "build", ".csx": "build"}

// builders make programs of source files, by the language of those.
var builders = map[string]string{
	"gcc": "c", "cc": "c", "clang": "c", "g++": "c", "c++": "c", "clang++": "c", "rustc": "rust", "javac": "build", "swiftc": "build", "kotlinc": "build", "csc": "build",
}

// builds states the source that a compiler makes a program of, where the line wrote
// it: nobody else has read what is about to run.
func (w *walk) builds(sh *shell, s *Stage, a *reading, in input) {
	lang := builders[tool(s.Name)]
	if lang == "" {
		return
	}
	for _, f := range a.operands {
		if _, written := w.files[join(sh.cwd, f.text)]; written {
			w.scriptFile(sh, s, f, lang)
		} else if f.text == "-" && in.kind == "text" {
			s.Payload = &Payload{Kind: "heredoc", Lang: lang, Text: in.text, Read: true}
		} else {
			continue
		}
		w.foreign(sh, s, nil)
		return
	}
}

// preloads doubts code from outside the project that an interpreter loads first:
// node -r /tmp/x.js.
func (w *walk) preloads(sh *shell, s *Stage, a *reading, lang string) {
	if lang != "node" && lang != "ruby" {
		return
	}
	for _, f := range a.values("r require import loader experimental-loader preload") {
		if abs := join(sh.cwd, f.text); f.text != "" && strings.ContainsAny(f.text[:1], "./~") && w.place.zone(abs) != "workspace" {
			if s.Payload == nil {
				s.Payload = &Payload{Kind: "script", Lang: lang}
			}
			s.Payload.Read = false
			w.doubt(s.ID, "payload", "code that uses "+f.text)
		}
	}
}

// filters walks the programs that tar is told to compress with.
func (w *walk) filters(sh *shell, s *Stage, a *reading) {
	for _, f := range a.values("I use-compress-program") {
		if words := splitString(f); len(words) > 0 {
			w.exec(w.inside(sh, s.ID, "tar"), command{words: words, bare: true})
		}
	}
}
