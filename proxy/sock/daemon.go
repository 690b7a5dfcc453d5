package sock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"

	"golang.org/x/sys/unix"
)

// Lock makes this process the one guardd of dir until release is called or the
// process ends. It returns ErrRunning if there is another.
func Lock(dir string) (release func(), err error) {
	f, err := flock(filepath.Join(dir, lockName), unix.LOCK_EX|unix.LOCK_NB)
	if errors.Is(err, unix.EWOULDBLOCK) {
		return nil, fmt.Errorf("lock %s: %w", dir, ErrRunning)
	}
	if err != nil {
		return nil, fmt.Errorf("lock %s: %w", dir, err)
	}
	return func() { f.Close() }, nil
}

// flock opens and locks a file. The lock lives as long as the returned file.
func flock(path string, how int) (*os.File, error) {
	f, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, err
	}
	for {
		err = unix.Flock(int(f.Fd()), how)
		if err != unix.EINTR {
			break
		}
	}
	if err != nil {
		f.Close()
		return nil, err
	}
	return f, nil
}

// OpenLog opens guardd's log in dir for appending. A log of 1 MiB or more is
// put aside first, as guardd.log.1.
func OpenLog(dir string) (*os.File, error) {
	path := filepath.Join(dir, logName)
	if info, err := os.Stat(path); err == nil && info.Size() >= maxLog {
		if err := os.Rename(path, path+".1"); err != nil {
			return nil, fmt.Errorf("put log aside: %w", err)
		}
	}
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_APPEND|os.O_CREATE|unix.O_NOFOLLOW, 0o600)
	if err != nil {
		return nil, fmt.Errorf("open log: %w", err)
	}
	return f, nil
}

// Words of the ready line.
const (
	lineReady   = "ready"
	lineRunning = "running" // another guardd has the lock
	lineError   = "error "  // and its text
)

// Ready tells the guard that started this guardd, over the descriptor it named
// (--ready-fd), that the socket answers, or why it never will.
func Ready(fd int, cause error) error {
	f := os.NewFile(uintptr(fd), "ready")
	if f == nil {
		return fmt.Errorf("report ready: no descriptor %d", fd)
	}
	defer f.Close()
	line := lineReady
	if errors.Is(cause, ErrRunning) {
		line = lineRunning
	} else if cause != nil {
		line = lineError + strings.ReplaceAll(cause.Error(), "\n", "; ")
	}
	if _, err := f.WriteString(line + "\n"); err != nil {
		return fmt.Errorf("report ready: %w", err)
	}
	return nil
}

// CloseInherited closes every descriptor above 2 that came from whoever started
// this process, except keep. Without it a guardd that outlives its guard would
// hold that guard's pipes open, and a reader at the other end would wait for
// ever. Call it first thing in main: what Go itself opens is close-on-exec and
// stays.
func CloseInherited(keep int) {
	entries, err := os.ReadDir(fdFolder)
	if err != nil {
		return
	}
	for _, e := range entries {
		var fd int
		if _, err := fmt.Sscan(e.Name(), &fd); err != nil || fd <= 2 || fd == keep {
			continue
		}
		if flags, err := unix.FcntlInt(uintptr(fd), unix.F_GETFD, 0); err == nil && flags&unix.FD_CLOEXEC == 0 {
			unix.Close(fd)
		}
	}
}

// Listen opens the socket in dir, mode 0600, in place of one that a dead guardd
// left behind. The caller must hold Lock. Closing the listener removes the
// socket.
func Listen(dir string) (net.Listener, error) {
	if f, err := flock(filepath.Join(dir, lockName), unix.LOCK_EX|unix.LOCK_NB); err == nil {
		f.Close()
		return nil, errors.New("listen: the lock is not held")
	}
	at, done, err := shorten(dir)
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	defer done()
	// Bound under another name and renamed, the socket is never there with a
	// wider mode, nor missing for a moment.
	fresh, path := filepath.Join(at, socketName+".new"), filepath.Join(at, socketName)
	_ = os.Remove(fresh)
	l, err := net.ListenUnix("unix", &net.UnixAddr{Name: fresh, Net: "unix"})
	if err != nil {
		return nil, fmt.Errorf("listen: %w", err)
	}
	l.SetUnlinkOnClose(false)
	if err := errors.Join(os.Chmod(fresh, 0o600), os.Rename(fresh, path)); err != nil {
		l.Close()
		return nil, fmt.Errorf("listen: %w", err)
	}
	// Removed before it is closed, and once: whoever sees the listener closed may
	// release the lock, and the next guardd's socket must not be taken away.
	remove := sync.OnceValue(func() error {
		return errors.Join(os.Remove(filepath.Join(dir, socketName)), l.Close())
	})
	return &listener{l, remove}, nil
}

type listener struct {
	*net.UnixListener
	remove func() error
}

// Close removes the socket and stops listening.
func (l *listener) Close() error { return l.remove() }

// connect opens a connection to the socket in dir. ErrNoServer means that
// nobody listens there.
func connect(ctx context.Context, dir string) (*net.UnixConn, error) {
	at, done, err := shorten(dir)
	if errors.Is(err, os.ErrNotExist) {
		return nil, fmt.Errorf("%w at %s", ErrNoServer, dir)
	}
	if err != nil {
		return nil, fmt.Errorf("connect: %w", err)
	}
	defer done()
	for {
		conn, err := new(net.Dialer).DialContext(ctx, "unix", filepath.Join(at, socketName))
		switch {
		case err == nil:
			return conn.(*net.UnixConn), nil
		case errors.Is(err, unix.ENOENT), errors.Is(err, unix.ECONNREFUSED):
			return nil, fmt.Errorf("%w at %s", ErrNoServer, filepath.Join(dir, socketName))
		case !errors.Is(err, unix.EAGAIN): // EAGAIN: its queue is full
			return nil, fmt.Errorf("connect: %w", err)
		}
		if err := pause(ctx, retryTime); err != nil {
			return nil, err
		}
	}
}
