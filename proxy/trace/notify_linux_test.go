package trace

import (
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// sleeper starts a process whose standard error is f.
func sleeper(t *testing.T, f *os.File) int {
	t.Helper()
	cmd := exec.Command("sleep", "1000")
	cmd.Stderr = f
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	return cmd.Process.Pid
}

func TestANoticeReachesEveryKindOfStandardError(t *testing.T) {
	const want = "guard: blocked: x"
	t.Run("a pipe", func(t *testing.T) {
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer r.Close()
		defer w.Close()
		expectNotice(t, sleeper(t, w), want, r)
	})
	t.Run("a terminal", func(t *testing.T) {
		master, slave, err := pty.Open()
		if err != nil {
			t.Fatal(err)
		}
		defer master.Close()
		defer slave.Close()
		expectNotice(t, sleeper(t, slave), want, master)
	})
	t.Run("a socket", func(t *testing.T) {
		pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
		if err != nil {
			t.Fatal(err)
		}
		a, b := os.NewFile(uintptr(pair[0]), "a"), os.NewFile(uintptr(pair[1]), "b")
		defer a.Close()
		defer b.Close()
		expectNotice(t, sleeper(t, b), want, a)
	})
	t.Run("a file, at its own place", func(t *testing.T) {
		f, err := os.Create(filepath.Join(t.TempDir(), "f"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		pid := sleeper(t, f)
		io.WriteString(f, "before\n")
		if err := Notify(pid, want); err != nil {
			t.Fatal(err)
		}
		io.WriteString(f, "after\n")
		if got := read(f); got != "before\n"+want+"\nafter\n" {
			t.Errorf("got %q", got)
		}
	})
}

func expectNotice(t *testing.T, pid int, want string, from io.Reader) {
	t.Helper()
	if err := Notify(pid, want); err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 100)
	n, err := from.Read(buf)
	if err != nil || strings.TrimRight(string(buf[:n]), "\r\n") != want {
		t.Errorf("got %q, %v", buf[:n], err)
	}
}

func TestANoticeNeverWaits(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	defer w.Close()
	pid := sleeper(t, w)
	for range 1000 { // 64 KiB fill the pipe
		if err = Notify(pid, strings.Repeat("x", 5000)); err != nil {
			return
		}
	}
	t.Error("a full pipe took it all")
}
