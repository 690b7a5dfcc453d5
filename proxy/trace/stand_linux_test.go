package trace

import (
	"context"
	"errors"
	"io"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// elsewhere is a Judge that has what is named touch run elsewhere.
func elsewhere(instead func(Place) (bool, error)) *fake {
	return &fake{judge: func(_ context.Context, c *Call) Ruling {
		if filepath.Base(c.Path) != "touch" {
			return Ruling{}
		}
		return Ruling{Instead: instead}
	}}
}

// keep is a descriptor that outlives Instead.
func keep(t *testing.T, f *os.File) *os.File {
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Error(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

func TestAProcessWhoseProgramRunsElsewhereEndsAsItIsTold(t *testing.T) {
	for _, c := range []struct {
		name           string
		status, signal int
		before         string // of the call
		want           string
	}{
		{"success", 0, 0, "", "0"},
		{"a status", 7, 0, "", "7"},
		{"the largest status", 255, 0, "", "255"},
		{"a signal", 143, int(unix.SIGTERM), "", "143"},
		{"a signal that is ignored", 143, int(unix.SIGTERM), "trap '' TERM; ", "143"},
		{"a signal that it was shielded from", 130, int(unix.SIGINT), "", "130"},
	} {
		t.Run(c.name, func(t *testing.T) {
			victim := filepath.Join(t.TempDir(), "victim")
			_, out := plant(t, elsewhere(func(p Place) (bool, error) {
				_, err := p.End.Write(EndWith(c.status, c.signal))
				return true, err
			}), nil, "sh", "-c", c.before+"/bin/touch "+victim+"; echo $?").end()
			if got := lastLine(out); got != c.want {
				t.Errorf("got %q, want %s", out, c.want)
			}
			if exists(victim) {
				t.Error("the program ran as well")
			}
		})
	}
}

// lastLine leaves out what a shell says about signals.
func lastLine(out string) string {
	lines := strings.Split(strings.TrimSpace(out), "\n")
	return lines[len(lines)-1]
}

func TestTheCallersDescriptorsAndFolderAreHandedOver(t *testing.T) {
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	var in, cwd string
	var closed bool
	_, out := plant(t, elsewhere(func(p Place) (bool, error) {
		text, err := io.ReadAll(p.Files[0])
		in, closed, cwd = string(text), p.Files[2] == nil, readlink(unix.AT_FDCWD, fdPath(p.Cwd), make([]byte, unix.PathMax))
		_, werr := p.Files[1].WriteString("from elsewhere\n")
		_, eerr := p.End.Write(EndWith(0, 0))
		return false, errors.Join(err, werr, eerr)
	}), nil, "sh", "-c", "cd "+dir+"; echo typed | /bin/touch victim 2>&-").end()
	if in != "typed\n" || !closed || cwd != dir || out != "from elsewhere\n" {
		t.Errorf("got %q, closed %t, in %s, and wrote %q", in, closed, cwd, out)
	}
}

func TestNobodyIsLeftWaitingWhenNobodyIsLeftToSayTheEnd(t *testing.T) {
	_, out := plant(t, elsewhere(func(Place) (bool, error) { return false, nil }), nil, "sh", "-c", "/bin/touch victim; echo $?").end()
	if out != "125\n" {
		t.Errorf("got %q", out)
	}
}

func TestWhatCannotBeRunElsewhereExitsWith126(t *testing.T) {
	broken := errors.New("broken")
	judge := elsewhere(func(Place) (bool, error) { return false, broken })
	var failed error
	judge.done = func(c *Call, loaded *Image, err error) {
		if filepath.Base(c.Path) == "touch" {
			failed = err
		}
	}
	_, out := plant(t, judge, nil, "sh", "-c", "/bin/touch victim; echo $?").end()
	if out != "126\n" || !errors.Is(failed, broken) {
		t.Errorf("got %q and %v", out, failed)
	}
}

func TestACallerThatWaitsForWhatRunsElsewhereTakesSignals(t *testing.T) {
	for _, c := range []struct {
		name     string
		signal   unix.Signal
		shielded bool
		want     string // 125: it lived until its pipe was closed
	}{
		{"killed", unix.SIGKILL, true, "137"},
		{"asked to end", unix.SIGTERM, true, "143"},
		{"interrupted", unix.SIGINT, false, "130"},
		{"interrupted at a terminal that both have", unix.SIGINT, true, "125"},
	} {
		t.Run(c.name, func(t *testing.T) {
			var wait sync.WaitGroup
			judge := elsewhere(func(p Place) (bool, error) {
				end, process := keep(t, p.End), keep(t, p.Process)
				wait.Go(func() {
					defer end.Close()
					defer process.Close()
					inState(t, p.PID, 'S')
					if err := unix.Kill(p.PID, c.signal); err != nil {
						t.Error(err)
					}
					if c.want != "125" {
						fds := []unix.PollFd{{Fd: int32(process.Fd()), Events: unix.POLLIN}}
						if _, err := unix.Poll(fds, 60_000); err != nil || fds[0].Revents == 0 {
							t.Errorf("it did not end: %v", err)
						}
					}
				})
				return c.shielded, nil
			})
			_, out := plant(t, judge, nil, "sh", "-c", "/bin/touch victim; echo $?").end()
			wait.Wait()
			if got := lastLine(out); got != c.want {
				t.Errorf("got %q, want %s", out, c.want)
			}
		})
	}
}

// inState waits until a process is in a state, or gone. No event tells.
func inState(t *testing.T, pid int, state byte) {
	for end := time.Now().Add(2 * time.Minute); time.Now().Before(end); time.Sleep(time.Millisecond) {
		if task, ok := Look(pid); !ok || task.State == state {
			return
		}
	}
	t.Errorf("it never got into state %c", state)
}

func TestACallerThatStandsCanBeStoppedAndContinued(t *testing.T) {
	var wait sync.WaitGroup
	judge := elsewhere(func(p Place) (bool, error) {
		end := keep(t, p.End)
		wait.Go(func() {
			defer end.Close()
			inState(t, p.PID, 'S')
			_ = unix.Kill(p.PID, unix.SIGSTOP)
			inState(t, p.PID, 'T')
			_ = unix.Kill(p.PID, unix.SIGCONT)
			_, _ = end.Write(EndWith(3, 0))
		})
		return true, nil
	})
	_, out := plant(t, judge, nil, "sh", "-c", "/bin/touch victim; echo $?").end()
	wait.Wait()
	if got := lastLine(out); got != "3" {
		t.Errorf("got %q", out)
	}
}

// What was judged to run elsewhere is that program in that folder.
func TestNothingElseRunsElsewhere(t *testing.T) {
	for _, c := range []struct{ name, role string }{{"another word", "flip"}, {"another folder", "flip-folder"}} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			begin, done := filepath.Join(dir, "go"), filepath.Join(dir, "done")
			for _, fifo := range []string{begin, done} {
				if err := unix.Mkfifo(fifo, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			ran := false
			judge := &fake{judge: func(_ context.Context, call *Call) Ruling {
				if filepath.Base(call.Path) != "echo" {
					return Ruling{}
				}
				if err := errors.Join(signal(begin), wait(done)); err != nil {
					t.Error(err)
				}
				return Ruling{Instead: func(p Place) (bool, error) {
					ran = true
					_, err := p.End.Write(EndWith(0, 0))
					return false, err
				}}
			}}
			status, _ := plant(t, judge, asRole(c.role), os.Args[0], begin, done, "/bin/echo", "one", "/bin/echo", "two").end()
			if ran || !status.Signaled() || status.Signal() != unix.SIGKILL {
				t.Errorf("ran %t, and the caller ended with %v", ran, status)
			}
		})
	}
}
