package trace

import "golang.org/x/sys/unix"

var standingAt, stoodAt uintptr // where the code begins and ends; stand_linux_amd64.s

// cpu returns where a stopped process will go on, and its stack.
func cpu(pid int) (pc, sp uintptr, errno unix.Errno) {
	var r unix.PtraceRegs
	if err := unix.PtraceGetRegs(pid, &r); err != nil {
		return 0, 0, errnoOf(err)
	}
	const longMode = 0x33 // __USER_CS of the kernel
	if r.Cs != longMode {
		return 0, 0, unix.ENOEXEC // our code is for 64 bits
	}
	return uintptr(r.Rip), uintptr(r.Rsp), 0
}
