package spawn

import (
	"os"
	"slices"
	"strconv"
	"time"

	"golang.org/x/sys/unix"
)

// patrol is how often orphans are looked for.
const patrol = time.Second

// patrol collects orphans, from time to time: every execution that is traced would
// come with SIGCHLD.
func (w *watched) patrol(main int) {
	var seen map[int]bool
	for range time.Tick(patrol) {
		if zombies() {
			w.quiet(func() { seen = sweepZombies(main, seen) })
		}
		if w.own {
			w.strand()
		}
	}
}

// strand sends SIGHUP and SIGCONT to jobs that were left stopped where nobody can
// continue them, as the kernel does with an orphaned process group (POSIX). To the
// kernel these are none: they fell to us, who lead their session.
func (w *watched) strand() {
	w.mu.Lock()
	command := w.pid
	w.mu.Unlock()
	for _, pid := range offspring() {
		p, ok := look(pid)
		if !ok || p.state != 'T' || pid == command || p.session != os.Getpid() {
			continue
		}
		if command != 0 && stopOf(pid, unix.WNOWAIT) {
			continue // since it fell to us; somebody can have meant it
		}
		if !anchored(processes(), p.group, command) {
			_ = unix.Kill(-p.group, unix.SIGHUP)
			_ = unix.Kill(-p.group, unix.SIGCONT)
		}
	}
}

// anchored says whether somebody could continue a process group of our session: the
// parent of one of its members, in another group, such as a shell. We are that only
// for the command.
func anchored(table map[int]process, group, command int) bool {
	for pid, p := range table {
		if p.group != group {
			continue
		}
		parent := table[p.parent]
		if pid == command || parent.pid != os.Getpid() && parent.session == p.session && parent.group != group {
			return true
		}
	}
	return false
}

// zombies says whether a child has ended.
func zombies() bool {
	var info unix.Siginfo
	err := unix.Waitid(unix.P_ALL, 0, &info, unix.WEXITED|unix.WNOWAIT|unix.WNOHANG, nil)
	return err == nil && info.Signo != 0
}

// dead returns the children that have ended.
func (w *watched) dead() map[int]bool { return sweepZombies(0, nil) }

// left says whether a child is alive, and not about to end, that belongs to the
// command: what it left has fallen to us.
func (w *watched) left() bool {
	return slices.ContainsFunc(offspring(), func(pid int) bool {
		var info unix.Siginfo
		err := unix.Waitid(unix.P_PID, pid, &info, unix.WEXITED|unix.WNOWAIT|unix.WNOHANG, nil)
		return err == nil && info.Signo == 0 && pid != w.hook.Spare() && !dying(pid)
	})
}

// dying says whether process pid exits or has been killed, and only needs the time
// for it.
func dying(pid int) bool {
	const exiting = 4 // PF_EXITING of the kernel
	// First what is pending: taken, it turns into the flag.
	killed := signals("/proc/"+strconv.Itoa(pid)+"/status", "SigPnd")&bit(unix.SIGKILL) != 0
	p, ok := look(pid)
	return killed || !ok || p.flags&exiting != 0
}
