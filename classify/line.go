package classify

import (
	"mvdan.cc/sh/v3/syntax"
)

// line walks text as a shell would run it in sh.
func (w *walk) line(sh *shell, text string) {
	w.nested(sh, func() {
		w.spend(len(text))
		sh.src = text
		mark, within := len(w.traps), sh.within
		sh.within = false
		defer func() { sh.within = within }()
		if other, ok := uncontinued(text); ok {
			if stmts, err := w.parse(other); err == nil {
				in := sh.fork()
				in.src, in.filled = other, true
				w.stmts(in, stmts)
			}
		}
		stmts, err := w.parse(text)
		w.stmts(sh, stmts)
		if err != nil {
			w.doubt(sh.parent, "payload", "does not parse: "+parseReason(err))
			w.rest(sh, text, stmts)
		}
		if !within {
			w.handlers(sh, mark)
		}
	})
}

// nested runs f one level deeper, with sh's view of the source put back after.
func (w *walk) nested(sh *shell, f func()) {
	if sh.level++; sh.level > maxLevels {
		panic(refusal{ErrTooDeep})
	}
	src := sh.src
	f()
	sh.src = src
	sh.level--
}

// doubt records that something could not be understood.
func (w *walk) doubt(stage int, where, reason string) {
	o := Opaque{Stage: stage, Where: where, Reason: reason}
	if stage < 0 {
		w.opaque = append(w.opaque, o)
		return
	}
	s := w.stages[stage]
	w.spend(len(s.Opaque))
	for _, old := range s.Opaque {
		if old == o {
			return
		}
	}
	s.Opaque = append(s.Opaque, o)
}

func (w *walk) stmts(sh *shell, list []*syntax.Stmt) {
	for _, s := range list {
		w.stmt(sh, s)
	}
}

func (w *walk) stmt(sh *shell, s *syntax.Stmt) {
	w.spend(64)
	if s.Background || s.Coprocess || s.Disown {
		sh = sh.fork()
		sh.detach = true
		sh.stdin = input{kind: "null"}
	}
	if call, ok := s.Cmd.(*syntax.CallExpr); ok {
		w.call(sh, call, s.Redirs)
		return
	}
	in, out := sh.stdin, sh.stdout
	r := w.redirects(sh, s.Redirs)
	if s.Cmd == nil || r.visible() {
		w.nameless(sh, command{redir: r})
	}
	sh.stdin, sh.stdout = r.stdin, r.stdout
	w.compound(sh, s.Cmd)
	sh.stdin, sh.stdout = in, out
}

// nameless adds a stage in which no program runs: redirections, assignments.
func (w *walk) nameless(sh *shell, c command) {
	c.words = nil
	s := &Stage{}
	w.add(sh, c, s)
	a := &reading{spec: &spec{}}
	w.paths(sh, s, a, field{})
	w.peers(s, a)
	w.produce(sh, s, a, c)
}

func (w *walk) compound(sh *shell, cmd syntax.Command) {
	switch c := cmd.(type) {
	case *syntax.Block:
		w.stmts(sh, c.Stmts)
	case *syntax.Subshell:
		w.stmts(sh.fork(), c.Stmts)
	case *syntax.BinaryCmd:
		w.binary(sh, c)
	case *syntax.IfClause:
		w.ifClause(sh, c)
	case *syntax.WhileClause:
		w.while(sh, c)
	case *syntax.ForClause:
		w.forClause(sh, c)
	case *syntax.CaseClause:
		w.caseClause(sh, c)
	case *syntax.FuncDecl:
		w.define(sh, c)
	case *syntax.TimeClause:
		if c.Stmt != nil {
			w.under(sh, "time", func() { w.stmt(sh, c.Stmt) })
		}
	case *syntax.CoprocClause:
		in := sh.fork()
		in.detach, in.stdin = true, input{kind: "pipe"}
		w.stmt(in, c.Stmt)
	case *syntax.DeclClause:
		w.declare(sh, c)
	case *syntax.TestClause, *syntax.ArithmCmd, *syntax.LetClause, *syntax.TestDecl:
		w.tests(sh, c)
	}
}

// under runs f with one more wrapper around what it starts.
func (w *walk) under(sh *shell, wrapper string, f func()) {
	via := sh.via
	sh.via = append(via[:len(via):len(via)], wrapper)
	f()
	sh.via = via
}
