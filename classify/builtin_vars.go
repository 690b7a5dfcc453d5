package classify

import (
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declared returns what export and its kin assign where their name is quoted,
// so that the parser takes the assignments for words.
func declared(name string, args []field) []Assign {
	var out []Assign
	for _, f := range args {
		if hasWord("export readonly declare typeset local", name) && isAssign(f) {
			out = append(out, assignWord(f))
		}
	}
	return out
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
