package main

import (
	"errors"
	"fmt"
	"os"

	"golang.org/x/sys/unix"
)

const openPath = unix.O_PATH | unix.O_NOFOLLOW | unix.O_CLOEXEC

// identityOf is the identity of an open file, as digestOf has it.
func identityOf(f *os.File) (string, error) {
	var st unix.Stat_t
	if err := unix.Fstat(int(f.Fd()), &st); err != nil {
		return "", err
	}
	return identity(st.Dev, st.Ino, st.Size, st.Mtim.Nano()), nil
}

// sameNamespaces says why what a process named may be something else here, or why
// guard itself gains no rights.
func sameNamespaces(pid int) error {
	for _, ns := range []string{"user", "mnt"} {
		its, err := os.Readlink(fmt.Sprintf("/proc/%d/ns/%s", pid, ns))
		own, err2 := os.Readlink("/proc/self/ns/" + ns)
		if err != nil || err2 != nil || its != own {
			return errors.New("it is called for in a container")
		}
	}
	return unconfined()
}

// unconfined says why guard itself gains no rights here.
func unconfined() error {
	if confined, err := unix.PrctlRetInt(unix.PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0); err != nil || confined != 0 {
		return errors.New("guard itself gains no rights here (no_new_privs)")
	}
	return nil
}

// canRaise says why a program file would not be run outside of a session.
func canRaise(path string) error {
	var st unix.Stat_t
	if err := unix.Stat(path, &st); err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	var fs unix.Statfs_t
	if err := unix.Statfs(path, &fs); err != nil {
		return fmt.Errorf("look at %s: %w", path, err)
	}
	if st.Uid != 0 || st.Mode&unix.S_ISUID == 0 || fs.Flags&unix.ST_NOSUID != 0 {
		return fmt.Errorf("%s is no set-user-id program of root's", path)
	}
	return unconfined()
}
