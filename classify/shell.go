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
	env   bool         // exported
}

type definition struct {
	body *syntax.Stmt
	src  string

	filled  bool // as of a shell
	sourced bool
}

// input is what a stage would read from its standard input.
type input struct {
	kind  string // terminal, pipe, file, null, text; "" unknown
	text  string // kind text
	from  []int  // stages that write to it
	path  string // kind file: absolute, "" if unknown
	whole bool   // kind text: every letter of it stands in the line
	plain bool   // kind text: handed over as it stands, by a here-document or here-string
}

// pipe collects the stages that write into one pipe or substitution.
type pipe struct {
	writers []int
	cond    int  // nesting of conditions where it was made
	spins   int  // and of loops
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
	self    string   // $0; "" if unknown
	sourced bool     // in code that was sourced, or a function from there: BASH_SOURCE is not $0
	scripts []string // script files around, outermost first
	ended   int      // what follows does not run: returned or exited

	src     string // the text the nodes' positions refer to
	parent  int
	via     []string
	root    bool
	raise   []string
	remote  bool
	loop    bool
	detach  bool
	program bool // words are executed directly, not by a shell: no builtins
	within  bool // runs code as part of itself: eval, source
	filled  bool // its words are not those that stand in the line
	stdin   input
	stdout  *pipe
	cond    int
	spins   int   // loops around whose body is walked once for many turns
	sure    []int // branches that were taken to get here
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
	c.up, c.vars, c.args, c.argsOK, c.self, c.sourced = nil, map[string]value{}, nil, true, "", false
	for s := sh; s != nil; s = s.up {
		for k, v := range s.vars {
			if _, seen := c.vars[k]; !seen {
				c.vars[k] = v
			}
		}
	}
	maps.DeleteFunc(c.vars, func(_ string, v value) bool { return !v.env })
	c.funcs = sh.exportedFunctions()
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

// exportedFunctions are those that a new shell has, if it is a bash.
func (sh *shell) exportedFunctions() map[string]function {
	out, seen := map[string]function{}, map[string]bool{}
	for s := sh; s != nil; s = s.up {
		for name, f := range s.funcs {
			if f.env && !seen[name] {
				f.maybe = true
				out[name] = f
			}
			seen[name] = true
		}
	}
	return out
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
