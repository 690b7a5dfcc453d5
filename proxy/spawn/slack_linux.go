package spawn

import (
	"runtime"
	"slices"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// lateness is how late timers of the monitor may fire. Go's runtime has a thread
// that sleeps for 20 us at a time while anything goes on, and a monitor that is
// asked about an execution only ever works for a fraction of a millisecond: without
// this a third of its processor time would be those sleeps. What the scheduler waits
// for in such a way at the start must not take long either. Threads get their slack from
// the one that creates them (PR_SET_TIMERSLACK(2const)), so only who starts a process
// can give it to all of its threads.
const lateness = 1_000_000 // ns

// handOver lets a goroutine that became ready just now run in the caller's place.
// It is for callers that go on to wait in the kernel: whoever takes what they leave
// behind sleeps first, for all of lateness.
func handOver() { runtime.Gosched() }

// procs tells a Go program how many processors to use. The processes between guard
// and the command begin with one: on more, a third of their start is threads that
// find nothing to do.
const procs = "GOMAXPROCS="

// thrifty returns env for a process of ours, and what given needs to undo that.
func thrifty(env []string) (ours []string, entry string) {
	const one = procs + "1"
	i := slices.IndexFunc(env, isProcs)
	if i < 0 {
		return append(slices.Clip(env), one), ""
	}
	ours = slices.Clone(env)
	ours[i] = one
	return ours, env[i]
}

// given returns env as it was before thrifty.
func given(env []string, entry string) []string {
	i := slices.IndexFunc(env, isProcs)
	switch {
	case i < 0:
		return env
	case entry == "":
		return slices.Delete(slices.Clone(env), i, i+1)
	}
	env = slices.Clone(env)
	env[i] = entry
	return env
}

func isProcs(variable string) bool { return strings.HasPrefix(variable, procs) }

// slack is that of the calling thread, 0 if it cannot be told.
func slack() int {
	ns, err := unix.PrctlRetInt(unix.PR_GET_TIMERSLACK, 0, 0, 0, 0)
	if err != nil {
		return 0
	}
	return ns
}

// forkExec is syscall.ForkExec for a process whose timers may be late by ns; with 0
// they are like those of this process.
func forkExec(ns int, path string, argv []string, attr *syscall.ProcAttr) (int, error) {
	if own := slack(); own != 0 && ns != 0 && ns != own {
		runtime.LockOSThread() // ForkExec clones the thread that calls it
		defer runtime.UnlockOSThread()
		own = slack()
		_ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(ns), 0, 0, 0) // it can only cost time
		defer func() { _ = unix.Prctl(unix.PR_SET_TIMERSLACK, uintptr(own), 0, 0, 0) }()
	}
	return syscall.ForkExec(path, argv, attr)
}
