//go:build !linux

package main

import (
	"syscall"
	"time"
)

// terminate asks a process to end and says whether it has within the time.
func terminate(pid int, within time.Duration) (bool, error) {
	err := syscall.Kill(pid, syscall.SIGTERM)
	for end := time.Now().Add(within); err == nil && time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		if syscall.Kill(pid, 0) != nil {
			return true, nil
		}
	}
	if err == syscall.ESRCH {
		return true, nil
	}
	return false, err
}
