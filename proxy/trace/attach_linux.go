package trace

import (
	"runtime"

	"golang.org/x/sys/unix"
)

func ptrace(request, pid int, data uintptr) unix.Errno {
	_, _, e := unix.Syscall6(unix.SYS_PTRACE, uintptr(request), uintptr(pid), 0, data, 0, 0)
	return e
}

// attach takes hold of a task that waits for its answer, so that exactly one stop
// follows the answer: PTRACE_EVENT_EXEC, or PTRACE_EVENT_STOP if nothing was
// executed. The interruption does not end the wait, for the filter has
// WAIT_KILLABLE_RECV.
func (w *worker) attach(tid int) unix.Errno {
	if errno := ptrace(unix.PTRACE_SEIZE, tid, unix.PTRACE_O_TRACEEXEC|unix.PTRACE_O_EXITKILL); errno != 0 {
		return errno
	}
	ptrace(unix.PTRACE_INTERRUPT, tid, 0) // fails for the dying only
	if w.settle {
		w.settled(tid)
	}
	return 0
}

// settled waits until the task has noticed the interruption and sleeps again, now
// for SIGKILL only (state D). Before Linux 6.18 an answer that is faster has the
// call start over, as another one.
func (w *worker) settled(tid int) {
	const tries = 1000 // it takes microseconds; without it one question is asked twice
	for range tries {
		var errno unix.Errno
		w.buf, errno = slurp(unix.AT_FDCWD, procPath(tid, "/stat"), w.buf)
		if t, ok := parseStat(w.buf); errno != 0 || !ok || t.State != 'S' {
			return
		}
		runtime.Gosched()
	}
}

// hold keeps the goroutine on its thread, to which belongs whatever is attached
// from it, and everybody else quiet, until the function that it returns is called.
func (w *worker) hold() (release func()) {
	runtime.LockOSThread()
	w.quiet.RLock()
	return func() {
		w.quiet.RUnlock()
		runtime.UnlockOSThread()
	}
}

// admit lets a call go on and sees to it that what was judged is what runs. Where
// it does, the Judge is told before its first instruction: it may execute something
// at once.
func (w *worker) admit(c *call, r Ruling) (failed error) {
	var s *stand
	var loaded *Image
	if r.Instead != nil {
		var errno unix.Errno
		if s, errno = w.lend(c); errno != 0 {
			send(w.listener, c.id, errno)
			return ErrFailed
		}
		defer s.end.Close()
	}
	c.stopped.Store(admitted)
	defer w.hold()()
	switch errno := w.attach(c.TID); {
	case errno == 0:
	case errno == unix.ESRCH || !waiting(w.listener, c.id):
		return ErrGone
	case r.Blind:
		send(w.listener, c.id, 0)
		return ErrBlind
	default:
		return ErrOthers
	}
	went := send(w.listener, c.id, 0) == 0
	for {
		pid, status, ok := w.wait()
		if !ok || status.Exited() || status.Signaled() {
			if loaded == nil && failed == nil {
				failed = ErrGone
			}
			return failed
		}
		switch {
		case failed != nil || loaded != nil: // killed, and on its way
			continue
		case !went:
			// The task had gone, and its number is another's, which is none of our business.
			failed = ErrGone
		case event(status) == unix.PTRACE_EVENT_EXEC:
			loaded, failed = w.verify(c, r, s, pid)
		default:
			failed = ErrFailed
		}
		if failed == ErrKilled || failed == ErrUnseen {
			_ = unix.Kill(pid, unix.SIGKILL) // stopped by us, so the number is still its own
			continue                         // and collected by us, or its parent would wait for ever
		}
		if loaded != nil {
			w.Judge.Done(&c.Call, r, loaded, nil)
		}
		if detach(pid, status) == 0 {
			return failed
		}
		if loaded == nil {
			failed = ErrGone // killed meanwhile; as its tracer we have to collect it
		}
	}
}

// event is the kind of ptrace stop, 0 for the delivery of a signal.
func event(status unix.WaitStatus) int { return int(status) >> 16 }

// detach lets a stopped task run on, with the signal that was about to be
// delivered if that is what stopped it.
func detach(pid int, status unix.WaitStatus) unix.Errno {
	var sig uintptr
	if event(status) == 0 {
		sig = uintptr(status.StopSignal())
	}
	return ptrace(unix.PTRACE_DETACH, pid, sig)
}

// wait returns the next thing that happens to the attached task. Its number may
// have changed: a thread that executes takes that of its process. ok is false if
// there is no task any more.
//
// WCLONE shuts out children of ours that are not attached: whichever thread of
// this process started one is its parent, and that may have become a worker's.
func (w *worker) wait() (pid int, status unix.WaitStatus, ok bool) {
	for {
		pid, err := unix.Wait4(-1, &status, unix.WCLONE|unix.WNOTHREAD, nil)
		if err == unix.EINTR {
			continue
		}
		if err == nil && (status.Exited() || status.Signaled()) {
			w.take(pid, status)
		}
		return pid, status, err == nil
	}
}

// sing answers the canary: an errno that shows that its word was read and that its
// task can be attached to.
func (w *worker) sing(c *call) {
	if len(c.Argv) != 1 {
		send(w.listener, c.id, unix.ENOENT)
		return
	}
	defer w.hold()()
	if errno := w.attach(c.TID); errno != 0 {
		send(w.listener, c.id, untracedBase+min(errno, canaryErrno-untracedBase-1))
		return
	}
	send(w.listener, c.id, unix.Errno(canaryAnswer(c.Argv[0])))
	for {
		pid, status, ok := w.wait()
		if !ok || status.Exited() || status.Signaled() || detach(pid, status) == 0 {
			return
		}
	}
}

// admitted is call.stopped of a task that has left its wait and is not stopped.
const admitted = -1

// present says whether the task still waits: for its answer, or stopped by us for
// the Judge's word on what it has loaded.
func (c *call) present(listener int) bool {
	pidfd := c.stopped.Load()
	switch pidfd {
	case 0:
		return waiting(listener, c.id) || c.stopped.Load() != 0 // it may have left its wait just now, with our answer
	case admitted:
		return true
	}
	fds := []unix.PollFd{{Fd: pidfd, Events: unix.POLLIN}}
	_, err := unix.Poll(fds, 0)
	return err != nil || fds[0].Revents == 0
}
