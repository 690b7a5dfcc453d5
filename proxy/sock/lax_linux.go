package sock

import (
	"os/exec"
	"runtime"

	"golang.org/x/sys/unix"
)

// hangUp is what poll(2) has to be asked for to say that the other side is gone.
const hangUp = unix.POLLRDHUP

// lateness is how late guardd's timers may fire. A thread of Go's runtime sleeps
// for 20 us at a time while anything goes on, which would be a third of what an
// execution costs guardd. Threads get their slack from the one that creates them
// (PR_SET_TIMERSLACK(2const)), so only who starts guardd can give it to all of them.
const lateness = 200_000 // ns

// startLax starts a process whose timers may be late.
func startLax(cmd *exec.Cmd) error {
	runtime.LockOSThread() // the process is cloned from the thread that starts it
	defer runtime.UnlockOSThread()
	if own, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0); err == nil {
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, lateness, 0, 0, 0) // it can only cost time
		defer func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(own), 0, 0, 0) }()
	}
	return cmd.Start()
}
