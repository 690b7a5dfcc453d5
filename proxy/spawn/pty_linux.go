package spawn

import (
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// program is the command's side of a relay: its terminal and its monitor.
type program struct {
	report
	master  int
	monitor *os.File // the socket
	input   []byte   // typed, not yet taken by the terminal
	adopted bool     // its terminal has the modes of the person's
	front   bool     // what the monitor was told of our place last
	held    bool     // the command was stopped, and the monitor was not told to go on since
	left    bool     // the monitor has gone
	closed  bool     // nobody holds the command's terminal
	tail    int      // bytes read since left
}

// runOnPTY runs c on a terminal of its own.
func runOnPTY(ctx context.Context, c Command) (unix.WaitStatus, error) {
	p, err := station(c)
	if err != nil {
		return 0, err
	}
	defer p.close()
	return p.onPTY(ctx, c, nil)
}

// onPTY carries until the command below the monitor has ended.
func (p *post) onPTY(ctx context.Context, c Command, order []byte) (unix.WaitStatus, error) {
	r, err := newRelay(0, 1)
	if err != nil {
		return 0, err
	}
	defer r.close()
	r.program = &program{report: report{onStart: c.OnStart}, master: int(p.master.Fd()), monitor: p.socket, front: p.front}
	if err := unix.SetNonblock(r.program.master, true); err != nil {
		return 0, os.NewSyscallError("fcntl", err)
	}
	r.program.resize(0)
	catch(r.signals, forwarded...)
	if c.Terminal != nil {
		c.Terminal.attach(r)
		defer c.Terminal.detach()
	}
	defer p.reap()()
	if c.Hook {
		r.program.proceed(inForeground(0)) // so it never sees itself in the background
		p.order(order)
	}
	ended, finished := make(chan struct{}), make(chan struct{})
	cancel := context.AfterFunc(ctx, func() { defer close(finished); p.finish(c, ended) })
	err = r.carry()
	close(ended)
	if !cancel() {
		<-finished
	}
	return p.outcome(ctx, c, r.program.report, err)
}

// outfit gives a new terminal the size and the modes of the person's.
func outfit(master int) error {
	(&program{master: master}).resize(0)
	modes, err := unix.IoctlGetTermios(0, unix.TCGETS)
	if err != nil {
		return os.NewSyscallError("tcgetattr", err)
	}
	return os.NewSyscallError("tcsetattr", unix.IoctlSetTermios(master, unix.TCSETS, modes))
}

// adopt gives the program's terminal modes, when guard comes to the foreground for
// the first time. What outfit found may have been those of a shell's line editor,
// if guard was started in the background.
func (p *program) adopt(modes *unix.Termios) {
	if !p.adopted {
		p.adopted = unix.IoctlSetTermios(p.master, unix.TCSETS, modes) == nil
	}
}

// watch is what a poll is to wait for on the program's terminal. While a question
// is drawn nothing is read, and the program waits when the kernel's buffer is full.
func (p *program) watch(asking bool) unix.PollFd {
	fd := unix.PollFd{Fd: int32(p.master)}
	if !asking {
		fd.Events |= unix.POLLIN
	}
	if len(p.input) > 0 {
		fd.Events |= unix.POLLOUT
	}
	if fd.Events == 0 || p.closed {
		fd.Fd = -1 // POLLHUP is reported unasked, for ever
	}
	return fd
}

// feed gives the program's terminal as much of the input as it takes.
func (p *program) feed() {
	n, err := unix.Write(p.master, p.input)
	switch {
	case n > 0:
		p.input = p.input[n:]
	case err != unix.EAGAIN && err != unix.EINTR:
		p.input = nil
	}
	if len(p.input) == 0 {
		p.input = nil
	}
}

// resize gives the program's terminal the size of terminal fd; the kernel sends
// SIGWINCH to its foreground if that is a change.
func (p *program) resize(fd int) {
	if size, err := unix.IoctlGetWinsize(fd, unix.TIOCGWINSZ); err == nil {
		_ = unix.IoctlSetWinsize(p.master, unix.TIOCSWINSZ, size)
	}
}

func (p *program) signal(s unix.Signal) { p.order(relayed, int(s)) }

// proceed has the command go on, in the front or at the back. Told twice of one
// SIGCONT, it must not continue a command that has been stopped again meanwhile.
func (p *program) proceed(front bool) {
	if !p.held && front == p.front {
		return
	}
	p.held, p.front = false, front
	value := 0
	if front {
		value = 1
	}
	p.order(proceed, value)
}

func (p *program) order(kind byte, value int) {
	_, _ = p.monitor.Write(word{kind, int32(value)}.bytes()) // that it has gone is seen where it is read
}
