// Package spawn runs one command for guard and reports how it ended.
//
// A command whose standard input and output are both terminals runs on a
// pseudo-terminal of its own, below a monitor process that is the session leader
// there; guard carries the bytes. Any other command inherits guard's descriptors
// and process group, and no byte is copied. Either way it finds the environment,
// the directory, the open descriptors and the signal dispositions that guard was
// given, ^C and ^Z do what they do without guard, and the person's terminal has
// its modes back when Run returns. (One exception: of ignored signals only HUP and
// INT stay ignored in the command; the Go runtime takes the others over before
// any code can look.)
//
// The second terminal is what makes it possible to ask the person in the same
// window (Terminal.Ask): the command can neither read the answer nor type it,
// because it has never held the terminal on which the question stands. That is
// also why there is no question while a command that inherited the terminal runs.
//
// # Stopping is half of running
//
// When a command stops, guard has to restore the terminal and stop as well, for
// the whole job, or the person's shell waits for ever; and when it continues it
// may be in the background, where touching the modes would stop it again. Every
// change of modes therefore goes through relay.enter and relay.leave, which look
// at the foreground process group first.
//
// # Below a hook
//
// With a Hook there is always a monitor, and between it and the command a process
// of our own that restricts itself and then becomes the command. The monitor is the
// one to whom orphans fall; it stays when the command has ended and something is
// left under the hook, holding nothing that anybody could wait for. If it is killed,
// all that it watched over is; if guard is, the command is hung up and nothing more
// can be executed.
package spawn

import (
	"context"
	"errors"
	"fmt"
	"time"

	"golang.org/x/sys/unix"
)

// Mode says what a command gets as its terminal.
type Mode int

const (
	Auto    Mode = iota // a terminal of its own if OnTerminal
	Inherit             // always guard's own descriptors
)

// MonitorArg is the first argument with which Prepare starts its own executable
// again. A program that calls it must, before anything else in main, do
//
//	if len(os.Args) > 1 && os.Args[1] == spawn.MonitorArg {
//		os.Exit(spawn.Monitor(os.Args[2:], hook))
//	}
//
// where hook makes the Hook of Command.HookArg, or is nil if no Command has one.
const MonitorArg = "__monitor"

// ErrNoQuestion says that the person cannot be asked here: the system has no
// support for it, or a running command, of this guard or another, has the same
// terminal.
var ErrNoQuestion = errors.New("a command shares the terminal, so nothing can be asked there")

// ErrEnded says that the command ended while the question was open.
var ErrEnded = errors.New("the command ended before the question was answered")

// Command is what to run.
type Command struct {
	Path     string        // program file, not searched for in PATH
	Argv     []string      // with the name it is called by; at least that
	Dir      string        // "" is guard's own
	Env      []string      // nothing is added
	TTY      Mode          //
	Terminal *Terminal     // where to ask while it runs; nil if nobody will
	Grace    time.Duration // between TERM and KILL when ctx ends; 0 is 5 s
	OnStart  func(pid int) // called once, when the program has been executed
	Spare    func() int    // process below this one that is not part of the command and outlives it: guardd; nil or 0 for none
	Below    bool          // a hook is up already, of a guard above this one
	Hook     bool          // put up the Hook that Monitor was given
	HookArg  string        // what it is made of
}

// Status is how a command ended.
type Status struct {
	Code     int    // exit status, or 128+n for signal n
	Signal   string // "SIGKILL" ..., "" if it exited by itself
	Duration time.Duration
	Kept     bool // processes are left under the hook, and the monitor with them
}

// Run runs c and returns when it has ended and everything it wrote has been
// passed on. It is Prepare and Prepared.Run in one.
func Run(ctx context.Context, c Command) (Status, error) {
	p, err := Prepare(ctx, c)
	if err != nil {
		return Status{}, err
	}
	defer p.Close()
	return p.Run(ctx, nil)
}

// Prepared is a command that only has to be let go. Its methods are not for
// several goroutines at once.
type Prepared struct {
	c    Command
	post *post // nil without a hook
}

// Prepare makes c ready to run. With c.Hook, the process that will become the
// command exists when it returns, restricted and with the proof that this works;
// if that failed the error is ErrHook. Somebody has to call Close in the end.
//
// From Prepare on, guard is the subreaper of its tree (orphans stay descendants
// and are reaped) and cannot be traced or read by processes of the same user; with
// c.Below it can, because the hook above has to read what it starts.
func Prepare(ctx context.Context, c Command) (*Prepared, error) {
	if len(c.Argv) == 0 {
		return nil, fmt.Errorf("run %s: empty argument list", c.Path)
	}
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("run %s: %w", c.Path, err)
	}
	if err := supervise(c.Below); err != nil {
		return nil, fmt.Errorf("run %s: %w", c.Path, err)
	}
	if c.Grace == 0 {
		c.Grace = 5 * time.Second
	}
	if c.TTY == Auto && !OnTerminal() {
		c.TTY = Inherit
	}
	p := &Prepared{c: c}
	if !c.Hook {
		return p, nil
	}
	var err error
	if p.post, err = prepare(ctx, c); err != nil {
		return nil, fmt.Errorf("run %s: %w", c.Path, err)
	}
	return p, nil
}

// Monitor is the process that holds the hook; 0 without one.
func (p *Prepared) Monitor() int {
	if p.post == nil {
		return 0
	}
	return p.post.monitor
}

// Run executes the command and returns when it has ended. With a hook, order is
// what its Open gets first. An error means that the command was not executed
// (errors.Is finds the errno: ENOENT, EACCES ..., EPERM where the hook refused) or
// that its end could not be observed, in which case what was left of it has been
// killed.
//
// When ctx ends, every process below this one gets TERM, after a fifth of c.Grace
// HUP and after c.Grace KILL; the Status is then what became of the command, with no
// error.
func (p *Prepared) Run(ctx context.Context, order []byte) (Status, error) {
	begin := time.Now()
	run := runInherit
	switch {
	case p.post != nil:
		run = func(ctx context.Context, c Command) (unix.WaitStatus, error) { return p.post.run(ctx, c, order) }
	case p.c.TTY == Auto:
		run = runOnPTY
	}
	ended, err := run(ctx, p.c)
	if err != nil {
		return Status{}, fmt.Errorf("run %s: %w", p.c.Path, err)
	}
	status := statusOf(ended, time.Since(begin))
	status.Kept = p.post != nil && p.post.kept
	return status, nil
}

// Close ends what Prepare started, if Run was not called, and returns when it has
// ended; the monitor takes a moment for that after Run, if it is not kept. Further
// calls do nothing.
func (p *Prepared) Close() {
	if p.post != nil {
		p.post.close()
	}
}

func statusOf(ended unix.WaitStatus, took time.Duration) Status {
	if ended.Signaled() {
		return Status{Code: 128 + int(ended.Signal()), Signal: unix.SignalName(ended.Signal()), Duration: took}
	}
	return Status{Code: ended.ExitStatus(), Duration: took}
}
