package classify

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// value is what is known about a variable.
type value struct {
	text  string
	list  []string // an array's elements, if array
	array bool
	open  string // why the text is not known; "" if it is
	unset bool   // known to have no value
	env   bool   // exported
	line  bool   // set by the line
	raw   string // as written, where the text is not known
	glob  bool   // a pattern that stands for one of its matches
	from  []int  // stages whose output it holds
}

// function is a shell function defined in the line.
type function struct {
	defs  []definition // more than one where branches define it differently
	maybe bool         // not defined on every way to here
}

type definition struct {
	body *syntax.Stmt
	src  string
}

// input is what a stage would read from its standard input.
type input struct {
	kind  string // terminal, pipe, file, null, text; "" unknown
	text  string // kind text
	from  []int  // stages that write to it
	path  string // kind file: absolute, "" if unknown
	plain bool   // kind text: handed over as it stands, by a here-document or here-string
}

// pipe collects the stages that write into one pipe or substitution.
type pipe struct {
	writers []int
	cond    int  // nesting of conditions where it was made
	unsure  bool // a writer may not run, or may run several times
}

// shell is the state of a shell at one point of the line: what it knows, and
// the circumstances in which it would start a program.
//
// Branches are walked on forks, which see their origin through up and record
// only what they change; join brings the changes back.
type shell struct {
	up      *shell
	vars    map[string]value
	funcs   map[string]function
	aliases map[string]string
	cwd     string // "" if unknown
	old     string // OLDPWD
	dirs    []string
	args    []field // $1 ...; meaningful if argsOK
	argsOK  bool
	ended   int // what follows does not run: returned or exited

	src     string // the text the nodes' positions refer to
	parent  int
	via     []string
	root    bool
	remote  bool
	loop    bool
	detach  bool
	program bool // words are executed directly, not by a shell: no builtins
	stdin   input
	stdout  *pipe
	cond    int
	level   int
	turns   int // product of the unrolled loops around
	active  []string
}

const (
	returned = 1
	exited   = 2
)

func newShell(c *Command) *shell {
	sh := &shell{vars: map[string]value{}, cwd: clean(c.Cwd), parent: -1, turns: 1}
	sh.stdin.kind = c.Stdin
	for k, v := range c.Vars {
		sh.vars[k] = value{text: v, env: true}
	}
	if _, ok := sh.vars["HOME"]; !ok && c.Home != "" {
		sh.vars["HOME"] = value{text: c.Home, env: true}
	}
	if sh.cwd != "" {
		sh.vars["PWD"] = value{text: sh.cwd, env: true}
	}
	sh.old = sh.vars["OLDPWD"].text
	return sh
}

// fork returns a shell whose changes do not reach sh. sh must not change while
// the fork is in use.
func (sh *shell) fork() *shell {
	c := *sh
	if sh.up != nil && sh.vars == nil && sh.funcs == nil && sh.aliases == nil {
		sh = sh.up // keeps chains of forks short
	}
	c.up, c.vars, c.funcs, c.aliases = sh, nil, nil, nil
	return &c
}

// child returns the shell that a new process would be: it inherits what is
// exported, and the circumstances.
func (sh *shell) child(env []Assign) *shell {
	c := sh.fork()
	c.up, c.vars, c.args, c.argsOK = nil, map[string]value{}, nil, true
	for s := sh; s != nil; s = s.up {
		for k, v := range s.vars {
			if _, seen := c.vars[k]; !seen {
				c.vars[k] = v
			}
		}
	}
	maps.DeleteFunc(c.vars, func(_ string, v value) bool { return !v.env })
	for _, a := range env {
		v := value{text: a.Value, env: true, line: true}
		if !a.Literal {
			v = value{open: "$" + a.Name + " has no literal value", raw: a.Value, env: true, line: true}
		}
		c.vars[a.Name] = v
	}
	return c
}

func (sh *shell) lookup(name string) (value, bool) {
	for s := sh; s != nil; s = s.up {
		if v, ok := s.vars[name]; ok {
			return v, true
		}
	}
	return value{}, false
}

func (sh *shell) set(name string, v value) {
	old, _ := sh.lookup(name)
	v.env = v.env || old.env || name == "PATH" || name == "HOME"
	if sh.vars == nil {
		sh.vars = map[string]value{}
	}
	sh.vars[name] = v
}

// exports returns what the line has exported so far, by name.
func (sh *shell) exports() []Assign {
	var out []Assign
	seen := map[string]bool{"PWD": true, "OLDPWD": true}
	for s := sh; s != nil; s = s.up {
		for k, v := range s.vars {
			if v.line && v.env && !seen[k] {
				out = append(out, Assign{k, cmp.Or(v.text, v.raw), v.open == ""})
			}
			seen[k] = seen[k] || v.line
		}
	}
	slices.SortFunc(out, func(a, b Assign) int { return strings.Compare(a.Name, b.Name) })
	return out
}

// forget makes a variable's value unknown.
func (sh *shell) forget(name, why string) { sh.set(name, value{open: why}) }

func (sh *shell) function(name string) (function, bool) {
	for s := sh; s != nil; s = s.up {
		if f, ok := s.funcs[name]; ok {
			return f, len(f.defs) > 0
		}
	}
	return function{}, false
}

func (sh *shell) setFunction(name string, f function) {
	if sh.funcs == nil {
		sh.funcs = map[string]function{}
	}
	sh.funcs[name] = f
}

func (sh *shell) alias(name string) (string, bool) {
	for s := sh; s != nil; s = s.up {
		if a, ok := s.aliases[name]; ok {
			return a, a != ""
		}
	}
	return "", false
}

func (sh *shell) setAlias(name, text string) {
	if sh.aliases == nil {
		sh.aliases = map[string]string{}
	}
	sh.aliases[name] = text
}

func (sh *shell) chdir(dir string) {
	sh.old, sh.cwd = sh.cwd, dir
	sh.place()
}

func (sh *shell) place() {
	for name, dir := range map[string]string{"PWD": sh.cwd, "OLDPWD": sh.old} {
		if dir == "" {
			sh.forget(name, "the working directory is not known")
		} else {
			sh.set(name, value{text: dir})
		}
	}
}

// adopt makes sh what its fork c became.
func (sh *shell) adopt(c *shell) {
	for k, v := range c.vars {
		sh.set(k, v)
	}
	for k, f := range c.funcs {
		sh.setFunction(k, f)
	}
	for k, a := range c.aliases {
		sh.setAlias(k, a)
	}
	sh.cwd, sh.old, sh.dirs = c.cwd, c.old, c.dirs
	sh.args, sh.argsOK, sh.ended = c.args, c.argsOK, c.ended
}

// join makes sh what any of its forks may have become: what they agree on
// stays known, the rest does not. Forks that ended are left out.
func (sh *shell) join(forks ...*shell) {
	live := slices.DeleteFunc(slices.Clone(forks), func(f *shell) bool { return f.ended != 0 })
	if len(live) == 0 {
		sh.ended = forks[0].ended
		return
	}
	first := live[0]
	sh.joinVars(live)
	sh.joinCode(live)
	sh.cwd, sh.old, sh.dirs, sh.args, sh.argsOK = first.cwd, first.old, first.dirs, first.args, first.argsOK
	for _, f := range live[1:] {
		if f.cwd != sh.cwd {
			sh.cwd = ""
		}
		if f.old != sh.old {
			sh.old = ""
		}
		if !slices.Equal(f.dirs, sh.dirs) {
			sh.dirs = nil
		}
		if f.argsOK != sh.argsOK || !slices.EqualFunc(f.args, sh.args, field.same) {
			sh.args, sh.argsOK = nil, false
		}
	}
}

func (sh *shell) joinVars(live []*shell) {
	changed := map[string]bool{}
	for _, f := range live {
		for k := range f.vars {
			changed[k] = true
		}
	}
	for k := range changed {
		v, ok := live[0].lookup(k)
		same := true
		for _, f := range live[1:] {
			u, uok := f.lookup(k)
			same = same && uok == ok && u.same(v)
			v.from = slices.Concat(v.from, u.from)
		}
		if !same {
			v = value{open: "$" + k + " has more than one possible value", from: v.from, env: v.env}
		}
		v.from = ids(v.from)
		sh.set(k, v)
	}
}

func (sh *shell) joinCode(live []*shell) {
	names, aliases := map[string]bool{}, map[string]string{}
	for _, f := range live {
		for k := range f.funcs {
			names[k] = true
		}
		maps.Copy(aliases, f.aliases)
	}
	for k := range names {
		var all function
		for _, f := range live {
			d, ok := f.function(k)
			all.maybe = all.maybe || !ok || d.maybe
			for _, def := range d.defs {
				if !slices.Contains(all.defs, def) {
					all.defs = append(all.defs, def)
				}
			}
		}
		sh.setFunction(k, all)
	}
	for k, a := range aliases {
		sh.setAlias(k, a)
	}
}

func (v value) same(u value) bool {
	return v.text == u.text && v.open == u.open && v.unset == u.unset && v.array == u.array && slices.Equal(v.list, u.list)
}
