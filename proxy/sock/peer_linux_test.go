package sock

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
)

// probe is what the test binary does as a child:
//
//	ask DIR          ask for a vote and print the peer that the server saw
//	root MODE DIR    wait for a word, then have ask run below: as a child, or as
//	                 an orphan in a session of its own (a double fork)
//	fork DIR         start ask in a session of its own and end
//	nnp ARG ...      set no_new_privs and become this binary with ARG ...
//	connect DIR      connect, say so, and wait for the end of stdin
//	listen DIR       listen, leave the socket to another process, and end
func probe() int {
	args := os.Args[2:]
	var err error
	switch args[0] {
	case "ask":
		err = probeAsk(args[1])
	case "root":
		err = probeRoot(args[1], args[2])
	case "fork":
		_, err = io.Copy(io.Discard, os.Stdin) // until root knows of us
		if err == nil {
			ask := self(&syscall.SysProcAttr{Setsid: true}, "probe", "ask", args[1])
			ask.Env = append(os.Environ(), fmt.Sprint("PROBE_PARENT=", os.Getpid()))
			err = ask.Start()
		}
	case "nnp":
		runtime.LockOSThread()
		if err = unix.Prctl(unix.PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0); err == nil {
			err = syscall.Exec("/proc/self/exe", append([]string{"sock.test"}, args[1:]...), os.Environ())
		}
	case "connect":
		var conn net.Conn
		if conn, err = net.Dial("unix", filepath.Join(args[1], socketName)); err == nil {
			defer conn.Close()
			fmt.Println("connected")
			_, err = io.Copy(io.Discard, os.Stdin)
		}
	case "listen":
		err = probeListen(args[1])
	}
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	return 0
}

// self is this binary again, with our streams.
func self(attr *syscall.SysProcAttr, args ...string) *exec.Cmd {
	cmd := exec.Command("/proc/self/exe", args...)
	cmd.Stdout, cmd.Stderr, cmd.SysProcAttr = os.Stdout, os.Stderr, attr
	return cmd
}

func probeAsk(dir string) error {
	// An orphan asks when its parent is gone, and not before.
	if parent := os.Getenv("PROBE_PARENT"); parent != "" {
		pid, _ := strconv.Atoi(parent)
		fd, err := unix.PidfdOpen(pid, 0)
		if err == nil {
			_, err = unix.Poll([]unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}, -1)
		}
		if err != nil && !errors.Is(err, unix.ESRCH) {
			return err
		}
	}
	c, err := Dial(context.Background(), Options{Dir: dir})
	if err != nil {
		return err
	}
	defer c.Close()
	a, err := c.Ask(context.Background(), proxy.Request{ID: "r_1", Kind: proxy.KindVote})
	fmt.Println(a.Note)
	return err
}

func probeRoot(mode, dir string) error {
	if err := unix.Prctl(unix.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); err != nil {
		return err
	}
	if _, err := bufio.NewReader(os.Stdin).ReadString('\n'); err != nil {
		return err
	}
	cmd := self(nil, "probe", "ask", dir)
	if mode == "orphan" {
		cmd = self(nil, "probe", "fork", dir)
	}
	hold, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	hold.Close()
	if err := cmd.Wait(); err != nil {
		return err
	}
	_, err = io.Copy(io.Discard, os.Stdin) // a root lives as long as what hangs from it
	return err
}

func probeListen(dir string) error {
	l, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		return err
	}
	f, err := l.(*net.UnixListener).File()
	if err != nil {
		return err
	}
	heir := exec.Command("cat") // until our stdin, which is also its own, ends
	heir.Stdin, heir.ExtraFiles = os.Stdin, []*os.File{f}
	return heir.Start()
}

// witnessing is a server that answers with the Peer it was given.
func witnessing(roots func() []proxy.Root) *Server {
	return &Server{Roots: roots, Authority: askFunc(func(_ context.Context, r proxy.Request) (proxy.Answer, error) {
		b, err := json.Marshal(r.Peer)
		return proxy.Answer{Note: string(b)}, err
	})}
}

func peerIn(t *testing.T, note string) (p proxy.Peer) {
	t.Helper()
	if err := json.Unmarshal([]byte(note), &p); err != nil {
		t.Fatalf("%q: %v", note, err)
	}
	return p
}

func askPeer(t *testing.T, c *Client, kind string) proxy.Peer {
	t.Helper()
	a, err := c.Ask(t.Context(), proxy.Request{ID: "r_1", Kind: kind})
	if err != nil {
		t.Fatal(err)
	}
	return peerIn(t, a.Note)
}

func startOf(t *testing.T, pid int) uint64 {
	t.Helper()
	p, err := readProcess(pid)
	if err != nil {
		t.Fatal(err)
	}
	return p.start
}

func TestWhatDescendsFromARootIsGuarded(t *testing.T) {
	for _, mode := range []string{"child", "orphan"} {
		t.Run(mode, func(t *testing.T) {
			var mu sync.Mutex
			var roots []proxy.Root
			dir, _ := serve(t, witnessing(func() []proxy.Root { mu.Lock(); defer mu.Unlock(); return roots }))
			cmd := exec.Command("/proc/self/exe", "probe", "root", mode, dir)
			cmd.Stderr = os.Stderr
			in, _ := cmd.StdinPipe()
			out, _ := cmd.StdoutPipe()
			if err := cmd.Start(); err != nil {
				t.Fatal(err)
			}
			mu.Lock()
			roots = []proxy.Root{{Session: "s_other", PID: 999999, Start: 1}, {Session: "s_1", PID: cmd.Process.Pid, Start: startOf(t, cmd.Process.Pid)}}
			mu.Unlock()
			fmt.Fprintln(in, "go")
			line, err := bufio.NewReader(out).ReadString('\n')
			in.Close()
			if err != nil {
				t.Fatal(err)
			}
			if err := cmd.Wait(); err != nil {
				t.Fatal(err)
			}
			if p := peerIn(t, line); p.Guarded != "descends from session s_1" || p.Within != "s_1" || p.PID == cmd.Process.Pid {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func TestWhoCountsAsGuarded(t *testing.T) {
	me, parent := os.Getpid(), os.Getppid()
	cases := []struct {
		name            string
		root            proxy.Root
		guarded, within string
	}{
		{"a child of a root", proxy.Root{Session: "s_1", PID: parent, Start: startOf(t, parent)}, "descends from session s_1", "s_1"},
		{"a child of a root whose start nobody knows", proxy.Root{Session: "s_1", PID: parent}, "descends from session s_1", "s_1"},
		{"not a child of what had its parent's number before", proxy.Root{Session: "s_1", PID: parent, Start: startOf(t, parent) + 1}, "", ""},
		{"not the root itself", proxy.Root{Session: "s_1", PID: me, Start: startOf(t, me)}, "", ""},
		{"not who has nothing to do with it", proxy.Root{Session: "s_1", PID: 999999, Start: 7}, "", ""},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := serve(t, witnessing(func() []proxy.Root { return []proxy.Root{c.root} }))
			if p := askPeer(t, dial(t, Options{Dir: dir}), proxy.KindVote); p.Guarded != c.guarded || p.Within != c.within {
				t.Errorf("got %+v", p)
			}
		})
	}
	children := []struct {
		name    string
		env     string
		args    []string
		guarded string
	}{
		{"who was started inside a session", "GUARD_SESSION=s_1", []string{"probe", "ask"}, "was started inside a session"},
		{"who has no_new_privs", "X=1", []string{"probe", "nnp", "probe", "ask"}, "has no_new_privs, guardd has not"},
		{"nobody else", "NOT_GUARD_SESSION=s_1", []string{"probe", "ask"}, ""},
	}
	for _, c := range children {
		t.Run(c.name, func(t *testing.T) {
			if own, err := readRestraint(me); err != nil || own.noNewPrivs != 0 {
				t.Skipf("the tests themselves are restrained: %+v, %v", own, err)
			}
			dir, _ := serve(t, witnessing(nil))
			cmd := exec.Command("/proc/self/exe", append(c.args, dir)...)
			cmd.Env = append(environWithout("GUARD_SESSION"), c.env)
			out, err := cmd.Output()
			if err != nil {
				t.Fatal(err)
			}
			if p := peerIn(t, string(out)); p.Guarded != c.guarded || p.Within != "" {
				t.Errorf("got %+v", p)
			}
		})
	}
}

func environWithout(name string) (env []string) {
	for _, kv := range os.Environ() {
		if !strings.HasPrefix(kv, name+"=") {
			env = append(env, kv)
		}
	}
	return env
}

func TestWhoAsksIsLookedUpAgainWhereItMatters(t *testing.T) {
	var mu sync.Mutex
	var roots []proxy.Root
	dir, _ := serve(t, witnessing(func() []proxy.Root { mu.Lock(); defer mu.Unlock(); return roots }))
	c := dial(t, Options{Dir: dir})
	if p := askPeer(t, c, proxy.KindVote); p.Guarded != "" { // it has been looked at, then
		t.Fatalf("before: got %+v", p)
	}
	seen := ""
	for i, step := range []struct {
		kind  string
		fresh bool
	}{
		{proxy.KindCommand, false}, {proxy.KindVote, true}, {proxy.KindOutcome, false}, {proxy.KindStop, true}, {proxy.KindEnd, false},
		{proxy.KindAccept, true}, {proxy.KindCancel, false}, {proxy.KindSession, true}, {proxy.KindLoaded, false}, {"a kind of tomorrow", true},
	} {
		now := fmt.Sprint("s_", i)
		mu.Lock()
		roots = []proxy.Root{{Session: now, PID: os.Getppid()}}
		mu.Unlock()
		if step.fresh {
			seen = now
		}
		if p := askPeer(t, c, step.kind); p.Within != seen || (p.Guarded != "") != (seen != "") {
			t.Errorf("%s: got %+v, want a look that found %q", step.kind, p, seen)
		}
	}
}

func TestAProcessThatIsGoneIsNobody(t *testing.T) {
	dir := t.TempDir()
	nl, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, socketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	defer nl.Close()
	cmd := exec.Command("/proc/self/exe", "probe", "connect", dir)
	cmd.Env = environWithout("GUARD_SESSION")
	in, _ := cmd.StdinPipe()
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	conn, err := nl.AcceptUnix()
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	w, err := identify(conn)
	if err != nil {
		t.Fatal(err)
	}
	defer w.close()
	if p := w.look(nil); p.Guarded != "" || p.PID != cmd.Process.Pid {
		t.Fatalf("alive: got %+v", p)
	}
	reused := *w
	reused.start++
	if p := reused.look(nil); p.Guarded != "the process that connected has ended" {
		t.Errorf("another with its number: got %+v", p)
	}
	late := *w
	late.pid, late.start = os.Getpid(), startOf(t, os.Getpid())
	in.Close()
	if err := cmd.Wait(); err != nil {
		t.Fatal(err)
	}
	if p := w.look(nil); p.Guarded == "" {
		t.Errorf("ended: got %+v", p)
	}
	if p := late.look(nil); p.Guarded != "the process that connected has ended" {
		t.Errorf("a living process behind a dead one's descriptor: got %+v", p)
	}
}

// As a guardd that is killed while somebody connects: there is none, and another may
// be started.
func TestAServerThatHasEndedIsNone(t *testing.T) {
	opt := withDaemon(t)
	cmd := exec.Command("/proc/self/exe", "probe", "listen", opt.Dir)
	cmd.Stderr = os.Stderr
	r, in, err := os.Pipe() // not StdinPipe, which Wait would close
	if err != nil {
		t.Fatal(err)
	}
	defer in.Close()
	cmd.Stdin = r
	err = cmd.Run()
	r.Close()
	if err != nil {
		t.Fatal(err)
	}
	without := opt
	without.Start = false
	if _, err := Dial(t.Context(), without); !errors.Is(err, ErrNoServer) {
		t.Errorf("got %v, want %v", err, ErrNoServer)
	}
	dial(t, opt)
}

func TestAPeerInAnotherPidNamespaceIsGuarded(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root for a pid namespace")
	}
	try := exec.Command("true")
	try.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	if err := try.Run(); errors.Is(err, syscall.EPERM) {
		t.Skipf("root of a container that may not make a pid namespace: %v", err)
	}
	opt := withDaemon(t)
	cmd := exec.Command("/proc/self/exe", "serve", "--ready-fd", "3")
	cmd.Env = append(os.Environ(), "GUARD_HOME="+opt.Dir)
	cmd.SysProcAttr = &syscall.SysProcAttr{Cloneflags: syscall.CLONE_NEWPID}
	startServer(t, cmd)
	opt.Start = false
	a, err := dial(t, opt).Ask(t.Context(), proxy.Request{ID: "r_1", Session: "who"})
	if err != nil || a.Note != "0 runs in another pid namespace" {
		t.Errorf("got %q, %v", a.Note, err)
	}
	_ = cmd.Process.Kill()
}

// startServer starts a fake guardd, waits until it is ready and ends it with
// the test.
func startServer(t *testing.T, cmd *exec.Cmd) {
	t.Helper()
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	cmd.ExtraFiles, cmd.Stderr = []*os.File{w}, os.Stderr
	err = cmd.Start()
	w.Close()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	if err := awaitReady(t.Context(), r); err != nil {
		t.Fatal(err)
	}
}

func TestAServerThatMayNotJudgeIsRefused(t *testing.T) {
	t.Run("started inside a session", func(t *testing.T) {
		opt := withDaemon(t)
		cmd := exec.Command("/proc/self/exe", "serve", "--ready-fd", "3")
		cmd.Env = append(os.Environ(), "GUARD_HOME="+opt.Dir, "GUARD_SESSION=s_1")
		startServer(t, cmd)
		if _, err := Dial(t.Context(), opt); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "inside a session") {
			t.Errorf("got %v", err)
		}
		_ = cmd.Process.Kill()
	})
	t.Run("more restrained than we are", func(t *testing.T) {
		opt := withDaemon(t)
		cmd := exec.Command("/proc/self/exe", "probe", "nnp", "serve", "--ready-fd", "3")
		cmd.Env = append(os.Environ(), "GUARD_HOME="+opt.Dir)
		startServer(t, cmd)
		if _, err := Dial(t.Context(), opt); !errors.Is(err, ErrRefused) {
			t.Errorf("got %v", err)
		}
		_ = cmd.Process.Kill()
	})
	t.Run("of another user", func(t *testing.T) {
		if os.Geteuid() != 0 {
			t.Skip("needs root to be another user")
		}
		dir := t.TempDir()
		if err := os.Chown(dir, 65534, 65534); err != nil {
			t.Fatal(err)
		}
		asUser(t, 65534, filepath.Dir(dir), func() {
			nl, err := net.Listen("unix", filepath.Join(dir, socketName))
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { nl.Close() })
		})
		if _, err := Dial(t.Context(), Options{Dir: dir, Start: true}); !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "belongs to user 65534") {
			t.Errorf("got %v", err)
		}
	})
}

func TestAnotherUserIsToldAndLetGo(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("needs root to be another user")
	}
	opt := withDaemon(t)
	dial(t, opt)
	// As if somebody had opened the folder and the socket by mistake.
	if err := errors.Join(os.Chmod(opt.Dir, 0o755), os.Chmod(filepath.Join(opt.Dir, socketName), 0o666)); err != nil {
		t.Fatal(err)
	}
	asUser(t, 65534, filepath.Dir(opt.Dir), func() {
		opt.Start = false
		_, err := Dial(t.Context(), opt)
		if !errors.Is(err, ErrRefused) || !strings.Contains(err.Error(), "serves no other (you are user 65534)") {
			t.Errorf("got %v", err)
		}
	})
}

// asUser runs f as another user, who can pass through the folders down to dir.
func asUser(t *testing.T, uid int, dir string, f func()) {
	t.Helper()
	for p := dir; p != "/"; p = filepath.Dir(p) {
		if info, err := os.Stat(p); err != nil || info.Mode().Perm()&0o001 == 0 {
			if err := os.Chmod(p, 0o755); err != nil {
				t.Fatal(err)
			}
		}
	}
	if err := syscall.Seteuid(uid); err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := syscall.Seteuid(0); err != nil {
			panic(err)
		}
	}()
	f()
}

func TestStatIsReadWhateverTheProcessIsCalled(t *testing.T) {
	tail := " S 7 1 1 0 -1 4194560 1 0 0 0 0 0 0 0 20 0 1 0 12345 1 1"
	cases := []struct {
		name, text string
		want       process
		fails      bool
	}{
		{"a plain name", "42 (sh)" + tail, process{pid: 42, parent: 7, start: 12345}, false},
		{"a name with blanks and parentheses", "42 (a) S 1 (b c)" + tail, process{pid: 42, parent: 7, start: 12345}, false},
		{"an empty name", "42 ()" + tail, process{pid: 42, parent: 7, start: 12345}, false},
		{"nothing", "", process{}, true},
		{"cut short", "42 (sh) S 7", process{}, true},
		{"not a number", "x (sh)" + tail, process{}, true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got, err := parseStat([]byte(c.text))
			if got != c.want || (err != nil) != c.fails {
				t.Errorf("got %+v, %v", got, err)
			}
		})
	}
}

func TestMoreRestraintThanGuarddIsSeen(t *testing.T) {
	status := func(nnp, mode, filters int) restraint {
		return parseStatus(fmt.Appendf(nil, "Name:\tNoNewPrivs:\t9\nNoNewPrivs:\t%d\nSeccomp:\t%d\nSeccomp_filters:\t%d\n", nnp, mode, filters))
	}
	cases := []struct {
		name      string
		peer, own restraint
		guarded   bool
	}{
		{"neither", status(0, 0, 0), status(0, 0, 0), false},
		{"both alike", status(1, 2, 3), status(1, 2, 3), false},
		{"guardd more", status(0, 0, 0), status(1, 2, 1), false},
		{"no_new_privs", status(1, 0, 0), status(0, 0, 0), true},
		{"a filter", status(0, 2, 1), status(0, 0, 0), true},
		{"one filter more", status(1, 2, 2), status(1, 2, 1), true},
		{"a filter where the kernel does not count them", status(0, 2, 0), status(0, 0, 0), true},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if got := c.peer.beyond(c.own); (got != "") != c.guarded {
				t.Errorf("got %q", got)
			}
		})
	}
}
