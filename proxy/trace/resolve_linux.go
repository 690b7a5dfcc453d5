package trace

import (
	"context"
	"strconv"
	"strings"
	"sync/atomic"

	"golang.org/x/sys/unix"
)

// call is a Call with what only the Tracer needs.
type call struct {
	Call
	id    uint64
	abi   abi
	dirfd int
	flags int
	uid   int   // the task's, for the file system
	near  bool  // the task has our root in our mount namespace
	why   error // for which the Tracer itself refuses

	ctx     context.Context
	cancel  context.CancelFunc
	stopped atomic.Int32 // pidfd of the task while it is stopped for Loaded
	over    bool         // guarded by server.mu

	succeeded bool // guarded by server.mu; another worker receives in this one's place
}

// root identifies a root directory in a mount namespace. Mounts have no number
// twice on one system, so equal ones are the same mount.
type root struct{ mount, ino uint64 }

func rootOf(dir int, path string) (root, unix.Errno) {
	var st unix.Statx_t
	if err := unix.Statx(dir, path, unix.AT_STATX_DONT_SYNC, unix.STATX_INO|unix.STATX_MNT_ID, &st); err != nil {
		return root{}, errnoOf(err)
	}
	return root{st.Mnt_id, st.Ino}, 0
}

// locate opens, with O_PATH, what path means for the task: from its root, its
// working folder or its descriptor. What a link outside /proc leads to in
// /proc/self would be ours and not the task's; such links are not followed
// (ELOOP).
func (w *worker) locate(c *call, dirfd int, path string, flags int) (int, unix.Errno) {
	how := unix.OpenHow{Flags: unix.O_PATH | unix.O_CLOEXEC, Resolve: unix.RESOLVE_NO_MAGICLINKS}
	if flags&unix.AT_SYMLINK_NOFOLLOW != 0 {
		how.Flags |= unix.O_NOFOLLOW
	}
	if path == "" {
		if flags&unix.AT_EMPTY_PATH == 0 {
			return -1, unix.ENOENT
		}
		return open(procPath(c.TID, "/fd/"+strconv.Itoa(dirfd)))
	}
	if own, ok := ownPath(c.TID, path); ok {
		how.Resolve = 0
		return openat(unix.AT_FDCWD, own, &how)
	}
	if strings.HasPrefix(path, "/proc/") {
		how.Resolve = 0 // another process's, named outright
	}
	absolute := path[0] == '/'
	if absolute && c.near {
		return openat(unix.AT_FDCWD, path, &how)
	}
	from := "/root"
	switch {
	case absolute:
		how.Resolve |= unix.RESOLVE_IN_ROOT
	case dirfd == unix.AT_FDCWD:
		from = "/cwd"
	default:
		from = "/fd/" + strconv.Itoa(dirfd)
	}
	if !absolute && !c.near {
		how.Resolve |= unix.RESOLVE_BENEATH // beyond it, names are the task's and not ours
	}
	base, errno := open(procPath(c.TID, from))
	if errno == unix.ENOENT && !absolute && dirfd != unix.AT_FDCWD {
		errno = unix.EBADF
	}
	if errno != 0 {
		return -1, errno
	}
	defer unix.Close(base)
	return openat(base, path, &how)
}

// ownPath rewrites the names by which a task means itself.
func ownPath(tid int, path string) (string, bool) {
	for _, own := range [...]struct{ prefix, in string }{
		{"/proc/self/", "/"}, {"/proc/thread-self/", "/"}, {"/dev/fd/", "/fd/"},
	} {
		if rest, ok := strings.CutPrefix(path, own.prefix); ok {
			return procPath(tid, own.in+rest), true
		}
	}
	switch path {
	case "/dev/stdin":
		return procPath(tid, "/fd/0"), true
	case "/dev/stdout":
		return procPath(tid, "/fd/1"), true
	case "/dev/stderr":
		return procPath(tid, "/fd/2"), true
	}
	return "", false
}

func open(path string) (int, unix.Errno) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_CLOEXEC, 0)
	return fd, errnoOf(err)
}

// openat retries: a lookup that must not leave a folder fails with EAGAIN where
// something was renamed meanwhile (openat2(2)).
func openat(dir int, path string, how *unix.OpenHow) (fd int, errno unix.Errno) {
	for range 8 {
		var err error
		fd, err = unix.Openat2(dir, path, how)
		if errno = errnoOf(err); errno != unix.EAGAIN && errno != unix.EINTR {
			break
		}
	}
	return fd, errno
}

// settled are the errors with which the call itself would fail, so that nobody has
// to be asked. Every other leaves the file unknown.
func settled(errno unix.Errno) bool {
	switch errno {
	case unix.ENOENT, unix.ENOTDIR, unix.EACCES, unix.ELOOP, unix.ENAMETOOLONG, unix.EBADF:
		return true
	}
	return false
}

// inspect gathers the facts about an open file that path led to, and the line with
// which it names an interpreter, if it does.
func (w *worker) inspect(c *call, path string, fd int) (f File, line []byte, errno unix.Errno) {
	var st unix.Statx_t
	if err := unix.Statx(fd, "", unix.AT_EMPTY_PATH, statMask, &st); err != nil {
		return f, nil, errnoOf(err)
	}
	switch {
	case st.Mode&unix.S_IFMT == unix.S_IFLNK: // AT_SYMLINK_NOFOLLOW
		return f, nil, unix.ELOOP
	case st.Mode&unix.S_IFMT != unix.S_IFREG || st.Mode&0o111 == 0:
		return f, nil, unix.EACCES
	}
	self := ownFd(fd)
	f = w.fileOf(&st, readlink(unix.AT_FDCWD, self, w.name[:]), c.uid, c.near)
	if line, errno = w.head(self); errno != 0 {
		c.why = errUnreadable
		return f, nil, errno
	}
	w.learn(c, path, f, line)
	return f, line, 0
}

func ownFd(fd int) string { return "/proc/self/fd/" + strconv.Itoa(fd) }
