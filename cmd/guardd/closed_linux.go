package main

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// closeToTracers closes this process to ptrace, pidfd_getfd and /proc/PID of its
// own user, who may be an agent that no Landlock holds back.
func closeToTracers() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("close to tracers: %w", err)
	}
	return nil
}
