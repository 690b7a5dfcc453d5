package scene

import (
	"fmt"
	"io/fs"
	"os"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// changed is when a file was changed last: its contents, name, mode or owner.
func changed(st *syscall.Stat_t) time.Time { return time.Unix(st.Ctim.Unix()) }

// openQuietly returns a descriptor that names the file without opening it, so
// that a FIFO or a device never learns of us.
func openQuietly(path string) (*os.File, error) {
	fd, err := unix.Open(path, unix.O_PATH|unix.O_NOFOLLOW|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: path, Err: err}
	}
	return os.NewFile(uintptr(fd), path), nil
}

// reopen opens the very file that was looked at, whatever the path means by now.
func reopen(f *os.File, info fs.FileInfo) (*os.File, fs.FileInfo, error) {
	defer f.Close()
	fd, err := unix.Open(fmt.Sprintf("/proc/self/fd/%d", f.Fd()), unix.O_RDONLY|unix.O_NONBLOCK|unix.O_NOCTTY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, info, &fs.PathError{Op: "open", Path: f.Name(), Err: err}
	}
	return os.NewFile(uintptr(fd), f.Name()), info, nil
}
