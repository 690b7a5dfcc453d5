package classify

import (
	"bytes"
	"math"
	"regexp"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/pattern"
	"mvdan.cc/sh/v3/syntax"
)

// param expands $name and ${name...}.
func (b *builder) param(p *syntax.ParamExp, quoted bool) {
	if words, known, ok := b.sh.elements(p); ok && known {
		for i, f := range words {
			b.w.spend(64)
			if i > 0 {
				b.put(" ", quoted, nil)
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
	if v.open != "" && b.has && b.cur.open == "" {
		b.cur.open, b.cur.guess = v.open, true
	}
}

// paramValue returns what ${...} stands for. A value with both text and open
// is a guess: right unless the surroundings say otherwise.
func (w *walk) paramValue(sh *shell, p *syntax.ParamExp) value {
	if p.Param == nil || p.Flags != nil || p.NestedParam != nil || p.Width || p.IsSet || p.Names != 0 || len(p.Modifiers) > 0 {
		return value{open: sh.source(p) + " is not understood"}
	}
	v := w.variable(sh, p)
	if p.Excl {
		if v.open != "" || !syntax.ValidName(v.text) {
			return value{open: sh.source(p) + " has no literal value", from: v.from}
		}
		v = sh.value(v.text)
	}
	switch {
	case p.Exp != nil:
		return w.paramOp(sh, p, v)
	case v.open != "":
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

// variable returns the variable, array element or parameter that p names.
func (w *walk) variable(sh *shell, p *syntax.ParamExp) value {
	name := p.Param.Value
	if p.Index == nil {
		return sh.value(name)
	}
	v, _ := sh.lookup(name)
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
		if f.open != "" && !f.guess {
			f.text = ""
		}
		return value{text: f.text, open: f.open, from: f.from}
	}
	if name == "IFS" {
		return value{text: " \t\n"}
	}
	if name == "#" && sh.argsOK {
		return value{text: strconv.Itoa(len(sh.args))}
	}
	return value{open: "$" + name + " has no literal value"}
}

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

// arithm evaluates an expression of literal numbers and known variables.
func (w *walk) arithm(sh *shell, x syntax.ArithmExpr) (int, bool) {
	switch x := x.(type) {
	case *syntax.Word:
		f := w.single(sh, x)
		if f.open != "" {
			return 0, false
		}
		if syntax.ValidName(f.text) {
			v := sh.value(f.text)
			if v.open != "" {
				return 0, false
			}
			f.text = v.text
		}
		n, err := strconv.ParseInt(f.text, 0, 32)
		return int(n), err == nil
	case *syntax.ParenArithm:
		return w.arithm(sh, x.X)
	case *syntax.UnaryArithm:
		n, ok := w.arithm(sh, x.X)
		switch x.Op {
		case syntax.Minus:
			return -n, ok
		case syntax.Plus:
			return n, ok
		}
		if word, isWord := x.X.(*syntax.Word); isWord && (x.Op == syntax.Inc || x.Op == syntax.Dec) {
			w.changed(sh, word)
		}
	case *syntax.BinaryArithm:
		a, aok := w.arithm(sh, x.X)
		b, bok := w.arithm(sh, x.Y)
		if word, isWord := x.X.(*syntax.Word); isWord && assigns(x.Op) {
			w.changed(sh, word)
		}
		if aok && bok {
			return compute(x.Op, a, b)
		}
	}
	return 0, false
}

// changed forgets a variable that arithmetic assigns.
func (w *walk) changed(sh *shell, word *syntax.Word) {
	if name := word.Lit(); syntax.ValidName(name) {
		sh.forget(name, "$"+name+" is computed")
	}
}

func assigns(op syntax.BinAritOperator) bool {
	s := op.String()
	return strings.HasSuffix(s, "=") && s != "==" && s != "!=" && s != "<=" && s != ">="
}

func compute(op syntax.BinAritOperator, a, b int) (int, bool) {
	n := 0
	switch op {
	case syntax.Add:
		n = a + b
	case syntax.Sub:
		n = a - b
	case syntax.Mul:
		n = a * b
	case syntax.Quo:
		if b == 0 {
			return 0, false
		}
		n = a / b
	case syntax.Rem:
		if b == 0 {
			return 0, false
		}
		n = a % b
	default:
		return 0, false
	}
	return n, n >= math.MinInt32 && n <= math.MaxInt32
}

// ansiC decodes the body of $'...'.
func ansiC(s string) string {
	if strings.IndexByte(s, '\\') < 0 {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			b.WriteByte(s[i])
			continue
		}
		i++
		out, used := escape(s[i:], true)
		if out == "\x00" {
			break // the shell ends the string here
		}
		b.WriteString(out)
		i += used - 1
	}
	return b.String()
}

// escape decodes one escape sequence after its backslash and returns how many
// bytes it took. Quotes are escapes in $'..' but not for echo and printf.
func escape(s string, quotes bool) (string, int) {
	const from, to = `abefnrtvE\`, "\a\b\x1b\f\n\r\t\v\x1b\\"
	if i := strings.IndexByte(from, s[0]); i >= 0 {
		return to[i : i+1], 1
	}
	switch c := s[0]; {
	case quotes && strings.IndexByte(`'"?`, c) >= 0:
		return s[:1], 1
	case c == 'x':
		return number(s, 1, 2, 16, false)
	case c == 'u':
		return number(s, 1, 4, 16, true)
	case c == 'U':
		return number(s, 1, 8, 16, true)
	case c >= '0' && c <= '7':
		if !quotes && c == '0' {
			return number(s, 0, 4, 8, false)
		}
		return number(s, 0, 3, 8, false)
	case quotes && c == 'c' && len(s) > 1:
		return string(rune(s[1] & 0x1f)), 2
	}
	return `\` + s[:1], 1
}

// number decodes up to most digits after the first skip bytes of s: a
// character if wide, else one byte.
func number(s string, skip, most, base int, wide bool) (string, int) {
	n := skip
	for n < len(s) && n < skip+most && digit(s[n]) < base {
		n++
	}
	v, err := strconv.ParseUint(s[skip:n], base, 32)
	if err != nil || v > 0x10ffff {
		return `\` + s[:max(n, 1)], max(n, 1)
	}
	if wide {
		return string(rune(v)), n
	}
	return string([]byte{byte(v)}), n
}

func digit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return 99
}
