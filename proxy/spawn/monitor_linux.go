package spawn

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"sync"
	"syscall"

	"golang.org/x/sys/unix"
)

// Monitor is what this executable does when its first argument is MonitorArg; args
// are those after it. It is either
//
//	watch FG PATH ARGV...   the session leader of the command's terminal
//	exec  FG PATH ARGV...   what becomes the command
//
// Both have a descriptor of ours as 0 (the socket to guard, the pipe for errno),
// the terminal as 1 and the command's standard error as 2, so that descriptors
// from 3 on are those that guard itself was given. Neither has a power that the
// caller lacks.
func Monitor(args []string) int {
	if len(args) < 4 {
		fmt.Fprintln(os.Stderr, "guard: "+MonitorArg+" is for guard's own use")
		return 2
	}
	front := args[1] == "1"
	switch args[0] {
	case "watch":
		return watch(front, args[2], args[3:])
	case "exec":
		return become(front, args[2], args[3:])
	}
	return 2
}

// become takes the foreground of the terminal for its own process group and turns
// into the command. Doing this between fork and exec is what keeps the command
// from ever seeing itself in the background.
func become(front bool, path string, argv []string) int {
	report, err := unix.FcntlInt(0, unix.F_DUPFD_CLOEXEC, 3)
	if err != nil {
		return 125
	}
	err = unix.Dup3(1, 0, 0)
	if err == nil && front {
		err = setForeground(1, unix.Getpgrp())
	}
	if err == nil {
		// The monitor ignores SIGTTOU, which let us take the foreground. A signal
		// that is caught is a default one after exec.
		signal.Notify(make(chan os.Signal, 1), unix.SIGTTOU)
		err = syscall.Exec(path, argv, os.Environ())
	}
	_, _ = unix.Write(report, word{failed, int32(errnoOf(err))}.bytes())
	return 127
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
	signal.Ignore(unix.SIGTTOU) // or moving the foreground from the background fails
	catch(make(chan os.Signal, 1), forwarded...)
	w := &watched{guard: os.NewFile(0, "guard"), tty: 1}
	pid, err := start(front, path, argv)
	if err != nil {
		w.say(failed, int(errnoOf(err)))
		return 0
	}
	w.pid = pid
	w.say(started, pid)
	go w.obey()

	status := w.await()
	// What is left in the foreground group must not get SIGHUP because we end.
	_ = setForeground(w.tty, unix.Getpgrp())
	w.say(ended, int(status))
	return 0
}

// start returns when the command has been executed, or with the errno for which it
// could not be.
func start(front bool, path string, argv []string) (int, error) {
	r, report, err := os.Pipe()
	if err != nil {
		return 0, unix.EMFILE
	}
	defer r.Close()
	p, err := os.StartProcess("/proc/self/exe", words("exec", front, path, argv), &os.ProcAttr{
		Env:   os.Environ(),
		Files: []*os.File{report, os.Stdout, os.Stderr},
		Sys:   &syscall.SysProcAttr{Setpgid: true},
	})
	report.Close()
	if err != nil {
		return 0, errnoOf(err)
	}
	if w, err := readWord(r); err != io.EOF {
		_, _ = p.Wait()
		return 0, syscall.Errno(w.value)
	}
	pid := p.Pid
	_ = p.Release()
	return pid, nil
}

// words are the arguments with which this executable is started again.
func words(role string, front bool, path string, argv []string) []string {
	fg := "0"
	if front {
		fg = "1"
	}
	return append([]string{os.Args[0], MonitorArg, role, fg, path}, argv...)
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
