package spawn

import (
	"context"
	"fmt"
	"os"
	"time"

	"golang.org/x/sys/unix"
)

// Two guards can have one terminal: those of a pipeline, or of a script. A question
// must not stand on a terminal that another guard has given to its command, which
// could read the answer or type it. So the terminal's file is locked (flock(2)):
// shared while a command has the terminal, exclusively while a question stands.
// What a command leaves behind in the background holds no lock; on kernels that
// still allow TIOCSTI it can type.

// ttyFile opens the file of the controlling terminal. /dev/tty will not do, it is
// one file for everybody's terminal.
func ttyFile() (*os.File, error) {
	self, ok := look(os.Getpid())
	if !ok || self.tty == 0 {
		return nil, unix.ENXIO
	}
	nr := uint64(uint32(self.tty))
	device := unix.Mkdev(uint32(nr>>8&0xfff), uint32(nr&0xff|nr>>12&0xfff00))
	for _, path := range []string{"/proc/self/fd/0", "/proc/self/fd/1", "/proc/self/fd/2", fmt.Sprintf("/dev/pts/%d", unix.Minor(device)), fmt.Sprintf("/dev/tty%d", unix.Minor(device))} {
		var st unix.Stat_t
		if unix.Stat(path, &st) != nil || st.Mode&unix.S_IFMT != unix.S_IFCHR || st.Rdev != device {
			continue
		}
		fd, err := unix.Open(path, unix.O_RDONLY|unix.O_NOCTTY|unix.O_NONBLOCK|unix.O_CLOEXEC, 0)
		if err == nil {
			return os.NewFile(uintptr(fd), path), nil
		}
	}
	return nil, unix.ENOENT
}

// lockShared says that a command has the terminal, until the result is called. It
// waits while a question stands. A terminal that cannot be locked is not asked on
// either.
func lockShared(ctx context.Context) func() {
	tty, err := ttyFile()
	if err != nil {
		return func() {}
	}
	for !locked(tty, unix.LOCK_SH) && pause(ctx) == nil {
	}
	return func() { tty.Close() }
}

// lockAlone says that a question stands on the terminal, until the result is
// called. It waits while another does; ErrNoQuestion if a command has the terminal
// or that cannot be known.
func lockAlone(ctx context.Context) (func(), error) {
	tty, err := ttyFile()
	if err != nil {
		return nil, ErrNoQuestion
	}
	for shared := 0; !locked(tty, unix.LOCK_EX); {
		err := pause(ctx)
		if locked(tty, unix.LOCK_SH) {
			// A command has it, or a question has just gone, or we met another
			// guard that is at this very line. Only the first lasts.
			_ = unix.Flock(int(tty.Fd()), unix.LOCK_UN)
			if shared++; shared == 3 {
				err = ErrNoQuestion
			}
		}
		if err != nil {
			tty.Close()
			return nil, err
		}
	}
	return func() { tty.Close() }, nil
}

func locked(f *os.File, how int) bool { return unix.Flock(int(f.Fd()), how|unix.LOCK_NB) == nil }

func pause(ctx context.Context) error {
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-time.After(50 * time.Millisecond):
		return nil
	}
}
