package spawn

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

// supervise makes this process the one to which orphans below it fall, and, unless
// it is to stay open, closes it to ptrace, process_vm_readv and /proc/PID/mem of its
// own user. What it executes is open again (prctl(2), PR_SET_DUMPABLE), but its
// children are not until then.
func supervise(open bool) error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return fmt.Errorf("become subreaper: %w", err)
	}
	if open {
		return nil
	}
	return closeToTracers()
}

func closeToTracers() error {
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 0, 0, 0, 0); err != nil {
		return fmt.Errorf("close to tracers: %w", err)
	}
	return nil
}

// process is one line of the process table.
type process struct {
	pid, parent, group, session int
	tty                         int // device of the controlling terminal, 0 for none
	flags                       int // the kernel's
	state                       byte
}

// look returns process pid; false if there is none.
func look(pid int) (process, bool) {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return process{}, false
	}
	p := process{pid: pid}
	after := bytes.LastIndexByte(stat, ')') // the name may contain anything
	if after < 0 {
		return process{}, false
	}
	n, err := fmt.Sscanf(string(stat[after+1:]), " %c %d %d %d %d %d %d", &p.state, &p.parent, &p.group, &p.session, &p.tty, new(int), &p.flags)
	return p, err == nil && n == 7
}

// processes returns the process table; it is as consistent as reading it can be.
func processes() map[int]process {
	table := make(map[int]process)
	proc, err := os.Open("/proc")
	if err != nil {
		return table
	}
	defer proc.Close()
	names, _ := proc.Readdirnames(-1) // what was read before an error is still true
	for _, name := range names {
		if pid, err := strconv.Atoi(name); err == nil {
			if p, ok := look(pid); ok {
				table[pid] = p
			}
		}
	}
	return table
}

// below returns the live processes that descend from this one.
func below() []int {
	table, self := processes(), os.Getpid()
	var found []int
	for pid, p := range table {
		if p.state == 'Z' || pid == self {
			continue
		}
		for depth := 0; p.parent > 0 && depth < len(table); depth++ {
			if p.parent == self {
				found = append(found, pid)
				break
			}
			p = table[p.parent]
		}
	}
	return found
}

// finish ends everything below this process but except and what spare returns,
// until nothing is left and the command is known to have ended: TERM for each, after
// a fifth of grace HUP (interactive shells end only for that, and what cleans up
// after TERM should not be cut short by it), after grace KILL. What has become another
// user, as sudo does, gets TERM in place of KILL, which it could not pass on, and
// nobody waits for it: it may be out of reach.
func finish(grace time.Duration, spare func() int, except int, ended <-chan struct{}) {
	begin := time.Now()
	told, beyond := make(map[int]unix.Signal), make(map[int]bool)
	for {
		over := isClosed(ended)
		left := below()
		spared := spare()
		left = slices.DeleteFunc(left, func(pid int) bool { return pid == except || pid == spared || beyond[pid] })
		if len(left) == 0 && over {
			return
		}
		sig := unix.SIGTERM
		switch waited := time.Since(begin); {
		case waited >= grace:
			sig = unix.SIGKILL
		case waited >= grace/5:
			sig = unix.SIGHUP
		}
		for _, pid := range left {
			if told[pid] == sig {
				continue
			}
			told[pid] = sig
			beyond[pid] = sig == unix.SIGKILL && raised(pid)
			if beyond[pid] {
				_ = unix.Kill(pid, unix.SIGTERM)
			} else {
				_ = unix.Kill(pid, sig) // gone already is as good
			}
			_ = unix.Kill(pid, unix.SIGCONT)
		}
		time.Sleep(10 * time.Millisecond) // the end of an orphan is nobody's event
	}
}

// raised says whether a process acts as another user than this one, who is not root.
func raised(pid int) bool {
	status, _ := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/status")
	_, rest, _ := strings.Cut(string(status), "\nUid:\t")
	uids := strings.Fields(rest)
	return os.Geteuid() != 0 && len(uids) > 1 && uids[1] != strconv.Itoa(os.Geteuid())
}

func (c Command) spared() int {
	if c.Spare == nil {
		return 0
	}
	return c.Spare()
}

func isClosed(c <-chan struct{}) bool {
	select {
	case <-c:
		return true
	default:
		return false
	}
}

// orphaned says whether the process group of this process has nobody who would
// continue it: the kernel drops SIGTSTP, SIGTTIN and SIGTTOU there (POSIX,
// "orphaned process group"), as seen from our own ancestry.
func orphaned() bool {
	self, ok := look(os.Getpid())
	if !ok {
		return true
	}
	p := self
	for p.group == self.group {
		if p, ok = look(p.parent); !ok {
			return true
		}
	}
	return p.session != self.session
}

// offspring returns the processes whose parent this one is, dead ones too.
func offspring() []int {
	lists, _ := filepath.Glob("/proc/self/task/*/children") // each thread has its own
	var found []int
	for _, list := range lists {
		text, err := os.ReadFile(list)
		if err != nil {
			continue // the thread has ended; its children are on another list
		}
		for _, word := range strings.Fields(string(text)) {
			if pid, err := strconv.Atoi(word); err == nil {
				found = append(found, pid)
			}
		}
	}
	if len(lists) > 0 {
		return found
	}
	for pid, p := range processes() { // a kernel without the lists
		if p.parent == os.Getpid() {
			found = append(found, pid)
		}
	}
	return found
}

// reap collects orphans that fell to this process, until stop is closed. It must
// not take the status of a process that other code of this program started, so a
// zombie is taken only when it has been one for a whole second: whoever waits for
// its own child has it by then. main is never taken.
func reap(main int, stop <-chan struct{}) {
	died := make(chan os.Signal, 1)
	signal.Notify(died, unix.SIGCHLD)
	defer signal.Stop(died)
	var sweep <-chan time.Time
	var seen map[int]bool
	for {
		select {
		case <-stop:
			return
		case <-died:
		case <-sweep:
			sweep = nil
			seen = sweepZombies(main, seen)
			if len(seen) == 0 {
				continue
			}
		}
		if sweep == nil {
			sweep = time.After(time.Second)
		}
	}
}

// sweepZombies reaps the zombies among our children that are in seen, and returns
// the others.
func sweepZombies(main int, seen map[int]bool) map[int]bool {
	later := make(map[int]bool)
	for _, pid := range offspring() {
		if p, ok := look(pid); !ok || p.state != 'Z' || pid == main {
			continue
		}
		if !seen[pid] {
			later[pid] = true
			continue
		}
		_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil) // whoever was faster may have it
	}
	return later
}
