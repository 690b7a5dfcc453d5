package victim

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
)

// patience bounds what has to happen at all.
const patience = 8 * time.Minute

// stranger is an ordinary user who owns nothing else, for tests that root runs.
const stranger = 60123

// world is a home with a policy of its own, and a guardd.
type world struct {
	dir   string
	plots atomic.Int32
}

// policy is what the attacks have to get past.
const policy = `package user.victim

deny contains {"id": "doom", "msg": "no doom"} if "doom" in input.cmd.names

deny contains {"id": "evil", "msg": "no evil"} if {
	some s in input.cmd.stages
	"evil" in s.args
}

hold contains {"id": "ask", "msg": "ask first"} if {
	some s in input.cmd.stages
	"ask" in s.args
}
`

func newWorld(t *testing.T) *world {
	t.Helper()
	if missing != "" {
		t.Skip(missing)
	}
	dir, err := os.MkdirTemp("", "guard-victim-world-")
	if err != nil {
		t.Fatal(err)
	}
	w := &world{dir: dir}
	must(t, os.MkdirAll(dir+"/home/.config/guard/policy", 0o755))
	must(t, os.WriteFile(dir+"/home/.config/guard/policy/victim.rego", []byte(policy), 0o644))
	must(t, w.own(dir))
	t.Cleanup(func() {
		if out, err := w.at(dir, "guard", "daemon", "stop").CombinedOutput(); err != nil {
			t.Logf("stop guardd: %v\n%s", err, out)
		}
		os.RemoveAll(dir)
	})
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// own gives a folder to the user who runs the attacks.
func (w *world) own(dir string) error {
	if err := os.Chmod(dir, 0o755); err != nil || os.Geteuid() != 0 {
		return err
	}
	return filepath.WalkDir(dir, func(path string, _ os.DirEntry, err error) error {
		return errors.Join(err, os.Lchown(path, stranger, stranger))
	})
}

// at is a command of the user's in a folder.
func (w *world) at(dir, name string, args ...string) *exec.Cmd {
	cmd := exec.Command(filepath.Join(bin, name), args...)
	cmd.Dir = dir
	cmd.Env = []string{
		"PATH=" + bin + ":/usr/local/bin:/usr/bin:/bin", "HOME=" + w.dir + "/home", "GUARD_HOME=" + w.dir + "/state",
		"GUARD_IDLE=30s", "SHELL=/bin/sh", "XDG_CONFIG_HOME=" + w.dir + "/home/.config",
	}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	if os.Geteuid() == 0 {
		cmd.SysProcAttr.Credential = &syscall.Credential{Uid: stranger, Gid: stranger}
	}
	return cmd
}

// plot is a workspace with the programs of one attack.
type plot struct {
	*world
	dir, trace      string
	orders, answers *os.File // named pipes that stay open here, so that nothing waits for an end of them
}

// plot makes one. good and doom tell whether they ran in the same file.
func (w *world) plot(t *testing.T) *plot {
	t.Helper()
	name := fmt.Sprintf("%s/plot%d", w.dir, w.plots.Add(1))
	p := &plot{world: w, dir: name, trace: name + ".trace"}
	must(t, os.MkdirAll(p.dir+"/.git", 0o755))
	must(t, os.Mkdir(p.dir+"/dynamic", 0o755))
	for from, to := range map[string]string{"good": "good", "doom": "doom", "dynamic": "dynamic/doom", "victim": "victim"} {
		p.place(t, from, to)
	}
	for fifo, end := range map[string]**os.File{"order": &p.orders, "answer": &p.answers} {
		must(t, unix.Mkfifo(p.dir+"/"+fifo, 0o600))
		f, err := os.OpenFile(p.dir+"/"+fifo, os.O_RDWR|unix.O_NONBLOCK, 0)
		must(t, err)
		t.Cleanup(func() { f.Close() })
		*end = f
	}
	must(t, w.own(p.dir))
	return p
}

// place copies a program that was built, and writes the name of the trace into it.
func (p *plot) place(t *testing.T, from, to string) {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(bin, from))
	must(t, err)
	name := append([]byte(p.trace), 0)
	if i := bytes.Index(b, []byte("TRACE....")); i >= 0 {
		copy(b[i:], name)
	}
	must(t, writeProgram(filepath.Join(p.dir, to), b))
}

// ran says what has left a trace, and wipes it.
func (p *plot) ran() string {
	b, err := os.ReadFile(p.trace)
	if err != nil {
		return ""
	}
	os.Remove(p.trace)
	return string(b)
}

// left says whether there is a trace.
func (p *plot) left() bool {
	_, err := os.Stat(p.trace)
	return err == nil
}

// guard runs an attack in a session of its own and returns what it said.
func (p *plot) guard(t *testing.T, flags []string, role ...string) (out string, status int) {
	t.Helper()
	flags = append(flags, "--agent", filepath.Base(p.dir)) // one that hammers is locked out: none pays for another
	r := p.start(t, append(flags, append([]string{"--", "./victim"}, role...)...)...)
	return r.end(t)
}

// below runs a role below a line of its own, so that what it executes are not
// the agent's own actions: a race goes on where hammering would be stopped.
func (p *plot) below(t *testing.T, role ...string) (out string, status int) {
	t.Helper()
	line := "./victim " + strings.Join(role, " ") + "; exit $?"
	return p.start(t, "--agent", filepath.Base(p.dir), "--", "sh", "-c", line).end(t)
}

// running is a guard that has been started.
type running struct {
	cmd  *exec.Cmd
	out  string // a file: the end of a pipe would be kept by those who outlive the command
	over chan struct{}
}

func (p *plot) start(t *testing.T, args ...string) *running {
	t.Helper()
	out, err := os.CreateTemp(t.TempDir(), "out")
	must(t, err)
	defer out.Close()
	r := &running{cmd: p.at(p.dir, "guard", args...), out: out.Name(), over: make(chan struct{})}
	r.cmd.Stdout, r.cmd.Stderr = out, out
	must(t, r.cmd.Start())
	go func() {
		_ = r.cmd.Wait()
		close(r.over)
	}()
	t.Cleanup(func() {
		_ = r.cmd.Process.Kill()
		<-r.over
	})
	return r
}

// said is what it has said so far.
func (r *running) said(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(r.out)
	must(t, err)
	return string(b)
}

func (r *running) end(t *testing.T) (string, int) {
	t.Helper()
	late := time.NewTimer(patience)
	defer late.Stop()
	select {
	case <-r.over:
	case <-late.C:
		_ = r.cmd.Process.Signal(syscall.SIGTERM)
		t.Fatalf("%v hangs", r.cmd.Args)
	}
	return r.said(t), r.cmd.ProcessState.ExitCode()
}

// tally is what a victim counted.
type tally struct{ ran, killed, refused, other int }

func (c tally) sum() int { return c.ran + c.killed + c.refused + c.other }

var counted = regexp.MustCompile(`(?m)^tally ran (\d+) killed (\d+) refused (\d+) other (\d+)$`)

func tallyOf(t *testing.T, out string) (sum tally) {
	t.Helper()
	all := counted.FindAllStringSubmatch(out, -1)
	if all == nil {
		t.Fatalf("the attack did not come to its end:\n%s", out)
	}
	for _, m := range all {
		for i, field := range []*int{&sum.ran, &sum.killed, &sum.refused, &sum.other} {
			n, err := strconv.Atoi(m[i+1])
			must(t, err)
			*field += n
		}
	}
	return sum
}

// order tells a victim what to do.
func (p *plot) order(t *testing.T, text string) {
	t.Helper()
	_, err := p.orders.WriteString(text + "\n")
	must(t, err)
}

// answer waits for what a victim says.
func (p *plot) answer(t *testing.T) string {
	t.Helper()
	must(t, p.answers.SetReadDeadline(time.Now().Add(patience)))
	b := make([]byte, 256)
	n, err := p.answers.Read(b)
	must(t, err)
	return strings.TrimSpace(string(b[:n]))
}

// inbox attaches somebody who could answer, until the test ends.
func (w *world) inbox(t *testing.T) {
	t.Helper()
	cmd := w.at(w.dir, "guard", "inbox", "--follow")
	said, err := cmd.StderrPipe()
	must(t, err)
	must(t, cmd.Start())
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	var all strings.Builder
	for b := make([]byte, 256); !strings.Contains(all.String(), "following"); {
		n, err := said.Read(b)
		all.Write(b[:n])
		if err != nil {
			t.Fatalf("guard inbox: %v\n%s", err, all.String())
		}
	}
	go func() { _, _ = io.Copy(io.Discard, said) }()
}

// held waits for a command of an agent's to be held, and returns the id, which is
// none of those that are known.
func (p *plot) held(t *testing.T, r *running, agent string, known ...string) string {
	t.Helper()
	ctx, cancel := context.WithTimeout(context.Background(), patience/2)
	defer cancel()
	for ctx.Err() == nil {
		out, err := p.at(p.dir, "guard", "inbox", "--json").Output()
		must(t, err)
		for dec := json.NewDecoder(bytes.NewReader(out)); dec.More(); {
			var h proxy.HoldState
			must(t, dec.Decode(&h))
			if h.Agent == agent && !slices.Contains(known, h.ID) {
				return h.ID
			}
		}
		select {
		case <-r.over:
			t.Fatalf("ended before it was held:\n%s", r.said(t))
		case <-time.After(20 * time.Millisecond):
		}
	}
	t.Fatalf("nothing of %s is held", agent)
	return ""
}

// writeProgram writes a file that is to be executed. Meanwhile no process is
// started: it would have the file open for writing until it executes, and whoever
// executes the file until then gets ETXTBSY.
func writeProgram(name string, text []byte) error {
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	return os.WriteFile(name, text, 0o755)
}
