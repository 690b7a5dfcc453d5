package spawn

import (
	"os"
	"time"

	"golang.org/x/sys/unix"
)

const (
	quietTail = 100 * time.Millisecond // silence after which a terminal that others hold open counts as drained
	longTail  = 1 << 20                // bytes after the command's end after which it does
	glance    = 200 * time.Millisecond // how often a background job looks whether it is in front
)

// carry runs until the command has ended and its terminal has been drained, or
// without a command until over is set.
func (r *relay) carry() error {
	r.front = inForeground(r.in)
	if r.program != nil {
		r.enter()
	}
	for !r.over {
		r.present()
		fds := r.watch()
		n, err := unix.Poll(fds, r.patience(time.Now()))
		if err != nil && err != unix.EINTR {
			return os.NewSyscallError("poll", err)
		}
		r.run()
		r.follow()
		if err != nil {
			continue
		}
		if n == 0 {
			r.idle()
			continue
		}
		if fds[1].Revents != 0 {
			r.readKeys()
		} else {
			r.tick()
		}
		if r.program != nil {
			r.serve(fds[2], fds[3])
		}
	}
	return nil
}

// watch lists what can happen next: posted functions, keys, the program's
// terminal, the monitor.
func (r *relay) watch() []unix.PollFd {
	fds := []unix.PollFd{{Fd: int32(r.wake[0]), Events: unix.POLLIN}, {Fd: -1}, {Fd: -1}, {Fd: -1}}
	if r.wantsKeys() {
		fds[1] = unix.PollFd{Fd: int32(r.in), Events: unix.POLLIN}
	}
	if p := r.program; p != nil {
		fds[2] = p.watch(r.question.drawn())
		fds[3] = unix.PollFd{Fd: int32(p.monitor.Fd()), Events: unix.POLLIN}
		if p.left {
			fds[3].Fd = -1
		}
	}
	return fds
}

func (r *relay) wantsKeys() bool {
	switch {
	case r.gone || !r.front:
		return false
	case r.question.drawn():
		return true
	}
	return r.program != nil && len(r.program.input) == 0 && !r.program.left
}

// patience is the time-out for poll in milliseconds, -1 for none.
func (r *relay) patience(now time.Time) int {
	wait := time.Duration(-1)
	if r.question.drawn() {
		wait = r.question.keys.wait(now)
	}
	if !r.front && !r.gone {
		wait = glance
	}
	if r.program != nil && r.program.left {
		wait = quietTail
	}
	if wait < 0 {
		return -1
	}
	return int((wait + time.Millisecond - 1) / time.Millisecond)
}

// idle is called when a poll has timed out.
func (r *relay) idle() {
	r.tick()
	if r.program != nil && r.program.left {
		r.over = true
	}
}

// serve handles what the program's terminal and the monitor have.
func (r *relay) serve(terminal, monitor unix.PollFd) {
	p := r.program
	if terminal.Revents&unix.POLLOUT != 0 {
		p.feed()
	}
	if terminal.Revents&(unix.POLLIN|unix.POLLHUP|unix.POLLERR) != 0 {
		r.pass()
	}
	if monitor.Revents != 0 {
		r.hear()
	}
}

// pass passes on what the program wrote.
func (r *relay) pass() {
	p := r.program
	n, err := unix.Read(p.master, r.buf)
	if n > 0 {
		r.screen.write(r.buf[:n])
		r.write(r.buf[:n])
		if p.left {
			p.tail += n
			r.over = p.tail >= longTail
		}
		return
	}
	if err == unix.EAGAIN || err == unix.EINTR {
		return
	}
	p.closed = true // EIO: nobody holds the other side
	r.over = p.left
}

// hear takes a word from the monitor.
func (r *relay) hear() {
	p := r.program
	w, err := p.hear(p.monitor)
	switch {
	case err != nil:
		p.left = true
		r.over = p.closed
		r.endQuestion(0, ErrEnded)
	case w.kind == stopped:
		p.held = true
		r.stop(unix.Signal(w.value))
	}
}

// readKeys reads what the person typed: for the question if one is drawn, else for
// the program.
func (r *relay) readKeys() {
	n, err := unix.Read(r.in, r.buf)
	switch {
	case err == unix.EAGAIN || err == unix.EINTR:
	case n <= 0:
		r.hangUp()
	case r.question.drawn():
		r.answer(r.buf[:n])
	case r.program != nil:
		r.program.input = append(r.program.input, r.buf[:n]...)
		r.program.feed()
	}
}

// hangUp is for when the person's terminal has gone. The command is told; a
// question stays open for answers from elsewhere but cannot be answered here.
func (r *relay) hangUp() {
	r.gone = true
	if r.program != nil {
		r.program.signal(unix.SIGHUP)
		return
	}
	r.endQuestion(0, unix.EIO)
}

// write writes to the person's terminal, whole, also if somebody made it
// non-blocking. What cannot be written is dropped: the program must not be held up
// by a terminal that is gone.
func (r *relay) write(p []byte) {
	for len(p) > 0 && !r.gone {
		n, err := unix.Write(r.out, p)
		switch {
		case err == unix.EAGAIN:
			_, _ = unix.Poll([]unix.PollFd{{Fd: int32(r.out), Events: unix.POLLOUT}}, -1)
		case err == unix.EINTR:
		case err != nil:
			r.hangUp()
		default:
			p = p[n:]
		}
	}
}
