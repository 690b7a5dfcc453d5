package main

import (
	"time"

	"golang.org/x/sys/unix"
)

// terminate asks a process to end and says whether it has within the time. A
// process that has ended but that its parent has not collected counts as ended:
// in a container nobody may ever collect it.
func terminate(pid int, within time.Duration) (bool, error) {
	fd, err := unix.PidfdOpen(pid, 0)
	if err != nil {
		return err == unix.ESRCH, notGone(err)
	}
	defer unix.Close(fd)
	if err := unix.PidfdSendSignal(fd, unix.SIGTERM, nil, 0); err != nil {
		return err == unix.ESRCH, notGone(err)
	}
	for end := time.Now().Add(within); ; {
		n, err := unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, int(max(0, time.Until(end)).Milliseconds()))
		if err != unix.EINTR {
			return n == 1, err
		}
	}
}

func notGone(err error) error {
	if err == unix.ESRCH {
		return nil
	}
	return err
}
