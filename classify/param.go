package classify

import (
	"bytes"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// param expands $name and ${name...}.
func (b *builder) param(p *syntax.ParamExp, quoted bool) {
	if words, known, ok := b.sh.elements(p); ok && known {
		between := " "
		if v, ok := b.sh.lookup("IFS"); ok && quoted && v.open == "" && !v.unset && p.Param.Value != "@" && lists(p) == "*" {
			between = v.text[:min(1, len(v.text))]
		}
		for i, f := range words {
			b.w.spend(64)
			if i > 0 && between != "" {
				b.put(between, quoted, nil)
			}
			if f.open != "" {
				b.miss(p, f.open, quoted, f.from)
				continue
			}
			b.put(f.text, quoted, f.from)
		}
		return
	}
	v := b.w.paramValue(b.sh, p)
	if v.open != "" && v.text == "" {
		b.miss(p, v.open, quoted, v.from)
		return
	}
	b.mark(v.text)
	b.put(v.text, quoted, v.from)
	if v.glob && b.cur.glob == 0 && len(b.buf) > 0 {
		b.cur.glob = max(1, bytes.IndexAny(b.buf, "*?[")+1)
	}
	if known := b.cur.open; b.has && known != worse(known, v.open) {
		b.cur.open, b.cur.guess = v.open, true
	}
}

// lists returns how p lists the elements: @ or *.
func lists(p *syntax.ParamExp) string {
	if i, ok := p.Index.(*syntax.Word); ok {
		return i.Lit()
	}
	return p.Param.Value
}

// paramValue returns what ${...} stands for. A value with both text and open
// is a guess: right unless the surroundings say otherwise.
func (w *walk) paramValue(sh *shell, p *syntax.ParamExp) value {
	if p.Param == nil || p.Flags != nil || p.NestedParam != nil || p.Width || p.IsSet || p.Names != 0 || len(p.Modifiers) > 0 {
		w.aside(sh, p)
		return value{open: sh.source(p) + " is not understood"}
	}
	if n, ok := sh.count(p); ok {
		return value{text: strconv.Itoa(n)}
	}
	v := w.variable(sh, p)
	if p.Excl {
		if v.open != "" || !syntax.ValidName(v.text) {
			w.aside(sh, p)
			return value{open: sh.source(p) + " has no literal value", from: v.from}
		}
		v = sh.value(v.text)
	}
	switch {
	case p.Exp != nil:
		return w.paramOp(sh, p, v)
	case v.open != "":
		w.aside(sh, p)
		if (p.Slice != nil || p.Repl != nil) && !strings.HasSuffix(v.open, unknownNumber) {
			v.text = "" // a part of a guess is no guess
		}
		return v
	case p.Length:
		return value{text: strconv.Itoa(len([]rune(v.text)))}
	case p.Slice != nil:
		return w.slice(sh, p, v)
	case p.Repl != nil:
		return w.replace(sh, p, v)
	}
	return v
}

// aside walks what the operands of an expansion execute where its value does not
// depend on them.
func (w *walk) aside(sh *shell, p *syntax.ParamExp) {
	operands := *p
	operands.Index = nil // its own value was asked for
	w.expand(sh, &operands)
}

// expand walks the words of any part of a line, and returns what they become.
func (w *walk) expand(sh *shell, part syntax.Node) (words []field) {
	syntax.Walk(part, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.BinaryArithm:
			w.arithm(sh, n)
			return false
		case *syntax.UnaryArithm:
			w.arithm(sh, n)
			return false
		case *syntax.Word:
			words = append(words, w.single(sh, n))
			return false
		}
		return true
	})
	return words
}

// count returns how many elements an array has, for ${#name[@]}.
func (sh *shell) count(p *syntax.ParamExp) (int, bool) {
	all, ok := p.Index.(*syntax.Word)
	if !ok || !p.Length || all.Lit() != "@" && all.Lit() != "*" {
		return 0, false
	}
	v, _ := sh.lookup(p.Param.Value)
	return len(v.list), v.array && v.open == ""
}

// variable returns the variable, array element or parameter that p names.
func (w *walk) variable(sh *shell, p *syntax.ParamExp) value {
	name := p.Param.Value
	if p.Index == nil {
		return sh.value(name)
	}
	v, set := sh.lookup(name)
	if i, ok := p.Index.(*syntax.Word); ok && !set && name == "BASH_SOURCE" && i.Lit() == "0" {
		return sh.value(name)
	}
	n, ok := w.arithm(sh, p.Index)
	if !ok || !v.array || v.open != "" {
		return value{open: sh.source(p) + " has no literal value", from: v.from}
	}
	if n < 0 {
		n += len(v.list)
	}
	if n < 0 || n >= len(v.list) {
		return value{unset: true, from: v.from}
	}
	return value{text: v.list[n], from: v.from}
}

// someNumber stands for digits of which only that is known: no process has this
// number, no path changes its zone by it.
const (
	someNumber    = "4194305"
	unknownNumber = " is a number that is not known"
)

// value returns the value of a variable or special parameter.
func (sh *shell) value(name string) value {
	if v, ok := sh.lookup(name); ok {
		if v.array && v.open == "" {
			if len(v.list) > 0 {
				return value{text: v.list[0], from: v.from}
			}
			return value{unset: true}
		}
		return v
	}
	if n, err := strconv.Atoi(name); err == nil && n > 0 && sh.argsOK {
		if n > len(sh.args) {
			return value{unset: true}
		}
		f := sh.args[n-1]
		if len(f.under) > 0 {
			return value{open: "a path found at run time", from: f.from}
		}
		if f.open != "" && !f.guess {
			f.text = ""
		}
		return value{text: f.text, open: f.open, from: f.from}
	}
	if _, set := sh.lookup("BASH_ARGV0"); sh.self != "" && !set && (name == "0" || name == "BASH_SOURCE" && !sh.sourced) {
		return value{text: sh.self}
	}
	if hasWord("$ ! RANDOM SRANDOM SECONDS EPOCHSECONDS BASHPID LINENO UID EUID", name) {
		return value{text: someNumber, open: "$" + name + unknownNumber}
	}
	if name == "IFS" {
		return value{text: " \t\n"}
	}
	if name == "SHELL" || name == "BASH" {
		return value{text: "/bin/bash", open: "$" + name + " may be another shell"}
	}
	if name == "#" && sh.argsOK {
		return value{text: strconv.Itoa(len(sh.args))}
	}
	return value{open: "$" + name + " has no literal value"}
}
