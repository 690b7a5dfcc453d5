//go:build !linux

package spawn

import (
	"context"
	"fmt"
	"os"
	"os/signal"
	"syscall"

	"golang.org/x/sys/unix"
)

// Outside Linux a command always inherits guard's descriptors and the person is
// never asked in place.

func OnTerminal() bool { return false }

func HasTerminal() bool {
	tty, err := os.OpenFile("/dev/tty", os.O_RDWR, 0)
	if err != nil {
		return false
	}
	tty.Close()
	return true
}

type Terminal struct{}

func OpenTerminal() (*Terminal, error)                                { return nil, ErrNoQuestion }
func (t *Terminal) Close() error                                      { return nil }
func (t *Terminal) Ask(ctx context.Context, p Prompt) (Choice, error) { return 0, ErrNoQuestion }
func (t *Terminal) Say(lines ...string)                               {}

func Monitor(args []string, hook func(arg string) (Hook, error)) int { return 2 }

func InStead(args []string, endWith func(status, signal int) []byte) int { return 2 }

func (e Elsewhere) Start() (*Running, error) { return nil, ErrHook }

func Shares(pid int) bool { return false }

type post struct {
	monitor int
	kept    bool
}

func prepare(ctx context.Context, c Command) (*post, error) {
	return nil, fmt.Errorf("%w: it needs Linux", ErrHook)
}

func (p *post) run(ctx context.Context, c Command, order []byte) (unix.WaitStatus, error) {
	return 0, ErrHook
}

func (p *post) close() {}

func supervise(bool) error { return nil }

func runOnPTY(ctx context.Context, c Command) (unix.WaitStatus, error) { return runInherit(ctx, c) }

func runInherit(ctx context.Context, c Command) (unix.WaitStatus, error) {
	sigs := make(chan os.Signal, 32)
	signal.Notify(sigs, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGINT, unix.SIGQUIT)
	defer signal.Stop(sigs)
	child, err := os.StartProcess(c.Path, c.Argv, &os.ProcAttr{
		Dir: c.Dir, Env: c.Env, Files: []*os.File{os.Stdin, os.Stdout, os.Stderr},
	})
	if err != nil {
		return 0, err
	}
	if c.OnStart != nil {
		c.OnStart(child.Pid)
	}
	ended := make(chan *os.ProcessState, 1)
	go func() { s, _ := child.Wait(); ended <- s }()
	for {
		select {
		case s := <-sigs:
			if s != unix.SIGINT && s != unix.SIGQUIT {
				_ = child.Signal(s)
			}
		case <-ctx.Done():
			_ = child.Signal(unix.SIGTERM)
			ctx = context.WithoutCancel(ctx)
		case s := <-ended:
			return unix.WaitStatus(s.Sys().(syscall.WaitStatus)), nil
		}
	}
}
