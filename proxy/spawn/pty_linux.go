package spawn

import (
	"context"
	"errors"
	"os"
	"syscall"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// program is the command's side of a relay: its terminal and its monitor.
type program struct {
	master  int
	monitor *os.File // the socket
	input   []byte   // typed, not yet taken by the terminal
	adopted bool     // its terminal has the modes of the person's
	onStart func(int)
	front   bool // what the monitor was told of our place last
	held    bool // the command was stopped, and the monitor was not told to go on since

	pid     int
	status  unix.WaitStatus
	known   bool  // status is
	failure error // it was not executed
	left    bool  // the monitor has gone
	closed  bool  // nobody holds the command's terminal
	tail    int   // bytes read since left
}

// runOnPTY runs c on a terminal of its own.
func runOnPTY(ctx context.Context, c Command) (unix.WaitStatus, error) {
	r, err := newRelay(0, 1)
	if err != nil {
		return 0, err
	}
	defer r.close()
	master, slave, err := pty.Open()
	if err != nil {
		return 0, err
	}
	defer master.Close()
	r.program = &program{master: int(master.Fd()), onStart: c.OnStart}
	if err := r.program.prepare(); err != nil {
		slave.Close()
		return 0, err
	}
	r.program.front = inForeground(0)
	monitor, err := r.program.begin(c, slave)
	slave.Close()
	if err != nil {
		return 0, err
	}
	defer r.program.monitor.Close()
	return supervised(ctx, c, r, monitor)
}

// supervised carries until the command below monitor has ended.
func supervised(ctx context.Context, c Command, r *relay, monitor int) (unix.WaitStatus, error) {
	catch(r.signals, forwarded...)
	if c.Terminal != nil {
		c.Terminal.attach(r)
		defer c.Terminal.detach()
	}
	stop, reaped := make(chan struct{}), make(chan struct{})
	go func() { defer close(reaped); reap(monitor, stop) }()
	defer func() { close(stop); <-reaped }()

	ended, finished := make(chan struct{}), make(chan struct{})
	cancel := context.AfterFunc(ctx, func() { defer close(finished); finish(c, c.Grace, monitor, ended) })
	err := r.carry()
	close(ended)
	if !cancel() {
		<-finished
	}
	return r.program.outcome(c, monitor, ended, err)
}

// outcome collects the monitor and returns what it said of the command. A monitor
// that went without a word was killed; what it watched over must not outlive it.
func (p *program) outcome(c Command, monitor int, ended <-chan struct{}, err error) (unix.WaitStatus, error) {
	if err != nil || !p.known && p.failure == nil {
		finish(c, 0, 0, ended)
	}
	var ws unix.WaitStatus
	for {
		if _, e := unix.Wait4(monitor, &ws, 0, nil); e != unix.EINTR {
			break
		}
	}
	switch {
	case err != nil:
		return 0, err
	case p.failure != nil:
		return 0, p.failure
	case !p.known:
		return 0, errors.New("its monitor process was killed")
	}
	return p.status, nil
}

// prepare gives the new terminal the size and the modes of the person's.
func (p *program) prepare() error {
	if err := unix.SetNonblock(p.master, true); err != nil {
		return os.NewSyscallError("fcntl", err)
	}
	p.resize(0)
	modes, err := unix.IoctlGetTermios(0, unix.TCGETS)
	if err != nil {
		return os.NewSyscallError("tcgetattr", err)
	}
	return os.NewSyscallError("tcsetattr", unix.IoctlSetTermios(p.master, unix.TCSETS, modes))
}

// adopt gives the program's terminal modes, when guard comes to the foreground for
// the first time. What prepare found may have been those of a shell's line editor,
// if guard was started in the background.
func (p *program) adopt(modes *unix.Termios) {
	if !p.adopted {
		p.adopted = unix.IoctlSetTermios(p.master, unix.TCSETS, modes) == nil
	}
}

// begin starts the monitor and returns its process number. Standard error goes to
// the command's terminal too if it went to a terminal.
func (p *program) begin(c Command, slave *os.File) (int, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return 0, os.NewSyscallError("socketpair", err)
	}
	ours, theirs := os.NewFile(uintptr(pair[0]), "monitor"), os.NewFile(uintptr(pair[1]), "guard")
	defer theirs.Close()
	stderr := slave
	if !isTerminal(2) {
		stderr = os.Stderr
	}
	child, err := os.StartProcess("/proc/self/exe", monitorArgs(p.front, c), &os.ProcAttr{
		Dir: c.Dir, Env: c.Env,
		Files: []*os.File{theirs, slave, stderr},
		Sys:   &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 1},
	})
	if err != nil {
		ours.Close()
		return 0, err
	}
	p.monitor = ours
	pid := child.Pid
	_ = child.Release()
	return pid, nil
}

// monitorArgs are the arguments with which this executable is started again.
func monitorArgs(front bool, c Command) []string {
	fg := "0"
	if front {
		fg = "1"
	}
	return append([]string{os.Args[0], MonitorArg, fg, c.Path}, c.Argv...)
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
