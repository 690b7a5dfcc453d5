package main

import (
	"bytes"
	"context"
	"os"

	"golang.org/x/sys/unix"
)

// kernel is the running system's name and version.
func kernel() string {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return "unknown kernel"
	}
	return "kernel " + string(bytes.TrimRight(u.Release[:], "\x00"))
}

// tries attempts what the hook's filters and Landlock refuse. Nothing happens
// should one succeed: signal 0 is none, and a limit is set to what it is.
func tries() []checked {
	monitor := os.Getppid()
	all := []checked{attempt("signals", "signal guard's own processes", unix.Kill(monitor, 0))}
	if client, status, err := running(context.Background()); err == nil {
		client.Close()
		all[0] = attempt("signals", "signal guard or guardd", firstNil(unix.Kill(monitor, 0), unix.Kill(status.PID, 0)))
	}
	var limit unix.Rlimit
	err := unix.Prlimit(monitor, unix.RLIMIT_NOFILE, nil, &limit)
	if err == nil {
		err = unix.Prlimit(monitor, unix.RLIMIT_NOFILE, &limit, nil)
	}
	none := byte(0)
	return append(all,
		attempt("limits", "change guard's resource limits", err),
		attempt("typing", "type into a terminal", ioctlByte(0, unix.TIOCSTI, &none)))
}

// firstNil is nil if one of the attempts succeeded.
func firstNil(errs ...error) (last error) {
	for _, err := range errs {
		if err == nil {
			return nil
		}
		last = err
	}
	return last
}
