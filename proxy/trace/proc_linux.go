package trace

import (
	"bytes"
	"errors"
	"strconv"

	"golang.org/x/sys/unix"
)

// procPath is /proc/PID and what follows.
func procPath(pid int, rest string) string {
	b := make([]byte, 0, 64)
	b = append(b, "/proc/"...)
	b = strconv.AppendInt(b, int64(pid), 10)
	return string(append(b, rest...))
}

func errnoOf(err error) unix.Errno {
	if err == nil {
		return 0
	}
	if errno, ok := errors.AsType[unix.Errno](err); ok {
		return errno
	}
	return unix.EIO
}

// slurp reads a file of /proc, which yields all that fits in one read, into buf,
// and returns buf, grown if need be.
func slurp(dir int, path string, buf []byte) ([]byte, unix.Errno) {
	fd, err := unix.Openat(dir, path, unix.O_RDONLY|unix.O_CLOEXEC, 0)
	if err != nil {
		return buf[:0], errnoOf(err)
	}
	defer unix.Close(fd)
	buf = buf[:cap(buf)]
	n := 0
	for {
		got, err := unix.Read(fd, buf[n:])
		if err != nil {
			return buf[:0], errnoOf(err)
		}
		n += got
		if n < len(buf) {
			return buf[:n], 0 // short, so that was all; 0 included
		}
		buf = append(buf, make([]byte, len(buf))...)
	}
}

// status is what a task's /proc status says (proc_pid_status(5)).
type status struct{ tgid, parent, tracer int }

func parseStatus(b []byte) (s status, errno unix.Errno) {
	field := func(name string) int {
		i := bytes.Index(b, []byte(name))
		if i < 0 {
			errno = unix.EIO
			return 0
		}
		n, _, ok := number(b[i+len(name):])
		if !ok {
			errno = unix.EIO
		}
		return n
	}
	return status{tgid: field("\nTgid:\t"), parent: field("\nPPid:\t"), tracer: field("\nTracerPid:\t")}, errno
}

// number reads the decimal number b begins with.
func number(b []byte) (n int, rest []byte, ok bool) {
	for len(b) > 0 && '0' <= b[0] && b[0] <= '9' {
		n, b, ok = n*10+int(b[0]-'0'), b[1:], true
	}
	return n, b, ok
}

// readlink follows nothing; "" if it cannot be read.
func readlink(dir int, path string, buf []byte) string {
	n, err := unix.Readlinkat(dir, path, buf)
	if err != nil || n == len(buf) {
		return ""
	}
	return string(buf[:n])
}
