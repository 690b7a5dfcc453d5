package spawn

import (
	"context"
	"errors"
	"fmt"
	"os"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// post is a monitor as guard sees it. Its process stays in guard's process group
// unless the command has a terminal of its own: in a group of its own, as the
// parent of the command, it would make the kernel stop a command that nobody could
// continue.
type post struct {
	monitor int      // its process
	socket  *os.File // to it
	master  *os.File // of the command's terminal; nil if that is guard's own
	front   bool     // the command starts in the foreground there
	done    bool     // it is collected, or stays
	kept    bool     // it stays
}

// station starts the monitor, which without a hook starts the command at once.
func station(c Command) (*post, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	defer unix.Close(pair[1])
	p := &post{socket: os.NewFile(uintptr(pair[0]), "monitor"), front: !c.Hook && inForeground(0)}
	files, sys := []uintptr{0, 1, 2}, &syscall.SysProcAttr{}
	if c.TTY == Auto {
		slave, err := p.openTerminal()
		if err != nil {
			p.release()
			return nil, err
		}
		defer slave.Close()
		files[0], files[1] = slave.Fd(), slave.Fd()
		if isTerminal(2) {
			files[2] = slave.Fd()
		}
		sys = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	}
	files, at := handOn(files, pair[1])
	env, before := thrifty(c.Env)
	a := assignment{
		socket: at, own: c.TTY == Auto, front: p.front, grace: c.Grace, hooked: c.Hook,
		slack: slack(), procs: before, arg: c.HookArg, path: c.Path, argv: c.Argv,
	}
	p.monitor, err = forkExec(lateness, "/proc/self/exe", a.args(), &syscall.ProcAttr{Dir: c.Dir, Env: env, Files: files, Sys: sys})
	if err != nil {
		p.release()
		return nil, fmt.Errorf("start the monitor process: %w", err)
	}
	return p, nil
}

// openTerminal opens the command's terminal and returns its side of it.
func (p *post) openTerminal() (slave *os.File, err error) {
	if p.master, slave, err = pty.Open(); err != nil {
		return nil, err
	}
	if err := outfit(int(p.master.Fd())); err != nil {
		slave.Close()
		return nil, err
	}
	return slave, nil
}

// handOn completes the descriptors of a child: it gets those that this process was
// given, and extra at the lowest number from 3 on that is not one of them.
func handOn(files []uintptr, extra int) (all []uintptr, at int) {
	for fd := len(files); ; fd++ {
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err != nil || flags&unix.FD_CLOEXEC != 0 {
			return append(files, uintptr(extra)), fd
		}
		files = append(files, uintptr(fd))
	}
}

// prepare starts the monitor, with what will become the command below it, and
// returns when the hook has been proven.
func prepare(ctx context.Context, c Command) (*post, error) {
	p, err := station(c)
	if err != nil {
		return nil, err
	}
	stop := context.AfterFunc(ctx, p.hangUp)
	var said report
	w, err := said.hear(p.socket)
	switch {
	case !stop():
		err = ctx.Err()
	case err != nil:
		err = fmt.Errorf("%w: its monitor process was killed", ErrHook)
	case said.failure != nil:
		err = fmt.Errorf("%w: %w", ErrHook, said.failure)
	case w.kind == ready:
		return p, nil
	default:
		err = fmt.Errorf("%w: its monitor process said %q", ErrHook, w.kind)
	}
	p.close()
	return nil, err
}

// hangUp tells the monitor that there is nobody who wants the command any more.
func (p *post) hangUp() { _ = unix.Shutdown(int(p.socket.Fd()), unix.SHUT_RDWR) }

// close ends what has not run, collects the monitor and releases what it took. It
// may be called again.
func (p *post) close() {
	if !p.done {
		p.hangUp()
		late := time.AfterFunc(2*time.Second, func() { _ = unix.Kill(p.monitor, unix.SIGKILL) })
		p.collect()
		late.Stop()
	}
	p.release()
}

func (p *post) release() {
	p.done = true
	_ = p.socket.Close()
	if p.master != nil {
		_ = p.master.Close()
	}
}

func (p *post) collect() {
	p.done = true
	for {
		if _, err := unix.Wait4(p.monitor, nil, 0, nil); err != unix.EINTR {
			return
		}
	}
}

// reap collects orphans that fall to guard, until what it returns is called.
func (p *post) reap() func() {
	stop, reaped := make(chan struct{}), make(chan struct{})
	go func() { defer close(reaped); reap(p.monitor, stop) }()
	return func() { close(stop); <-reaped }
}

func (p *post) say(kind byte, value int) { p.write(word{kind, int32(value)}.bytes()) }

func (p *post) order(order []byte) { p.write(letter(ordered, order)) }

// write does not report that the monitor has gone: that is seen where it is read.
func (p *post) write(b []byte) { _, _ = p.socket.Write(b) }

// run has the command executed and returns how it ended.
func (p *post) run(ctx context.Context, c Command, order []byte) (unix.WaitStatus, error) {
	if p.master != nil {
		return p.onPTY(ctx, c, order)
	}
	return p.shared(ctx, c, order)
}

// shared runs a command that has guard's descriptors and process group.
func (p *post) shared(ctx context.Context, c Command, order []byte) (unix.WaitStatus, error) {
	defer lockShared(ctx)()
	sigs := catchShared()
	defer giveBack(sigs)
	defer p.reap()()
	p.order(order)

	said := report{onStart: c.OnStart}
	ended, stops := make(chan struct{}), make(chan struct{}, 1)
	var pid, count atomic.Int32
	go func() {
		defer close(ended)
		for {
			w, err := said.hear(p.socket)
			if err != nil {
				return
			}
			pid.Store(int32(said.pid))
			if w.kind != stopped {
				continue
			}
			select {
			case stops <- struct{}{}:
			default:
			}
			count.Add(1) // after the word is there, or again would take this stop for the one before
		}
	}()
	companion{
		stopped: stops,
		ended:   ended,
		// The monitor goes on while guard is stopped, so its word may be an old one.
		stands: func() bool { c, ok := look(int(pid.Load())); return ok && (c.state == 'T' || c.state == 't') },
		signal: func(s unix.Signal) { p.say(relayed, int(s)) },
		again: func() {
			if n := count.Load(); len(stops) == 0 {
				p.say(again, int(n))
			}
		},
		finish: func() { p.finish(c, ended) },
	}.accompany(ctx, sigs)
	return p.outcome(ctx, c, said, nil)
}

// finish ends everything below guard but the monitor; that ends when the command
// has. With a hook it is for the monitor to do, which knows what to spare.
func (p *post) finish(c Command, ended <-chan struct{}) {
	if !c.Hook {
		finish(c.Grace, c.spared, p.monitor, ended)
		return
	}
	p.say(finishing, 0)
	select {
	case <-ended:
	case <-time.After(c.Grace + 2*time.Second): // it has been stopped, or worse
		finish(0, c.spared, 0, ended)
	}
}

// outcome returns what the monitor said of the command; close collects it, unless
// it stays. A monitor that went without a word was killed; what it watched over must
// not outlive it.
func (p *post) outcome(ctx context.Context, c Command, said report, err error) (unix.WaitStatus, error) {
	if err != nil || !said.known && said.failure == nil {
		over := make(chan struct{})
		close(over)
		finish(0, c.spared, 0, over)
	}
	if said.kept && ctx.Err() != nil {
		_ = unix.Kill(p.monitor, unix.SIGTERM)
		p.collect()
	} else if said.kept {
		p.done, p.kept = true, true
	}
	switch {
	case err != nil:
		return 0, err
	case said.failure != nil:
		return 0, said.failure
	case !said.known:
		return 0, errors.New("its monitor process was killed")
	}
	return said.status, nil
}
