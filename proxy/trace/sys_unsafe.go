//go:build linux

package trace

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// notification and response are struct seccomp_notif and seccomp_notif_resp
// (seccomp_unotify(2)).
type notification struct {
	id    uint64
	pid   uint32 // the task, in our pid namespace; 0 if it has no number there
	flags uint32
	data  struct {
		nr   int32
		arch uint32
		ip   uint64
		args [6]uint64
	}
}

type response struct {
	id    uint64
	val   int64
	err   int32
	flags uint32
}

// receive waits for the next call. It may wait for ever, so the scheduler has to
// know.
func receive(listener int, n *notification) unix.Errno {
	*n = notification{} // the kernel wants it zeroed
	_, _, e := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(n)))
	return e
}

// send lets call id go on, or has it fail with errno.
func send(listener int, id uint64, errno unix.Errno) unix.Errno {
	r := response{id: id, err: -int32(errno)}
	if errno == 0 {
		r.flags = unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE
	}
	_, e := control(listener, unix.SECCOMP_IOCTL_NOTIF_SEND, unsafe.Pointer(&r))
	return e
}

// control asks the listener until a signal does not get in between: the kernel
// waits for its lock with mutex_lock_interruptible (kernel/seccomp.c), and the
// runtime signals its threads all the time. A call whose answer got lost, or that
// was taken for gone, would wait for ever.
func control(listener int, request uintptr, arg unsafe.Pointer) (uintptr, unix.Errno) {
	for {
		got, _, e := unix.RawSyscall(unix.SYS_IOCTL, uintptr(listener), request, uintptr(arg))
		if e != unix.EINTR {
			return got, e
		}
	}
}

// waiting says whether call id still waits for its answer, and so whether what
// was read under its task's number was that task's.
func waiting(listener int, id uint64) bool {
	_, e := control(listener, unix.SECCOMP_IOCTL_NOTIF_ID_VALID, unsafe.Pointer(&id))
	return e == 0
}

// addfd gives the task of call id a copy of a descriptor, which stays open when it
// executes, and returns its number there.
func addfd(listener int, id uint64, fd int) (int, unix.Errno) {
	a := struct {
		id                     uint64
		flags, fd, as, asFlags uint32
	}{id: id, fd: uint32(fd)}
	got, e := control(listener, unix.SECCOMP_IOCTL_NOTIF_ADDFD, unsafe.Pointer(&a))
	return int(got), e
}

// setMask sets which signals a task that is stopped by this thread blocks.
func setMask(pid int, mask uint64) unix.Errno {
	_, _, e := unix.RawSyscall6(unix.SYS_PTRACE, unix.PTRACE_SETSIGMASK, uintptr(pid), unsafe.Sizeof(mask), uintptr(unsafe.Pointer(&mask)), 0, 0)
	return e
}

// standing is the code of a process that waits to be told how to end.
func standing() []byte {
	return unsafe.Slice((*byte)(unsafe.Add(nil, standingAt)), stoodAt-standingAt)
}

// install puts the calling thread under program and returns the listener.
func install(program []unix.SockFilter, flags uintptr) (int, unix.Errno) {
	f := unix.SockFprog{Len: uint16(len(program)), Filter: &program[0]}
	fd, _, e := unix.RawSyscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER, flags, uintptr(unsafe.Pointer(&f)))
	return int(fd), e
}

// scope keeps the calling thread from sending signals to processes outside its
// Landlock domain (landlock(7), LANDLOCK_SCOPE_SIGNAL).
func scope() error {
	attr := struct{ fs, net, scoped uint64 }{scoped: unix.LANDLOCK_SCOPE_SIGNAL}
	fd, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_CREATE_RULESET, uintptr(unsafe.Pointer(&attr)), unsafe.Sizeof(attr), 0)
	if e != 0 {
		return e
	}
	defer unix.Close(int(fd))
	if _, _, e := unix.RawSyscall(unix.SYS_LANDLOCK_RESTRICT_SELF, fd, 0, 0); e != 0 {
		return e
	}
	return nil
}

// execveat calls execveat(2) with one word and no environment, and returns only
// if that failed.
func execveat(path, word string) unix.Errno {
	p, err := unix.BytePtrFromString(path)
	if err != nil {
		return unix.EINVAL
	}
	w, err := unix.BytePtrFromString(word)
	if err != nil {
		return unix.EINVAL
	}
	argv, cwd := [2]*byte{w}, unix.AT_FDCWD
	_, _, e := unix.RawSyscall6(unix.SYS_EXECVEAT, uintptr(cwd), uintptr(unsafe.Pointer(p)), uintptr(unsafe.Pointer(&argv)), 0, 0, 0)
	return e
}
