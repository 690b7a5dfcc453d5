package trace

import (
	"encoding/binary"
	"testing"

	"golang.org/x/sys/unix"
)

// run is the part of the classic BPF machine that the filter uses
// (seccomp(2), linux/filter.h).
func run(t *testing.T, program []unix.SockFilter, data []byte) uint32 {
	t.Helper()
	var a uint32
	for i := 0; i < len(program); i++ {
		p := program[i]
		var test bool
		switch p.Code {
		case unix.BPF_LD | unix.BPF_W | unix.BPF_ABS:
			a = binary.LittleEndian.Uint32(data[p.K:])
			continue
		case unix.BPF_RET | unix.BPF_K:
			return p.K
		case unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K:
			test = a == p.K
		case unix.BPF_JMP | unix.BPF_JGE | unix.BPF_K:
			test = a >= p.K
		case unix.BPF_JMP | unix.BPF_JSET | unix.BPF_K:
			test = a&p.K != 0
		default:
			t.Fatalf("instruction %d: code %#x", i, p.Code)
		}
		if test {
			i += int(p.Jt)
		} else {
			i += int(p.Jf)
		}
	}
	t.Fatal("the program ends without an answer")
	return 0
}

func TestTheFilterOnEveryWayIntoTheKernel(t *testing.T) {
	const (
		allow  = unix.SECCOMP_RET_ALLOW
		notify = unix.SECCOMP_RET_USER_NOTIF
		eperm  = unix.SECCOMP_RET_ERRNO | uint32(unix.EPERM)
		ebusy  = unix.SECCOMP_RET_ERRNO | uint32(unix.EBUSY)
		enosys = unix.SECCOMP_RET_ERRNO | uint32(unix.ENOSYS)
		kill   = unix.SECCOMP_RET_KILL_PROCESS
		high   = 1 << 32
	)
	// Numbers once more, from the kernel's tables (arch/*/entry/syscalls, asm-generic),
	// so that a slip in the filter's own shows.
	for _, a := range []struct {
		name                                      string
		arch                                      uint32
		execve, execveat, seccomp, ioctl, prlimit int
		exit                                      int
	}{
		{"x86-64", 0xc000003e, 59, 322, 317, 16, 302, 60},
		{"i386", 0x40000003, 11, 358, 354, 54, 340, 1},
		{"arm64", 0xc00000b7, 221, 281, 277, 29, 261, 93},
		{"arm", 0x40000028, 11, 387, 383, 54, 369, 1},
	} {
		for _, c := range []struct {
			what string
			nr   int
			args [3]uint64
			want uint32
		}{
			{"execve", a.execve, [3]uint64{1, 2, 3}, notify},
			{"execveat", a.execveat, [3]uint64{1, 2, 3}, notify},
			{"another call", a.exit, [3]uint64{}, allow},
			{"a filter", a.seccomp, [3]uint64{1, 0, 0}, allow},
			{"a listener", a.seccomp, [3]uint64{1, 8, 0}, ebusy},
			{"a listener among flags", a.seccomp, [3]uint64{1, high | 8 | 4 | 32, 0}, ebusy},
			{"an ioctl", a.ioctl, [3]uint64{0, 0x5401, 0}, allow},
			{"typing", a.ioctl, [3]uint64{0, 0x5412, 0}, eperm},
			{"typing, with a high half that the kernel ignores", a.ioctl, [3]uint64{0, high | 0x5412, 0}, eperm},
			{"pasting", a.ioctl, [3]uint64{0, 0x541c, 0}, eperm},
			{"own limits", a.prlimit, [3]uint64{0, 7, 1}, allow},
			{"reading another's limits", a.prlimit, [3]uint64{9, 7, 0}, allow},
			{"another's limits", a.prlimit, [3]uint64{9, 7, 1}, eperm},
			{"another's limits, at a high address", a.prlimit, [3]uint64{9, 7, high}, eperm},
			{"own limits, with a high half that the kernel ignores", a.prlimit, [3]uint64{high, 7, 1}, allow},
		} {
			if got := run(t, filter(), data(a.arch, c.nr, c.args)); got != c.want {
				t.Errorf("%s, %s: got %#x, want %#x", a.name, c.what, got, c.want)
			}
		}
	}
	if got := run(t, filter(), data(0xc000003e, 0x40000000+520, [3]uint64{})); got != enosys {
		t.Errorf("x32: got %#x, want %#x", got, enosys)
	}
	if got := run(t, filter(), data(0x80000016, 11, [3]uint64{})); got != kill {
		t.Errorf("an architecture that is not in the table: got %#x, want %#x", got, kill)
	}
}

// data is struct seccomp_data.
func data(arch uint32, nr int, args [3]uint64) []byte {
	b := make([]byte, 64)
	binary.LittleEndian.PutUint32(b, uint32(nr))
	binary.LittleEndian.PutUint32(b[4:], arch)
	for i, a := range args {
		binary.LittleEndian.PutUint64(b[16+8*i:], a)
	}
	return b
}
