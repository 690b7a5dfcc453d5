//go:build linux

package spawn

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// defaultSignals gives every signal that is not ignored its default action, behind
// the Go runtime's back (rt_sigaction(2)). It is for a process that does nothing any
// more but become another. One stays: with it the runtime has a system call made by
// all threads (syscall.AllThreadsSyscall), as restricting a whole process needs.
func defaultSignals() {
	const perThreadSyscall = 33 // SIGRTMIN+1 of the kernel
	for sig := uintptr(1); sig <= 64; sig++ {
		if sig != perThreadSyscall {
			defaultSignal(sig)
		}
	}
}

func defaultSignal(sig uintptr) {
	const size = 8                // of a signal set
	var action, before [8]uintptr // struct sigaction; the handler comes first, 0 is SIG_DFL and 1 SIG_IGN
	_, _, errno := unix.RawSyscall6(unix.SYS_RT_SIGACTION, sig, 0, uintptr(unsafe.Pointer(&before)), size, 0, 0)
	if errno == 0 && before[0] > 1 {
		_, _, _ = unix.RawSyscall6(unix.SYS_RT_SIGACTION, sig, uintptr(unsafe.Pointer(&action)), 0, size, 0, 0)
	}
}
