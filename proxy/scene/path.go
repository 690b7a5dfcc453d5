package scene

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"syscall"

	"github.com/f958ca95/guard/proxy"
)

// maxLinks is how many symbolic links one path may lead through (as Linux).
const maxLinks = 40

var (
	errLoop    = errors.New("too many symbolic links")
	errProcess = errors.New("leads to another place for each process")
)

// observePath says what is at the path itself (a link is a link) and where it
// leads. Real is filled for what does not exist yet, too.
func observePath(o *proxy.Observation) {
	info, err := os.Lstat(o.Path)
	switch {
	case err == nil:
		describe(o, info)
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		o.Exists = "no"
	default:
		o.Error = reason(err)
		return
	}
	real, err := resolve(o.Path)
	if err != nil {
		o.Error = reason(err)
		return
	}
	o.Real = real
}

func describe(o *proxy.Observation, info fs.FileInfo) {
	o.Exists, o.Type = "yes", typeOf(info.Mode())
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		o.UID, o.Mode = int(st.Uid), uint32(st.Mode)&0o7777
		o.Ctime = changed(st).UnixMicro()
	}
}

func typeOf(mode fs.FileMode) string {
	switch {
	case mode.IsRegular():
		return "file"
	case mode.IsDir():
		return "dir"
	case mode&fs.ModeSymlink != 0:
		return "link"
	case mode&fs.ModeDevice != 0:
		return "device"
	}
	return "other"
}

// resolve follows every symbolic link of an absolute path. From the first name
// that does not exist on, the rest stands as written.
func resolve(path string) (string, error) {
	// Not cleaned: ".." after a link means the parent of where it leads.
	done, rest := "/", path
	for links := 0; ; {
		name, tail, more := strings.Cut(strings.TrimLeft(rest, "/"), "/")
		switch {
		case name == "":
			return done, nil
		case name == "..":
			done = filepath.Dir(done)
			name = ""
		}
		next := filepath.Join(done, name)
		info, err := os.Lstat(next)
		switch {
		case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
			return filepath.Join(next, tail), nil
		case err != nil:
			return "", err
		}
		if info.Mode()&fs.ModeSymlink == 0 {
			done = next
		} else {
			if links++; links > maxLinks {
				return "", errLoop
			}
			target, err := follow(next)
			if err != nil {
				return "", err
			}
			if filepath.IsAbs(target) {
				done = "/"
			}
			tail, more = target+"/"+tail, true
		}
		if !more {
			return done, nil
		}
		rest = tail
	}
}

// follow reads one link. Those in /proc mean something else to each process, or
// name no file at all ("pipe:[42]").
func follow(link string) (string, error) {
	if strings.HasPrefix(link, "/proc/") {
		return "", errProcess
	}
	return os.Readlink(link)
}

// reason is an error as one short phrase.
func reason(err error) string {
	switch {
	case errors.Is(err, fs.ErrPermission):
		return "not permitted"
	case errors.Is(err, syscall.ELOOP):
		return errLoop.Error()
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return "not there"
	}
	var path *fs.PathError
	if errors.As(err, &path) {
		return path.Err.Error()
	}
	return err.Error()
}
