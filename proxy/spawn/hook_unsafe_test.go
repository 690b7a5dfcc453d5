//go:build linux

package spawn

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// listenForExec puts this thread under a filter (seccomp(2)) that asks the
// descriptor it returns about every execve and execveat.
func listenForExec() (int, error) {
	if err := unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err != nil {
		return -1, err
	}
	filter := []unix.SockFilter{
		{Code: unix.BPF_LD | unix.BPF_W | unix.BPF_ABS, K: 0}, // seccomp_data.nr
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_EXECVE, Jt: 2},
		{Code: unix.BPF_JMP | unix.BPF_JEQ | unix.BPF_K, K: unix.SYS_EXECVEAT, Jt: 1},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_ALLOW},
		{Code: unix.BPF_RET | unix.BPF_K, K: unix.SECCOMP_RET_USER_NOTIF},
	}
	program := unix.SockFprog{Len: uint16(len(filter)), Filter: &filter[0]}
	fd, _, errno := unix.Syscall(unix.SYS_SECCOMP, unix.SECCOMP_SET_MODE_FILTER,
		unix.SECCOMP_FILTER_FLAG_NEW_LISTENER|unix.SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV, uintptr(unsafe.Pointer(&program)))
	if errno != 0 {
		return -1, errno
	}
	return int(fd), nil
}

// receiveCall returns the next call of one of the processes below the filter
// (struct seccomp_notif).
func receiveCall(listener int) (id uint64, pid int, err error) {
	var call struct {
		id         uint64
		pid, flags uint32
		data       [8]uint64
	}
	if _, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_RECV, uintptr(unsafe.Pointer(&call))); errno != 0 {
		return 0, 0, errno
	}
	return call.id, int(call.pid), nil
}

// answerCall lets a call go on or has it fail (struct seccomp_notif_resp).
func answerCall(listener int, id uint64, errno unix.Errno) {
	answer := struct {
		id    uint64
		val   int64
		error int32
		flags uint32
	}{id: id, error: -int32(errno)}
	if errno == 0 {
		answer.flags = unix.SECCOMP_USER_NOTIF_FLAG_CONTINUE
	}
	_, _, _ = unix.Syscall(unix.SYS_IOCTL, uintptr(listener), unix.SECCOMP_IOCTL_NOTIF_SEND, uintptr(unsafe.Pointer(&answer))) // the caller may have gone
}
