package trace

import "golang.org/x/sys/unix"

var standingAt, stoodAt uintptr // where the code begins and ends; stand_linux_arm64.s

// cpu returns where a stopped process will go on, and its stack.
func cpu(pid int) (pc, sp uintptr, errno unix.Errno) {
	const generalRegisters = 1 // NT_PRSTATUS
	var r unix.PtraceRegsArm64
	if err := unix.PtraceGetRegSetArm64(pid, generalRegisters, &r); err != nil {
		return 0, 0, errnoOf(err)
	}
	const narrow = 1 << 4 // PSTATE.nRW
	if r.Pstate&narrow != 0 {
		return 0, 0, unix.ENOEXEC // our code is for 64 bits
	}
	return uintptr(r.Pc), uintptr(r.Sp), 0
}
