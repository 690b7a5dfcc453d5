package classify

import (
	"regexp"
	"strings"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"
)

// paramOp applies ${v:-word} and its kin.
func (w *walk) paramOp(sh *shell, p *syntax.ParamExp, v value) value {
	word := w.single(sh, p.Exp.Word)
	_, named := sh.lookup(p.Param.Value)
	empty := v.unset || v.text == "" && v.open == ""
	unknown := v.open != "" && v.text == ""
	other := value{text: word.text, open: word.open, from: word.from}
	if word.open != "" && !word.guess {
		other.text = ""
	}
	switch op := p.Exp.Op; op {
	case syntax.DefaultUnset, syntax.DefaultUnsetOrNull, syntax.AssignUnset, syntax.AssignUnsetOrNull:
		if unknown && !named {
			// Nothing in the line sets it, so the default is what it says; the
			// environment may still differ, hence a guess.
			if other.open == "" {
				other.open = "$" + p.Param.Value + " may be set outside the line"
			}
			return other
		}
		colon := op == syntax.DefaultUnsetOrNull || op == syntax.AssignUnsetOrNull
		if !unknown && (v.unset || colon && empty) {
			if op == syntax.AssignUnset || op == syntax.AssignUnsetOrNull {
				sh.set(p.Param.Value, other)
			}
			return other
		}
		return v
	case syntax.AlternateUnset, syntax.AlternateUnsetOrNull:
		if unknown {
			return value{open: v.open, from: append(v.from, word.from...)}
		}
		if v.unset || op == syntax.AlternateUnsetOrNull && empty {
			return value{}
		}
		return other
	case syntax.ErrorUnset, syntax.ErrorUnsetOrNull:
		return v
	}
	if p.Exp.Op == syntax.OtherParamOps && word.text == "P" {
		w.prompt(sh, v.text)
	}
	if v.open != "" || word.open != "" {
		return value{open: sh.source(p) + " has no literal value", from: v.from}
	}
	return w.trim(sh, p, v)
}

// trim applies ${v#pat}, ${v%pat} and the case operators.
func (w *walk) trim(sh *shell, p *syntax.ParamExp, v value) value {
	pat := ""
	if p.Exp.Word != nil {
		b := builder{w: w, sh: sh}
		b.word(p.Exp.Word)
		if pat = string(b.buf); b.cur.mixed(pat) {
			return value{open: sh.source(p) + " is not understood", from: v.from}
		}
	}
	switch p.Exp.Op {
	case syntax.UpperAll, syntax.LowerAll, syntax.UpperFirst, syntax.LowerFirst:
		if pat != "" {
			break
		}
		return value{text: recase(p.Exp.Op, v.text), from: v.from}
	case syntax.RemSmallPrefix, syntax.RemLargePrefix, syntax.RemSmallSuffix, syntax.RemLargeSuffix:
		if text, ok := w.strip(p.Exp.Op, v.text, pat); ok {
			return value{text: text, from: v.from}
		}
	}
	return value{open: sh.source(p) + " is not understood", from: v.from}
}

// mixed reports whether a pattern has quoted pattern characters, which the
// translation below would take for active ones.
func (f field) mixed(pat string) bool { return f.glob == 0 && strings.ContainsAny(pat, `*?[\`) }

func recase(op syntax.ParExpOperator, s string) string {
	switch {
	case op == syntax.UpperAll:
		return strings.ToUpper(s)
	case op == syntax.LowerAll:
		return strings.ToLower(s)
	case s == "":
		return s
	case op == syntax.UpperFirst:
		return strings.ToUpper(s[:1]) + s[1:]
	}
	return strings.ToLower(s[:1]) + s[1:]
}

// strip removes the shortest or longest match of pat from one end of s.
func (w *walk) strip(op syntax.ParExpOperator, s, pat string) (string, bool) {
	expr, err := pattern.Regexp(pat, 0)
	if err != nil || len(s) > 4096 || len(pat) > 256 {
		return "", false
	}
	re, err := regexp.Compile("^(?s:" + expr + ")$")
	if err != nil {
		return "", false
	}
	prefix := op == syntax.RemSmallPrefix || op == syntax.RemLargePrefix
	fromShort := op == syntax.RemSmallPrefix || op == syntax.RemSmallSuffix
	for i := 0; i <= len(s); i++ {
		n := i
		if !fromShort {
			n = len(s) - i
		}
		w.spend(len(s) + 64)
		if prefix && re.MatchString(s[:n]) {
			return s[n:], true
		}
		if !prefix && re.MatchString(s[len(s)-n:]) {
			return s[:len(s)-n], true
		}
	}
	return s, true
}

func (w *walk) slice(sh *shell, p *syntax.ParamExp, v value) value {
	r := []rune(v.text)
	off, ok := w.arithm(sh, p.Slice.Offset)
	n, nok := len(r), true
	if p.Slice.Length != nil {
		n, nok = w.arithm(sh, p.Slice.Length)
	}
	if !ok || !nok {
		return value{open: sh.source(p) + " has no literal value", from: v.from}
	}
	if off < 0 {
		off += len(r)
	}
	if off < 0 || off > len(r) {
		return value{from: v.from}
	}
	end := off + n
	if n < 0 {
		end = len(r) + n
	}
	end = min(end, len(r))
	if end < off {
		return value{from: v.from}
	}
	return value{text: string(r[off:end]), from: v.from}
}

func (w *walk) replace(sh *shell, p *syntax.ParamExp, v value) value {
	orig, with := w.single(sh, p.Repl.Orig), w.single(sh, p.Repl.With)
	if orig.open != "" || with.open != "" || strings.ContainsAny(orig.text, "*?[\\") || orig.text == "" || strings.ContainsAny(orig.text[:1], "#%") {
		return value{open: sh.source(p) + " is not understood", from: v.from}
	}
	n := 1
	if p.Repl.All {
		n = -1
	}
	w.spend(len(v.text) + strings.Count(v.text, orig.text)*len(with.text))
	return value{text: strings.Replace(v.text, orig.text, with.text, n), from: v.from}
}
