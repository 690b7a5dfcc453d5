package test

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	ossignal "os/signal" // signal is one of the scripts' commands
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// standIn is sudo as far as guard is concerned: a program of root's that runs its
// words as root, for everybody who asks, and passes on signals and the exit status.
func standIn() int {
	args := os.Args[1:]
	for len(args) > 0 && args[0] == "-n" {
		args = args[1:]
	}
	if len(args) == 0 || os.Geteuid() != 0 {
		fmt.Fprintln(os.Stderr, "sudo: effective uid is not 0")
		return 1
	}
	sent := make(chan os.Signal, 8)
	ossignal.Notify(sent, unix.SIGTERM, unix.SIGINT)
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Stdin, cmd.Stdout, cmd.Stderr = os.Stdin, os.Stdout, os.Stderr
	cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{}}
	if err := cmd.Start(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	go func() {
		for s := range sent {
			if s == unix.SIGTERM {
				_ = cmd.Process.Signal(s)
			}
		}
	}()
	var exit *exec.ExitError
	if err := cmd.Wait(); err != nil && !errors.As(err, &exit) {
		return 1
	}
	if w := cmd.ProcessState.Sys().(syscall.WaitStatus); w.Signaled() {
		ossignal.Reset(w.Signal())
		_ = syscall.Kill(os.Getpid(), w.Signal())
		select {}
	}
	return cmd.ProcessState.ExitCode()
}

// sudoDesk is an ordinary user's desk with a sudo that asks for no password, and
// with a guard.json.
func sudoDesk(t *testing.T, config string) *desk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can make a sudo to try")
	}
	d := ordinaryDesk(t)
	system, err := os.MkdirTemp("", "system-") // root's, as /usr/bin is
	must(t, err)
	t.Cleanup(func() { os.RemoveAll(system) })
	must(t, os.Chmod(system, 0o755))
	copyProgram(t, filepath.Join(system, "sudo"))
	d.env = append(d.env, "PATH="+system+":"+d.path("shims")+":"+bin+":"+os.Getenv("PATH"), "SYSTEM="+system)
	for _, dir := range []string{"home/.config", "home/.config/guard", "home/.config/guard/policy"} {
		must(t, os.MkdirAll(d.path(dir), 0o755))
		d.own(dir)
	}
	must(t, os.WriteFile(d.path("home/.config/guard/policy/guard.json"), []byte(config), 0o644))
	d.own("home/.config/guard/policy/guard.json")
	return d
}

// copyProgram makes a set-user-id copy of this program.
func copyProgram(t *testing.T, name string) {
	t.Helper()
	self, err := os.Open("/proc/self/exe")
	must(t, err)
	defer self.Close()
	program, err := io.ReadAll(self)
	must(t, err)
	must(t, writeProgram(name, program))
	must(t, os.Chmod(name, 0o755|os.ModeSetuid))
	var fs unix.Statfs_t
	must(t, unix.Statfs(name, &fs))
	if fs.Flags&unix.ST_NOSUID != 0 {
		t.Skip("the temporary folder gives programs no rights (nosuid)")
	}
}

// sudo is the file that the desk's sudo is.
func (d *desk) sudo() string {
	for _, v := range slices.Backward(d.env) {
		if system, ok := strings.CutPrefix(v, "SYSTEM="); ok {
			return system + "/sudo"
		}
	}
	return ""
}

const sudoHeld = `{"sudo": "hold"}`

// holdsSudo waits for the question about a command that sudo will run.
func (c *console) holdsSudo(command string) string {
	c.t.Helper()
	c.expect("guard: held (?:HIGH|CRITICAL): " + command + "\r\n")
	c.expect("runs outside of the session, and what it starts is not judged")
	id := c.expect(`from elsewhere: guard approve ([0-9a-f]{6})`)[1]
	c.expect(`guard: \[a\]pprove  \[d\]eny  \[\?\]  `)
	return id
}

// sudoShell is an interactive shell inside a session.
func (d *desk) sudoShell() *console {
	d.t.Helper()
	c := d.console("guard", "--", "bash", "--norc", "--noprofile", "-i")
	c.send("PS1='ready''> '\r")
	c.expect("ready> ")
	return c
}

// alive says whether a process is there that has not ended, whoever it belongs to.
func alive(pid string) bool {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	return err == nil && !strings.Contains(string(stat), ") Z ")
}

// gone waits until a process that is nobody's child here has ended.
func gone(t *testing.T, pid string) {
	t.Helper()
	for end := time.Now().Add(patience); alive(pid); time.Sleep(10 * time.Millisecond) {
		if time.Now().After(end) {
			t.Fatalf("process %s does not end", pid)
		}
	}
}

// inbox keeps somebody there who could answer, for sessions without a terminal.
func (d *desk) inbox() {
	d.t.Helper()
	said := d.pipe("inbox")
	cmd := d.command("guard", "inbox", "--follow")
	cmd.Stderr = said.File
	must(d.t, cmd.Start())
	d.t.Cleanup(func() { cmd.Process.Kill(); cmd.Wait() })
	said.told("following")
}

var holdID = regexp.MustCompile("hold_[0-9a-f]{24}")

// next returns a hold that somebody has to answer, other than those known.
func (d *desk) next(known ...string) string {
	d.t.Helper()
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		out, _ := d.guard("inbox", "--json")
		for _, id := range holdID.FindAllString(out, -1) {
			if !slices.Contains(known, id) {
				return id
			}
		}
	}
	d.t.Fatal("nothing is held")
	return ""
}

// background runs guard without any terminal until the test ends.
func (d *desk) background(args ...string) (output func() (string, int)) {
	d.t.Helper()
	out, err := os.CreateTemp(d.t.TempDir(), "out")
	must(d.t, err)
	cmd := d.command(append([]string{"guard"}, args...)...)
	cmd.Stdout, cmd.Stderr = out, out
	must(d.t, cmd.Start())
	var once sync.Once
	wait := func() { once.Do(func() { _ = cmd.Wait() }) }
	d.t.Cleanup(func() { cmd.Process.Kill(); wait(); out.Close() })
	return func() (string, int) {
		late := time.AfterFunc(2*patience, func() { cmd.Process.Kill() })
		defer late.Stop()
		wait()
		text, err := os.ReadFile(out.Name())
		must(d.t, err)
		return string(text), cmd.ProcessState.ExitCode()
	}
}

// nobody is a user that sudo knows.
const nobody = 65534

// realDesk is the desk of a user for whom the real sudo is configured by a line, in
// a mount namespace of its own. Where sudo cannot do what probe says, the test is
// left out.
func realDesk(t *testing.T, sudoers string, probe ...string) *desk {
	t.Helper()
	if os.Geteuid() != 0 {
		t.Skip("only root can configure sudo")
	}
	for _, name := range []string{"sudo", "unshare", "setpriv"} {
		need(t, name)
	}
	config, err := os.CreateTemp("", "sudoers-")
	must(t, err)
	t.Cleanup(func() { os.Remove(config.Name()) })
	_, err = config.WriteString("Defaults env_reset\n" + sudoers + "\n")
	must(t, errors.Join(err, config.Chmod(0o440), config.Close()))
	there := []string{"unshare", "-m", "sh", "-c",
		fmt.Sprintf(`mount --bind "$0" /etc/sudoers && exec setpriv --reuid=%d --regid=%d --clear-groups "$@"`, nobody, nobody), config.Name()}
	try := exec.Command(there[0], slices.Concat(there[1:], []string{"sudo"}, probe)...)
	try.Env = append(os.Environ(), "LC_ALL=C")
	if out, err := try.CombinedOutput(); err != nil {
		t.Skipf("sudo does not work here: %v: %s", err, out)
	}
	d := newDesk(t, &syscall.Credential{Uid: nobody, Gid: nobody})
	for _, dir := range []string{"home/.config", "home/.config/guard", "home/.config/guard/policy"} {
		must(t, os.MkdirAll(d.path(dir), 0o755))
		d.own(dir)
	}
	must(t, os.WriteFile(d.path("home/.config/guard/policy/guard.json"), []byte(sudoHeld), 0o644))
	d.own("home/.config/guard/policy/guard.json")
	d.as = there
	return d
}
