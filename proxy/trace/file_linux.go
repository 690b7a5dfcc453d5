package trace

import (
	"path"
	"strings"

	"golang.org/x/sys/unix"
)

const statMask = unix.STATX_BASIC_STATS | unix.STATX_MNT_ID

// deletedMark is what the kernel puts behind the name of a file that has none any
// more, and memfdMark before that of anonymous memory (memfd_create(2)).
const (
	deletedMark = " (deleted)"
	memfdMark   = "/memfd:"
)

// identify is what st says of a file.
func identify(st *unix.Statx_t) File {
	return File{
		Dev:   unix.Mkdev(st.Dev_major, st.Dev_minor),
		Ino:   st.Ino,
		UID:   int(st.Uid),
		Mode:  uint32(st.Mode),
		Size:  int64(st.Size),
		Mtime: st.Mtime.Sec*1e9 + int64(st.Mtime.Nsec),
		Ctime: st.Ctime.Sec*1e9 + int64(st.Ctime.Nsec),
	}
}

// is says whether st describes f, and that f has not lost its last name since.
func (f File) is(st *unix.Statx_t) bool {
	return f.Same(identify(st)) && (st.Nlink > 0 || f.Deleted || f.Memfd)
}

// fileOf gathers the facts about a file from its status, the name the kernel gives
// it and the user it is executed by. near is false if the name belongs to another
// mount namespace or root.
func (w *worker) fileOf(st *unix.Statx_t, name string, uid int, near bool) File {
	f := identify(st)
	f.Path = name
	if before, ok := strings.CutSuffix(name, deletedMark); ok && !found(name, &f) {
		f.Path = before
		f.Memfd = st.Nlink == 0 && strings.HasPrefix(name, memfdMark)
		f.Deleted = !f.Memfd
		f.Writable = true // whoever made it has it open, as far as can be told
		return f
	}
	f.Foreign = !near && !found(name, &f)
	f.Writable = f.Foreign || w.writable(name, st, uid) || w.replaceable(f.Path, uid, int(st.Uid))
	return f
}

// found says whether name, looked up here, is f.
func found(name string, f *File) bool {
	var st unix.Statx_t
	return unix.Statx(unix.AT_FDCWD, name, unix.AT_SYMLINK_NOFOLLOW, unix.STATX_INO, &st) == nil &&
		st.Ino == f.Ino && unix.Mkdev(st.Dev_major, st.Dev_minor) == f.Dev
}

// writable says whether uid can change what name is and st describes, or give
// itself the right to. Where groups decide and the user is not ours, it is taken
// for possible.
func (w *worker) writable(name string, st *unix.Statx_t, uid int) bool {
	switch {
	case uid == 0 || int(st.Uid) == uid || st.Mode&0o002 != 0:
		return true
	case st.Mode&0o020 == 0: // an access control list gives no more than these bits
		return false
	case uid != w.uid:
		return true
	}
	return unix.Faccessat(unix.AT_FDCWD, name, unix.W_OK, unix.AT_EACCESS) == nil
}

// replaceable says whether uid can put another file in the place of name: by
// writing to its folder, or to one above.
func (w *worker) replaceable(name string, uid, owner int) bool {
	if uid == 0 {
		return true
	}
	for name != "/" && name != "." {
		name = path.Dir(name)
		var st unix.Statx_t
		if unix.Statx(unix.AT_FDCWD, name, 0, unix.STATX_BASIC_STATS, &st) != nil {
			return true
		}
		if w.writable(name, &st, uid) && (st.Mode&unix.S_ISVTX == 0 || int(st.Uid) == uid || owner == uid) {
			return true
		}
		owner = int(st.Uid)
	}
	return false
}
