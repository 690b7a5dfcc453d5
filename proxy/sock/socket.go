package sock

import (
	"errors"
	"fmt"
	"net"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// socket is the client's end of a connection. Whoever reads it blocks a thread: by
// way of the runtime's poller a reply would take two more changes of threads, which
// is a tenth of what a whole execution may cost.
type socket struct {
	*os.File
	raw syscall.RawConn
}

// block makes a socket of conn, which it closes.
func block(conn *net.UnixConn) (*socket, error) {
	defer conn.Close()
	raw, err := conn.SyscallConn()
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	own := -1 // not from conn.File, which belongs to the poller as well
	ctl := raw.Control(func(fd uintptr) {
		late := unix.NsecToTimeval(int64(writeTime)) // a file that blocks has no deadlines
		err = errors.Join(unix.SetNonblock(int(fd), false), unix.SetsockoptTimeval(int(fd), unix.SOL_SOCKET, unix.SO_SNDTIMEO, &late))
		if err == nil {
			own, err = unix.FcntlInt(fd, unix.F_DUPFD_CLOEXEC, 0)
		}
	})
	if err := errors.Join(ctl, err); err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	f := os.NewFile(uintptr(own), socketName)
	if raw, err = f.SyscallConn(); err != nil {
		f.Close()
		return nil, fmt.Errorf("connect: %w", err)
	}
	return &socket{f, raw}, nil
}

// Close ends the connection, and with it what others wait for there.
func (s *socket) Close() error {
	_ = s.raw.Control(func(fd uintptr) { _ = unix.Shutdown(int(fd), unix.SHUT_RDWR) })
	return s.File.Close()
}

// poll waits for events, or the end of the connection. A closed one has ended.
func (s *socket) poll(events int16, patience int) (came bool) {
	err := s.raw.Control(func(fd uintptr) {
		fds := []unix.PollFd{{Fd: int32(fd), Events: events}}
		n, err := unix.Poll(fds, patience)
		for err == unix.EINTR {
			n, err = unix.Poll(fds, patience)
		}
		came = n > 0 || err != nil
	})
	return came || err != nil
}

// writable says whether a frame of atOnce can be written without waiting.
func (s *socket) writable() bool { return s.poll(unix.POLLOUT, 0) }

// ready waits until there is something to receive, or nothing any more, for as long
// as patience.
func (l *link) ready(patience time.Duration) bool {
	s, ok := l.conn.(*socket)
	return l.in.Buffered() > 0 || !ok || s.poll(unix.POLLIN, int(patience/time.Millisecond))
}

// hungUp waits until nothing more will come than what can be read already.
func (l *link) hungUp() {
	if s, ok := l.conn.(*socket); ok {
		s.poll(hangUp, -1)
	}
}
