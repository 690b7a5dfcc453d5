package spawn

import (
	"errors"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Monitor is what this executable does when its first argument is MonitorArg; args
// are those after it, FG PATH ARGV... It is the session leader of the command's
// terminal, starts the command there and watches over it. Its descriptor 0 is the
// socket to guard, 1 the terminal and 2 the command's standard error, so that those
// from 3 on are those that guard itself was given. It has no power that the caller
// lacks.
func Monitor(args []string) int {
	if len(args) < 3 {
		fmt.Fprintln(os.Stderr, "guard: "+MonitorArg+" is for guard's own use")
		return 2
	}
	return watch(args[0] == "1", args[1], args[2:])
}

// watched is the command as its monitor knows it.
type watched struct {
	guard *os.File
	tty   int

	mu   sync.Mutex
	pid  int  // guarded by mu; 0 when it has been reaped
	held bool // stopped; guarded by mu
}

// watch starts the command, reports to guard what becomes of it and does what
// guard orders. It ends with the command; if guard ends first, the command is told
// that its terminal has gone.
func watch(front bool, path string, argv []string) int {
	if err := closeToTracers(); err != nil {
		return 125
	}
	catch(make(chan os.Signal, 1), forwarded...)
	w := &watched{guard: os.NewFile(0, "guard"), tty: 1}
	pid, err := start(front, path, argv)
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
	// What is left in the foreground group must not get SIGHUP because we end.
	_ = setForeground(w.tty, unix.Getpgrp())
	w.say(ended, int(status))
	return 0
}

// start returns when the command has been executed, or with why it could not be. It
// takes the foreground between fork and exec, so that the command never sees itself
// in the background. No program of ours runs in between: a signal that meets one
// which is about to execute another can be lost, when the thread that handles it is
// ended by the exec.
func start(front bool, path string, argv []string) (int, error) {
	return syscall.ForkExec(path, argv, &syscall.ProcAttr{
		Env: os.Environ(), Files: []uintptr{1, 1, 2},
		Sys: &syscall.SysProcAttr{Setpgid: true, Foreground: front, Ctty: 1},
	})
}

func (w *watched) say(kind byte, value int) {
	_, _ = w.guard.Write(word{kind, int32(value)}.bytes()) // without guard, obey ends us
}

// await returns the wait status of the command. It looks before it reaps, so that
// obey never signals a process number that has become somebody else's.
func (w *watched) await() unix.WaitStatus {
	for {
		err := unix.Waitid(unix.P_PID, w.pid, nil, unix.WEXITED|unix.WSTOPPED|unix.WNOWAIT, nil)
		if err == unix.EINTR {
			continue
		}
		if status, over := w.collect(); over {
			return status
		}
	}
}

func (w *watched) collect() (unix.WaitStatus, bool) {
	w.mu.Lock()
	defer w.mu.Unlock()
	var status unix.WaitStatus
	pid, err := unix.Wait4(w.pid, &status, unix.WUNTRACED|unix.WNOHANG, nil)
	switch {
	case err == unix.ECHILD:
		w.pid = 0
		return unix.WaitStatus(unix.SIGKILL), true // cannot be; say the worst
	case pid != w.pid:
		return 0, false
	case status.Stopped():
		w.held = true
		w.say(stopped, int(status.StopSignal()))
		return 0, false
	}
	w.pid = 0
	return status, true
}

// obey does what guard says. When guard is gone, so is the terminal.
func (w *watched) obey() {
	for {
		order, err := readWord(w.guard)
		w.mu.Lock()
		if w.pid == 0 {
			w.mu.Unlock()
			return
		}
		switch {
		case err != nil:
			_ = unix.Kill(-w.pid, unix.SIGHUP)
			_ = unix.Kill(-w.pid, unix.SIGCONT)
			os.Exit(125)
		case order.kind == relayed:
			_ = unix.Kill(w.pid, unix.Signal(order.value))
		case order.kind == proceed:
			w.proceed(order.value == 1)
		}
		w.mu.Unlock()
	}
}

// proceed moves the command to the front or the back of its terminal, and on. What
// else may be in front, such as a job of a shell, is not disturbed. w.mu is held.
func (w *watched) proceed(front bool) {
	self := unix.Getpgrp()
	switch now, _ := unix.IoctlGetInt(w.tty, unix.TIOCGPGRP); {
	case front && now == self:
		_ = setForeground(w.tty, w.pid)
	case !front && now == w.pid:
		_ = setForeground(w.tty, self)
	}
	if w.held {
		w.held = false
		_ = unix.Kill(-w.pid, unix.SIGCONT)
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
