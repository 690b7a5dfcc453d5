package spawn

import (
	"errors"
	"fmt"
	"os"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// What the process that becomes the command and the monitor say to each other, as
// the first byte of a message. Its end of the socket is closed by the execution.
const (
	listener = 'l' // the hook's descriptor comes with it
	proven   = 'p' //
	unable   = 'u' // the rest says why
	errno    = 'e' // it was not executed; the rest is the number of the error
	goOn     = 'g' // monitor: execute; the rest is variables for the environment
)

// longest is the length of the longest message.
const longest = 64 << 10

const entering = "enter"

// entrant is the process that becomes the command, as its monitor knows it.
type entrant struct {
	pid   int
	fd    int  // the socket to it
	going bool // it was told to go on; guarded by the monitor's mu

	over     chan struct{} // closed when nothing more comes from it; then what follows is known
	executed bool
	failure  []byte // word for guard
	served   chan struct{}
}

// admit starts the process that will become the command.
func (w *watched) admit() (*entrant, error) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, os.NewSyscallError("socketpair", err)
	}
	defer unix.Close(pair[1])
	files, at := handOn([]uintptr{0, 1, 2}, pair[1])
	pid, err := forkExec(w.slack, "/proc/self/exe", entry{at, w.procs, w.arg, w.path, w.argv}.args(), &syscall.ProcAttr{
		Env: os.Environ(), Files: files, Sys: &syscall.SysProcAttr{Setpgid: w.own},
	})
	if err != nil {
		unix.Close(pair[0])
		return nil, fmt.Errorf("start the process of the command: %w", err)
	}
	return &entrant{pid: pid, fd: pair[0], over: make(chan struct{}), served: make(chan struct{})}, nil
}

// send says something to the process behind socket. That it has gone is seen where
// something is expected of it.
func send(socket int, kind byte, text string) {
	text = text[:min(len(text), longest-1)]
	_ = unix.Sendmsg(socket, append([]byte{kind}, text...), nil, nil, unix.MSG_NOSIGNAL)
}

// attend hears what the process that becomes the command says, until it has.
func (w *watched) attend() {
	e := w.entry
	serving := false
	defer func() {
		if !serving {
			close(e.served)
		}
		close(e.over)
	}()
	for {
		kind, text, fd := receive(e.fd)
		switch kind {
		case listener:
			serving = true
			go w.serve(fd)
			handOver()
		case proven:
			w.say(ready, 0)
		case unable:
			w.fail(letter(refused, []byte(text)))
		case errno:
			n, _ := strconv.Atoi(text)
			w.fail(word{failed, int32(n)}.bytes())
		default:
			w.executed()
			return
		}
	}
}

func (w *watched) fail(failure []byte) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.entry.failure = failure
}

// executed is called when the entrant's socket is closed. A TERM that everything
// got may have been lost with the entrant's threads, if it came so early that the
// Go runtime had it.
func (w *watched) executed() {
	w.mu.Lock()
	defer w.mu.Unlock()
	e := w.entry
	if !e.going || e.failure != nil {
		return
	}
	e.executed = true // or it was killed before; nobody can tell
	w.say(started, e.pid)
	if w.ending && w.pid != 0 {
		_ = unix.Kill(w.pid, unix.SIGTERM)
	}
}

// receive returns the next message, kind 0 if the other side is gone, and the
// descriptor that came with it or -1.
func receive(socket int) (kind byte, text string, fd int) {
	buf, rights := make([]byte, longest), make([]byte, unix.CmsgSpace(4))
	n, rn, _, _, err := unix.Recvmsg(socket, buf, rights, unix.MSG_CMSG_CLOEXEC)
	for err == unix.EINTR {
		n, rn, _, _, err = unix.Recvmsg(socket, buf, rights, unix.MSG_CMSG_CLOEXEC)
	}
	if err != nil || n == 0 {
		return 0, "", -1
	}
	fd = -1
	if messages, err := unix.ParseSocketControlMessage(rights[:rn]); err == nil && len(messages) == 1 {
		if fds, err := unix.ParseUnixRights(&messages[0]); err == nil && len(fds) == 1 {
			fd = fds[0]
		}
	}
	return buf[0], string(buf[1:n]), fd
}

// entry is the role of the process that becomes the command.
type entry struct {
	socket int // descriptor of the socket to the monitor
	procs  string
	arg    string
	path   string
	argv   []string
}

func (e entry) args() []string {
	return append([]string{os.Args[0], MonitorArg, entering, strconv.Itoa(e.socket), e.procs, e.arg, e.path}, e.argv...)
}

func parseEntry(args []string) (e entry, ok bool) {
	if len(args) < 6 || args[0] != entering {
		return e, false
	}
	socket, err := strconv.Atoi(args[1])
	return entry{socket, args[2], args[3], args[4], args[5:]}, err == nil
}

// enter puts this process under the hook and becomes the command. Signals that
// would end the command end this process at once, in the kernel: one that a thread
// of the Go runtime is about to act on would be lost with that thread.
func (e entry) enter(hook func(arg string) (Hook, error)) int {
	defaultSignals()
	runtime.LockOSThread()
	unix.CloseOnExec(e.socket)
	if err := e.restrict(hook); err != nil {
		send(e.socket, unable, err.Error())
		return 125
	}
	send(e.socket, proven, "")
	kind, env, _ := receive(e.socket)
	if kind != goOn {
		return 125
	}
	err := syscall.Exec(e.path, e.argv, given(with(os.Environ(), env), e.procs))
	send(e.socket, errno, strconv.Itoa(int(errnoOf(err))))
	return 125
}

// restrict puts up the hook and shows that it works.
func (e entry) restrict(hook func(arg string) (Hook, error)) error {
	h, err := hook(e.arg)
	if err != nil {
		return err
	}
	fd, err := h.Enter()
	if err != nil {
		return err
	}
	err = unix.Sendmsg(e.socket, []byte{listener}, unix.UnixRights(fd), nil, unix.MSG_NOSIGNAL)
	if err = errors.Join(os.NewSyscallError("sendmsg", err), unix.Close(fd)); err != nil {
		return err
	}
	return h.Prove()
}

// with returns env with the variables of added, which are separated by NUL.
func with(env []string, added string) []string {
	for variable := range strings.SplitSeq(added, "\x00") {
		name, _, ok := strings.Cut(variable, "=")
		if !ok {
			continue
		}
		env = slices.DeleteFunc(env, func(v string) bool { return strings.HasPrefix(v, name+"=") })
		env = append(env, variable)
	}
	return env
}
