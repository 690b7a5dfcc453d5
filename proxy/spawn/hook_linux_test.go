package spawn

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// The ways to run a command, and some of them.
var (
	modes   = []string{"-mode=inherit", "-mode=pty", "-mode=hooked-inherit", "-mode=hooked-pty"}
	sharing = []string{"-mode=inherit", "-mode=hooked-inherit"}
	onPTY   = []string{"-mode=pty", "-mode=hooked-pty"}
	hooked  = []string{"-mode=hooked-inherit", "-mode=hooked-pty"}
)

// words is a Hook with a real filter, below which every execution is let go on. Its
// argument are words that make it fail or misbehave; those after "env" are what Open
// returns.
type words struct {
	does []string

	calm  sync.Mutex
	taken map[int]unix.WaitStatus // guarded by calm
}

func testHook(arg string) (Hook, error) {
	h := &words{does: strings.Fields(arg), taken: make(map[int]unix.WaitStatus)}
	return h, h.fail("factory")
}

func (h *words) fail(where string) error {
	if slices.Contains(h.does, "fail-"+where) {
		return errors.New(where + " fails")
	}
	return nil
}

func (h *words) Enter() (int, error) {
	if err := h.fail("enter"); err != nil {
		return -1, err
	}
	if slices.Contains(h.does, "die") {
		_ = unix.Kill(os.Getpid(), unix.SIGKILL)
	}
	return listenForExec()
}

func (h *words) Prove() error {
	if err := unix.Exec("/canary", []string{"canary"}, nil); err != unix.EDOM {
		return fmt.Errorf("the canary said: %w", err)
	}
	return h.fail("prove")
}

func (h *words) Serve(fd int) error {
	failed := make(chan error, 1)
	go func() {
		runtime.LockOSThread()
		for first := true; ; first = false {
			id, _, err := receiveCall(fd)
			switch {
			case err == unix.EINTR || err == unix.ENOENT:
			case err != nil:
				return
			case first:
				answerCall(fd, id, unix.EDOM)
			case slices.Contains(h.does, "deny"):
				answerCall(fd, id, unix.EPERM)
			case h.fail("serve") != nil:
				failed <- h.fail("serve")
				return
			default:
				answerCall(fd, id, 0)
			}
		}
	}()
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		for {
			fds := []unix.PollFd{{Fd: int32(fd)}}
			if _, err := unix.Poll(fds, -1); err == nil {
				return
			}
		}
	}()
	select {
	case err := <-failed:
		return err
	case <-gone:
		return nil
	}
}

func (h *words) Open(order []byte) ([]string, error) {
	if slices.Contains(h.does, "dawdle") {
		select {}
	}
	if slices.Contains(h.does, "chatter") {
		fmt.Fprintln(os.Stderr, "open")
	}
	if slices.Contains(h.does, "steal") {
		h.steal()
	}
	var env []string
	if i := slices.Index(h.does, "env"); i >= 0 {
		env = h.does[i+1:]
	}
	if slices.Contains(h.does, "measure") {
		env = append(env, fmt.Sprint("ORDER=", len(order)))
	}
	return env, h.fail("open")
}

// steal takes the status of the command, as a tracer must that sees it die.
func (h *words) steal() {
	pids := offspring()
	go func() {
		var status unix.WaitStatus
		for {
			h.calm.Lock()
			if pid, _ := unix.Wait4(pids[0], &status, unix.WNOHANG, nil); pid > 0 {
				h.taken[pid] = status
				h.calm.Unlock()
				return
			}
			h.calm.Unlock()
		}
	}()
}

func (h *words) Begin() {}

func (h *words) Close(bool) {
	if name := h.after("close"); name != "" {
		_ = os.WriteFile(name, nil, 0o600)
	}
}

// after returns the word after another.
func (h *words) after(word string) string {
	if i := slices.Index(h.does, word); i >= 0 {
		return h.does[i+1]
	}
	return ""
}

func (h *words) Quiet(f func()) {
	h.calm.Lock()
	defer h.calm.Unlock()
	f()
}

func (h *words) Spare() int { return 0 }

func (h *words) Taken(pid int) (unix.WaitStatus, bool) {
	status, ok := h.taken[pid]
	return status, ok
}

func TestWhyTheHookCannotBePutUpIsTold(t *testing.T) {
	for _, mode := range hooked {
		for _, c := range []struct{ does, says string }{
			{"fail-factory", "the exec hook cannot be put up: factory fails"},
			{"fail-enter", "the exec hook cannot be put up: enter fails"},
			{"fail-prove", "the exec hook cannot be put up: prove fails"},
			{"die", "the exec hook cannot be put up: ended by SIGKILL before it was executed"},
		} {
			t.Run(c.does+mode, func(t *testing.T) {
				con := newConsole(t)
				if code := con.guard(mode, "-hook="+c.does, "echo", "has", "run").code(); code != 124 {
					t.Errorf("code = %d, want 124, that of ErrHook", code)
				}
				con.expect(c.says)
				if got := con.all(); strings.Contains(got, "has run") {
					t.Errorf("the command has run: %q", got)
				}
			})
		}
	}
}

func TestNothingIsExecutedIfTheHookDoesNotOpenOrRefuses(t *testing.T) {
	for _, mode := range hooked {
		for _, c := range []struct {
			does, says string
			code       int
		}{
			{"fail-open", "guard: run /usr/bin/echo: open fails", 125},
			{"deny", "operation not permitted", 126},
		} {
			t.Run(c.does+mode, func(t *testing.T) {
				con := newConsole(t)
				if code := con.guard(mode, "-hook="+c.does, "/usr/bin/echo", "has", "run").code(); code != c.code {
					t.Errorf("code = %d, want %d", code, c.code)
				}
				con.expect(c.says)
				if got := con.all(); strings.Contains(got, "has run") {
					t.Errorf("the command has run: %q", got)
				}
			})
		}
	}
}

func TestTheOrderArrivesWholeAndWhatOpenReturnsIsInTheEnvironment(t *testing.T) {
	t.Setenv("REPLACED", "before")
	for _, mode := range hooked {
		con := newConsole(t)
		j := con.guard(mode, "-order=3000000", "-hook=measure env ADDED=1 REPLACED=after", "sh", "-c", "env | grep -E '^(ORDER|ADDED|REPLACED)=' | sort; echo .")
		con.expect("ADDED=1\r\nORDER=3000000\r\nREPLACED=after\r\n.\r\n")
		if code := j.code(); code != 0 {
			t.Errorf("code = %d", code)
		}
	}
}

func TestTheStatusOfACommandThatTheHookCollectedComesBack(t *testing.T) {
	for _, mode := range hooked {
		if code := newConsole(t).guard(mode, "-hook=steal", "sh", "-c", "exit 77").code(); code != 77 {
			t.Errorf("%s: code = %d, want 77", mode, code)
		}
	}
}

func TestAHookThatFailsLaterEndsEverything(t *testing.T) {
	for _, mode := range hooked {
		con := newConsole(t)
		j := con.guard(mode, "-hook=fail-serve", "sleep", "1000")
		con.expect("the exec hook has failed, so that everything is ended: serve fails")
		if code := j.code(); code == 0 {
			t.Errorf("code = 0")
		}
	}
}

func TestAHookMaySpeakWhereNobodyListensAnyMore(t *testing.T) {
	for _, mode := range hooked {
		con := newConsole(t)
		r, w, err := os.Pipe()
		if err != nil {
			t.Fatal(err)
		}
		r.Close()
		defer w.Close()
		cmd := exec.Command(os.Args[0], "__guard", mode, "-hook=chatter", "sh", "-c", "exit 3")
		cmd.Stdin, cmd.Stdout, cmd.Stderr = con.slave, con.slave, w
		cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
		if code := run(t, cmd).code(); code != 3 {
			t.Errorf("%s: code = %d, want 3", mode, code)
		}
	}
}

func TestTheContextEndsWhatTheHookIsStillOpeningFor(t *testing.T) {
	for _, mode := range hooked {
		con := newConsole(t)
		j := con.guard(mode, "-hook=dawdle", "echo", "has", "run")
		j.remote.say("end")
		if code := j.code(); code != 125 {
			t.Errorf("code = %d, want 125", code)
		}
		if got := con.all(); strings.Contains(got, "has run") {
			t.Errorf("the command has run: %q", got)
		}
	}
}

// survivor is a command that leaves something behind, which says "alive" to fifo
// out each time it is asked through fifo in, and ends when in says so. It ignores
// what the end of a terminal sends.
const survivor = `(trap "" HUP; while read x <in; do [ "$x" = end ] && exit; date >/dev/null && echo alive >out; done) </dev/null >/dev/null 2>&1 & `

func fifos(t *testing.T) (in, out *os.File) {
	t.Helper()
	t.Chdir(t.TempDir())
	files := make(map[string]*os.File)
	for _, name := range []string{"in", "out"} {
		if err := unix.Mkfifo(name, 0o600); err != nil {
			t.Fatal(err)
		}
		f, err := os.OpenFile(name, os.O_RDWR, 0)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { f.Close() })
		files[name] = f
	}
	return files["in"], files["out"]
}

// alive says whether the survivor answers, and can still execute.
func alive(t *testing.T, in, out *os.File) bool {
	t.Helper()
	if _, err := in.WriteString("?\n"); err != nil {
		t.Fatal(err)
	}
	out.SetReadDeadline(time.Now().Add(patience))
	n, err := out.Read(make([]byte, 10))
	return err == nil && n > 0
}

func TestTheMonitorStaysWithWhatIsLeftAndEndsWithIt(t *testing.T) {
	for _, mode := range hooked {
		t.Run(mode, func(t *testing.T) {
			in, out := fifos(t)
			closed := filepath.Join(t.TempDir(), "closed")
			con := newConsole(t)
			j := con.guard(mode, "-hook=close "+closed, "bash", "-c", survivor+"exit 3")
			j.remote.next("started")
			monitor, _ := strconv.Atoi(j.remote.next("kept"))
			if code := j.code(); code != 3 {
				t.Errorf("code = %d, want 3", code)
			}
			for range 3 {
				if !alive(t, in, out) {
					t.Fatal("what is left does not execute any more")
				}
			}
			if _, err := os.Stat(closed); err == nil {
				t.Error("the hook was closed while something is left")
			}
			if _, err := in.WriteString("end\n"); err != nil {
				t.Fatal(err)
			}
			waitGone(t, monitor)
			if _, err := os.Stat(closed); err != nil {
				t.Errorf("the hook was not closed: %v", err)
			}
		})
	}
}

func TestAMonitorThatStaysHoldsNothingOfGuards(t *testing.T) {
	for _, mode := range hooked {
		t.Run(mode, func(t *testing.T) {
			in, out := fifos(t)
			var ends [3]*os.File
			read := make(chan error, len(ends))
			con := newConsole(t)
			socket, remote := listen(t)
			cmd := exec.Command(os.Args[0], "__guard", "-socket", socket, mode, "bash", "-c", "exec 3>&- 4>&-; "+survivor+"exit 3")
			for i := range ends {
				r, w, err := os.Pipe()
				if err != nil {
					t.Fatal(err)
				}
				defer w.Close()
				ends[i] = w
				go func() { defer r.Close(); _, err := io.Copy(io.Discard, r); read <- err }()
			}
			cmd.Stdin, cmd.Stdout, cmd.Stderr = con.slave, ends[0], ends[0]
			if strings.Contains(mode, "pty") {
				cmd.Stdout = con.slave
			}
			cmd.ExtraFiles = ends[1:]
			cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
			j := run(t, cmd)
			told := remote()
			for _, w := range ends {
				w.Close()
			}
			told.next("started")
			monitor, _ := strconv.Atoi(told.next("kept"))
			if code := j.code(); code != 3 {
				t.Errorf("code = %d, want 3", code)
			}
			for range ends {
				select {
				case <-read:
				case <-time.After(patience):
					t.Fatal("whoever reads guard's output waits for ever")
				}
			}
			if cwd, err := os.Readlink(fmt.Sprintf("/proc/%d/cwd", monitor)); err == nil && cwd != "/" {
				t.Errorf("it keeps folder %s", cwd)
			}
			_ = unix.Kill(monitor, unix.SIGHUP)
			if !alive(t, in, out) {
				t.Error("a hangup ended it")
			}
			_ = unix.Kill(monitor, unix.SIGTERM)
			waitGone(t, monitor)
		})
	}
}

func TestTermToAMonitorThatStaysEndsWhatIsLeft(t *testing.T) {
	for _, mode := range hooked {
		t.Run(mode, func(t *testing.T) {
			in, out := fifos(t)
			con := newConsole(t)
			j := con.guard(mode, "-grace=300ms", "bash", "-c", `trap "" TERM; `+survivor+`sleep 1000 & echo $! >pid; exit 3`)
			j.remote.next("started")
			monitor, _ := strconv.Atoi(j.remote.next("kept"))
			j.code()
			if !alive(t, in, out) {
				t.Fatal("what is left does not execute any more")
			}
			text, err := os.ReadFile("pid")
			if err != nil {
				t.Fatal(err)
			}
			pid, _ := strconv.Atoi(strings.TrimSpace(string(text)))
			if err := unix.Kill(monitor, unix.SIGTERM); err != nil {
				t.Fatal(err)
			}
			waitGone(t, monitor)
			waitGone(t, pid)
		})
	}
}

func TestNothingIsExecutedBelowAMonitorThatWasKilled(t *testing.T) {
	for _, mode := range hooked {
		t.Run(mode, func(t *testing.T) {
			con := newConsole(t)
			j := con.guard(mode, "bash", "-c", `trap "" HUP TERM; echo up; while :; do /bin/true; done`)
			con.expect("up")
			pid, _ := strconv.Atoi(j.remote.next("started"))
			p, _ := look(pid)
			if err := unix.Kill(p.parent, unix.SIGKILL); err != nil {
				t.Fatal(err)
			}
			con.expect("its monitor process was killed")
			if code := j.code(); code != 125 {
				t.Errorf("code = %d, want 125", code)
			}
			waitGone(t, pid)
		})
	}
}

func TestWhatWasPreparedAndIsNotRunIsCollected(t *testing.T) {
	for _, mode := range modes {
		con := newConsole(t)
		j := con.guard(mode, "-drop", "echo", "has", "run")
		if left := j.remote.next("left"); left != "[]" {
			t.Errorf("%s: left are %s", mode, left)
		}
		if code := j.code(); code != 0 {
			t.Errorf("%s: code = %d", mode, code)
		}
		if got := con.all(); got != "" {
			t.Errorf("%s: it said %q", mode, got)
		}
	}
}

func TestAPreparedCommandIsGoneWhenGuardIs(t *testing.T) {
	for _, mode := range hooked {
		con := newConsole(t)
		j := con.guard(mode, "-first=run it?", "echo", "has", "run")
		con.expect("run it?")
		left := offspringOf(j.Process.Pid)
		if len(left) != 2 {
			t.Fatalf("below guard are %v, want the monitor and what becomes the command", left)
		}
		if err := j.Process.Kill(); err != nil {
			t.Fatal(err)
		}
		for _, pid := range left {
			waitGone(t, pid)
		}
	}
}

func offspringOf(pid int) (found []int) {
	for _, child := range children(pid) {
		found = append(append(found, child), offspringOf(child)...)
	}
	return found
}

// A ^Z that meets what is only prepared stops it with guard, as part of the job; it
// does not stop the command once that may run.
func TestAStopBeforeTheCommandRunsIsNotTheCommands(t *testing.T) {
	for _, mode := range hooked {
		con := newConsole(t)
		j := con.guard(mode, "-first=run it?", "sh", "-c", "echo has run; exit 3")
		con.expect("run it?")
		below := offspringOf(j.Process.Pid)
		entrant := below[len(below)-1]
		if err := unix.Kill(entrant, unix.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		awaitStop(t, entrant)
		con.expect("[a]pprove")
		con.send("a")
		con.expect("has run")
		if code := j.code(); code != 3 {
			t.Errorf("code = %d, want 3", code)
		}
	}
}

func TestALineOfTheEnvironmentIsReplaced(t *testing.T) {
	got := with([]string{"A=1", "B=2", "A=3", "AB=4"}, "A=5\x00C=6")
	if want := []string{"B=2", "AB=4", "A=5", "C=6"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}

func TestAMonitorThatWasStoppedDoesNotKeepTheContextFromEndingEverything(t *testing.T) {
	for _, mode := range hooked {
		con := newConsole(t)
		j := con.guard(mode, "sh", "-c", "echo up; read x")
		con.expect("up")
		pid, _ := strconv.Atoi(j.remote.next("started"))
		p, _ := look(pid)
		if err := unix.Kill(p.parent, unix.SIGSTOP); err != nil {
			t.Fatal(err)
		}
		j.remote.say("end")
		if code := j.code(); code != 125 {
			t.Errorf("%s: code = %d, want 125", mode, code)
		}
		waitGone(t, pid)
	}
}

func TestAJobThatAShellLeavesStoppedIsHungUp(t *testing.T) {
	for _, argv := range [][]string{
		{"bash", "--norc", "--noprofile", "-i"},
		{"bash", "-c", "bash --norc --noprofile -i; read x"}, // here the command goes on
	} {
		for _, mode := range onPTY {
			t.Run(argv[1]+mode, func(t *testing.T) {
				con := newConsole(t)
				j := con.guard(append([]string{mode}, argv...)...)
				con.send("PS1='ready''> '\r")
				con.expect("ready> ")
				con.send("sh -c 'echo u''p $$; read x'\r")
				con.expect("up ")
				pid := con.number()
				con.send("\x1a")
				con.expect("Stopped")
				con.expect("ready> ")
				con.send("exit\r")
				con.expect("stopped jobs")
				con.expect("ready> ")
				con.send("exit\r")
				waitGone(t, pid)
				con.send("\r")
				j.code()
			})
		}
	}
}

// A signal that a thread of the Go runtime is about to act on is lost with that
// thread when another executes the command.
func TestWhatBecomesTheCommandCatchesNoSignal(t *testing.T) {
	for _, mode := range hooked {
		con := newConsole(t)
		j := con.guard(mode, "-first=run it?", "echo", "has", "run")
		con.expect("run it?")
		below := offspringOf(j.Process.Pid)
		// The runtime keeps the one it needs among its threads.
		caught := signals(fmt.Sprintf("/proc/%d/status", below[len(below)-1]), "SigCgt") &^ bit(33)
		if caught != 0 {
			t.Errorf("%s: it catches signals %#x", mode, caught)
		}
		con.expect("[a]pprove")
		con.send("d")
		j.code()
	}
}

func TestWhatWasKilledAndHasYetToEndIsNotLeftBehind(t *testing.T) {
	cmd := exec.Command("sleep", "1000")
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	pid := cmd.Process.Pid
	if dying(pid) {
		t.Error("a process that sleeps is taken for dying")
	}
	if err := cmd.Process.Kill(); err != nil {
		t.Fatal(err)
	}
	defer func() { _ = cmd.Wait() }()
	// Between taking the signal and beginning to exit it shows neither.
	for end := time.Now().Add(patience); !dying(pid); {
		if time.Now().After(end) {
			t.Fatal("a process that was killed is not taken for dying")
		}
	}
}
