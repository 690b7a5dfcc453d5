package classify

import (
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// Some builtins, arithmetic and ${x@P} expand text a second time, after quotes
// are gone: unset 'a[$(b)]' runs b.

// namers are the builtins whose words are names of variables, and so may be
// elements of arrays; computers those with expressions in which there may be any.
const (
	namers    = "[ getopts mapfile printf read readarray test unset wait"
	computers = "declare export let local readonly typeset"
)

// names walks what words of a builtin execute as names of variables.
func (w *walk) names(sh *shell, builtin string, words []field) {
	for _, f := range words {
		switch name, _, _ := strings.Cut(f.text, "["); {
		case hasWord(computers, builtin), hasWord(namers, builtin) && syntax.ValidName(name):
			w.again(sh, f.text)
		}
	}
}

// again walks what the subscript in a text that names an element executes.
func (w *walk) again(sh *shell, text string) {
	i, end := strings.IndexByte(text, '['), strings.LastIndexByte(text, ']')
	if i <= 0 || end < i || !strings.ContainsAny(text[i:end], "$`") {
		return
	}
	name := strings.LastIndexFunc(text[:i], func(r rune) bool { return !syntax.ValidName("_" + string(r)) }) + 1
	if !syntax.ValidName(text[name:i]) {
		return
	}
	in := sh.fork()
	in.filled = true
	w.line(in, text[name:end+1]+"=")
}

// prompt walks what a text executes that is expanded as a prompt is.
func (w *walk) prompt(sh *shell, text string) {
	if strings.ContainsAny(text, "$`") {
		in := sh.fork()
		in.filled = true
		w.line(in, `: "`+strings.ReplaceAll(text, `"`, `\"`)+`"`)
	}
}
