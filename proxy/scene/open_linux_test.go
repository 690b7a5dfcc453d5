package scene

import (
	"syscall"
	"testing"

	"golang.org/x/sys/unix"
)

func TestAFifoIsNotEvenOpened(t *testing.T) {
	dir := realDir(t)
	if err := syscall.Mkfifo(dir+"/fifo", 0o600); err != nil {
		t.Fatal(err)
	}
	write(t, dir+"/file", "x")
	watch, err := unix.InotifyInit1(unix.IN_NONBLOCK | unix.IN_CLOEXEC)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(watch)
	for _, name := range []string{"/fifo", "/file"} {
		if _, err := unix.InotifyAddWatch(watch, dir+name, unix.IN_OPEN); err != nil {
			t.Fatal(err)
		}
	}
	event := make([]byte, 4096)
	one(t, "text", dir+"/fifo")
	if n, err := unix.Read(watch, event); err != unix.EAGAIN {
		t.Errorf("the FIFO was opened: %d bytes of events, %v", n, err)
	}
	one(t, "text", dir+"/file")
	if _, err := unix.Read(watch, event); err != nil {
		t.Errorf("the watch sees nothing, not even a file: %v", err)
	}
}
