package spawn

import (
	"encoding/json"
	"fmt"
	"os"
	"os/signal"
	"strconv"
	"syscall"
	"time"

	"golang.org/x/sys/unix"
)

// Descriptors of the process that runs a program elsewhere.
const (
	endFD = iota + 3
	processFD
	programFD
	reportFD
)

// usual is the timer slack that Linux begins with.
const usual = 50_000 // ns

// Shares says whether process pid has the session and the terminal of this one.
func Shares(pid int) bool {
	it, ok := look(pid)
	self, ok2 := look(os.Getpid())
	return ok && ok2 && it.session == self.session && it.tty == self.tty && it.tty != 0
}

// Start has another process of this executable run the program, and returns when
// it runs, or with why it does not.
func (e Elsewhere) Start() (*Running, error) {
	pipe, theirs, err := os.Pipe()
	if err != nil {
		return nil, err
	}
	defer theirs.Close()
	files := []uintptr{closed, closed, closed, e.End.Fd(), e.Process.Fd(), e.Program.Fd(), theirs.Fd()}
	for i, f := range e.Files {
		if f != nil {
			files[i] = f.Fd()
		}
	}
	args := append([]string{os.Args[0], ElsewhereArg, strconv.Itoa(e.Stead)}, e.Argv...)
	_, err = forkExec(usual, "/proc/self/exe", args, &syscall.ProcAttr{
		Dir: fmt.Sprintf("/proc/self/fd/%d", e.Cwd.Fd()), Env: e.Env, Files: files,
		Sys: &syscall.SysProcAttr{Setpgid: true}, // out of the reach of ^C, which is for the program
	})
	if err != nil {
		pipe.Close()
		return nil, fmt.Errorf("start the process that runs it: %w", err)
	}
	r := &Running{reports: json.NewDecoder(pipe), pipe: pipe}
	var began beginning
	if err = r.reports.Decode(&began); err == nil && began.Errno != 0 {
		err = began.Errno
	}
	if err != nil {
		pipe.Close()
		return nil, err
	}
	r.PID = began.PID
	return r, nil
}

// closed is a descriptor that a child does not get. The Go runtime opens the first
// three in a child that lacks them, as /dev/null.
const closed = ^uintptr(0)

// InStead is what this executable does when its first argument is ElsewhereArg; args
// are those after it.
func InStead(args []string, endWith func(status, signal int) []byte) int {
	if len(args) < 2 {
		fmt.Fprintln(os.Stderr, "guard: "+ElsewhereArg+" is for guard's own use")
		return 2
	}
	for fd := endFD; fd <= reportFD; fd++ {
		unix.CloseOnExec(fd)
	}
	stead, err := strconv.Atoi(args[0])
	if err != nil || closeToTracers() != nil {
		return 2
	}
	s := &substitute{stead: stead, reports: json.NewEncoder(os.NewFile(reportFD, "report"))}
	term := make(chan os.Signal, 1)
	signal.Notify(term, unix.SIGTERM, unix.SIGHUP)
	if err := s.start(args[1:]); err != nil {
		_ = s.reports.Encode(beginning{Errno: errnoOf(err)})
		return 1
	}
	_ = s.reports.Encode(beginning{PID: s.pid}) // if nobody hears it, there is still the program to wait for
	begin := time.Now()
	go func() { <-term; s.stop() }()
	go func() { untilReadable(processFD); s.stop() }()
	status := s.await()
	e := Ending{Took: time.Since(begin), Beyond: s.beyond.Load(), Status: status.ExitStatus()}
	sig := 0
	if status.Signaled() {
		sig = int(status.Signal())
		e.Status, e.Signal = 128+sig, unix.SignalName(status.Signal())
	}
	_ = s.reports.Encode(e)
	_, _ = unix.Write(endFD, endWith(e.Status, sig))
	return 0
}
