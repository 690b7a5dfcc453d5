package trace

import (
	"bytes"

	"golang.org/x/sys/unix"
)

func look(pid int) (Task, bool) {
	b, errno := slurp(unix.AT_FDCWD, procPath(pid, "/stat"), make([]byte, 1024))
	if errno != 0 {
		return Task{}, false
	}
	return parseStat(b)
}

// parseStat reads /proc/PID/stat (proc_pid_stat(5)). The name, second of its
// fields, may contain anything, so fields are counted from its end.
func parseStat(b []byte) (t Task, ok bool) {
	const stateField, parentField, startField = 3, 4, 22
	b = b[bytes.LastIndexByte(b, ')')+1:]
	for field := stateField; field <= startField && len(b) > 1; field++ {
		b = b[1:] // the blank
		switch field {
		case stateField:
			t.State = b[0]
		case parentField:
			t.Parent, _, _ = number(b)
		case startField:
			start, _, ok := number(b)
			t.Start = uint64(start)
			return t, ok
		}
		b = b[max(0, bytes.IndexByte(b, ' ')):]
	}
	return Task{}, false
}
