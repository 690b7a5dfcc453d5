package spawn

import (
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const (
	lastBreath = 20 * time.Millisecond // for what ends together with the command
	collection = time.Second           // for Serve to notice that nothing is left
)

// hold is watch with a hook. The monitor is then the one to whom orphans fall, and
// stays as long as something is left under the hook. The process of the command is
// started first of all: it takes as long to begin as this one.
func (w *watched) hold(hook func(arg string) (Hook, error)) int {
	err := supervise(false)
	if err == nil {
		w.hook, err = hook(w.arg)
	}
	if err == nil {
		w.entry, err = w.admit()
	}
	if err != nil {
		w.write(letter(refused, []byte(err.Error())))
		return 0
	}
	w.pid = w.entry.pid
	w.hook.Begin()
	// A standard error that nobody reads any more must not end the session.
	catch(make(chan os.Signal, 1), append(forwarded, unix.SIGTSTP, unix.SIGTTIN, unix.SIGTTOU, unix.SIGPIPE)...)
	defaultSignal(uintptr(unix.SIGCHLD)) // each execution that is traced comes with two; nobody here waits for them
	signal.Ignore(unix.SIGTTOU)          // else a word on a terminal could stop the whole job
	w.ended, w.finished = make(chan struct{}), make(chan struct{})
	go w.obey()
	go w.attend()
	go w.patrol(w.entry.pid)

	status := w.await()
	close(w.ended)
	<-w.entry.over
	w.yield()
	if w.isEnding() {
		<-w.finished
	}
	if w.survived() && w.entry.executed {
		return w.keep(status)
	}
	w.hook.Close(false)
	w.write(w.lastWord(status))
	return 0
}

// lastWord is how it ended.
func (w *watched) lastWord(status unix.WaitStatus) []byte {
	switch e := w.entry; {
	case e.failure != nil:
		return e.failure
	case e.executed:
		return word{ended, int32(status)}.bytes()
	case status.Signaled():
		return letter(refused, []byte("ended by "+unix.SignalName(status.Signal())+" before it was executed"))
	default:
		return letter(refused, fmt.Appendf(nil, "ended with %d before it was executed", status.ExitStatus()))
	}
}

// serve has the hook answer. Without it nothing can be executed any more; then the
// rest goes too.
func (w *watched) serve(fd int) {
	defer close(w.entry.served)
	err := w.hook.Serve(fd)
	unix.Close(fd)
	if err != nil {
		fmt.Fprintf(os.Stderr, "guard: the exec hook has failed, so that everything is ended: %v\r\n", err)
		w.mu.Lock()
		defer w.mu.Unlock()
		w.finish()
	}
}

// open gives the hook its order and lets the command go.
func (w *watched) open(order []byte) {
	env, err := w.hook.Open(order)
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.pid == 0 || w.ending {
		return
	}
	if err != nil {
		w.entry.failure = letter(refused, []byte(err.Error()))
		_ = unix.Kill(w.pid, unix.SIGKILL)
		return
	}
	w.entry.going = true
	_ = unix.Kill(w.pid, unix.SIGCONT) // ^Z while it waited was not meant for the command
	send(w.entry.fd, goOn, strings.Join(env, "\x00"))
}

// finish ends everything below, in its own time. w.mu is held.
func (w *watched) finish() {
	if w.ending {
		return
	}
	w.ending = true
	go func() {
		defer close(w.finished)
		finish(w.grace, w.hook.Spare, 0, w.ended)
	}()
}

func (w *watched) isEnding() bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.ending
}

// survived says whether processes are left when the command has ended. What ends
// with it gets the time to.
func (w *watched) survived() bool {
	select { // most often nothing is left
	case <-w.entry.served:
		return false
	case <-time.After(2 * time.Millisecond):
	}
	patience := collection
	if w.left() {
		patience = lastBreath
	}
	for end := time.Now().Add(patience); ; {
		select {
		case <-w.entry.served:
			return false
		case <-time.After(time.Millisecond):
			// Before Linux 6.11 the dead count for the hook until they are collected.
			w.quiet(func() { sweepZombies(0, w.dead()) })
		}
		if time.Now().After(end) {
			return true
		}
	}
}

// keep stays with what is left under the hook until that ends, or TERM comes. It
// holds nothing that somebody else could be waiting for.
func (w *watched) keep(status unix.WaitStatus) int {
	term := make(chan os.Signal, 1)
	signal.Notify(term, unix.SIGTERM, unix.SIGINT)
	w.say(kept, 0)
	w.say(ended, int(status))
	if err := w.letGo(); err != nil {
		return 125 // upon which nothing more is executed
	}
	select {
	case <-w.entry.served:
	case <-term:
		w.mu.Lock()
		w.finish()
		w.mu.Unlock()
		<-w.finished
		select {
		case <-w.entry.served:
		case <-time.After(collection):
		}
	}
	w.hook.Close(true)
	return 0
}

// letGo gives up the socket, every descriptor that guard was given, the folder and
// the terminal.
func (w *watched) letGo() error {
	if err := os.Chdir("/"); err != nil {
		return fmt.Errorf("let go: %w", err)
	}
	if !w.own {
		_, _ = unix.Setsid() // we lead no group; and what is left cannot be continued by us
	}
	_ = unix.Shutdown(w.socket, unix.SHUT_RDWR) // obey reads there
	_ = w.guard.Close()
	null, err := unix.Open("/dev/null", unix.O_RDWR|unix.O_CLOEXEC, 0)
	if err != nil {
		return fmt.Errorf("let go: %w", err)
	}
	defer unix.Close(null)
	for fd := range 3 {
		if err := unix.Dup2(null, fd); err != nil {
			return fmt.Errorf("let go: %w", err)
		}
	}
	names, err := os.ReadDir("/proc/self/fd")
	if err != nil {
		return fmt.Errorf("let go: %w", err)
	}
	for _, name := range names {
		fd, err := strconv.Atoi(name.Name())
		if err != nil || fd < 3 {
			continue
		}
		flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0)
		if err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd) // what we opened ourselves is closed on exec
		}
	}
	return nil
}
