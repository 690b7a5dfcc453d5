package trace

import (
	"fmt"
	"runtime"
	"strings"

	"golang.org/x/sys/unix"
)

// noticeSize bounds what Notify writes, to what a pipe takes whole or not at all
// (PIPE_BUF).
const noticeSize = 4096

// Notify writes a line to standard error of process pid. It never waits: what
// does not fit at once is not written, and an error.
func Notify(pid int, text string) error {
	line := []byte(text[:min(len(text), noticeSize-1)] + "\n")
	if err := notify(pid, line); err != nil {
		return fmt.Errorf("write to standard error of process %d: %w", pid, err)
	}
	return nil
}

func notify(pid int, line []byte) error {
	name := procPath(pid, "/fd/2")
	var st unix.Stat_t
	if err := unix.Stat(name, &st); err != nil {
		return err
	}
	switch st.Mode & unix.S_IFMT {
	case unix.S_IFSOCK:
		return share(pid, func(fd int) error {
			_, err := unix.SendmsgN(fd, line, nil, nil, unix.MSG_DONTWAIT|unix.MSG_NOSIGNAL)
			return err
		})
	case unix.S_IFREG:
		return share(pid, func(fd int) error { // its own offset, or the next writer overwrites us
			var fs unix.Statfs_t
			if err := unix.Fstatfs(fd, &fs); err != nil || fs.Type == unix.FUSE_SUPER_MAGIC {
				return unix.EAGAIN // whoever serves it may let us wait
			}
			_, err := unix.Write(fd, line)
			return err
		})
	case unix.S_IFCHR:
		if !terminal(name) {
			return unix.ENOTTY // opening other devices can have effects
		}
	case unix.S_IFIFO:
	default:
		return unix.EINVAL
	}
	fd, err := unix.Open(name, unix.O_WRONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err == unix.EACCES && st.Mode&unix.S_IFMT == unix.S_IFIFO { // another user made the pipe
		return share(pid, func(fd int) error {
			_, err := unix.Pwritev2(fd, [][]byte{line}, -1, unix.RWF_NOWAIT) // pipes can do this since Linux 6.5
			return err
		})
	}
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return unmoved(func() error {
		_, err := unix.Write(fd, line)
		return err
	})
}

// terminal says whether the link leads to one, or to where writing is free.
func terminal(link string) bool {
	name := readlink(unix.AT_FDCWD, link, make([]byte, unix.PathMax))
	return strings.HasPrefix(name, "/dev/pts/") || strings.HasPrefix(name, "/dev/tty") || name == "/dev/console" || name == "/dev/null"
}

// share runs f with standard error of pid itself, not another opening of it.
func share(pid int, f func(fd int) error) error {
	process, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err
	}
	defer unix.Close(process)
	fd, err := unix.PidfdGetfd(process, 2, 0)
	if err != nil {
		return err
	}
	defer unix.Close(fd)
	return f(fd)
}

// unmoved runs f with SIGTTOU blocked: writing to a terminal that has TOSTOP set
// would stop whoever is in its background, and we may be.
func unmoved(f func() error) error {
	runtime.LockOSThread()
	defer runtime.UnlockOSThread()
	var block, before unix.Sigset_t
	block.Val[0] = 1 << (unix.SIGTTOU - 1)
	if err := unix.PthreadSigmask(unix.SIG_BLOCK, &block, &before); err != nil {
		return err
	}
	defer unix.PthreadSigmask(unix.SIG_SETMASK, &before, nil)
	return f()
}
