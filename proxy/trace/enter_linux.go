package trace

import (
	"crypto/rand"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"runtime"
	"slices"

	"github.com/landlock-lsm/go-landlock/landlock"
	ll "github.com/landlock-lsm/go-landlock/landlock/syscall"
	"golang.org/x/sys/unix"
)

// Enter puts the calling thread, and with it whatever it executes and all that
// will ever start, under the filter. It locks the goroutine to its thread for
// good; the caller executes the command from this goroutine. The other threads of
// the process are free until then, and end with it.
//
// The returned descriptor is closed on exec. As soon as its last copy is closed,
// every execution in the tree fails with ENOSYS.
//
// SECCOMP_FILTER_FLAG_SPEC_ALLOW is left out: since Linux 5.16 it changes nothing
// unless the administrator asked for that mitigation.
func Enter(limits Limits) (listener int, level Level, err error) {
	if runtime.GOARCH != "amd64" && runtime.GOARCH != "arm64" {
		return -1, level, fmt.Errorf("%w: the filter knows no %s; start without it (--exec-hook=off)", ErrUnsupported, runtime.GOARCH)
	}
	runtime.LockOSThread()
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, level, fmt.Errorf("set no_new_privs: %w", err)
	}
	// Else the Tracer cannot read this process: a set-group-id guard is not dumpable.
	if err := unix.Prctl(unix.PR_SET_DUMPABLE, 1, 0, 0, 0); err != nil {
		return -1, level, fmt.Errorf("open to the tracer: %w", err)
	}
	level.Signals = confine()
	if limits.Sandbox != nil {
		if err := sandbox(limits.Sandbox); err != nil {
			return -1, level, err
		}
		level.Files = true
	}
	listener, errno := install(filter(), unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV)
	if errno != 0 {
		return -1, level, refusal(errno)
	}
	return listener, level, nil
}

// refusal explains what seccomp(2) said.
func refusal(errno unix.Errno) error {
	switch errno {
	case unix.EBUSY:
		return fmt.Errorf("%w: a sandbox or another guard around this one listens already; start outside of it, or without the hook (--exec-hook=off)", ErrUnsupported)
	case unix.EINVAL:
		return fmt.Errorf("%w: it needs Linux 5.19; start without it (--exec-hook=off)", ErrUnsupported)
	}
	return fmt.Errorf("%w: seccomp: %w; a container may forbid it: start without the hook (--exec-hook=off)", ErrUnsupported, errno)
}

// confine takes from the calling thread the right to signal processes outside its
// tree, and says whether that works. Kernels exist that claim a version of
// Landlock without having its scopes, so the parent, which could be signalled
// before, decides.
func confine() bool {
	parent := os.Getppid()
	if parent == 0 || unix.Kill(parent, 0) != nil {
		return false
	}
	return scope() == nil && unix.Kill(parent, 0) == unix.EPERM
}

// writes is every Landlock right that changes files. Truncation, the last of
// them, came with Linux 6.2.
const writes = ll.AccessFSWriteFile | ll.AccessFSTruncate | writesInFolder

const writesInFolder = ll.AccessFSRemoveDir | ll.AccessFSRemoveFile | ll.AccessFSMakeChar | ll.AccessFSMakeDir |
	ll.AccessFSMakeReg | ll.AccessFSMakeSock | ll.AccessFSMakeFifo | ll.AccessFSMakeBlock | ll.AccessFSMakeSym | ll.AccessFSRefer

// devices are written to by programs that change no file.
var devices = [...]string{"/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/tty", "/dev/ptmx", "/dev/pts"}

// sandbox restricts all threads of the process.
func sandbox(paths []string) error {
	config, err := landlock.NewConfig(landlock.AccessFSSet(writes))
	if err != nil {
		return fmt.Errorf("describe the sandbox: %w", err)
	}
	var rules []landlock.Rule
	for _, path := range slices.Concat(devices[:], paths) {
		st, err := os.Stat(path)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return fmt.Errorf("sandbox: %w", err)
		}
		rights := landlock.AccessFSSet(writes)
		if !st.IsDir() {
			rights &^= writesInFolder
		}
		rules = append(rules, landlock.PathAccess(rights, path))
	}
	if abi, err := ll.LandlockGetABIVersion(); err != nil || abi < 3 {
		return fmt.Errorf("%w: a sandbox for files needs Landlock of Linux 6.2 (version 3; here %d); start without it (--sandbox=off)", ErrUnsupported, max(0, abi))
	}
	if err := config.Restrict(rules...); err != nil {
		return fmt.Errorf("enter the sandbox: %w", err)
	}
	return nil
}

// Prove shows that the Tracer at the other end of Enter's descriptor reads and
// refuses: both calls for the canary must fail with the errno that belongs to a
// random word, after a trial attachment. It is called from Enter's goroutine once
// the descriptor is served.
func Prove() error {
	for _, call := range []func(path, word string) unix.Errno{execve, execveat} {
		word := rand.Text()
		errno := call(canary, word)
		switch {
		case int(errno) == canaryAnswer(word):
		case errno >= untracedBase && errno < canaryErrno:
			return fmt.Errorf("%w: guard may not trace its own command (%w): kernel.yama.ptrace_scope above 1, or a sandbox; change that, or start without the hook (--exec-hook=off)",
				ErrUnsupported, errno-untracedBase)
		default:
			return fmt.Errorf("prove the exec hook: an execution that it must refuse ended with: %w", errno)
		}
	}
	return nil
}

// execve returns only if it failed.
func execve(path, word string) unix.Errno {
	err := unix.Exec(path, []string{word}, nil)
	errno, ok := errors.AsType[unix.Errno](err)
	if !ok {
		return unix.EINVAL
	}
	return errno
}
