// Package classify turns a command into facts.
//
// It answers one question, "what would this touch?", and takes no position on
// whether that is acceptable; package rego decides. Classification is pure: it
// opens no files, reads no clock and starts no processes, so the same Command
// always yields the same Facts and every fact can be replayed from a receipt.
// What it would have to look up (a script's text, a symbolic link) it asks for
// in Facts.Wants and finds in Command.Scene on the next call.
//
// # Unknown is not safe
//
// A word that cannot be resolved (a variable in program position, the output of
// another program, a blob piped into a shell) is reported in Opaque with the
// reason. Nothing is dropped and nothing is classified down for lack of
// evidence: where a line may do one of two things, both stand in Stages.
//
// # How it works
//
// A line is parsed (line.go) and walked the way a shell would run it, with a
// model of the shell's own state: variables, functions, aliases and the working
// directory (shell.go). Words are expanded as far as they are literal (word.go).
// Each simple command is taken out of its wrappers (unwrap.go), its options are
// read by the program's own rules (options.go, programs.go), and what it names
// becomes paths, hosts and SQL. Code given to a shell is walked in turn.
package classify

import (
	"errors"
	"fmt"
	"strings"
	"unicode/utf8"

	"mvdan.cc/sh/v3/syntax"
)

// Bounds. They are far above what people and agents write; a command beyond
// them is an error, which callers turn into a deny.
const (
	MaxInput  = 1 << 20 // bytes of the line, or of all words of an argv
	maxDepth  = 100     // nesting of one text's syntax
	maxLevels = 24      // payloads in payloads, calls in calls
	maxStages = 10_000
	maxWork   = 16 << 20 // roughly: bytes handled, 64 for each statement
	maxWants  = 32
	maxRetry  = 1 << 16 // bytes of a text that is also tried as another shell's language
	maxUnroll = 64      // loop bodies walked once for each value
	maxExecs  = 1024    // executions that are noted; others are asked about
)

// What Classify refuses to understand. Callers deny.
var (
	ErrTooLarge = errors.New("command too large")
	ErrTooDeep  = errors.New("command nested too deeply")
	ErrTooMuch  = errors.New("command too complex")
	ErrEncoding = errors.New("command is not UTF-8 text without NUL")
	ErrKind     = errors.New("unknown kind of command")
)

// walk is one call of Classify.
type walk struct {
	cmd     *Command
	place   places
	scene   map[Query]*Observation
	stages  []*Stage
	opaque  []Opaque       // of the line as a whole
	out     map[int]string // what a stage writes to its standard output, where that is known
	execs   []Exec
	noted   bool            // the command itself went by
	exe     *Exe            // the program file, where it is known
	files   map[string]blob // files the line itself wrote
	made    map[string]bool // folders and files the line itself made
	wants   []Query
	asked   map[Query]bool
	parser  *syntax.Parser // for bash, kept because making one costs more than a short line
	traps   []handler
	ways    int              // branches so far
	folders map[int][]string // what has to be there for a branch to be taken
	temps   int
	work    int
}

// blob is the content of a file that the line wrote.
type blob struct {
	text  string
	known bool
	from  []int
	sure  []int // the branches that were taken where it was written
}

// refusal carries an error out of the walk to Classify and no further.
type refusal struct{ err error }

func (w *walk) spend(n int) {
	if w.work += n; w.work > maxWork {
		panic(refusal{ErrTooMuch})
	}
}

// Classify states the facts about one command. The error is one of the Err
// values of this package, wrapped; then the Facts mean nothing.
func Classify(c Command) (f Facts, err error) {
	defer func() {
		switch r := recover().(type) {
		case nil:
		case refusal:
			f, err = Facts{}, fmt.Errorf("classify %s: %w", c.Kind, r.err)
		default:
			panic(r)
		}
	}()
	if err := c.check(); err != nil {
		return Facts{}, fmt.Errorf("classify %s: %w", c.Kind, err)
	}
	w := &walk{cmd: &c, place: newPlaces(&c), out: map[int]string{}, files: map[string]blob{}, made: map[string]bool{}, folders: map[int][]string{}, asked: map[Query]bool{}}
	w.readScene()
	f = Facts{Kind: c.Kind, Raw: c.Line}
	switch c.Kind {
	case "exec":
		f.Raw = quoteArgv(c.Argv)
		if c.Exe != nil {
			w.execution(newShell(&c), c.Argv, *c.Exe)
		} else {
			w.argv(newShell(&c), c.Argv)
		}
	case "line":
		w.line(newShell(&c), c.Line)
	case "action":
		f.Action = strings.ToLower(strings.TrimSpace(c.Action))
		w.line(newShell(&c), c.Line)
	case "text":
		f.Raw = normal(c.Line)
	}
	w.finish(&f)
	return f, nil
}

func (c *Command) check() error {
	size, texts := 0, append([]string{c.Line, c.Action}, c.Argv...)
	for _, s := range texts {
		if size += len(s) + 1; size > MaxInput+2 {
			return ErrTooLarge
		}
		if !utf8.ValidString(s) || strings.IndexByte(s, 0) >= 0 {
			return ErrEncoding
		}
	}
	switch c.Kind {
	case "exec", "line", "action", "text":
		return nil
	}
	return fmt.Errorf("%w: %q", ErrKind, c.Kind)
}

// finish puts the walk's result into f; no slice in it is null.
func (w *walk) finish(f *Facts) {
	names := map[string]bool{}
	f.Stages = make([]Stage, len(w.stages))
	f.Opaque = append([]Opaque{}, w.opaque...)
	for i, s := range w.stages {
		if s.Name != "" {
			names[s.Name] = true
		}
		w.complete(s)
		f.Opaque = append(f.Opaque, s.Opaque...)
		f.Stages[i] = *s
	}
	f.Names = set(names)
	f.Has = has(f)
	f.Wants = w.wants
	f.Execs = w.spelled()
}

func (w *walk) complete(s *Stage) {
	list(&s.Via)
	list(&s.Raise)
	list(&s.Args)
	list(&s.Flags)
	list(&s.Options)
	list(&s.Operands)
	list(&s.Paths)
	list(&s.Hosts)
	list(&s.Env)
	list(&s.Redirects)
	list(&s.ReadsFrom)
	list(&s.WritesTo)
	list(&s.Takes)
	list(&s.SQL)
	list(&s.Opaque)
	for i := range s.Paths {
		list(&s.Paths[i].Covers)
	}
	for i := range s.Redirects {
		if p := s.Redirects[i].Path; p != nil {
			list(&p.Covers)
		}
	}
}

// list turns a null slice into an empty one: the policy's schema has arrays.
func list[T any](s *[]T) {
	if *s == nil {
		*s = []T{}
	}
}
