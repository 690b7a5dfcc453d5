//go:build unix

package receipt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// disk is what the log does to files that can fail half way; tests put faults in.
type disk interface {
	Create(path string) (*os.File, error)
	Write(f *os.File, b []byte) (int, error)
	Truncate(f *os.File, size int64) error
	Sync(f *os.File) error
	SyncFolder(dir string) error // makes created and renamed names durable
}

type realDisk struct{}

func (realDisk) Create(path string) (*os.File, error) {
	return os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL|os.O_APPEND, 0o600)
}
func (realDisk) Write(f *os.File, b []byte) (int, error) { return f.Write(b) }
func (realDisk) Truncate(f *os.File, size int64) error   { return f.Truncate(size) }
func (realDisk) Sync(f *os.File) error                   { return syncData(f) }

// isFull tells whether err means that there is no room left.
func isFull(err error) bool {
	return errors.Is(err, syscall.ENOSPC) || errors.Is(err, syscall.EDQUOT)
}

// lockFolder takes the single-writer lock, which ends with the process.
func lockFolder(dir string) (*os.File, error) {
	f, err := os.OpenFile(filepath.Join(dir, "lock"), os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, fmt.Errorf("lock the log: %w", err)
	}
	if err := unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		f.Close()
		if errors.Is(err, unix.EWOULDBLOCK) {
			return nil, fmt.Errorf("lock the log in %s: %w", dir, ErrLocked)
		}
		return nil, fmt.Errorf("lock the log: %w", err)
	}
	return f, nil
}

// openFolder creates dir if needed and refuses one that others may write.
func openFolder(dir string) error {
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return fmt.Errorf("create the log's folder: %w", err)
	}
	fi, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("open the log's folder: %w", err)
	}
	if fi.Mode().Perm()&0o022 != 0 {
		return fmt.Errorf("open the log's folder: %s is writable by others (mode %04o)", dir, fi.Mode().Perm())
	}
	return nil
}

func (realDisk) SyncFolder(dir string) error {
	d, err := os.Open(dir)
	if err != nil {
		return err
	}
	defer d.Close()
	return d.Sync()
}

// unchanged tells whether f is still a file with a name and the size we left
// it with, that is, whether nobody else deleted, cut or wrote it.
func unchanged(f *os.File, size int64) error {
	fi, err := f.Stat()
	if err != nil {
		return err
	}
	if st, ok := fi.Sys().(*syscall.Stat_t); ok && st.Nlink == 0 {
		return fmt.Errorf("%w: %s was removed", ErrChanged, filepath.Base(f.Name()))
	}
	if fi.Size() != size {
		return fmt.Errorf("%w: %s has %d bytes where guard left %d", ErrChanged, filepath.Base(f.Name()), fi.Size(), size)
	}
	return nil
}
