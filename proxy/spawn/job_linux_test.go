package spawn

import (
	"bytes"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// shell is an interactive bash on a console, in which "guard" is littleGuard.
func shell(t *testing.T) *console {
	t.Helper()
	c := newConsole(t)
	c.start("bash", "--norc", "--noprofile", "-i")
	c.send("PS1='ready''> '; guard() { " + os.Args[0] + " __guard \"$@\"; }; echo hel''lo\r")
	c.expect("hello")
	c.expect("ready> ")
	return c
}

// The scripts below that trap a signal wait for it busily: a signal that arrives
// just before bash reads is handled only after the read.

func TestInterruptReachesTheCommandOnlyAndGuardReportsIt(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := newConsole(t)
			j := c.guard(mode, "bash", "-c", `trap 'n=$((n+1)); echo got $n' INT; echo up; until [ "$n" ]; do :; done; read a; echo left $n`)
			c.expect("up")
			c.send("\x03")
			c.expect("got 1")
			c.send("\r")
			c.expect("left 1")
			if code := j.code(); code != 0 {
				t.Errorf("code = %d", code)
			}

			c = newConsole(t)
			j = c.guard(mode, "sh", "-c", "echo up; read x")
			c.expect("up")
			c.send("\x03")
			if code := j.code(); code != 130 {
				t.Errorf("code after ^C = %d, want 130", code)
			}
		})
	}
}

func TestSignalsSentToGuardArePassedOn(t *testing.T) {
	for _, mode := range modes {
		for _, sig := range []unix.Signal{unix.SIGHUP, unix.SIGTERM, unix.SIGUSR1, unix.SIGUSR2, unix.SIGALRM} {
			t.Run(unix.SignalName(sig)+mode, func(t *testing.T) {
				c := newConsole(t)
				j := c.guard(mode, "bash", "-c", fmt.Sprintf(`trap 'echo got; exit 9' %d; echo up; while :; do :; done`, sig))
				c.expect("up")
				if err := j.Process.Signal(sig); err != nil {
					t.Fatal(err)
				}
				c.expect("got")
				if code := j.code(); code != 9 {
					t.Errorf("code = %d, want 9", code)
				}
			})
		}
	}
}

func TestInterruptSentToGuardOutsideTheForegroundIsPassedOn(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGINT, unix.SIGQUIT} {
		in, feed, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		defer in.Close()
		defer feed.Close()
		cmd := bare(t, "bash", "-c", fmt.Sprintf(`trap 'exit 9' %d; echo up; while :; do :; done`, sig))
		cmd.Stdin = in
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		j := run(t, cmd)
		if _, err := out.Read(make([]byte, 10)); err != nil {
			t.Fatal(err)
		}
		if err := j.Process.Signal(sig); err != nil {
			t.Fatal(err)
		}
		if code := j.code(); code != 9 {
			t.Errorf("%v: code = %d, want 9", sig, code)
		}
	}
}

func TestSuspendAndForegroundWorkAsWithoutGuard(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := shell(t)
			cooked := c.cooked()
			c.send("guard " + mode + " bash -c 'echo u''p; while read x; do echo got $x; [ $x = end ] && exit 3; done'\r")
			c.expect("up")
			for range 3 {
				c.send("\x1a")
				c.expect("Stopped")
				c.expect("ready> ")
				c.send("jobs; stty -a | grep -o ' icanon'\r")
				c.expect("Stopped")
				c.expect(" icanon")
				c.expect("ready> ")
				c.send("fg\r")
				c.expect("guard")
				c.send("word\r")
				c.expect("got word")
			}
			c.send("end\r")
			c.expect("got end")
			c.expect("ready> ")
			c.send("echo status $?; stty -a >/dev/null\r")
			c.expect("status 3")
			c.expect("ready> ")
			c.send("exec cat\r")
			c.awaitModes("those before", func(m unix.Termios) bool { return m == cooked })
		})
	}
}

// cooked returns the modes that the shell gives to what it runs. At its prompt
// it may have set its own already, or not yet.
func (c *console) cooked() unix.Termios {
	c.t.Helper()
	c.send("echo r''uns; cat\r")
	c.expect("runs")
	c.awaitModes("a command's", func(m unix.Termios) bool { return m.Lflag&unix.ICANON != 0 })
	m := c.modes()
	c.send("\x04")
	c.expect("ready> ")
	return m
}

// awaitModes waits for modes that another process is about to set; the kernel
// tells nobody when it has.
func (c *console) awaitModes(what string, ok func(unix.Termios) bool) {
	c.t.Helper()
	for deadline := time.Now().Add(patience); !ok(c.modes()); {
		if time.Now().After(deadline) {
			c.t.Fatalf("modes are not %s: %+v", what, c.modes())
		}
	}
}

func TestAShellInsideHasItsOwnJobControl(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := shell(t)
			c.send("guard " + mode + " bash --norc --noprofile -i\r")
			c.send("PS1='inner''> '\r")
			c.expect("inner> ")
			c.send("sh -c 'echo in''cat; exec cat'\r")
			c.expect("incat")
			c.send("echoed\r")
			c.expect("echoed\r\nechoed")
			c.send("\x1a")
			c.expect("Stopped")
			c.expect("inner> ")
			c.send("suspend\r") // now the inner shell itself stops, and guard with it
			c.expect("Stopped")
			c.expect("ready> ")
			c.send("fg\r")
			c.expect("inner> ")
			c.send("fg\r")
			c.expect("exec cat'\r\n")
			c.send("again\r")
			c.expect("again\r\nagain")
			c.send("\x04")
			c.expect("inner> ")
			c.send("exit 5\r")
			c.expect("ready> ")
			c.send("echo status $?\r")
			c.expect("status 5")
		})
	}
}

func TestAScriptAroundGuardStopsWithIt(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := shell(t)
			c.send("bash -c '\"$0\" __guard " + mode + " sh -c \"echo u\"p\" \\$\\$; read x\"; echo script went on' " + os.Args[0] + "\r")
			c.expect("up ")
			command := c.number()
			c.send("\x1a")
			c.expect("Stopped")
			c.expect("ready> ")
			awaitStop(t, command) // the script stops at once, and what is about to stop can still read
			c.send("fg\r")
			c.send("\r")
			c.expect("script went on")
		})
	}
}

func TestACommandThatStopsWhereNobodyCouldContinueItGoesOn(t *testing.T) {
	for _, mode := range modes {
		// Guard leads its session here, as below sshd or in a container.
		j := newConsole(t).guard(mode, "bash", "-c", `kill -TSTP $$; exit 4`)
		if code := j.code(); code != 4 {
			t.Errorf("%s: code = %d, want 4", mode, code)
		}
	}
}

func TestAJobStoppedAtTheKeyboardCanGoOnInTheBackground(t *testing.T) {
	for _, mode := range modes {
		t.Chdir(t.TempDir())
		c := shell(t)
		c.send("guard " + mode + " bash -c 'echo u''p; until [ -e go ]; do :; done; echo in the back'\r")
		c.expect("up")
		c.send("\x1a")
		c.expect("Stopped")
		c.expect("ready> ")
		c.send("bg; touch go\r")
		c.expect("in the back")
	}
}

// The kernel takes a SIGCONT back that has not been delivered when a stop comes.
func TestAStopRightAfterItWasContinuedStopsGuardToo(t *testing.T) {
	for _, mode := range sharing {
		t.Run(mode, func(t *testing.T) {
			c := shell(t)
			c.send("guard " + mode + " bash -c 'echo u''p $(ps -o pgid= $$) $$; while :; do read x; done'\r")
			c.expect("up ")
			var guard, command int
			c.await("two numbers", func(b []byte) int {
				if n, _ := fmt.Sscanf(string(b), "%d %d\r\n", &guard, &command); n == 2 {
					return len(b)
				}
				return -1
			})
			c.send("\x1a")
			c.expect("Stopped")
			c.expect("ready> ")
			for range 20 {
				unix.Kill(-guard, unix.SIGCONT)
				unix.Kill(-guard, unix.SIGTSTP)
				for _, pid := range []int{guard, command} {
					awaitStop(t, pid)
				}
			}
		})
	}
}

// number waits for a number at the end of a line.
func (c *console) number() (n int) {
	c.t.Helper()
	c.await("a number", func(b []byte) int {
		if got, _ := fmt.Sscanf(string(b), "%d\r\n", &n); got == 1 {
			return bytes.IndexByte(b, '\n') + 1
		}
		return -1
	})
	return n
}

// awaitStop waits until process pid has been stopped; the kernel tells only its
// parent.
func awaitStop(t *testing.T, pid int) {
	t.Helper()
	for deadline := time.Now().Add(patience); ; {
		if p, ok := look(pid); !ok || p.state == 'T' {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("process %d is not stopped", pid)
		}
	}
}

func TestACommandIsToldOnceToGoOnForEachStop(t *testing.T) {
	from, to, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer from.Close()
	r := &relay{in: -1, program: &program{master: -1, monitor: to, front: true, held: true}}
	r.resume()
	r.resume()
	to.Close()
	if got, _ := io.ReadAll(from); string(got) != string(word{proceed, 1}.bytes()) {
		t.Errorf("told %q", got)
	}
}

func TestGuardStoppedFromOutsideIsRawAgainInFront(t *testing.T) {
	for _, mode := range onPTY {
		t.Run(mode, func(t *testing.T) {
			c := shell(t)
			c.send("guard " + mode + " bash -c 'echo u''p $PPID; while read x; do echo got $x; done'\r")
			c.expect("up ")
			monitor := c.number()
			p, _ := look(monitor)
			raw := c.modes()
			unix.Kill(p.parent, unix.SIGSTOP)
			c.expect("Stopped")
			c.expect("ready> ")
			c.send("stty sane; fg\r")
			c.expect("__guard")
			c.awaitModes("raw", func(m unix.Termios) bool { return m.Lflag == raw.Lflag })
			c.send("word\r")
			c.expect("got word")
		})
	}
}

func TestTheCommandIsHungUpWhenGuardIsKilled(t *testing.T) {
	for _, mode := range []string{"-mode=pty", "-mode=hooked-pty", "-mode=hooked-inherit"} {
		t.Run(mode, func(t *testing.T) {
			c := newConsole(t)
			j := c.guard(mode, "bash", "-c", "echo up; read x")
			c.expect("up")
			pid, _ := strconv.Atoi(j.remote.next("started"))
			if err := j.Process.Kill(); err != nil {
				t.Fatal(err)
			}
			waitGone(t, pid)
		})
	}
}

func TestTheEndOfTheContextLetsShellsAndCleanersEndByThemselves(t *testing.T) {
	for _, c := range []struct {
		name  string
		grace string
		argv  []string
		code  int
	}{
		{"an interactive shell, which ignores TERM", "10s", []string{"bash", "--norc", "--noprofile", "-i"}, 129},
		{"a program that cleans up after TERM", "1000s", []string{"bash", "-c", `trap 'for i in {1..50000}; do :; done; exit 6' TERM; echo 'bash-$ '; while :; do :; done`}, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			con := newConsole(t)
			j := con.guard(append([]string{"-grace", c.grace}, c.argv...)...)
			con.expect("bash-")
			j.remote.say("end")
			if code := j.code(); code != c.code {
				t.Errorf("code = %d, want %d", code, c.code)
			}
		})
	}
}

func TestAContextThatEndsAtAnyMomentEndsTheCommand(t *testing.T) {
	for _, mode := range modes {
		for range 20 {
			t.Run(mode, func(t *testing.T) {
				j := newConsole(t).guard("-grace", "1000s", mode, "sleep", "1000")
				j.remote.say("end") // it may not even have begun
				if code := j.code(); code != 143 && code != 125 {
					t.Errorf("code = %d, want 143, or 125 if it was not started", code)
				}
			})
		}
	}
}

func TestACommandThatStopsAloneStopsGuard(t *testing.T) {
	for _, mode := range modes {
		c := shell(t)
		c.send("guard " + mode + " bash -c 'kill -STOP $$; echo went o''n'\r")
		c.expect("Stopped")
		c.expect("ready> ")
		c.send("fg\r")
		c.expect("went on")
		c.expect("ready> ")
	}
}

func TestABackgroundStartLeavesTheTerminalAloneUntilItIsInFront(t *testing.T) {
	for _, mode := range onPTY {
		t.Run(mode, func(t *testing.T) {
			c := shell(t)
			c.send("stty -echo; guard " + mode + " bash -c 'echo has''started; read x; echo got $x' & \r")
			c.expect("hasstarted")
			c.send("until [ \"$(jobs -s)\" ]; do :; done; jobs\r") // it stops because it reads
			c.expect("Stopped")
			c.expect("ready> ")
			c.send("stty -a | grep -o ' icanon'; stty echo\r")
			c.expect(" icanon")
			c.expect("ready> ")
			c.send("fg\r")
			c.expect("guard")
			c.send("late\r")
			c.expect("got late")
			c.expect("ready> ")
		})
	}
}

func TestAJobContinuedInTheBackgroundRunsThere(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := shell(t)
			c.send("guard " + mode + " bash -c 'echo u''p; read x; echo then; kill -STOP $$; echo in the back' \r")
			c.expect("up")
			c.send("\r")
			c.expect("then")
			c.expect("Stopped")
			c.expect("ready> ")
			c.send("bg\r")
			c.expect("in the back")
			c.send("wait; stty -a | grep -o ' icanon'\r")
			c.expect(" icanon")
		})
	}
}

func TestModesComeBackWhateverEndsTheCommand(t *testing.T) {
	for _, c := range []struct {
		name string
		end  func(*testing.T, *job, int)
	}{
		{"SIGKILL of the command", func(t *testing.T, j *job, pid int) { unix.Kill(pid, unix.SIGKILL) }},
		{"SIGKILL of the monitor", func(t *testing.T, j *job, pid int) {
			p, _ := look(pid)
			unix.Kill(p.parent, unix.SIGKILL)
		}},
		{"SIGTERM to guard", func(t *testing.T, j *job, pid int) { j.Process.Signal(unix.SIGTERM) }},
		{"end of the context", func(t *testing.T, j *job, pid int) { j.remote.say("end") }},
	} {
		for _, mode := range onPTY {
			t.Run(c.name+mode, func(t *testing.T) {
				con := newConsole(t)
				before := con.modes()
				j := con.guard(mode, "sh", "-c", "stty raw -echo; echo up; cat")
				con.expect("up")
				pid, _ := strconv.Atoi(j.remote.next("started"))
				if con.modes() == before {
					t.Fatal("the terminal is not raw while the command runs")
				}
				c.end(t, j, pid)
				j.code()
				if after := con.modes(); after != before {
					t.Errorf("modes = %+v, want %+v", after, before)
				}
				waitGone(t, pid)
			})
		}
	}
}

func TestTheEndOfTheContextEndsEveryProcessBelow(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := newConsole(t)
			j := c.guard(mode, "bash", "-c", `trap "" TERM HUP; setsid sleep 1000 & bash -c 'trap "" TERM HUP; echo two $$; while :; do sleep 1000; done' & echo one $!; wait; while :; do sleep 1000; done`)
			c.expect("two ")
			pid, _ := strconv.Atoi(j.remote.next("started"))
			kids := children(pid)
			if len(kids) < 2 {
				t.Fatalf("children of the command: %v", kids)
			}
			j.remote.say("end")
			if code := j.code(); code != 137 {
				t.Errorf("code = %d, want 137: it ignores TERM", code)
			}
			for _, kid := range append(kids, pid) {
				waitGone(t, kid)
			}
		})
	}
}

func children(pid int) []int {
	var found []int
	for _, p := range processes() {
		if p.parent == pid {
			found = append(found, p.pid)
		}
	}
	return found
}

func TestATerminalThatGoesAwayIsAHangupForTheCommand(t *testing.T) {
	for _, mode := range onPTY {
		t.Run(mode, func(t *testing.T) {
			c := newConsole(t)
			socket, remote := listen(t)
			cmd := exec.Command(os.Args[0], "__guard", mode, "-socket", socket, "bash", "-c", `trap 'exit 8' HUP; echo up; while :; do :; done`)
			cmd.Stdin, cmd.Stdout, cmd.Stderr = c.slave, c.slave, c.slave
			cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true}
			j := run(t, cmd)
			r := remote()
			c.expect("up")
			c.slave.Close()
			c.master.Close()
			r.next("started")
			if got := r.next("status"); got != "8 " {
				t.Errorf("status = %q, want 8", got)
			}
			j.code()
		})
	}
}

func TestAProcessLeftBehindNeitherHoldsUpTheEndNorIsHungUp(t *testing.T) {
	for _, mode := range onPTY {
		t.Run(mode, func(t *testing.T) {
			t.Chdir(t.TempDir())
			for _, name := range []string{"in", "out"} {
				if err := unix.Mkfifo(name, 0o600); err != nil {
					t.Fatal(err)
				}
			}
			in, err := os.OpenFile("in", os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer in.Close()
			out, err := os.OpenFile("out", os.O_RDWR, 0)
			if err != nil {
				t.Fatal(err)
			}
			defer out.Close()
			c := newConsole(t)
			if code := c.guard(mode, "bash", "-c", `{ read x <in; echo alive >out; } & seq 10000`).code(); code != 0 {
				t.Errorf("code = %d", code)
			}
			c.expect("\r\n10000\r\n")
			// A hangup would be pending by now and come before the answer.
			if _, err := in.WriteString("\n"); err != nil {
				t.Fatal(err)
			}
			out.SetReadDeadline(time.Now().Add(patience))
			if _, err := out.Read(make([]byte, 10)); err != nil {
				t.Errorf("the process left behind does not answer: %v", err)
			}
		})
	}
}

func TestWhatWasWrittenBeforeAStopIsPassedOnFirst(t *testing.T) {
	var from, to [2]int
	for _, pipe := range []*[2]int{&from, &to} {
		if err := unix.Pipe2(pipe[:], unix.O_NONBLOCK); err != nil {
			t.Fatal(err)
		}
		defer unix.Close(pipe[0])
		defer unix.Close(pipe[1])
	}
	r := &relay{out: to[1], buf: make([]byte, chunk), program: &program{master: from[0]}}
	if _, err := unix.Write(from[1], []byte("last words")); err != nil {
		t.Fatal(err)
	}
	r.drain()
	got := make([]byte, 100)
	if n, err := unix.Read(to[0], got); string(got[:max(n, 0)]) != "last words" {
		t.Errorf("passed on %q, %v", got[:max(n, 0)], err)
	}
}
