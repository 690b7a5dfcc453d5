package spawn

import (
	"context"
	"fmt"
	"os"
	"sync"

	"golang.org/x/sys/unix"
)

// OnTerminal says whether standard input and output are terminals, so that a
// command in mode Auto gets one of its own.
func OnTerminal() bool { return isTerminal(0) && isTerminal(1) }

// HasTerminal says whether this process has a controlling terminal.
func HasTerminal() bool {
	tty, err := openTTY()
	if err != nil {
		return false
	}
	tty.Close()
	return true
}

func isTerminal(fd int) bool {
	_, err := unix.IoctlGetTermios(fd, unix.TCGETS)
	return err == nil
}

// openTTY opens the controlling terminal without asking the poller for it: that
// would make the descriptor, and with it the person's shell's, non-blocking.
func openTTY() (*os.File, error) {
	fd, err := unix.Open("/dev/tty", unix.O_RDWR|unix.O_CLOEXEC|unix.O_NOCTTY, 0)
	if err != nil {
		return nil, &os.PathError{Op: "open", Path: "/dev/tty", Err: err}
	}
	return os.NewFile(uintptr(fd), "/dev/tty"), nil
}

// inForeground says whether this process may read from terminal fd and change its
// modes. A terminal that is not the controlling one stops nobody.
func inForeground(fd int) bool {
	group, err := unix.IoctlGetInt(fd, unix.TIOCGPGRP)
	return err != nil || group == unix.Getpgrp()
}

// Terminal is the controlling terminal, as the place where the person is asked.
// Its methods may be called from any goroutine, before, while and after a command
// runs that names it.
type Terminal struct {
	tty  *os.File
	turn chan struct{} // held by the one question that is open

	mu   sync.Mutex
	live *relay // carries the running command; guarded by mu
}

// OpenTerminal opens the controlling terminal. It closes this process to tracers:
// one could answer.
func OpenTerminal() (*Terminal, error) {
	if err := closeToTracers(); err != nil {
		return nil, err
	}
	tty, err := openTTY()
	if err != nil {
		return nil, fmt.Errorf("open terminal: %w", err)
	}
	return &Terminal{tty: tty, turn: make(chan struct{}, 1)}, nil
}

// Close releases the terminal. Nothing may be open on it.
func (t *Terminal) Close() error { return t.tty.Close() }

// Ask asks the person and returns what they chose: a or d; ^C is Deny. Questions
// asked at the same time are put one after the other.
//
// While the question is open the command gets no input and its output waits.
// Nothing typed before the keys are named can answer, nor can a paste. While the
// command shows a full-screen display nothing is drawn: the terminal rings and its
// title points to guard inbox, and the question is drawn when the display is left.
// In the background it is drawn when guard comes to the foreground.
//
// When ctx ends, as it should when the hold has been answered elsewhere, the
// question is removed and the error is ctx's. Other errors are ErrNoQuestion and
// ErrEnded, those of the terminal, and, while no command runs, that HUP, INT, QUIT
// or TERM arrived.
func (t *Terminal) Ask(ctx context.Context, p Prompt) (Choice, error) {
	select {
	case t.turn <- struct{}{}:
		defer func() { <-t.turn }()
	case <-ctx.Done():
		return 0, ctx.Err()
	}
	if r := t.carrier(); r != nil {
		return r.ask(ctx, p)
	}
	return t.askAlone(ctx, p)
}

// askAlone asks while no command runs, or none that guard carries.
func (t *Terminal) askAlone(ctx context.Context, p Prompt) (Choice, error) {
	unlock, err := lockAlone(ctx)
	if err != nil {
		return 0, err
	}
	defer unlock()
	r, err := newRelay(int(t.tty.Fd()), int(t.tty.Fd()))
	if err != nil {
		return 0, err
	}
	defer r.close()
	catch(r.signals, unix.SIGHUP, unix.SIGINT, unix.SIGQUIT, unix.SIGTERM)
	type reply struct {
		Choice
		error
	}
	replied := make(chan reply, 1)
	go func() {
		c, err := r.ask(ctx, p)
		replied <- reply{c, err}
		r.post(func() { r.over = true })
	}()
	err = r.carry()
	got := <-replied
	if err != nil {
		return 0, err
	}
	return got.Choice, got.error
}

// Say writes lines to the person in the form of Prompt's, at the next moment when
// that disturbs no full-screen display.
func (t *Terminal) Say(lines ...string) {
	if r := t.carrier(); r != nil && r.post(func() { r.say(lines) }) {
		return
	}
	_, _ = t.tty.WriteString(drawn(lines)) // the terminal may be gone
}

func (t *Terminal) carrier() *relay {
	t.mu.Lock()
	defer t.mu.Unlock()
	return t.live
}

// attach makes r answer for the terminal until detach.
func (t *Terminal) attach(r *relay) {
	t.turn <- struct{}{}
	t.mu.Lock()
	t.live = r
	t.mu.Unlock()
	<-t.turn
}

func (t *Terminal) detach() {
	t.mu.Lock()
	t.live = nil
	t.mu.Unlock()
}
