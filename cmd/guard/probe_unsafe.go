//go:build linux

package main

import (
	"unsafe"

	"golang.org/x/sys/unix"
)

// ioctlByte is ioctl(2) with a pointer to one byte.
func ioctlByte(fd int, request uintptr, b *byte) error {
	_, _, errno := unix.Syscall(unix.SYS_IOCTL, uintptr(fd), request, uintptr(unsafe.Pointer(b)))
	if errno != 0 {
		return errno
	}
	return nil
}
