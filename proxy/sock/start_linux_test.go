package sock

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"syscall"
	"testing"

	"github.com/f958ca95/guard/proxy"
)

// withDaemon returns options that start this test binary as guardd, and sees to
// it that whatever was started is gone when the test ends.
func withDaemon(t *testing.T) Options {
	t.Helper()
	t.Setenv("GUARD_SESSION", "")
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	if err := os.Chmod(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		for _, pid := range starts(t, dir) {
			_ = syscall.Kill(pid, syscall.SIGKILL)
		}
		soon(t, "guardd ended", func() {
			for {
				release, err := Lock(dir)
				if err == nil {
					release()
					return
				}
				_ = pause(context.Background(), retryTime)
			}
		})
	})
	return Options{Dir: dir, Start: true, Daemon: self}
}

// starts lists the processes that served dir, in order.
func starts(t testing.TB, dir string) (pids []int) {
	t.Helper()
	b, _ := os.ReadFile(filepath.Join(dir, "starts"))
	for _, word := range strings.Fields(string(b)) {
		pid, err := strconv.Atoi(word)
		if err != nil {
			t.Fatal(err)
		}
		pids = append(pids, pid)
	}
	return pids
}

func TestTwentyAtOnceStartOneDaemon(t *testing.T) {
	opt := withDaemon(t)
	var all sync.WaitGroup
	for range 20 {
		all.Go(func() {
			c, err := Dial(t.Context(), opt)
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_1"}); err != nil {
				t.Error(err)
			}
		})
	}
	soon(t, "dials", all.Wait)
	if pids := starts(t, opt.Dir); len(pids) != 1 {
		t.Errorf("started: got %v, want one", pids)
	}
}

func TestTheDaemonRunsApart(t *testing.T) {
	opt := withDaemon(t)
	t.Setenv("GUARD_HOME", "/nowhere")
	// A descriptor that is not close-on-exec, as a shell's 5>file leaves it.
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	leak, err := syscall.Dup(int(w.Fd()))
	if err != nil {
		t.Fatal(err)
	}
	dial(t, opt)
	pid := starts(t, opt.Dir)[0]

	if p, err := readProcess(pid); err != nil || sessionOf(t, pid) != pid {
		t.Errorf("session: got %d for process %+v, %v", sessionOf(t, pid), p, err)
	}
	for link, want := range map[string]string{"cwd": "/", "fd/0": "/dev/null", "fd/1": filepath.Join(opt.Dir, logName), "fd/2": filepath.Join(opt.Dir, logName)} {
		if got, err := os.Readlink(filepath.Join("/proc", strconv.Itoa(pid), link)); err != nil || got != want {
			t.Errorf("%s: got %q, %v, want %q", link, got, err, want)
		}
	}
	syscall.Close(leak)
	w.Close()
	soon(t, "end of the pipe that guardd must not hold open", func() {
		if n, err := r.Read(make([]byte, 1)); n != 0 || err == nil {
			t.Errorf("read: got %d, %v", n, err)
		}
	})
}

func sessionOf(t *testing.T, pid int) int {
	t.Helper()
	b, err := os.ReadFile(filepath.Join("/proc", strconv.Itoa(pid), "stat"))
	if err != nil {
		t.Fatal(err)
	}
	fields := strings.Fields(string(b[strings.LastIndexByte(string(b), ')')+1:]))
	n, _ := strconv.Atoi(fields[3])
	return n
}

func TestNoDaemonIsStartedInsideASession(t *testing.T) {
	opt := withDaemon(t)
	t.Setenv("GUARD_SESSION", "s_1")
	_, err := Dial(t.Context(), opt)
	if !errors.Is(err, ErrNoServer) || !strings.Contains(err.Error(), "inside a session") {
		t.Errorf("got %v", err)
	}
	if pids := starts(t, opt.Dir); len(pids) != 0 {
		t.Errorf("started %v", pids)
	}
}

func TestWithoutStartNobodyAnswers(t *testing.T) {
	opt := withDaemon(t)
	opt.Start = false
	if _, err := Dial(t.Context(), opt); !errors.Is(err, ErrNoServer) {
		t.Errorf("got %v", err)
	}
}

func TestAMissingDaemonNamesTheCommandThatInstallsIt(t *testing.T) {
	opt := withDaemon(t)
	opt.Daemon = ""
	t.Setenv("PATH", t.TempDir())
	_, err := Dial(t.Context(), opt)
	if !errors.Is(err, ErrNoDaemon) || !strings.Contains(err.Error(), "go install github.com/f958ca95/guard/cmd/...@latest") {
		t.Errorf("got %v", err)
	}
}

func TestTheDaemonIsFoundInPath(t *testing.T) {
	opt := withDaemon(t)
	bin := t.TempDir()
	if err := os.Symlink(opt.Daemon, filepath.Join(bin, "guardd")); err != nil {
		t.Fatal(err)
	}
	opt.Daemon = ""
	t.Setenv("PATH", bin)
	dial(t, opt)
}

func TestWhyADaemonDoesNotStartIsSaid(t *testing.T) {
	script := func(t *testing.T, text string) string {
		t.Helper()
		path := filepath.Join(t.TempDir(), "guardd")
		if err := os.WriteFile(path, []byte("#!/bin/sh\n"+text+"\n"), 0o700); err != nil {
			t.Fatal(err)
		}
		return path
	}
	t.Run("its own words", func(t *testing.T) {
		opt := withDaemon(t)
		t.Setenv("FAKE_FAILS", "receipts: line 7 is damaged")
		_, err := Dial(t.Context(), opt)
		if err == nil || !strings.Contains(err.Error(), "receipts: line 7 is damaged") || !strings.Contains(err.Error(), logName) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("it ended without a word", func(t *testing.T) {
		opt := withDaemon(t)
		opt.Daemon = script(t, "exit 3")
		_, err := Dial(t.Context(), opt)
		if err == nil || !strings.Contains(err.Error(), "ended before it was ready") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("it said something else", func(t *testing.T) {
		opt := withDaemon(t)
		opt.Daemon = script(t, "echo hello >&3")
		_, err := Dial(t.Context(), opt)
		if err == nil || !strings.Contains(err.Error(), `it said "hello" instead of ready`) {
			t.Errorf("got %v", err)
		}
	})
	t.Run("it never said anything", func(t *testing.T) {
		opt := withDaemon(t)
		up := filepath.Join(t.TempDir(), "up")
		if err := syscall.Mkfifo(up, 0o600); err != nil {
			t.Fatal(err)
		}
		opt.Daemon = script(t, "echo >"+up+"; exec sleep 1000")
		ctx, cancel := context.WithCancel(t.Context())
		go func() {
			_, _ = os.ReadFile(up) // until it runs
			cancel()
		}()
		_, err := Dial(ctx, opt)
		if !errors.Is(err, context.Canceled) || !strings.Contains(err.Error(), "not ready in time") {
			t.Errorf("got %v", err)
		}
	})
	t.Run("it is no program", func(t *testing.T) {
		opt := withDaemon(t)
		opt.Daemon = filepath.Join(t.TempDir(), "guardd")
		if _, err := Dial(t.Context(), opt); !errors.Is(err, os.ErrNotExist) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAKilledDaemonIsReplacedAndTheCallSentAgain(t *testing.T) {
	opt := withDaemon(t)
	c := dial(t, opt)
	a, err := c.Ask(t.Context(), proxy.Request{ID: "r_1", Session: "once-kill9"})
	if err != nil || a.Display != "r_1" {
		t.Fatalf("got %+v, %v", a, err)
	}
	pids := starts(t, opt.Dir)
	if len(pids) != 2 || a.Note != strconv.Itoa(pids[1]) {
		t.Errorf("answered by %s, started %v", a.Note, pids)
	}
}

func TestASessionIsAttachedAgainBeforeAnythingElse(t *testing.T) {
	opt := withDaemon(t)
	attached := make(chan string, 4)
	opt.Reattach = func(ctx context.Context, ask Asker) error {
		a, err := ask(ctx, proxy.Request{ID: "r_attach", Kind: proxy.KindSession, Open: &proxy.Open{Attach: "s_1"}})
		attached <- a.Display
		return err
	}
	c := dial(t, opt)
	if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_1", Session: "once-attach"}); err != nil {
		t.Fatal(err)
	}
	if len(attached) != 1 || <-attached != "r_attach" {
		t.Errorf("attached %d more times", len(attached))
	}
	t.Run("also when nothing is under way", func(t *testing.T) {
		pids := starts(t, opt.Dir)
		if err := syscall.Kill(pids[len(pids)-1], syscall.SIGKILL); err != nil {
			t.Fatal(err)
		}
		soon(t, "attached", func() { <-attached })
	})
	t.Run("a refusal is what the caller gets", func(t *testing.T) {
		refusal := errors.New("session s_1 has ended")
		opt := withDaemon(t)
		opt.Reattach = func(context.Context, Asker) error { return refusal }
		c := dial(t, opt)
		if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_2", Session: "once-refused"}); !errors.Is(err, refusal) {
			t.Errorf("got %v", err)
		}
	})
}

func TestAGuarddThatSomethingBelowStartedIsRefused(t *testing.T) {
	opt := withDaemon(t)
	other := dial(t, opt)
	opt.Start = false
	c := dial(t, opt)
	// The other client, which stands for something in the session, replaces it.
	if _, err := other.Ask(t.Context(), proxy.Request{ID: "r_1", Session: "once-kill9"}); err != nil {
		t.Fatal(err)
	}
	if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_2"}); !errors.Is(err, ErrRefused) {
		t.Errorf("got %v, want %v", err, ErrRefused)
	}
}

func TestACallThatKillsGuarddIsGivenUp(t *testing.T) {
	opt := withDaemon(t)
	c := dial(t, opt)
	if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_1", Session: "die"}); !errors.Is(err, errGaveUp) {
		t.Errorf("got %v", err)
	}
	if n := len(starts(t, opt.Dir)); n != maxResend+1 {
		t.Errorf("%d were started for it, want %d", n, maxResend+1)
	}
	if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_2"}); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestADaemonThatStopsFinishesItsAnswersAndEndsItsWaits(t *testing.T) {
	asked, finish := make(chan struct{}), make(chan struct{})
	waiting := make(chan struct{}, 8)
	s := &Server{
		grace: patience,
		Authority: askFunc(func(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
			close(asked)
			<-finish
			return proxy.Answer{Note: "finished"}, ctx.Err()
		}),
		Reader: readFunc(func(ctx context.Context, l proxy.Look) (proxy.View, error) {
			waiting <- struct{}{}
			<-ctx.Done()
			return proxy.View{}, ctx.Err()
		}),
	}
	dir, stop := serve(t, s)
	c := dial(t, Options{Dir: dir})
	var all sync.WaitGroup
	all.Go(func() {
		if a, err := c.Ask(t.Context(), proxy.Request{ID: "r_1"}); err != nil || a.Note != "finished" {
			t.Errorf("ask: got %+v, %v", a, err)
		}
	})
	all.Go(func() {
		v, err := c.Read(t.Context(), proxy.Look{Since: 1})
		if err != nil || v.Change != 8 {
			t.Errorf("look: got %+v, %v", v, err)
		}
	})
	<-asked
	<-waiting
	all.Go(stop)
	soon(t, "the socket removed", func() {
		for {
			if _, err := os.Lstat(filepath.Join(dir, socketName)); err != nil {
				return
			}
			_ = pause(context.Background(), retryTime)
		}
	})
	close(finish)
	stop()
	serveIn(t, &Server{Reader: readFunc(func(context.Context, proxy.Look) (proxy.View, error) { return proxy.View{Change: 8}, nil })}, dir)
	soon(t, "all calls", all.Wait)
}

func TestAnEndedClientAnswersNothing(t *testing.T) {
	dir, _ := serve(t, &Server{Authority: askFunc(func(ctx context.Context, _ proxy.Request) (proxy.Answer, error) {
		<-ctx.Done()
		return proxy.Answer{}, ctx.Err()
	})})
	c := dial(t, Options{Dir: dir})
	failed := make(chan error)
	go func() {
		_, err := c.Ask(t.Context(), proxy.Request{ID: "r_1"})
		failed <- err
	}()
	soon(t, "close", func() { c.Close() })
	soon(t, "the call under way", func() {
		if err := <-failed; err == nil {
			t.Errorf("a call on an ended client succeeded")
		}
	})
	if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_2"}); err == nil {
		t.Errorf("a call after the end succeeded")
	}
}

func TestALargeLogIsPutAside(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, logName)
	if err := os.WriteFile(path, make([]byte, maxLog), 0o600); err != nil {
		t.Fatal(err)
	}
	f, err := OpenLog(dir)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	old, err := os.Stat(path + ".1")
	if err != nil || old.Size() != maxLog {
		t.Errorf("put aside: %v", err)
	}
	if now, err := f.Stat(); err != nil || now.Size() != 0 || now.Mode().Perm() != 0o600 {
		t.Errorf("fresh log: %v", err)
	}
}
