package sock

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// process is what /proc/PID/stat says of one (proc_pid_stat(5)).
type process struct {
	pid, parent int
	start       uint64 // clock ticks since boot; pid and start name one process for ever
	terminal    bool   // it has a controlling one
}

func parseStat(b []byte) (process, error) {
	// The name, in parentheses, may hold anything, a parenthesis too.
	i, j := bytes.IndexByte(b, ' '), bytes.LastIndexByte(b, ')')
	if i < 0 || j < i {
		return process{}, fmt.Errorf("read stat: no name in %.40q", b)
	}
	rest := strings.Fields(string(b[j+1:])) // field 3 and on
	if len(rest) < 20 {
		return process{}, fmt.Errorf("read stat: %d fields", len(rest)+2)
	}
	pid, err1 := strconv.Atoi(string(b[:i]))
	parent, err2 := strconv.Atoi(rest[1])
	start, err3 := strconv.ParseUint(rest[19], 10, 64)
	if err1 != nil || err2 != nil || err3 != nil {
		return process{}, fmt.Errorf("read stat: not a number in %.40q", b)
	}
	return process{pid, parent, start, rest[4] != "0"}, nil
}

// restraint is what a process has given up; it is inherited and never undone.
type restraint struct {
	noNewPrivs, mode, filters int
}

func parseStatus(b []byte) (r restraint) {
	for line := range strings.Lines(string(b)) {
		name, value, _ := strings.Cut(line, ":")
		n, err := strconv.Atoi(strings.TrimSpace(value))
		if err != nil {
			continue
		}
		switch name {
		case "NoNewPrivs":
			r.noNewPrivs = n
		case "Seccomp":
			r.mode = n
		case "Seccomp_filters":
			r.filters = n
		}
	}
	return r
}

// beyond says what r has given up and own has not, or "".
func (r restraint) beyond(own restraint) string {
	switch {
	case r.filters > own.filters || r.mode > own.mode:
		return "has more seccomp filters than guardd"
	case r.noNewPrivs > own.noNewPrivs:
		return "has no_new_privs, guardd has not"
	}
	return ""
}

// within returns the session of the nearest root among the ancestors, which
// start with the parent; "" if there is none.
func within(ancestors []process, roots []proxy.Root) string {
	for _, p := range ancestors {
		for _, r := range roots {
			// A root whose start is not known matches by number: better one
			// too many guarded than one too few.
			if r.PID == p.pid && (r.Start == p.start || r.Start == 0) {
				return r.Session
			}
		}
	}
	return ""
}

// marked reports whether an environment block names a session.
func marked(environ []byte) bool {
	for kv := range bytes.SplitSeq(environ, []byte{0}) {
		if id, ok := bytes.CutPrefix(kv, []byte("GUARD_SESSION=")); ok && len(id) > 0 {
			return true
		}
	}
	return false
}
