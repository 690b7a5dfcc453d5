//go:build !linux

package trace

import "golang.org/x/sys/unix"

// Enter fails with ErrUnsupported.
func Enter(Limits) (listener int, level Level, err error) { return -1, Level{}, ErrUnsupported }

// Prove fails with ErrUnsupported.
func Prove() error { return ErrUnsupported }

// Tracer cannot serve here.
type Tracer struct {
	Judge Judge
}

// Serve fails with ErrUnsupported.
func (*Tracer) Serve(listener int) error { return ErrUnsupported }

// Quiet runs f.
func (*Tracer) Quiet(f func()) { f() }

// Taken knows no process.
func (*Tracer) Taken(pid int) (unix.WaitStatus, bool) { return 0, false }

// Notify fails with ErrUnsupported.
func Notify(pid int, text string) error { return ErrUnsupported }
