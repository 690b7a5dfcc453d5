package classify

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

func (w *walk) binary(sh *shell, c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.Pipe, syntax.PipeAll:
		p := &pipe{cond: sh.cond, spins: sh.spins}
		left := sh.fork()
		left.stdout = p
		w.stmt(left, c.X)
		right := sh.fork()
		right.stdin = w.reading(p)
		w.stmt(right, c.Y)
	default:
		ok, fail := w.try(sh, c)
		if fail == nil {
			sh.adopt(ok)
			return
		}
		sh.join(ok, fail)
	}
}

// try walks a part of an && and || list and returns the shells after it
// succeeded and after it failed; fail is nil where it is taken to succeed.
func (w *walk) try(sh *shell, cmd syntax.Command) (ok, fail *shell) {
	c, list := cmd.(*syntax.BinaryCmd)
	switch {
	case list && c.Op == syntax.AndStmt:
		okX, failX := w.tryStmt(sh, c.X)
		right := okX.fork()
		if failX != nil && !isCd(c.X) { // a cd is taken to succeed
			w.onlyIf(right)
			w.madeBy(c.X)
		}
		okY, failY := w.tryStmt(right, c.Y)
		return okY.at(sh), either(sh, failX, failY)
	case list && c.Op == syntax.OrStmt:
		okX, failX := w.tryStmt(sh, c.X)
		if failX == nil { // the right side never runs, but is judged
			failX = okX.fork()
		}
		okY, failY := w.tryStmt(w.branch(failX), c.Y)
		return either(sh, okX, okY), either(sh, failY)
	}
	return nil, nil
}

func (w *walk) tryStmt(sh *shell, s *syntax.Stmt) (ok, fail *shell) {
	if c, list := s.Cmd.(*syntax.BinaryCmd); list && (c.Op == syntax.AndStmt || c.Op == syntax.OrStmt) && !s.Background {
		w.spend(64)
		return w.try(sh, c)
	}
	before, ok := sh.fork(), sh.fork()
	w.stmt(ok, s)
	switch {
	case isCd(s):
		return ok, before
	case succeeds(s):
		return ok, nil
	}
	return ok, ok.fork()
}

// madeBy notes the folders without which the latest branch is not taken: where
// mkdir -p x fails there is nothing below x.
func (w *walk) madeBy(x *syntax.Stmt) {
	s := w.stages[len(w.stages)-1]
	if c, ok := x.Cmd.(*syntax.CallExpr); !ok || len(c.Args) == 0 || c.Args[0].Lit() != "mkdir" || s.Name != "mkdir" || !slices.Contains(s.Flags, "p") && !slices.Contains(s.Flags, "parents") {
		return
	}
	for _, p := range s.Paths {
		w.folders[w.ways] = append(w.folders[w.ways], p.Path)
	}
}

// at puts a shell back into the circumstances of another, keeping its state.
func (sh *shell) at(origin *shell) *shell {
	sh.cond = origin.cond
	return sh
}

// either returns the join of some shells; nil ones are left out.
func either(sh *shell, ways ...*shell) *shell {
	ways = slices.DeleteFunc(ways, func(s *shell) bool { return s == nil })
	if len(ways) == 0 {
		return nil
	}
	if len(ways) == 1 {
		return ways[0].at(sh)
	}
	out := sh.fork()
	out.join(ways...)
	return out
}

// succeeds reports whether a statement is taken to succeed: an assignment, a
// definition, true. Everything else may fail.
func succeeds(s *syntax.Stmt) bool {
	switch c := s.Cmd.(type) {
	case *syntax.CallExpr:
		if len(c.Args) == 0 {
			return true
		}
		switch c.Args[0].Lit() {
		case "true", ":", "export", "set", "shopt", "alias":
			return !s.Negated
		}
	case *syntax.DeclClause, *syntax.FuncDecl:
		return true
	}
	return false
}

func isCd(s *syntax.Stmt) bool {
	c, ok := s.Cmd.(*syntax.CallExpr)
	return ok && len(c.Args) > 0 && (c.Args[0].Lit() == "cd" || c.Args[0].Lit() == "pushd")
}

// reading returns the input of whatever reads from p.
func (w *walk) reading(p *pipe) input {
	in := input{kind: "pipe", from: p.writers}
	if text, ok := w.output(p); ok {
		in.kind, in.text = "text", text
	}
	return in
}

// output returns what the writers of p wrote, if that is known.
func (w *walk) output(p *pipe) (string, bool) {
	if p.unsure || len(p.writers) == 0 {
		return "", false
	}
	text := ""
	for _, id := range p.writers {
		s, ok := w.out[id]
		if !ok {
			return "", false
		}
		w.spend(len(text))
		text += s
	}
	return text, true
}

// capture walks a command substitution. Where the output is not known, why
// says so.
func (w *walk) capture(sh *shell, stmts []*syntax.Stmt) (text, why string, from []int) {
	p := &pipe{cond: sh.cond, spins: sh.spins}
	in := sh.fork()
	in.stdout = p
	w.nested(in, func() { w.stmts(in, stmts) })
	if text, ok := w.output(p); ok {
		return strings.TrimRight(text, "\n"), "", p.writers
	}
	for _, id := range p.writers {
		if n := w.stages[id].Name; n != "" {
			return "", "the output of " + n + " is not known", p.writers
		}
	}
	return "", "the output of a command is not known", p.writers
}

// process walks <(..) and >(..) and returns the stages that write to or read
// from the pipe it stands for.
func (w *walk) process(sh *shell, p *syntax.ProcSubst) (from, to []int) {
	in := sh.fork()
	if p.Op == syntax.CmdOut {
		first := len(w.stages)
		in.stdin = input{kind: "pipe"}
		w.nested(in, func() { w.stmts(in, p.Stmts) })
		for id := first; id < len(w.stages); id++ {
			to = append(to, id)
		}
		return nil, to
	}
	out := &pipe{cond: sh.cond, spins: sh.spins}
	in.stdout = out
	w.nested(in, func() { w.stmts(in, p.Stmts) })
	return out.writers, nil
}
