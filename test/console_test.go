package test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
)

// desk is where a person works: a home, a state folder, a project, and programs
// that only leave a trace.
type desk struct {
	t    *testing.T
	dir  string
	env  []string
	cred *syscall.Credential // nil: whoever runs the test
	as   []string            // words that root says before a command to have it run as cred; nil: none are needed
}

// stranger is an ordinary user that owns nothing on any machine.
const stranger = 54321

// forEveryone runs a test as root and as an ordinary user, where it can be both.
func forEveryone(t *testing.T, test func(t *testing.T, d *desk)) {
	t.Helper()
	t.Parallel()
	if os.Geteuid() == 0 {
		t.Run("as root", func(t *testing.T) { t.Parallel(); test(t, newDesk(t, nil)) })
	}
	t.Run("as an ordinary user", func(t *testing.T) { t.Parallel(); test(t, ordinaryDesk(t)) })
}

// ordinaryDesk is the desk of an ordinary user.
func ordinaryDesk(t *testing.T) *desk {
	t.Helper()
	if os.Geteuid() != 0 {
		return newDesk(t, nil)
	}
	return newDesk(t, &syscall.Credential{Uid: stranger, Gid: stranger})
}

// newDesk also sees to it that in the end every receipt is in order.
func newDesk(t *testing.T, cred *syscall.Credential) *desk {
	t.Helper()
	dir, err := os.MkdirTemp("", "desk-") // t.TempDir is closed to other users
	if err != nil {
		t.Fatal(err)
	}
	d := &desk{t: t, dir: dir, cred: cred}
	t.Cleanup(func() { os.RemoveAll(dir) })
	for _, sub := range []string{"", "home", "app", "app/.git", "shims", "ran"} {
		must(t, os.MkdirAll(d.path(sub), 0o755))
		d.own(sub)
	}
	must(t, os.Chmod(bin, 0o755))
	d.env = append(os.Environ(),
		"HOME="+d.path("home"), "XDG_CONFIG_HOME="+d.path("home/.config"), "XDG_STATE_HOME=", "GUARD_HOME="+d.path("state"), "GUARD_SESSION=",
		"SHELL=/bin/bash", "TERM=xterm", "PATH="+d.path("shims")+":"+bin+":"+os.Getenv("PATH"))
	d.program("git", `echo "git ran: $*"; echo "$*" >>`+d.path("ran/git"))
	t.Cleanup(func() {
		if out, code := d.guard("verify"); code != 0 {
			t.Errorf("guard verify: %d\n%s", code, out)
		}
		if out, code := d.guard("daemon", "stop"); code != 0 {
			t.Errorf("guard daemon stop: %d\n%s", code, out)
		}
	})
	return d
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func (d *desk) path(name string) string { return filepath.Join(d.dir, name) }

func (d *desk) own(name string) {
	d.t.Helper()
	if d.cred != nil {
		must(d.t, os.Chown(d.path(name), int(d.cred.Uid), int(d.cred.Gid)))
	}
}

// program puts a shell script into PATH.
func (d *desk) program(name, script string) {
	d.t.Helper()
	must(d.t, writeProgram(d.path("shims/"+name), []byte("#!/bin/bash\n"+script+"\n")))
}

// ran is what the program's trace says: its arguments, a line for each time.
func (d *desk) ran(name string) string {
	d.t.Helper()
	trace, err := os.ReadFile(d.path("ran/" + name))
	if err != nil && !errors.Is(err, os.ErrNotExist) {
		d.t.Fatal(err)
	}
	return string(trace)
}

// policy drops a file into the project's policy folder.
func (d *desk) policy(name, text string) {
	d.t.Helper()
	for _, dir := range []string{"app/.guard", "app/.guard/policy"} {
		must(d.t, os.MkdirAll(d.path(dir), 0o755))
		d.own(dir)
	}
	must(d.t, os.WriteFile(d.path("app/.guard/policy/"+name), []byte(text), 0o644))
	d.own("app/.guard/policy/" + name)
}

// pipe makes a named pipe, by which something inside a session can be told, or
// tell, that it is time.
type pipe struct {
	t *testing.T
	*os.File
}

func (d *desk) pipe(name string) *pipe {
	d.t.Helper()
	must(d.t, unix.Mkfifo(d.path(name), 0o600))
	d.own(name)
	f, err := os.OpenFile(d.path(name), os.O_RDWR|unix.O_NONBLOCK, 0)
	must(d.t, err)
	d.t.Cleanup(func() { f.Close() })
	return &pipe{d.t, f}
}

func (p *pipe) tell(line string) {
	p.t.Helper()
	_, err := p.WriteString(line + "\n")
	must(p.t, err)
}

// told waits until the whole of want has come, and returns what has.
func (p *pipe) told(want string) string {
	p.t.Helper()
	must(p.t, p.SetReadDeadline(time.Now().Add(patience)))
	var got []byte
	for buf := make([]byte, 4096); !strings.Contains(string(got), want); {
		n, err := p.Read(buf)
		got = append(got, buf[:n]...)
		if err != nil {
			p.t.Fatalf("waited in vain for %q; got %q: %v", want, got, err)
		}
	}
	return string(got)
}

// command finds the program in the desk's PATH; env becomes it.
func (d *desk) command(words ...string) *exec.Cmd {
	words = slices.Concat(d.as, []string{"env"}, words)
	cmd := exec.Command(words[0], words[1:]...)
	cmd.Dir, cmd.Env = d.path("app"), d.env
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if d.as == nil {
		cmd.SysProcAttr.Credential = d.cred
	}
	return cmd
}

// guard runs guard without any terminal.
func (d *desk) guard(args ...string) (string, int) {
	d.t.Helper()
	cmd := d.command(append([]string{"guard"}, args...)...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		d.t.Fatal(err)
	}
	return string(out), statusOf(err)
}

// says runs guard without any terminal and wants an exit status and a text.
func (d *desk) says(code int, text string, args ...string) string {
	d.t.Helper()
	out, got := d.guard(args...)
	if got != code || !strings.Contains(out, text) {
		d.t.Errorf("guard %s: status %d, want %d, and want %q in\n%s", strings.Join(args, " "), got, code, text, out)
	}
	return out
}

func (d *desk) status() proxy.Status {
	d.t.Helper()
	out, code := d.guard("daemon", "status", "--json")
	if code != 0 {
		d.t.Fatalf("guard daemon status: %d\n%s", code, out)
	}
	var s proxy.Status
	must(d.t, json.Unmarshal([]byte(out), &s))
	return s
}

// console is a terminal and the person before it.
type console struct {
	t      *testing.T
	master *os.File
	slave  *os.File // keeps the terminal, and shows its modes
	cmd    *exec.Cmd
	before unix.Termios
	ended  chan struct{}

	mu      sync.Mutex
	out     []byte        // guarded by mu
	read    int           // bytes of out that have been expected; guarded by mu
	changed chan struct{} // receives after each change
}

// console runs a program on a new terminal.
func (d *desk) console(words ...string) *console {
	d.t.Helper()
	master, slave, err := pty.Open()
	must(d.t, err)
	c := &console{t: d.t, master: closable(d.t, master), slave: slave, ended: make(chan struct{}), changed: make(chan struct{}, 1)}
	if d.cred != nil {
		must(d.t, slave.Chown(int(d.cred.Uid), int(d.cred.Gid)))
	}
	c.resize(40, 100)
	c.before = c.modes()
	drained := make(chan struct{})
	go func() { defer close(drained); c.listen() }()
	c.cmd = d.command(words...)
	c.cmd.Stdin, c.cmd.Stdout, c.cmd.Stderr = slave, slave, slave
	c.cmd.SysProcAttr.Setctty = true
	must(d.t, c.cmd.Start())
	go func() { _ = c.cmd.Wait(); close(c.ended) }()
	d.t.Cleanup(func() {
		c.cmd.Process.Kill()
		<-c.ended
		c.hangUp()
		<-drained
	})
	return c
}

// closable returns f again, as a file whose Close ends a Read.
func closable(t *testing.T, f *os.File) *os.File {
	t.Helper()
	defer f.Close()
	fd, err := unix.FcntlInt(f.Fd(), unix.F_DUPFD_CLOEXEC, 0)
	must(t, err)
	must(t, unix.SetNonblock(fd, true))
	return os.NewFile(uintptr(fd), f.Name())
}

// shell is a console with an interactive shell, which job control needs.
func (d *desk) shell() *console {
	d.t.Helper()
	c := d.console("bash", "--norc", "--noprofile", "-i")
	c.send("PS1='ready''> '\r")
	c.expect("ready> ")
	return c
}

func (c *console) listen() {
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
}

// hangUp takes the terminal away.
func (c *console) hangUp() {
	c.slave.Close()
	c.master.Close()
}

func (c *console) send(keys string) {
	c.t.Helper()
	_, err := c.master.WriteString(keys)
	must(c.t, err)
}

func (c *console) resize(rows, cols uint16) {
	c.t.Helper()
	must(c.t, pty.Setsize(c.slave, &pty.Winsize{Rows: rows, Cols: cols}))
}

// expect waits until the terminal shows what matches, after what has been
// expected so far, and returns the submatches.
func (c *console) expect(pattern string) []string {
	c.t.Helper()
	want := regexp.MustCompile(pattern)
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	for {
		c.mu.Lock()
		rest := c.out[c.read:]
		if at := want.FindSubmatchIndex(rest); at != nil {
			var found []string
			for i := 0; i < len(at); i += 2 {
				found = append(found, string(rest[at[i]:at[i+1]]))
			}
			c.read += at[1]
			c.mu.Unlock()
			return found
		}
		c.mu.Unlock()
		select {
		case <-c.changed:
		case <-deadline.C:
			c.t.Fatalf("waited in vain for %q; the terminal shows since then\n%q", pattern, rest)
		}
	}
}

// question waits until guard has asked and named the keys, and returns the id
// that can be typed elsewhere.
func (c *console) question(tier, command string) string {
	c.t.Helper()
	c.expect("guard: held " + tier + ": (?:/bin/bash -c ')?" + regexp.QuoteMeta(command) + "'?\r\n") // bash: what guard sh becomes
	id := c.expect(`guard: until [0-9:]{8}, then it .*; from elsewhere: guard approve ([0-9a-f]{6})`)[1]
	c.expect(`guard: \[a\]pprove  \[d\]eny  \[\?\]  `)
	return id
}

// all is everything that was shown.
func (c *console) all() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	return string(c.out)
}

// never wants that something was not shown at any time.
func (c *console) never(text string) {
	c.t.Helper()
	if bytes.Contains([]byte(c.all()), []byte(text)) {
		c.t.Errorf("the terminal has shown %q:\n%q", text, c.all())
	}
}

func (c *console) modes() unix.Termios {
	c.t.Helper()
	m, err := unix.IoctlGetTermios(int(c.slave.Fd()), unix.TCGETS)
	must(c.t, err)
	return *m
}

// ends waits for the end of the program, and wants an exit status and the
// terminal as it was.
func (c *console) ends(code int) {
	c.t.Helper()
	deadline := time.NewTimer(patience)
	defer deadline.Stop()
	select {
	case <-c.ended:
	case <-deadline.C:
		c.t.Fatalf("it does not end; the terminal shows\n%q", c.all())
	}
	got := c.cmd.ProcessState.ExitCode()
	if w := c.cmd.ProcessState.Sys().(syscall.WaitStatus); w.Signaled() {
		got = 128 + int(w.Signal())
	}
	if got != code {
		c.t.Errorf("exit status %d, want %d; the terminal shows\n%q", got, code, c.all())
	}
	if after := c.modes(); after != c.before {
		c.t.Errorf("the terminal's modes are\n%+v, were\n%+v", after, c.before)
	}
}

// shows types a line into a shell and waits for what it prints. The line must not
// contain what is waited for, because the terminal echoes it.
func (c *console) shows(line, pattern string) []string {
	c.t.Helper()
	c.send(line + "\r")
	found := c.expect(pattern)
	c.expect("ready> ")
	return found
}
