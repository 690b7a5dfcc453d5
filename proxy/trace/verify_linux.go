package trace

import (
	"strings"

	"golang.org/x/sys/unix"
)

// verify compares what the kernel has loaded with what was expected, and has the
// rest judged. The task is stopped before its first instruction.
func (w *worker) verify(c *call, r Ruling, s *stand, pid int) (*Image, error) {
	image, errno := w.image(c, pid)
	var fine func() bool
	switch {
	case errno != 0:
		return nil, ErrUnseen
	case image != nil && (r.Exact || s != nil):
		return nil, ErrKilled
	case s != nil:
		if err := w.stand(c, s, r.Instead, pid); err != nil {
			return nil, err
		}
		return &c.Image, nil
	case image != nil:
		fine = func() bool { return w.Judge.Loaded(c.ctx, &c.Call, r, *image) }
	case r.Check != nil:
		image, fine = &c.Image, r.Check
	default:
		return &c.Image, nil
	}
	// The stop is ours already, so nobody can take it away; somebody may need quiet
	// while the Judge thinks.
	w.quiet.RUnlock()
	defer w.quiet.RLock()
	if fd, err := unix.PidfdOpen(pid, 0); err == nil {
		c.stopped.Store(int32(fd))
		defer unix.Close(fd)
	}
	if !fine() {
		return nil, ErrKilled
	}
	return image, nil
}

// image reads what runs in pid; nil if it is c.Image.
func (w *worker) image(c *call, pid int) (*Image, unix.Errno) {
	exe := procPath(pid, "/exe")
	var st unix.Statx_t
	if err := unix.Statx(unix.AT_FDCWD, exe, 0, statMask, &st); err != nil {
		return nil, errnoOf(err)
	}
	var errno unix.Errno
	if w.buf, errno = slurp(unix.AT_FDCWD, procPath(pid, "/cmdline"), w.buf); errno != 0 {
		return nil, errno
	}
	if c.Image.Exe.is(&st) && sameWords(c.Image.Argv, w.buf) && w.sameScript(c, pid) {
		return nil, 0
	}
	words, whole := strings.CutSuffix(string(w.buf), "\x00")
	if !whole {
		return nil, unix.EFAULT
	}
	task, errno := rootOf(unix.AT_FDCWD, procPath(pid, "/root"))
	if errno != 0 {
		return nil, errno
	}
	f := w.fileOf(&st, readlink(unix.AT_FDCWD, exe, w.name[:]), c.uid, task == w.root)
	return &Image{Exe: f, Argv: strings.Split(words, "\x00")}, 0
}

// sameScript says whether a script that was judged, and every script between it
// and its interpreter, is still what its name leads to: it is by name that it will
// be opened.
func (w *worker) sameScript(c *call, pid int) bool {
	if len(c.Chain) == 0 {
		return true
	}
	now := &call{Call: Call{TID: pid}, uid: c.uid, near: c.near, flags: c.flags}
	dirfd, name := c.dirfd, c.Path
	for _, script := range append([]File{c.File}, c.Chain[:len(c.Chain)-1]...) {
		f, head, errno := w.lookup(now, dirfd, name, now.flags)
		if errno != 0 || !f.Same(script) || head == nil {
			return false
		}
		dirfd, now.flags = unix.AT_FDCWD, 0
		var ok bool
		if name, _, ok = interpreter(head); !ok {
			return false
		}
	}
	return true
}

// sameWords says whether line, as in /proc/PID/cmdline, is argv.
func sameWords(argv []string, line []byte) bool {
	for _, word := range argv {
		if len(line) <= len(word) || string(line[:len(word)]) != word || line[len(word)] != 0 {
			return false
		}
		line = line[len(word)+1:]
	}
	return len(line) == 0
}
