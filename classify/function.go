package classify

import (
	"mvdan.cc/sh/v3/syntax"
)

func (w *walk) define(sh *shell, c *syntax.FuncDecl) {
	if list := listOf(c); list != nil {
		w.binary(sh, list)
		return
	}
	names := c.Names
	if c.Name != nil {
		names = append(names, c.Name)
	}
	for _, n := range names {
		f := function{defs: []definition{{body: c.Body, src: sh.src, filled: sh.filled, sourced: sh.sourced}}}
		sh.setFunction(n.Value, f)
		if hasWord("command_not_found_handle command_not_found_handler", n.Value) { // shells call it by themselves
			w.invoke(sh.fork(), n.Value, f, command{words: literals([]string{n.Value})})
		}
	}
}

// listOf returns the list or pipeline that a definition begins. The parser takes
// all of f() { a; } && b for the body, where shells define f and then run b.
func listOf(c *syntax.FuncDecl) *syntax.BinaryCmd {
	body, ok := c.Body.Cmd.(*syntax.BinaryCmd)
	if !ok {
		return nil
	}
	list, def := *body, *c
	def.Body = body.X
	first := &syntax.Stmt{Position: body.X.Position, Cmd: &def}
	if inner := listOf(&def); inner != nil {
		first.Cmd = inner
	}
	list.X = first
	return &list
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
		in.args, in.argsOK, in.filled, in.sourced = c.words[1:], true, sh.filled || d.filled, d.sourced
		for _, a := range c.env {
			in.set(a.Name, assigned(a))
		}
		if c.redir.visible() {
			w.nameless(in, c)
		}
		in.stdin, in.stdout = c.redir.stdin, c.redir.stdout
		w.nested(in, func() {
			in.src = d.src
			w.stmt(in, d.body)
		})
		in.args, in.argsOK, in.filled, in.sourced = sh.args, sh.argsOK, sh.filled, sh.sourced
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
