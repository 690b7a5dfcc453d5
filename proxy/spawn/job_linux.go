package spawn

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"

	"golang.org/x/sys/unix"
)

// enter makes the person's terminal raw if we are in its foreground. The modes to
// go back to are read anew after each leave: the person may have changed them.
func (r *relay) enter() {
	if r.gone || !r.front {
		return
	}
	if r.modes == nil {
		modes, err := unix.IoctlGetTermios(r.in, unix.TCGETS)
		if err != nil {
			return
		}
		r.modes, r.raw = modes, raw(*modes)
		if r.program != nil {
			r.program.adopt(modes)
		}
	}
	_ = unix.IoctlSetTermios(r.in, unix.TCSETSW, &r.raw) // fails only on a terminal that is gone
}

// raw is m without any processing, as cfmakeraw(3).
func raw(m unix.Termios) unix.Termios {
	m.Iflag &^= unix.IGNBRK | unix.BRKINT | unix.PARMRK | unix.ISTRIP | unix.INLCR | unix.IGNCR | unix.ICRNL | unix.IXON
	m.Oflag &^= unix.OPOST
	m.Lflag &^= unix.ECHO | unix.ECHONL | unix.ICANON | unix.ISIG | unix.IEXTEN
	m.Cflag = m.Cflag&^(unix.CSIZE|unix.PARENB) | unix.CS8
	m.Cc[unix.VMIN], m.Cc[unix.VTIME] = 1, 0
	return m
}

// leave gives the terminal the modes it had. In the background it touches nothing:
// whoever is in front has set its own.
func (r *relay) leave() {
	if r.modes == nil {
		return
	}
	if inForeground(r.in) {
		_ = unix.IoctlSetTermios(r.in, unix.TCSETSW, r.modes)
	}
	r.modes = nil
}

// signal handles what guard itself was sent.
func (r *relay) signal(s os.Signal) {
	switch s {
	case unix.SIGWINCH:
		if r.program != nil {
			r.program.resize(r.in)
		}
	case unix.SIGCONT:
		r.resume()
	default:
		if r.program != nil {
			r.program.signal(s.(unix.Signal))
			return
		}
		r.endQuestion(0, fmt.Errorf("interrupted by %s", unix.SignalName(s.(unix.Signal))))
	}
}

// stop is called when the command has been stopped by sig. A command that wanted
// the terminal while in the background simply gets it if we are in front by now.
func (r *relay) stop(sig unix.Signal) {
	background := sig == unix.SIGTTIN || sig == unix.SIGTTOU
	if background && inForeground(r.in) {
		r.resume()
		return
	}
	r.drain()
	r.suspend(sig)
}

// drain passes on what the command wrote before it stopped, which the person would
// otherwise see only when it goes on.
func (r *relay) drain() {
	if r.question.drawn() {
		return
	}
	fds := []unix.PollFd{{Fd: int32(r.program.master), Events: unix.POLLIN}}
	for range longTail / len(r.buf) { // others may go on writing
		if n, err := unix.Poll(fds, 0); n <= 0 || err != nil || fds[0].Revents&unix.POLLIN == 0 {
			return
		}
		r.pass()
	}
}

// suspend stops guard as sig would have, and returns when it has been continued.
// The signals of job control go to the whole process group, because that is what
// the terminal would have done: a script that called guard has to stop as well.
// Where the kernel would drop them we must not wait for what cannot come.
func (r *relay) suspend(sig unix.Signal) {
	if sig != unix.SIGSTOP && orphaned() {
		r.resume()
		return
	}
	r.leave()
	r.front = false
	if sig == unix.SIGSTOP || ignored(sig) {
		stopToo()
		return
	}
	continued := make(chan os.Signal, 1)
	signal.Notify(continued, unix.SIGCONT)
	defer signal.Stop(continued)
	_ = unix.Kill(0, sig)
	<-continued // and the same SIGCONT has r.signal resume
}

// follow notices that a job that ran in the background has been brought to the
// front: shells send SIGCONT only to jobs that were stopped.
func (r *relay) follow() {
	if !r.front && !r.gone && inForeground(r.in) {
		r.resume()
	}
}

// resume finds out where we stand after a stop, and has the command go on there.
func (r *relay) resume() {
	r.front = inForeground(r.in)
	if !r.front {
		r.modes = nil // the shell has put its own in place
	}
	if r.program != nil {
		r.enter() // also when it was raw: whoever stopped us has cooked it since
		r.program.resize(r.in)
		r.program.proceed(r.front)
	}
	r.redraw()
}

// ignored says whether this process was started to ignore sig; the Go runtime does
// not say so for the signals of job control.
func ignored(sig unix.Signal) bool { return signals("/proc/self/status", "SigIgn")&bit(sig) != 0 }

// signals returns a set of signals of a process (proc_pid_status(5)); all of them if
// that cannot be read.
func signals(file, name string) uint64 {
	status, _ := os.ReadFile(file)
	_, rest, _ := strings.Cut(string(status), "\n"+name+":\t")
	set, err := strconv.ParseUint(rest[:min(16, len(rest))], 16, 64)
	if err != nil {
		return ^uint64(0)
	}
	return set
}

func bit(sig unix.Signal) uint64 { return 1 << (sig - 1) }
