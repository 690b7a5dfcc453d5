package classify

import (
	"slices"

	"mvdan.cc/sh/v3/syntax"
)

// branch returns a fork for code that may not run.
func (w *walk) branch(sh *shell) *shell {
	in := sh.fork()
	w.onlyIf(in)
	return in
}

// onlyIf notes that what sh walks from here may not run.
func (w *walk) onlyIf(sh *shell) {
	w.ways++
	w.spend(4 * len(sh.sure))
	sh.cond, sh.sure = sh.cond+1, append(slices.Clone(sh.sure), w.ways)
}

func (w *walk) ifClause(sh *shell, c *syntax.IfClause) {
	w.stmts(sh, c.Cond)
	then := w.branch(sh)
	w.stmts(then, c.Then)
	other := w.branch(sh)
	switch e := c.Else; {
	case e == nil:
	case e.ThenPos.IsValid(): // elif
		w.ifClause(other, e)
	default:
		w.stmts(other, e.Then)
	}
	sh.join(then, other)
}

func (w *walk) while(sh *shell, c *syntax.WhileClause) {
	w.havoc(sh, c)
	cond := w.branch(sh)
	cond.spin()
	w.stmts(cond, c.Cond)
	body := w.branch(cond)
	n := len(w.stages)
	w.stmts(body, c.Do)
	w.floods(n, endless(c) && onlyStarts(c.Do))
	cond.join(cond.fork(), body)
	cond.ended = 0
	sh.join(sh.fork(), cond)
}

// havoc forgets whatever a loop's body changes: its second turn starts from
// what the first one left.
func (w *walk) havoc(sh *shell, body syntax.Node) {
	syntax.Walk(body, func(n syntax.Node) bool {
		w.spend(1)
		switch n := n.(type) {
		case *syntax.Subshell, *syntax.CmdSubst, *syntax.ProcSubst:
			return false
		case *syntax.Assign:
			if n.Name != nil {
				sh.forget(n.Name.Value, "$"+n.Name.Value+" changes in a loop")
			}
		case *syntax.WordIter:
			sh.forget(n.Name.Value, "$"+n.Name.Value+" changes in a loop")
		case *syntax.CallExpr:
			w.havocCall(sh, n)
		}
		return true
	})
}

func (w *walk) havocCall(sh *shell, c *syntax.CallExpr) {
	if len(c.Args) == 0 {
		return
	}
	switch c.Args[0].Lit() {
	case "cd", "pushd", "popd", "chdir":
		sh.cwd, sh.old, sh.dirs = "", "", nil
		sh.place()
	case "read", "mapfile", "readarray", "getopts", "printf", "unset", "let", "eval", "source", ".":
		for _, a := range c.Args[1:] {
			if name := a.Lit(); syntax.ValidName(name) {
				sh.forget(name, "$"+name+" changes in a loop")
			}
		}
	case "shift", "set":
		sh.args, sh.argsOK = nil, false
	}
}

// spin notes that what sh walks from here may run many times.
func (sh *shell) spin() { sh.loop, sh.spins = true, sh.spins+1 }

func (w *walk) forClause(sh *shell, c *syntax.ForClause) {
	iter, ok := c.Loop.(*syntax.WordIter)
	if !ok {
		w.cStyle(sh, c)
		return
	}
	name := iter.Name.Value
	items, known := sh.args, sh.argsOK
	if iter.InPos.IsValid() {
		items, known = w.fields(sh, iter.Items), true
	}
	for _, f := range items {
		known = known && f.open == ""
	}
	turns := sh.turns * len(items)
	if !known || len(items) == 0 || turns > maxUnroll || c.Select {
		w.once(sh, c, name, items)
		return
	}
	loop, was := sh.loop, sh.turns
	sh.loop, sh.turns = true, turns
	for _, f := range items {
		v := value{text: f.text, glob: f.glob > 0, from: f.from}
		if len(f.under) > 0 {
			v = value{open: foundLater, from: f.from}
		}
		sh.set(name, v)
		w.stmts(sh, c.Do)
	}
	sh.loop, sh.turns = loop, was
}

// once walks the body of a loop whose values are not all known, or too many.
func (w *walk) once(sh *shell, c *syntax.ForClause, name string, items []field) {
	w.havoc(sh, c)
	body := w.branch(sh)
	body.spin()
	v := value{open: "$" + name + " takes values that are not known"}
	if len(items) > 0 {
		v.open = "$" + name + " takes many values"
	}
	for _, f := range items {
		w.spend(1)
		v.from = append(v.from, f.from...)
	}
	body.set(name, v)
	for _, s := range c.Do {
		w.stmt(body, s)
	}
	body.ended = 0
	sh.join(sh.fork(), body)
}

func (w *walk) cStyle(sh *shell, c *syntax.ForClause) {
	w.havoc(sh, c)
	l, ok := c.Loop.(*syntax.CStyleLoop)
	if ok {
		for _, x := range []syntax.ArithmExpr{l.Init, l.Cond, l.Post} {
			if x != nil {
				w.arithm(sh, x)
			}
		}
	}
	body := w.branch(sh)
	body.spin()
	n := len(w.stages)
	w.stmts(body, c.Do)
	w.floods(n, ok && l.Cond == nil && onlyStarts(c.Do))
	body.ended = 0
	sh.join(sh.fork(), body)
}

func (w *walk) caseClause(sh *shell, c *syntax.CaseClause) {
	w.single(sh, c.Word)
	ways := []*shell{sh.fork()}
	for _, item := range c.Items {
		for _, p := range item.Patterns {
			w.single(sh, p)
		}
		in := w.branch(sh)
		w.stmts(in, item.Stmts)
		ways = append(ways, in)
	}
	sh.join(ways...)
}

// tests walks [[ ]], (( )) and let, which start nothing themselves but may
// expand anything.
func (w *walk) tests(sh *shell, cmd syntax.Command) {
	name := "(("
	switch cmd.(type) {
	case *syntax.TestClause:
		name = "[["
	case *syntax.LetClause:
		name = "let"
	}
	words := w.expand(sh, cmd)
	for _, f := range words {
		v, _ := sh.lookup(f.text)
		w.again(sh, f.text)
		w.again(sh, v.text)
	}
	c := command{words: append([]field{literal(name)}, words...), redir: redirection{stdin: sh.stdin, stdout: sh.stdout}}
	id := w.add(sh, c, &Stage{Name: name, Builtin: true, Args: texts(words)})
	w.out[id] = ""
}
