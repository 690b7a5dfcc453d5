package classify

import (
	"errors"
	"io"
	"runtime"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// line walks text as a shell would run it in sh.
func (w *walk) line(sh *shell, text string) {
	w.nested(sh, func() {
		w.spend(len(text))
		sh.src = text
		if other, ok := uncontinued(text); ok {
			if stmts, err := w.parse(other); err == nil {
				in := sh.fork()
				in.src = other
				w.stmts(in, stmts)
			}
		}
		stmts, err := w.parse(text)
		w.stmts(sh, stmts)
		if err != nil {
			w.doubt(sh.parent, "payload", "does not parse: "+parseReason(err))
			w.rest(sh, text, stmts)
		}
	})
}

// uncontinued returns text as it reads if a backslash at the end of a comment
// does not continue it: so do shells, but not the parser, which would hide the
// next line in the one before. Where the mark is quoted, the text as it stands
// is the right reading; so both are walked.
func uncontinued(text string) (string, bool) {
	if !strings.Contains(text, "\\\n") || !strings.Contains(text, "#") {
		return "", false
	}
	lines := strings.SplitAfter(text, "\n")
	found := false
	for i, l := range lines {
		if j := strings.IndexByte(l, '#'); j >= 0 && strings.HasSuffix(l, "\\\n") && (j == 0 || strings.IndexByte(" \t;&|()", l[j-1]) >= 0) {
			lines[i], found = l[:len(l)-2]+"\n", true
		}
	}
	return strings.Join(lines, ""), found
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

// parse returns the statements before the first error, and the error. What
// bash does not accept may be another shell's language.
func (w *walk) parse(text string) ([]*syntax.Stmt, error) {
	stmts, err := w.parseAs(text, syntax.LangBash)
	if err == nil || len(text) > maxRetry {
		return stmts, err
	}
	for _, lang := range []syntax.LangVariant{syntax.LangZsh, syntax.LangPOSIX, syntax.LangMirBSDKorn} {
		if other, err := w.parseAs(text, lang); err == nil {
			return other, nil
		}
	}
	return stmts, err
}

func (w *walk) parseAs(text string, lang syntax.LangVariant) (stmts []*syntax.Stmt, err error) {
	in := &shallow{r: strings.NewReader(text)}
	p := w.parser
	if p == nil || lang != syntax.LangBash {
		p = syntax.NewParser(syntax.Variant(lang))
	}
	if lang == syntax.LangBash {
		w.parser = p
	}
	err = p.Stmts(in, func(s *syntax.Stmt) bool {
		stmts = append(stmts, s)
		return len(stmts) <= maxStages
	})
	switch {
	case in.deep:
		panic(refusal{ErrTooDeep})
	case len(stmts) > maxStages:
		panic(refusal{ErrTooMuch})
	}
	for _, s := range stmts {
		if !within(s) {
			panic(refusal{ErrTooDeep})
		}
	}
	return stmts, err
}

// shallow ends a text whose parser has recursed too far. The parser has no
// bound of its own and would exhaust the stack, which nothing can recover
// from. It is far above maxDepth, so that the exact bound decides.
type shallow struct {
	r    io.Reader
	deep bool
}

func (s *shallow) Read(p []byte) (int, error) {
	const frames = 60 * maxDepth
	if runtime.Callers(frames, make([]uintptr, 1)) > 0 {
		s.deep = true
		return 0, errors.New("nested too deeply")
	}
	return s.r.Read(p)
}

// within reports whether no node of s lies too deep. Chains of && and | lean to
// one side: they count by length, as stages do.
func within(s *syntax.Stmt) bool {
	const chain, nest = 1, 1 << 16
	depth, weights := 0, []int{}
	ok := true
	syntax.Walk(s, func(n syntax.Node) bool {
		if n == nil {
			last := len(weights) - 1
			depth -= weights[last]
			weights = weights[:last]
			return true
		}
		weight := nest
		switch n.(type) {
		case *syntax.BinaryCmd:
			weight = chain
		case *syntax.Stmt, *syntax.Word, *syntax.Lit:
			weight = 0
		}
		depth += weight
		weights = append(weights, weight)
		ok = ok && depth/nest <= 3*maxDepth && depth%nest <= maxStages
		return ok
	})
	return ok
}

func parseReason(err error) string {
	var pe syntax.ParseError
	if errors.As(err, &pe) {
		return pe.Text
	}
	return err.Error()
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

// rest looks at what follows the last statement of a text that does not parse:
// each piece between separators that parses by itself is walked, of others at
// least the words are shown.
func (w *walk) rest(sh *shell, text string, done []*syntax.Stmt) {
	if n := len(done); n > 0 {
		end := int(done[n-1].End().Offset())
		text = text[min(end, len(text)):]
	}
	pieces := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n;|&(){}`", r) })
	for _, piece := range pieces {
		if piece = strings.TrimSpace(piece); piece == "" {
			continue
		}
		in := sh.fork()
		in.src = piece
		w.spend(64 * len(piece))
		if stmts, err := w.parseAs(piece, syntax.LangBash); err == nil {
			w.stmts(in, stmts)
			continue
		}
		words := strings.Fields(strings.NewReplacer(`"`, "", `'`, "", `\`, "", "$", " ").Replace(piece))
		for len(words) > 1 && syntax.IsKeyword(words[0]) {
			words = words[1:]
		}
		if len(words) > 0 {
			w.exec(in, command{words: literals(words)})
		}
	}
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
		w.nameless(sh, r, nil)
	}
	sh.stdin, sh.stdout = r.stdin, r.stdout
	w.compound(sh, s.Cmd)
	sh.stdin, sh.stdout = in, out
}

// nameless adds a stage in which no program runs: redirections, assignments.
func (w *walk) nameless(sh *shell, r redirection, env []Assign) {
	c := command{env: env, redir: r}
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

func (w *walk) binary(sh *shell, c *syntax.BinaryCmd) {
	switch c.Op {
	case syntax.Pipe, syntax.PipeAll:
		p := &pipe{cond: sh.cond}
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
			right.cond++
		}
		okY, failY := w.tryStmt(right, c.Y)
		return okY.at(sh), either(sh, failX, failY)
	case list && c.Op == syntax.OrStmt:
		okX, failX := w.tryStmt(sh, c.X)
		if failX == nil { // the right side never runs, but is judged
			failX = okX.fork()
		}
		okY, failY := w.tryStmt(failX.branch(), c.Y)
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
	p := &pipe{cond: sh.cond}
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
	out := &pipe{cond: sh.cond}
	in.stdout = out
	w.nested(in, func() { w.stmts(in, p.Stmts) })
	return out.writers, nil
}
