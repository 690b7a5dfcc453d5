package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"regexp"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/rogpeppe/go-internal/testscript"
	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
)

// background is what a script has started beside itself.
type background struct {
	environ []string // as the script began
	started map[string]*started
}

type started struct {
	cmd            *exec.Cmd
	stdout, stderr string // files
	over           chan struct{}
	err            error // set before over is closed
}

type backgroundKey struct{}

func inBackground(ts *testscript.TestScript) *background {
	return ts.Value(backgroundKey{}).(*background)
}

// start runs a command in the background, in a process group of its own. What
// it says grows in $WORK/NAME.out and $WORK/NAME.err: start asker guard -- ls
func start(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) < 2 {
		ts.Fatalf("usage: start NAME COMMAND [ARG...]")
	}
	b, name := inBackground(ts), args[0]
	s := &started{stdout: ts.MkAbs(ts.Getenv("WORK") + "/" + name + ".out"), stderr: ts.MkAbs(ts.Getenv("WORK") + "/" + name + ".err"), over: make(chan struct{})}
	stdout, err := os.Create(s.stdout)
	ts.Check(err)
	defer stdout.Close()
	stderr, err := os.Create(s.stderr)
	ts.Check(err)
	defer stderr.Close()
	s.cmd = exec.Command("env", args[1:]...) // env finds the program in the script's PATH, and becomes it
	s.cmd.Dir, s.cmd.Env, s.cmd.Stdout, s.cmd.Stderr = ts.MkAbs("."), b.env(ts), stdout, stderr
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	ts.Check(s.cmd.Start())
	b.started[name] = s
	ts.Setenv(name, strconv.Itoa(s.cmd.Process.Pid))
	go func() {
		s.err = s.cmd.Wait()
		close(s.over)
	}()
	ts.Defer(func() {
		_ = unix.Kill(-s.cmd.Process.Pid, unix.SIGKILL)
		<-s.over
	})
}

// env is the script's environment as it is now.
func (b *background) env(ts *testscript.TestScript) []string {
	env := make([]string, len(b.environ))
	for i, kv := range b.environ {
		name, _, _ := strings.Cut(kv, "=")
		env[i] = name + "=" + ts.Getenv(name)
	}
	return env
}

// signal sends a signal to what start has started, and to nothing below it:
// signal KILL asker
func signal(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: signal SIGNAL NAME")
	}
	number := unix.SignalNum("SIG" + args[0])
	s := inBackground(ts).started[args[1]]
	if number == 0 || s == nil {
		ts.Fatalf("no signal %s or nothing started as %s", args[0], args[1])
	}
	ts.Check(s.cmd.Process.Signal(number))
}

// ends waits for the end of what start has started, wants one exit status (128
// plus its number for a signal), and lets stdout and stderr look at what it
// said: ends asker 126
func ends(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: ends NAME STATUS")
	}
	s := inBackground(ts).started[args[0]]
	if s == nil {
		ts.Fatalf("nothing started as %s", args[0])
	}
	want, err := strconv.Atoi(args[1])
	ts.Check(err)
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-s.over:
	case <-late.C:
		show(ts, s)
		ts.Fatalf("%s has not ended", args[0])
	}
	show(ts, s)
	if got := statusOf(s.err); got != want {
		ts.Fatalf("exit status %d, want %d", got, want)
	}
}

func show(ts *testscript.TestScript, s *started) {
	_, err1 := ts.Stdout().Write([]byte(ts.ReadFile(s.stdout)))
	_, err2 := ts.Stderr().Write([]byte(ts.ReadFile(s.stderr)))
	ts.Check(errors.Join(err1, err2))
}

// statusOf is an exit status as a shell counts it.
func statusOf(err error) int {
	var exit *exec.ExitError
	if !errors.As(err, &exit) {
		return 0
	}
	if w, ok := exit.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return 128 + int(w.Signal())
	}
	return exit.ExitCode()
}

// held waits until a command that matches is held, and puts the id of its hold
// into a variable: held ID 'git push'
func held(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: held VARIABLE REGEXP")
	}
	want, err := regexp.Compile(args[1])
	ts.Check(err)
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		cmd := exec.Command("env", "guard", "inbox", "--json")
		cmd.Dir, cmd.Env = ts.MkAbs("."), inBackground(ts).env(ts)
		out, err := cmd.Output()
		ts.Check(err)
		for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
			var h proxy.HoldState
			ts.Check(dec.Decode(&h))
			if want.MatchString(h.Display) {
				ts.Setenv(args[0], h.ID)
				return
			}
		}
	}
	for name, s := range inBackground(ts).started {
		ts.Logf("%s said: %s", name, ts.ReadFile(s.stderr))
	}
	ts.Fatalf("no command that matches %s is held", args[1])
}

// daemon puts the process id of the guardd that runs into a variable: daemon PID
func daemon(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: daemon VARIABLE")
	}
	cmd := exec.Command("env", "guard", "daemon", "status", "--json")
	cmd.Dir, cmd.Env = ts.MkAbs("."), inBackground(ts).env(ts)
	out, err := cmd.Output()
	ts.Check(err)
	var status proxy.Status
	ts.Check(json.Unmarshal(out, &status))
	ts.Setenv(args[0], strconv.Itoa(status.PID))
}
