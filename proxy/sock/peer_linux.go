package sock

import (
	"errors"
	"fmt"
	"net"
	"os"
	"slices"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
)

// maxDepth bounds a walk to the root of the process tree.
const maxDepth = 4096

// witness is what the kernel keeps about the process that connected.
type witness struct {
	pid, uid int
	start    uint64
	terminal bool
	pidfd    int // -1: none
}

// identify asks the kernel who is at the other end. It returns ErrRefused for a
// user that is neither ours nor root.
func identify(conn *net.UnixConn) (*witness, error) {
	w, err := credentials(conn)
	if err != nil {
		return nil, fmt.Errorf("identify peer: %w", err)
	}
	if err := checkUser(w.uid); err != nil {
		w.close()
		return nil, err
	}
	if w.pid != 0 {
		// A process that is gone by now leaves start at 0 and is told by look.
		p, _ := readProcess(w.pid)
		w.start, w.terminal = p.start, p.terminal
	}
	return w, nil
}

func checkUser(uid int) error {
	if own := os.Geteuid(); uid != own && uid != 0 {
		return fmt.Errorf("the socket belongs to user %d and serves no other (you are user %d): %w", own, uid, ErrRefused)
	}
	return nil
}

func credentials(conn *net.UnixConn) (*witness, error) {
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, err
	}
	w := &witness{pidfd: -1}
	var cred *unix.Ucred
	ctl := raw.Control(func(fd uintptr) {
		cred, err = unix.GetsockoptUcred(int(fd), unix.SOL_SOCKET, unix.SO_PEERCRED)
		if err != nil {
			return
		}
		if pidfd, e := unix.GetsockoptInt(int(fd), unix.SOL_SOCKET, unix.SO_PEERPIDFD); e == nil {
			w.pidfd = pidfd
		}
	})
	if err := errors.Join(ctl, err); err != nil {
		return nil, err
	}
	w.pid, w.uid = int(cred.Pid), int(cred.Uid)
	if w.pidfd < 0 && w.pid > 0 { // before Linux 6.5
		if pidfd, err := unix.PidfdOpen(w.pid, 0); err == nil {
			w.pidfd = pidfd
		}
	}
	return w, nil
}

func (w *witness) close() {
	if w.pidfd >= 0 {
		unix.Close(w.pidfd)
	}
}

// look says who the peer is right now, among the live roots.
func (w *witness) look(roots []proxy.Root) proxy.Peer {
	p := proxy.Peer{PID: w.pid, UID: w.uid, Start: w.start, Terminal: w.terminal}
	p.Within, p.Guarded = w.judge(roots)
	return p
}

// judge reads first and asks last whether the process is still the one that
// connected, so that nothing read can be about another with the same number.
func (w *witness) judge(roots []proxy.Root) (session, guarded string) {
	if w.pid == 0 {
		return "", "runs in another pid namespace"
	}
	ancestors, err := readAncestors(w.pid)
	if err != nil {
		return "", fmt.Sprintf("its ancestors cannot be read (%v)", err)
	}
	session = within(ancestors[1:], roots)
	limits, err := readRestraint(w.pid)
	if err != nil {
		return session, fmt.Sprintf("its restrictions cannot be read (%v)", err)
	}
	own, err := readRestraint(os.Getpid())
	if err != nil {
		return session, fmt.Sprintf("guardd's own restrictions cannot be read (%v)", err)
	}
	inside := insideSession(w.pid)
	if !w.alive() || ancestors[0].start != w.start {
		return session, "the process that connected has ended"
	}
	switch {
	case session != "":
		return session, "descends from session " + session
	case inside:
		return "", "was started inside a session"
	}
	return "", limits.beyond(own)
}

func (w *witness) alive() bool {
	if w.pidfd < 0 {
		return true // told by the start time alone
	}
	n, err := unix.Poll([]unix.PollFd{{Fd: int32(w.pidfd), Events: unix.POLLIN}}, 0)
	return err == nil && n == 0
}

// ended reports whether the process is certainly no more. Of one in another pid
// namespace nobody knows.
func (w *witness) ended() bool {
	if w.pidfd >= 0 || w.pid == 0 {
		return !w.alive()
	}
	_, err := readProcess(w.pid)
	return gone(err)
}

// readAncestors returns pid and all above it, nearest first, as they stood at
// one moment: the walk is repeated until two in a row agree. Both then saw the
// same living processes, and a parent changes only when the old one dies.
func readAncestors(pid int) ([]process, error) {
	var last []process
	for range 16 {
		chain, err := walk(pid)
		if err == nil && slices.Equal(chain, last) {
			return chain, nil
		}
		if err != nil && !gone(err) {
			return nil, err
		}
		last = chain
	}
	return nil, errors.New("they keep changing")
}

func walk(pid int) (chain []process, err error) {
	for pid > 0 {
		p, err := readProcess(pid)
		if err != nil {
			return nil, err
		}
		chain = append(chain, p)
		if len(chain) > maxDepth {
			return nil, errors.New("too many")
		}
		pid = p.parent
	}
	return chain, nil
}

func gone(err error) bool { return errors.Is(err, os.ErrNotExist) || errors.Is(err, unix.ESRCH) }

func readProcess(pid int) (process, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return process{}, err
	}
	return parseStat(b)
}

func readRestraint(pid int) (restraint, error) {
	b, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", pid))
	return parseStatus(b), err
}

// insideSession reports whether the process was started with GUARD_SESSION. An
// environment that cannot be read says nothing: guard makes its own unreadable,
// and whoever hides on purpose would rather clear the variable.
func insideSession(pid int) bool {
	b, _ := os.ReadFile(fmt.Sprintf("/proc/%d/environ", pid))
	return marked(b)
}

// runsBelow reports whether a process hangs from this one. If that cannot be
// read, it does.
func runsBelow(pid int) bool {
	ancestors, err := readAncestors(pid)
	return err != nil || slices.ContainsFunc(ancestors[1:], func(p process) bool { return p.pid == os.Getpid() })
}

// checkServer returns ErrRefused unless the listening process may judge for us,
// and ErrNoServer where that has ended meanwhile.
func checkServer(conn *net.UnixConn, opt Options) error {
	w, err := credentials(conn)
	if err != nil {
		return fmt.Errorf("identify guardd: %w", err)
	}
	defer w.close()
	err = w.mayJudge(opt)
	if err != nil && w.ended() {
		return fmt.Errorf("%w: it has just ended", ErrNoServer)
	}
	return err
}

// mayJudge refuses a server that is not of our own user or root (unless we want
// nothing judged, as the options then say), that was started inside a session or
// by something that runs below us, or that is more restricted than we are.
func (w *witness) mayJudge(opt Options) error {
	if own := os.Geteuid(); w.uid != own && w.uid != 0 && !opt.Others {
		return fmt.Errorf("the guardd that answers belongs to user %d, not to you (%d) or root: %w", w.uid, own, ErrRefused)
	}
	if w.uid == 0 && os.Geteuid() != 0 {
		return nil // root cannot be looked into, and need not fear us
	}
	if w.pid == 0 {
		return fmt.Errorf("the guardd that answers runs in another pid namespace and not as root: %w", ErrRefused)
	}
	limits, err := readRestraint(w.pid)
	if err != nil {
		return fmt.Errorf("identify guardd: %w", err)
	}
	own, err := readRestraint(os.Getpid())
	if err != nil {
		return fmt.Errorf("identify guardd: %w", err)
	}
	if opt.again && w.pid != int(opt.launched.Load()) && runsBelow(w.pid) {
		return fmt.Errorf("the guardd that answers (process %d) was started by what runs below this guard: end it, then try again: %w", w.pid, ErrRefused)
	}
	if insideSession(w.pid) || limits.beyond(own) != "" {
		return fmt.Errorf("the guardd that answers (process %d) was started inside a session: end it, then try again: %w", w.pid, ErrRefused)
	}
	return nil
}
