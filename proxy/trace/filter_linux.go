package trace

import "golang.org/x/sys/unix"

// abi is one way into the kernel: its name for seccomp (linux/audit.h), the
// numbers of the calls that matter, and the size of its pointers.
type abi struct {
	arch      uint32
	execve    uint32
	execveat  uint32
	seccomp   uint32
	ioctl     uint32
	prlimit64 uint32
	foreign   uint32 // numbers from here on belong to an ABI that is refused; 0 for none
	pointer   int
}

// abis is every way into the kernels that are supported. A kernel has two of
// them: the machine's own and that of its 32-bit predecessor (int 0x80 too). What
// comes by any other is killed.
var abis = [...]abi{
	{arch: 0xc000003e, execve: 59, execveat: 322, seccomp: 317, ioctl: 16, prlimit64: 302, foreign: 0x40000000, pointer: 8}, // x86-64; above it x32
	{arch: 0x40000003, execve: 11, execveat: 358, seccomp: 354, ioctl: 54, prlimit64: 340, pointer: 4},                      // i386
	{arch: 0xc00000b7, execve: 221, execveat: 281, seccomp: 277, ioctl: 29, prlimit64: 261, pointer: 8},                     // arm64
	{arch: 0x40000028, execve: 11, execveat: 387, seccomp: 383, ioctl: 54, prlimit64: 369, pointer: 4},                      // arm
}

// abiOf returns the one a call came by.
func abiOf(arch uint32) (abi, bool) {
	for _, a := range abis {
		if a.arch == arch {
			return a, true
		}
	}
	return abi{}, false
}

// Where seccomp(2) puts what a filter reads (struct seccomp_data). Arguments that
// the kernel takes as 32 bits are compared in their low half only: it ignores the
// other.
const (
	offNumber = 0
	offArch   = 4
	offArgs   = 16
)

func low(arg uint32) uint32  { return offArgs + 8*arg }
func high(arg uint32) uint32 { return offArgs + 8*arg + 4 }

func load(offset uint32) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: offset}
}

func answer(action uint32, errno unix.Errno) unix.SockFilter {
	return unix.SockFilter{Code: unix.BPF_RET | unix.BPF_K, K: action | uint32(errno)}
}

// when runs what follows it if the loaded word compares as test says with value,
// and skips that else.
func when(test uint16, value uint32, then ...unix.SockFilter) []unix.SockFilter {
	jump := unix.SockFilter{Code: unix.BPF_JMP | unix.BPF_K | test, K: value, Jf: uint8(len(then))}
	return append([]unix.SockFilter{jump}, then...)
}

func join(parts ...[]unix.SockFilter) (all []unix.SockFilter) {
	for _, p := range parts {
		all = append(all, p...)
	}
	return all
}

// rules is the filter for calls that came by a:
//   - execve and execveat wait for the Tracer;
//   - a second listener gets EBUSY, as from kernels that know only one: it would be
//     asked in place of ours;
//   - typing into a terminal (TIOCSTI, TIOCLINUX) gets EPERM: the terminal is
//     shared with the person's shell;
//   - setting limits of another process (prlimit64) gets EPERM: guard's own are
//     among them, and the filter cannot tell.
func (a abi) rules() []unix.SockFilter {
	const (
		is      = unix.BPF_JEQ
		has     = unix.BPF_JSET
		atLeast = unix.BPF_JGE
	)
	notify := answer(unix.SECCOMP_RET_USER_NOTIF, 0)
	allow := answer(unix.SECCOMP_RET_ALLOW, 0)
	eperm := answer(unix.SECCOMP_RET_ERRNO, unix.EPERM)
	program := []unix.SockFilter{load(offNumber)}
	if a.foreign != 0 {
		program = join(program, when(atLeast, a.foreign, answer(unix.SECCOMP_RET_ERRNO, unix.ENOSYS)))
	}
	return join(program,
		when(is, a.execve, notify),
		when(is, a.execveat, notify),
		when(is, a.seccomp, join([]unix.SockFilter{load(low(1))},
			when(has, unix.SECCOMP_FILTER_FLAG_NEW_LISTENER, answer(unix.SECCOMP_RET_ERRNO, unix.EBUSY)),
			[]unix.SockFilter{allow})...),
		when(is, a.ioctl, join([]unix.SockFilter{load(low(1))},
			when(is, unix.TIOCSTI, eperm),
			when(is, unix.TIOCLINUX, eperm),
			[]unix.SockFilter{allow})...),
		when(is, a.prlimit64, join([]unix.SockFilter{load(low(0))},
			when(is, 0, allow),
			[]unix.SockFilter{load(low(2))},
			when(is, 0, join([]unix.SockFilter{load(high(2))}, when(is, 0, allow))...),
			[]unix.SockFilter{eperm})...),
		[]unix.SockFilter{allow},
	)
}

// filter is the whole program. Calls that do not depend on their arguments are
// answered from the kernel's bitmap (Linux 5.11) and never run it.
func filter() []unix.SockFilter {
	program := []unix.SockFilter{load(offArch)}
	for _, a := range abis {
		program = append(program, when(unix.BPF_JEQ, a.arch, a.rules()...)...)
	}
	return append(program, answer(unix.SECCOMP_RET_KILL_PROCESS, 0))
}
