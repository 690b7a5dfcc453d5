package classify

import (
	"math"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

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
		w.again(sh, f.text)
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
