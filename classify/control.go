package classify

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// branch returns a fork for code that may not run.
func (sh *shell) branch() *shell {
	in := sh.fork()
	in.cond++
	return in
}

func (w *walk) ifClause(sh *shell, c *syntax.IfClause) {
	w.stmts(sh, c.Cond)
	then := sh.branch()
	w.stmts(then, c.Then)
	other := sh.branch()
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
	cond := sh.branch()
	cond.loop = true
	w.stmts(cond, c.Cond)
	body := cond.branch()
	w.stmts(body, c.Do)
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
		sh.set(name, value{text: f.text, glob: f.glob > 0, from: f.from})
		w.stmts(sh, c.Do)
	}
	sh.loop, sh.turns = loop, was
}

// once walks the body of a loop whose values are not all known, or too many.
func (w *walk) once(sh *shell, c *syntax.ForClause, name string, items []field) {
	w.havoc(sh, c)
	body := sh.branch()
	body.loop = true
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
	if l, ok := c.Loop.(*syntax.CStyleLoop); ok {
		for _, x := range []syntax.ArithmExpr{l.Init, l.Cond, l.Post} {
			if x != nil {
				w.arithm(sh, x)
			}
		}
	}
	body := sh.branch()
	body.loop = true
	w.stmts(body, c.Do)
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
		in := sh.branch()
		w.stmts(in, item.Stmts)
		ways = append(ways, in)
	}
	sh.join(ways...)
}

func (w *walk) define(sh *shell, c *syntax.FuncDecl) {
	names := c.Names
	if c.Name != nil {
		names = append(names, c.Name)
	}
	for _, n := range names {
		sh.setFunction(n.Value, function{defs: []definition{{body: c.Body, src: sh.src}}})
	}
}

// invoke runs a function's body with the words of its call.
func (w *walk) invoke(sh *shell, name string, f function, c command) {
	for _, running := range sh.active {
		if running == name {
			id := w.add(sh, c, &Stage{Name: name, Recursive: true})
			w.stages[id].Args = texts(c.words[1:])
			w.doubt(id, "program", "the function "+name+" calls itself")
			return
		}
	}
	var ways []*shell
	for _, d := range f.defs {
		in := sh.fork()
		in.active = append(in.active[:len(in.active):len(in.active)], name)
		in.args, in.argsOK = c.words[1:], true
		for _, a := range c.env {
			in.set(a.Name, assigned(a))
		}
		if c.redir.visible() {
			w.nameless(in, c.redir, c.env)
		}
		in.stdin, in.stdout = c.redir.stdin, c.redir.stdout
		w.nested(in, func() {
			in.src = d.src
			w.stmt(in, d.body)
		})
		in.args, in.argsOK = sh.args, sh.argsOK
		if in.ended == returned {
			in.ended = 0
		}
		ways = append(ways, in)
	}
	if f.maybe {
		in := sh.fork()
		in.active = append(in.active[:len(in.active):len(in.active)], name)
		c.bare = true
		w.exec(in, c)
		ways = append(ways, in)
	}
	sh.join(ways...)
}

// declare walks export, declare, local, readonly and typeset.
func (w *walk) declare(sh *shell, c *syntax.DeclClause) {
	name := c.Variant.Value
	cmd := command{words: []field{literal(name)}, redir: redirection{stdin: sh.stdin, stdout: sh.stdout}}
	export := name == "export"
	for _, a := range c.Args {
		if a.Name == nil {
			f := w.single(sh, a.Value)
			export = export || strings.HasPrefix(f.text, "-") && strings.Contains(f.text, "x")
			cmd.words = append(cmd.words, f)
			continue
		}
		if a.Naked {
			if v, ok := sh.lookup(a.Name.Value); ok && export {
				v.env, v.line = true, true
				sh.set(a.Name.Value, v)
				cmd.env = append(cmd.env, Assign{a.Name.Value, v.text, v.open == ""})
			}
			cmd.words = append(cmd.words, literal(a.Name.Value))
			continue
		}
		env, f := w.assign(sh, a, export)
		cmd.env = append(cmd.env, env)
		f.text, f.plain = a.Name.Value+"="+f.text, false
		cmd.words = append(cmd.words, f)
	}
	w.program(sh, cmd)
}

// assign carries out one assignment in sh.
func (w *walk) assign(sh *shell, a *syntax.Assign, export bool) (Assign, field) {
	name := a.Name.Value
	if a.Array != nil || a.Index != nil {
		v := w.array(sh, a)
		v.env, v.line = export, true
		sh.set(name, v)
		return Assign{Name: name, Value: strings.Join(v.list, " "), Literal: v.open == ""}, field{text: strings.Join(v.list, " "), open: v.open, from: v.from}
	}
	f := w.single(sh, a.Value)
	v := value{text: f.text, open: f.open, env: export, line: true, from: f.from}
	if a.Append {
		old := sh.value(name)
		v.text, v.from = old.text+f.text, append(v.from, old.from...)
		if old.open != "" {
			v.open = old.open
		}
		w.spend(len(v.text))
	}
	w.spend(len(v.from))
	v.from = ids(slices.Clone(v.from))
	full := v.text
	if v.open != "" && !f.guess {
		v.text, v.raw = "", full
	}
	sh.set(name, v)
	return Assign{Name: name, Value: full, Literal: v.open == ""}, f
}

func (w *walk) array(sh *shell, a *syntax.Assign) value {
	v := value{array: true}
	if a.Append {
		v, _ = sh.lookup(a.Name.Value)
		v.array, v.list, v.from = true, slices.Clone(v.list), slices.Clone(v.from)
		w.spend(16 * len(v.list))
	}
	if a.Array == nil { // a[i]=x
		f := w.single(sh, a.Value)
		return value{array: true, open: "$" + a.Name.Value + " is an array filled piece by piece", from: f.from}
	}
	for _, e := range a.Array.Elems {
		if e.Index != nil || e.Value == nil {
			v.open = "$" + a.Name.Value + " is an array with named elements"
			if e.Value != nil {
				w.single(sh, e.Value)
			}
			continue
		}
		for _, f := range w.fields(sh, []*syntax.Word{e.Value}) {
			if f.open != "" {
				v.open = f.open
			}
			w.spend(len(f.from))
			v.list, v.from = append(v.list, f.text), append(v.from, f.from...)
		}
	}
	v.list, v.from = slices.Clip(v.list), ids(slices.Clone(v.from))
	return v
}

func assigned(a Assign) value {
	if !a.Literal {
		return value{open: "$" + a.Name + " has no literal value"}
	}
	return value{text: a.Value}
}

// tests walks [[ ]], (( )) and let, which start nothing themselves but may
// expand anything.
func (w *walk) tests(sh *shell, cmd syntax.Command) {
	name := "(("
	var words []field
	syntax.Walk(cmd, func(n syntax.Node) bool {
		switch n := n.(type) {
		case *syntax.TestClause:
			name = "[["
		case *syntax.LetClause:
			name = "let"
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
	c := command{words: append([]field{literal(name)}, words...), redir: redirection{stdin: sh.stdin, stdout: sh.stdout}}
	id := w.add(sh, c, &Stage{Name: name, Builtin: true, Args: texts(words)})
	w.out[id] = ""
}
