package spawn

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Monitor is what this executable does when its first argument is MonitorArg; args
// are those after it. It starts the command and watches over it, as the session
// leader of the command's terminal if that has one of its own. Its descriptors are
// those of the command, and the socket to guard. It has no power that the caller
// lacks.
//
// With a hook, Monitor is also the process that becomes the command; hook is called
// once in each of the two.
func Monitor(args []string, hook func(arg string) (Hook, error)) int {
	if e, ok := parseEntry(args); ok && hook != nil {
		return e.enter(hook)
	}
	a, ok := parseAssignment(args)
	if !ok || a.hooked && hook == nil {
		fmt.Fprintln(os.Stderr, "guard: "+MonitorArg+" is for guard's own use")
		return 2
	}
	if err := closeToTracers(); err != nil {
		return 125
	}
	unix.CloseOnExec(a.socket)
	w := &watched{assignment: a, guard: os.NewFile(uintptr(a.socket), "guard")}
	if a.hooked {
		return w.hold(hook)
	}
	catch(make(chan os.Signal, 1), forwarded...)
	return w.watch()
}

// assignment is what a monitor is told at its start.
type assignment struct {
	socket int  // descriptor of the socket to guard
	own    bool // the command has a terminal of its own
	front  bool // it starts in the foreground there
	grace  time.Duration
	hooked bool
	slack  int    // of guard's timers, which the command gets back; ns
	procs  string // see thrifty; the command gets it back
	arg    string // the hook's
	path   string
	argv   []string
}

const watching = "watch"

func (a assignment) args() []string {
	terms := fmt.Sprintf("%d %t %t %d %t %d", a.socket, a.own, a.front, a.grace, a.hooked, a.slack)
	return append([]string{os.Args[0], MonitorArg, watching, terms, a.procs, a.arg, a.path}, a.argv...)
}

func parseAssignment(args []string) (a assignment, ok bool) {
	if len(args) < 6 || args[0] != watching {
		return a, false
	}
	a.procs, a.arg, a.path, a.argv = args[2], args[3], args[4], args[5:]
	_, err := fmt.Sscanf(args[1], "%d %t %t %d %t %d", &a.socket, &a.own, &a.front, &a.grace, &a.hooked, &a.slack)
	return a, err == nil
}

// watched is the command as its monitor knows it.
type watched struct {
	assignment
	guard *os.File
	entry *entrant // the command before it is executed; nil without a hook
	hook  Hook     // nil without

	mu     sync.Mutex
	pid    int  // guarded by mu; 0 when it has been reaped
	held   bool // stopped; guarded by mu
	stops  int  // that guard was told of; guarded by mu
	ending bool // everything is; guarded by mu

	ended    chan struct{} // closed when the command has
	finished chan struct{} // closed when everything has, if ending
}

// watch starts the command, reports to guard what becomes of it and does what
// guard orders. It ends with the command; if guard ends first, the command is told
// that its terminal has gone.
func (w *watched) watch() int {
	pid, err := w.start()
	if err != nil {
		w.say(failed, int(errnoOf(err)))
		return 0
	}
	// Or moving the foreground from the background fails. Not before the start: the
	// command would inherit it.
	signal.Ignore(unix.SIGTTOU)
	w.pid = pid
	w.say(started, pid)
	go w.obey()

	status := w.await()
	w.yield()
	w.say(ended, int(status))
	return 0
}

// start returns when the command has been executed, or with why it could not be. It
// takes the foreground between fork and exec, so that the command never sees itself
// in the background. No program of ours runs in between: a signal that meets one
// which is about to execute another can be lost, when the thread that handles it is
// ended by the exec.
func (w *watched) start() (int, error) {
	return forkExec(w.slack, w.path, w.argv, &syscall.ProcAttr{
		Env: given(os.Environ(), w.procs), Files: []uintptr{0, 1, 2},
		Sys: &syscall.SysProcAttr{Setpgid: true, Foreground: w.front, Ctty: 0},
	})
}

// yield takes the foreground of the command's own terminal: what is left in it must
// not get SIGHUP because we end, or guard does.
func (w *watched) yield() {
	if w.own {
		_ = setForeground(0, unix.Getpgrp())
	}
}

func (w *watched) say(kind byte, value int) { w.write(word{kind, int32(value)}.bytes()) }

func (w *watched) write(b []byte) { _, _ = w.guard.Write(b) } // without guard, obey ends us

// await returns the wait status of the command. It looks before it reaps, so that
// obey never signals a process number that has become somebody else's, and reaps
// while nothing is traced.
func (w *watched) await() (status unix.WaitStatus) {
	for over := false; !over; {
		err := unix.Waitid(unix.P_PID, w.pid, nil, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		w.quiet(func() { status, over = w.collect() })
		handOver()
	}
	return status
}

func (w *watched) quiet(f func()) {
	if w.hook == nil {
		f()
		return
	}
	w.hook.Quiet(f)
}

func (w *watched) collect() (unix.WaitStatus, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var status unix.WaitStatus
	pid, err := unix.Wait4(w.pid, &status, unix.WUNTRACED|unix.WNOHANG, nil)
	switch {
	case err == unix.ECHILD:
		status = unix.WaitStatus(unix.SIGKILL) // say the worst
		if w.hook != nil {
			if taken, ok := w.hook.Taken(w.pid); ok {
				status = taken
			}
		}
	case pid != w.pid:
		return 0, false
	case status.Stopped():
		w.stop(status.StopSignal())
		return 0, false
	}
	w.pid = 0
	return status, true
}

// stop notes that the command was stopped. w.mu is held.
func (w *watched) stop(sig unix.Signal) {
	if w.entry != nil && !w.entry.going {
		return // it will be continued when it may go
	}
	w.held = true
	w.stops++
	w.say(stopped, int(sig))
}

// obey does what guard says. When guard is gone, so is the terminal.
func (w *watched) obey() {
	for {
		order, err := readWord(w.guard)
		var text []byte
		if err == nil && order.kind == ordered {
			text, err = order.text(w.guard)
		}
		w.mu.Lock()
		if w.pid == 0 {
			w.mu.Unlock()
			return
		}
		switch {
		case err != nil:
			w.abandon()
			w.mu.Unlock()
			return
		case order.kind == relayed:
			_ = unix.Kill(w.pid, unix.Signal(order.value))
		case order.kind == proceed:
			w.proceed(order.value == 1)
		case order.kind == again:
			w.again(int(order.value))
		case order.kind == ordered && w.entry != nil:
			go w.open(text)
		case order.kind == finishing && w.hook != nil:
			w.finish()
		}
		w.mu.Unlock()
	}
}

// abandon is for when guard is gone. What has not been executed by then will not
// be. w.mu is held.
func (w *watched) abandon() {
	if w.entry != nil && !w.entry.going {
		_ = unix.Kill(w.pid, unix.SIGKILL) // and await goes on
		return
	}
	whom := w.pid
	if w.own {
		whom = -w.pid
	}
	_ = unix.Kill(whom, unix.SIGHUP)
	_ = unix.Kill(whom, unix.SIGCONT)
	os.Exit(125)
}

// proceed moves the command to the front or the back of its terminal, and on. What
// else may be in front, such as a job of a shell, is not disturbed. w.mu is held.
func (w *watched) proceed(front bool) {
	self := unix.Getpgrp()
	switch now, _ := unix.IoctlGetInt(0, unix.TIOCGPGRP); {
	case front && now == self:
		_ = setForeground(0, w.pid)
	case !front && now == w.pid:
		_ = setForeground(0, self)
	}
	if w.held {
		w.held = false
		_ = unix.Kill(-w.pid, unix.SIGCONT)
	}
}

// again continues the command if it is still in stop number n. w.mu is held.
func (w *watched) again(n int) {
	if p, ok := look(w.pid); ok && p.state == 'T' && w.stops == n && !stopOf(w.pid, unix.WNOWAIT) {
		_ = unix.Kill(w.pid, unix.SIGCONT)
	}
}

func setForeground(tty, group int) error {
	return unix.IoctlSetPointerInt(tty, unix.TIOCSPGRP, group)
}

func errnoOf(err error) syscall.Errno {
	var errno syscall.Errno
	if errors.As(err, &errno) {
		return errno
	}
	return unix.EIO
}
