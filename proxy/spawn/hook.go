package spawn

import (
	"errors"

	"golang.org/x/sys/unix"
)

// ErrHook says that the hook could not be put up: its Enter, Serve or Prove failed.
// The text says why.
var ErrHook = errors.New("the exec hook cannot be put up")

// Hook is what stands between a command and what it executes. This package only
// gives it its places: in the process that becomes the command, and in the
// monitor above it, which outlives the command while something still runs under
// the hook.
type Hook interface {
	// Enter restricts the calling process, and with it all it will become and start.
	// The descriptor it returns is handed to Serve, and closed in both processes by
	// this package.
	Enter() (fd int, err error)

	// Prove shows, in the same process once Serve runs, that the restriction works.
	Prove() error

	// Serve answers, in the monitor, what the descriptor brings, until no process
	// is left under the hook. Every error means that nothing more will be executed
	// there, so that all of it is ended.
	Serve(fd int) error

	// Begin is called first in the monitor. It returns at once: until Open something
	// can be got ready meanwhile.
	Begin()

	// Open takes, in the monitor, what Prepared.Run was given. It returns variables
	// to add to the command's environment. Nothing is executed before.
	Open(order []byte) (env []string, err error)

	// Close is told, in the monitor, that nothing more will come. The monitor ends with
	// it, and guard's part as well if kept, which says that guard has gone before.
	Close(kept bool)

	// Quiet runs f while nothing is traced: the one time at which a child of the
	// monitor may be collected.
	Quiet(f func())

	// Spare is a process below the monitor that is no part of the command: a guardd
	// that the hook had to start again. 0 for none.
	Spare() int

	// Taken returns the status of a child of the monitor that was collected by the
	// hook itself, because it died while it was traced.
	Taken(pid int) (unix.WaitStatus, bool)
}
