package sock

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"syscall"

	"golang.org/x/sys/unix"
)

// StateDir returns guard's state folder, which it creates if need be: $GUARD_HOME,
// else $XDG_STATE_HOME/guard, else ~/.local/state/guard. It returns an error that
// says what to do unless the folder belongs to this user alone and can be written.
func StateDir() (string, error) {
	dir, err := StatePath()
	if err != nil {
		return "", err
	}
	if !filepath.IsAbs(dir) {
		return "", fmt.Errorf("state folder %q is not an absolute path: set GUARD_HOME to one", dir)
	}
	dir = filepath.Clean(dir)
	if err := os.MkdirAll(dir, 0o700); err != nil {
		return "", fmt.Errorf("create state folder: %w: set GUARD_HOME to a folder that you can write", err)
	}
	return dir, checkDir(dir)
}

// AnswerDir is StateDir for whoever asks guardd to judge nothing. In another
// user's folder, where only root gets to, it creates nothing, and own is false.
func AnswerDir() (dir string, own bool, err error) {
	if dir, err = StatePath(); err != nil {
		return "", false, err
	}
	info, err := os.Stat(dir)
	if err == nil && filepath.IsAbs(dir) && os.Geteuid() == 0 && ownerOf(info) != 0 {
		return filepath.Clean(dir), false, nil
	}
	dir, err = StateDir()
	return dir, true, err
}

// StatePath is where StateDir looks. It touches nothing.
func StatePath() (string, error) {
	if dir := os.Getenv("GUARD_HOME"); dir != "" {
		return dir, nil
	}
	if dir := os.Getenv("XDG_STATE_HOME"); dir != "" {
		return filepath.Join(dir, "guard"), nil
	}
	home, err := os.UserHomeDir()
	if err != nil {
		return "", fmt.Errorf("find state folder: %w: set GUARD_HOME", err)
	}
	return filepath.Join(home, ".local", "state", "guard"), nil
}

func checkDir(dir string) error {
	link, err := os.Lstat(dir)
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	uid := os.Geteuid()
	if owner := ownerOf(link); link.Mode()&fs.ModeSymlink != 0 && owner != uid && owner != 0 {
		return fmt.Errorf("state folder %s is a symbolic link of user %d: remove it, or set GUARD_HOME to a folder of your own", dir, owner)
	}
	info, err := os.Stat(dir)
	if err != nil {
		return fmt.Errorf("state folder: %w", err)
	}
	if owner := ownerOf(info); owner != uid {
		return fmt.Errorf("state folder %s belongs to user %d, not to you (%d): set GUARD_HOME to a folder of your own", dir, owner, uid)
	}
	if info.Mode().Perm()&0o077 != 0 {
		return fmt.Errorf("state folder %s is open to others (mode %04o): chmod 700 %s", dir, info.Mode().Perm(), dir)
	}
	err = unix.Access(dir, unix.R_OK|unix.W_OK|unix.X_OK)
	if errors.Is(err, unix.EACCES) {
		return fmt.Errorf("state folder %s cannot be used (mode %04o): chmod 700 %s", dir, info.Mode().Perm(), dir)
	}
	if err != nil {
		return fmt.Errorf("state folder %s cannot be written: %w: set GUARD_HOME to a folder that can", dir, err)
	}
	return nil
}

func ownerOf(info fs.FileInfo) int {
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		return int(st.Uid)
	}
	return -1
}
