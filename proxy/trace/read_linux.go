package trace

import (
	"strings"

	"golang.org/x/sys/unix"
)

// read fills in c. Its error is what the caller gets, ESRCH if there is none any
// more. Names that lead nowhere are found out first: searches along PATH are the
// bulk of all calls.
func (w *worker) read(c *call, n *notification) unix.Errno {
	argv, envp, errno := w.arguments(c, n)
	if errno != 0 || c.Path == canary {
		return errno
	}
	task, errno := open(procPath(c.TID, "/"))
	if errno != 0 {
		return unseen(c, errno)
	}
	defer unix.Close(task)
	if errno := w.place(c, task); errno != 0 {
		return unseen(c, errno)
	}
	if k, ok := w.recall(c, c.Path); ok {
		if errno := w.whole(c, task, argv, envp); errno != 0 {
			return errno
		}
		c.File = k.file
		return w.predict(c, k.head)
	}
	fd, errno := w.locate(c, c.dirfd, c.Path, c.flags)
	switch {
	case errno == 0:
		defer unix.Close(fd)
	case errno == unix.EXDEV: // a name only the task can follow
		fd = -1
	case settled(errno):
		return errno
	default:
		return c.own(errLookup)
	}
	if errno := w.whole(c, task, argv, envp); errno != 0 {
		return errno
	}
	if fd < 0 {
		c.File = File{Foreign: true, Writable: true}
		return w.predict(c, nil)
	}
	var line []byte
	if c.File, line, errno = w.inspect(c, c.Path, fd); errno != 0 {
		return errno
	}
	return w.predict(c, line)
}

// place finds out where the task looks for files, and as whom. task is its folder
// in /proc, which belongs to its effective user.
func (w *worker) place(c *call, task int) unix.Errno {
	var st unix.Statx_t
	if err := unix.Statx(task, "", unix.AT_EMPTY_PATH, unix.STATX_UID, &st); err != nil {
		return errnoOf(err)
	}
	c.uid = int(st.Uid)
	root, errno := rootOf(task, "root")
	c.near = root == w.root
	return errno
}

// whole reads what is needed of a call whose program is there.
func (w *worker) whole(c *call, task int, argv, envp uint64) (errno unix.Errno) {
	if errno := w.words(c, argv, envp); errno != 0 {
		return errno
	}
	c.PID = c.TID
	// A thread is in the group of its own number only if it leads it.
	if unix.Tgkill(c.TID, c.TID, 0) == unix.ESRCH {
		s, failed := w.status(c.TID)
		if failed != 0 {
			return unseen(c, failed)
		}
		c.PID = s.tgid
		w.buf, errno = slurp(unix.AT_FDCWD, procPath(c.PID, "/stat"), w.buf)
	} else {
		w.buf, errno = slurp(task, "stat", w.buf)
	}
	if errno != 0 {
		return unseen(c, errno)
	}
	t, ok := parseStat(w.buf)
	if !ok {
		return c.own(errProcess)
	}
	c.Start, c.Parent = t.Start, t.Parent
	if c.Cwd = readlink(task, "cwd", w.name[:]); strings.HasSuffix(c.Cwd, deletedMark) {
		c.Cwd = "" // another folder may have that name by now
	}
	return 0
}

// status reads what /proc says of a task.
func (w *worker) status(tid int) (s status, errno unix.Errno) {
	if w.buf, errno = slurp(unix.AT_FDCWD, procPath(tid, "/status"), w.buf); errno != 0 {
		return s, errno
	}
	return parseStatus(w.buf)
}

// unseen is what becomes of a call whose task cannot be looked at.
func unseen(c *call, errno unix.Errno) unix.Errno {
	if errno == unix.ENOENT || errno == unix.ESRCH {
		return unix.ESRCH
	}
	return c.own(errProcess)
}

// arguments reads the registers, and the path.
func (w *worker) arguments(c *call, n *notification) (argv, envp uint64, errno unix.Errno) {
	var ok bool
	if c.abi, ok = abiOf(n.data.arch); !ok || c.TID == 0 {
		return 0, 0, c.own(errForeignPID)
	}
	a := n.data.args
	if c.abi.pointer == 4 {
		for i := range a {
			a[i] = uint64(uint32(a[i]))
		}
	}
	path := a[0]
	argv, envp, c.dirfd = a[1], a[2], unix.AT_FDCWD
	if uint32(n.data.nr) == c.abi.execveat {
		c.dirfd, c.flags = int(int32(a[0])), int(int32(a[4]))
		path, argv, envp = a[1], a[2], a[3]
	}
	w.memory.reset(c.TID)
	for _, p := range [...]uint64{path, argv, envp} {
		if p != 0 {
			w.memory.need(p)
		}
	}
	c.Path, errno = w.memory.path(path)
	if errno == 0 && c.Path == canary {
		errno = w.words(c, argv, envp)
	}
	return argv, envp, c.memory(errno)
}

func (w *worker) words(c *call, argv, envp uint64) (errno unix.Errno) {
	c.Argv, c.Env, errno = w.memory.vectors(argv, envp, c.abi.pointer)
	return c.memory(errno)
}

// memory tells what the caller did wrong from what is closed to us.
func (c *call) memory(errno unix.Errno) unix.Errno {
	switch errno {
	case 0, unix.ESRCH, unix.EFAULT, unix.E2BIG, unix.ENAMETOOLONG:
		return errno
	}
	return c.own(errMemory)
}
