package spawn

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// patience is only an upper bound: every wait ends when what it waits for happens.
const patience = 5 * time.Minute

func TestMain(m *testing.M) {
	if len(os.Args) > 1 && os.Args[1] == MonitorArg {
		os.Exit(Monitor(os.Args[2:], testHook))
	}
	if len(os.Args) > 1 && os.Args[1] == "__guard" {
		os.Exit(littleGuard(os.Args[2:]))
	}
	// Under nohup every command here would ignore the hang-ups it is sent, in the
	// background of a script its ^C; a signal that is caught is a default one there.
	for _, sig := range []os.Signal{unix.SIGHUP, unix.SIGINT} {
		if signal.Ignored(sig) {
			signal.Notify(make(chan os.Signal, 1), sig)
		}
	}
	// The first process of a container may collect nobody.
	_ = unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
	os.Setenv("LC_ALL", "C")  // bash complains about a locale that is not installed
	os.Setenv("HISTFILE", "") // or the shells write into that of whoever runs the tests
	// A process of the race detector sleeps for a second before it ends, and the
	// tests start hundreds of this one.
	os.Setenv("GORACE", strings.TrimSpace(os.Getenv("GORACE")+" atexit_sleep_ms=0"))
	os.Exit(m.Run())
}

// littleGuard uses this package as cmd/guard does, told what to do over a socket:
// "ask ID text" and "cancel", "say text", "end" (of the context).
func littleGuard(args []string) int {
	flags := flag.NewFlagSet("guard", flag.ExitOnError)
	mode := flags.String("mode", "pty", "pty or inherit, with hooked- before it or not")
	arg := flags.String("hook", "", "argument of the hook")
	order := flags.Int("order", 0, "length of the hook's order")
	drop := flags.Bool("drop", false, "prepare only")
	socket := flags.String("socket", "", "")
	grace := flags.Duration("grace", 200*time.Millisecond, "")
	first := flags.String("first", "", "question before the command runs")
	_ = flags.Parse(args)
	ctx, end := context.WithCancel(context.Background())
	defer end()
	c := Command{Argv: flags.Args(), Env: os.Environ(), Grace: *grace}
	terminal, hooked := strings.CutPrefix(*mode, "hooked-")
	if c.Hook, c.HookArg = hooked, *arg; terminal == "inherit" {
		c.TTY = Inherit
	}
	c.Terminal, _ = OpenTerminal()
	var remote net.Conn
	var asks sync.WaitGroup
	if *socket != "" {
		remote, _ = net.Dial("unix", *socket)
		c.OnStart = func(pid int) { fmt.Fprintln(remote, "started", pid) }
		go littleOrders(ctx, end, remote, c.Terminal, &asks)
	}
	path, err := exec.LookPath(c.Argv[0])
	if err != nil {
		path = c.Argv[0]
	}
	c.Path = path
	p, err := Prepare(ctx, c)
	if err != nil {
		return littleFailure(err)
	}
	defer p.Close()
	if *drop {
		p.Close()
		fmt.Fprintln(remote, "left", below())
		return 0
	}
	if *first != "" {
		choice, err := c.Terminal.Ask(ctx, Prompt{ID: "hold_1", Text: []string{*first}})
		if remote != nil {
			fmt.Fprintln(remote, "answer", choice, err)
		}
		if choice != Approve {
			return 126
		}
	}
	status, err := p.Run(ctx, make([]byte, *order))
	if err != nil {
		return littleFailure(err)
	}
	asks.Wait() // the end of the command has ended them
	if remote != nil && status.Kept {
		fmt.Fprintln(remote, "kept", p.Monitor())
	}
	if remote != nil {
		fmt.Fprintln(remote, "status", status.Code, status.Signal)
	}
	return status.Code
}

func littleFailure(err error) int {
	fmt.Fprintf(os.Stderr, "guard: %v\n", err)
	switch {
	case errors.Is(err, os.ErrNotExist):
		return 127
	case errors.Is(err, unix.EPERM):
		return 126
	case errors.Is(err, ErrHook):
		return 124
	}
	return 125
}

func littleOrders(ctx context.Context, end func(), remote net.Conn, t *Terminal, asks *sync.WaitGroup) {
	cancel := func() {}
	defer func() { cancel() }()
	for in := bufio.NewScanner(remote); in.Scan(); {
		verb, rest, _ := strings.Cut(in.Text(), " ")
		switch verb {
		case "ask":
			asking, stop := context.WithCancel(ctx)
			cancel = stop
			id, text, _ := strings.Cut(rest, " ")
			asks.Go(func() {
				choice, err := t.Ask(asking, Prompt{ID: id, Text: []string{text}, More: []string{"more about " + id}})
				fmt.Fprintln(remote, "answer", choice, err)
			})
		case "cancel":
			cancel()
		case "say":
			t.Say(rest)
		case "end":
			end()
		}
	}
}

// console is a terminal with somebody before it.
type console struct {
	t      *testing.T
	master *os.File
	slave  *os.File // keeps the terminal, and shows its modes

	mu      sync.Mutex
	out     []byte        // guarded by mu
	read    int           // bytes of out that have been expected; guarded by mu
	changed chan struct{} // receives after each change
}

func newConsole(t *testing.T) *console {
	t.Helper()
	master, slave, err := pty.Open()
	if err != nil {
		t.Fatal(err)
	}
	c := &console{t: t, master: interruptible(t, master), slave: slave, changed: make(chan struct{}, 1)}
	gone := make(chan struct{})
	go func() {
		defer close(gone)
		buf := make([]byte, 64<<10)
		for {
			n, err := c.master.Read(buf)
			c.mu.Lock()
			c.out = append(c.out, buf[:n]...)
			c.mu.Unlock()
			select {
			case c.changed <- struct{}{}:
			default:
			}
			if err != nil {
				return
			}
		}
	}()
	t.Cleanup(func() { slave.Close(); c.master.Close(); <-gone })
	return c
}

// interruptible returns f again, as a file whose Close ends a Read.
func interruptible(t *testing.T, f *os.File) *os.File {
	t.Helper()
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	if err := unix.SetNonblock(fd, true); err != nil {
		t.Fatal(err)
	}
	return os.NewFile(uintptr(fd), f.Name())
}

// await waits until ok says yes to what has not been expected yet; ok returns how
// many bytes of it are done with, -1 for "not yet".
func (c *console) await(what string, ok func([]byte) int) {
	c.t.Helper()
	deadline := time.After(patience)
	for {
		c.mu.Lock()
		n := ok(c.out[c.read:])
		if n >= 0 {
			c.read += n
		}
		rest := string(c.out[c.read:])
		c.mu.Unlock()
		if n >= 0 {
			return
		}
		select {
		case <-c.changed:
		case <-deadline:
			c.t.Fatalf("waited in vain for %s; got since then %q", what, rest)
		}
	}
}

func (c *console) expect(s string) {
	c.t.Helper()
	c.await(fmt.Sprintf("%q", s), func(b []byte) int {
		if i := bytes.Index(b, []byte(s)); i >= 0 {
			return i + len(s)
		}
		return -1
	})
}

// all is everything that was shown.
func (c *console) all() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.out)
}

func (c *console) send(s string) {
	c.t.Helper()
	if _, err := c.master.WriteString(s); err != nil {
		c.t.Fatal(err)
	}
}

func (c *console) modes() unix.Termios {
	c.t.Helper()
	m, err := unix.IoctlGetTermios(int(c.slave.Fd()), unix.TCGETS)
	if err != nil {
		c.t.Fatal(err)
	}
	return *m
}

func (c *console) setModes(change func(*unix.Termios)) {
	c.t.Helper()
	m := c.modes()
	change(&m)
	if err := unix.IoctlSetTermios(int(c.slave.Fd()), unix.TCSETS, &m); err != nil {
		c.t.Fatal(err)
	}
}

func rawModes(m *unix.Termios) {
	m.Iflag, m.Oflag, m.Lflag = 0, 0, 0
}

// strangeGroup is for root, whose files in /proc look the same whether or not its
// process can be traced: a group of its own makes the difference.
func strangeGroup() *syscall.Credential {
	if os.Getuid() != 0 {
		return nil
	}
	return &syscall.Credential{Gid: 54321}
}

// job is a process whose controlling terminal is the console.
type job struct {
	*exec.Cmd
	t      *testing.T
	ended  chan error
	remote *remote
}

// remote is the other end of littleGuard's socket.
type remote struct {
	t     *testing.T
	conn  net.Conn
	lines chan string
}

// guard starts littleGuard on the console.
func (c *console) guard(args ...string) *job {
	c.t.Helper()
	socket, r := listen(c.t)
	j := c.start(os.Args[0], append([]string{"__guard", "-socket", socket}, args...)...)
	j.remote = r()
	return j
}

func (c *console) start(name string, args ...string) *job {
	c.t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.slave, c.slave, c.slave
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Credential: strangeGroup()}
	return run(c.t, cmd)
}

func run(t *testing.T, cmd *exec.Cmd) *job {
	t.Helper()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	j := &job{Cmd: cmd, t: t, ended: make(chan error, 1)}
	go func() { j.ended <- cmd.Wait() }()
	t.Cleanup(func() { cmd.Process.Kill() })
	return j
}

// code waits for the job's exit status.
func (j *job) code() int {
	j.t.Helper()
	select {
	case <-j.ended:
		return j.ProcessState.ExitCode()
	case <-time.After(patience):
		j.t.Fatal("the job does not end")
		return -1
	}
}

func listen(t *testing.T) (string, func() *remote) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	return path, func() *remote {
		t.Helper()
		l.(*net.UnixListener).SetDeadline(time.Now().Add(patience))
		conn, err := l.Accept()
		if err != nil {
			t.Fatal(err)
		}
		r := &remote{t: t, conn: conn, lines: make(chan string, 100)}
		go func() {
			for in := bufio.NewScanner(conn); in.Scan(); {
				r.lines <- in.Text()
			}
			close(r.lines)
		}()
		t.Cleanup(func() { conn.Close() })
		return r
	}
}

func (r *remote) say(line string) {
	r.t.Helper()
	if _, err := io.WriteString(r.conn, line+"\n"); err != nil {
		r.t.Fatal(err)
	}
}

// next returns the rest of the next line, which has to start with word.
func (r *remote) next(word string) string {
	r.t.Helper()
	select {
	case line, ok := <-r.lines:
		rest, found := strings.CutPrefix(line, word+" ")
		if !ok || !found {
			r.t.Fatalf("littleGuard said %q, want %q", line, word)
		}
		return rest
	case <-time.After(patience):
		r.t.Fatalf("littleGuard does not say %q", word)
		return ""
	}
}
