package trace

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

func TestEveryExecutionOfATreeIsJudged(t *testing.T) {
	judge := &fake{}
	tr := plant(t, judge, nil, "sh", "-c", "/bin/echo one; (/bin/echo two); /bin/sh -c '/bin/echo three & wait'")
	status, out := tr.end()
	if status.ExitStatus() != 0 || out != "one\ntwo\nthree\n" {
		t.Errorf("got %v %q", status, out)
	}
	if n := len(judge.called("echo")); n != 3 {
		t.Errorf("%d of 3 executions were judged", n)
	}
}

func TestWhatAProgramExecutesIsAskedAfterDone(t *testing.T) {
	asked := make(chan struct{})
	var early atomic.Bool
	judge := &fake{
		judge: func(_ context.Context, c *Call) Ruling {
			if filepath.Base(c.Path) == "echo" {
				close(asked)
			}
			return Ruling{}
		},
		done: func(c *Call, _ *Image, _ error) {
			if filepath.Base(c.Path) != "sh" {
				return
			}
			select {
			case <-asked:
				early.Store(true)
			case <-time.After(200 * time.Millisecond): // in which a program that runs comes far
			}
		},
	}
	status, out := plant(t, judge, nil, "sh", "-c", "exec /bin/echo one").end()
	if status.ExitStatus() != 0 || out != "one\n" {
		t.Errorf("got %v %q", status, out)
	}
	if early.Load() {
		t.Error("a program executed something before it was known to run")
	}
}

func TestAJudgeSeesTheWholeCall(t *testing.T) {
	dir := t.TempDir()
	judge := &fake{}
	tr := plant(t, judge, func(cmd *exec.Cmd) { cmd.Dir = dir }, "sh", "-c", "FOO='a b' /bin/echo one '' 'two\nlines' & wait")
	tr.end()
	calls := judge.called("echo")
	if len(calls) != 1 {
		t.Fatalf("%d calls", len(calls))
	}
	c := calls[0]
	if want := []string{"/bin/echo", "one", "", "two\nlines"}; !slices.Equal(c.Argv, want) || !slices.Equal(c.Image.Argv, want) {
		t.Errorf("argv: got %q and %q", c.Argv, c.Image.Argv)
	}
	if !slices.Contains(c.Env, "FOO=a b") || len(c.Env) < 2 {
		t.Errorf("env: got %q", c.Env)
	}
	real, err := filepath.EvalSymlinks("/bin/echo")
	if err != nil {
		t.Fatal(err)
	}
	var st unix.Stat_t
	if err := unix.Stat(real, &st); err != nil {
		t.Fatal(err)
	}
	want := File{Path: real, Dev: st.Dev, Ino: st.Ino, UID: int(st.Uid), Mode: st.Mode, Size: st.Size,
		Mtime: st.Mtim.Nano(), Ctime: st.Ctim.Nano(), Writable: os.Geteuid() == 0}
	if c.File != want || c.Image.Exe != want {
		t.Errorf("file:\ngot  %+v\nand  %+v\nwant %+v", c.File, c.Image.Exe, want)
	}
	if cwd, _ := filepath.EvalSymlinks(dir); c.Cwd != cwd {
		t.Errorf("cwd: got %q, want %q", c.Cwd, cwd)
	}
	if c.PID == 0 || c.PID != c.TID || c.Start == 0 || c.Tracer != 0 || c.Path != "/bin/echo" || len(c.Chain) != 0 {
		t.Errorf("got %+v", c)
	}
}

func TestADeniedExecutionFailsWithEPERM(t *testing.T) {
	judge := &fake{judge: func(_ context.Context, c *Call) Ruling {
		if filepath.Base(c.File.Path) == "touch" {
			return Ruling{Errno: unix.EPERM}
		}
		return Ruling{}
	}}
	victim := filepath.Join(t.TempDir(), "victim")
	_, out := plant(t, judge, nil, "sh", "-c", "touch "+victim+" 2>/dev/null; echo $?").end()
	if out != "126\n" {
		t.Errorf("got %q", out)
	}
	if exists(victim) {
		t.Error("it ran")
	}
}

func TestLongWordsAreReadWhole(t *testing.T) {
	judge := &fake{}
	status, out := plant(t, judge, asRole("big"), os.Args[0], "/bin/true").end()
	if status != 0 {
		t.Fatalf("got %v %q", status, out)
	}
	argv, env := bigWords()
	calls := judge.called("true")
	if len(calls) != 1 || !slices.Equal(calls[0].Argv, argv) || !slices.Equal(calls[0].Env, env) {
		t.Errorf("%d calls, or words that are not those of the caller", len(calls))
	}
}

func TestNamesThatLeadNowhereAreNobodysQuestion(t *testing.T) {
	dir := t.TempDir()
	if err := os.WriteFile(dir+"/true", nil, 0o644); err != nil { // found, but not executable
		t.Fatal(err)
	}
	judge := &fake{}
	tr := plant(t, judge, nil, "sh", "-c", `PATH=/nowhere:/etc/passwd:`+dir+`:/bin; export PATH
		env true; /nowhere/x; echo $?; `+dir+`/true; echo $?; `+dir+`; echo $?; exec 2>/dev/null`)
	_, out := tr.end()
	if got := strings.Count(out, "127\n"); got != 1 || strings.Count(out, "126\n") != 2 {
		t.Errorf("got %q", out)
	}
	for _, c := range judge.called("true") {
		if c.Path != "/bin/true" {
			t.Errorf("asked about %s", c.Path)
		}
	}
	if n := len(judge.called("x")); n != 0 {
		t.Errorf("asked about a name that leads nowhere")
	}
}

func TestFactsAboutProgramsWithoutAName(t *testing.T) {
	for _, c := range []struct {
		name, where, how string
		memfd, deleted   bool
	}{
		{"memory, by descriptor", "memory", "at", true, false},
		{"memory, by a name of its own", "memory", "/proc/self", true, false},
		{"memory, by a name of its thread", "memory", "/proc/thread-self", true, false},
		{"memory, by a name in /dev", "memory", "/dev", true, false},
		{"deleted, by descriptor", "deleted", "at", false, true},
		{"deleted, by a name of its own", "deleted", "/proc/self", false, true},
	} {
		t.Run(c.name, func(t *testing.T) {
			judge := &fake{loaded: func(c *Call, i Image) bool {
				t.Errorf("predicted %+v, loaded %+v", c.Image, i)
				return true
			}}
			dir := t.TempDir()
			status, out := plant(t, judge, asRole("descriptor"), os.Args[0], c.where, "/bin/true", dir, c.how).end()
			if status != 0 {
				t.Fatalf("got %v %q", status, out)
			}
			f := judge.calls[len(judge.calls)-1].File
			if f.Memfd != c.memfd || f.Deleted != c.deleted || !f.Writable || f.Foreign {
				t.Errorf("got %+v", f)
			}
			if want := map[bool]string{true: "/memfd:rm", false: dir + "/gone"}[c.memfd]; f.Path != want {
				t.Errorf("got path %q, want %q", f.Path, want)
			}
		})
	}
}

func TestAScriptWithoutAName(t *testing.T) {
	script := filepath.Join(t.TempDir(), "script")
	if err := os.WriteFile(script, []byte("#!/bin/echo -n\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	judge := &fake{loaded: func(c *Call, i Image) bool {
		t.Errorf("predicted %+v, loaded %+v", c.Image, i)
		return true
	}}
	_, out := plant(t, judge, asRole("descriptor"), os.Args[0], "memory", script, "", "at").end()
	c := judge.calls[len(judge.calls)-1]
	if !c.File.Memfd || len(c.Chain) != 1 || filepath.Base(c.Chain[0].Path) != "echo" || !strings.HasPrefix(out, "/dev/fd/") {
		t.Errorf("got %q, %+v", out, c)
	}
}

func TestNamesBelowAFolderAndTheCallersOwn(t *testing.T) {
	judge := &fake{}
	status, out := plant(t, judge, asRole("below"), os.Args[0], "/bin", "true").end()
	if calls := judge.called("true"); status != 0 || len(calls) != 1 || filepath.Base(calls[0].File.Path) != "true" {
		t.Errorf("below a descriptor: got %v %q %+v", status, out, calls)
	}
	judge = &fake{}
	status, out = plant(t, judge, func(cmd *exec.Cmd) { cmd.Dir = "/bin" }, "sh", "-c", "cd /; cd /bin; ./true && ../bin/true").end()
	if calls := judge.called("true"); status != 0 || len(calls) != 2 || filepath.Base(calls[1].File.Path) != "true" {
		t.Errorf("below the working folder: got %v %q %+v", status, out, calls)
	}
	judge = &fake{loaded: func(c *Call, i Image) bool { t.Errorf("predicted %+v, loaded %+v", c.Image, i); return true }}
	status, out = plant(t, judge, asRole("each"), os.Args[0], "/proc/self/exe").end()
	if calls := judge.called("exe"); status != 0 || len(calls) != 1 || filepath.Base(calls[0].File.Path) != filepath.Base(os.Args[0]) {
		t.Errorf("the caller's own program: got %v %q %+v", status, out, calls)
	}
}

func TestAHeldCallLetsOthersPass(t *testing.T) {
	const held = 5
	release := make(chan struct{})
	judge := &fake{judge: func(_ context.Context, c *Call) Ruling {
		switch filepath.Base(c.Path) {
		case "sleep":
			c.Park()
			c.Park()
			<-release
		case "true":
			close(release)
		}
		return Ruling{}
	}}
	line := strings.Repeat("/bin/sleep 0 & ", held) + "/bin/true; wait; echo over"
	_, out := plant(t, judge, nil, "sh", "-c", line).end()
	if out != "over\n" || len(judge.called("sleep")) != held {
		t.Errorf("got %q, %d calls", out, len(judge.called("sleep")))
	}
}

func TestAJudgeThatForgetsToParkIsParked(t *testing.T) {
	release := make(chan struct{})
	judge := &fake{judge: func(_ context.Context, c *Call) Ruling {
		switch filepath.Base(c.Path) {
		case "sleep":
			<-release
		case "true":
			close(release)
		}
		return Ruling{}
	}}
	tracer := &Tracer{Judge: judge, slow: time.Millisecond}
	_, out := plantWith(t, tracer, nil, "sh", "-c", "/bin/sleep 0 & /bin/sleep 0 & /bin/sleep 0 & /bin/true; wait; echo over").end()
	if out != "over\n" {
		t.Errorf("got %q", out)
	}
}

func TestAKilledCallerEndsItsQuestion(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	var ended error
	judge := &fake{judge: func(ctx context.Context, c *Call) Ruling {
		if filepath.Base(c.Path) == "touch" {
			c.Park()
			if err := signal(fifo); err != nil {
				t.Error(err)
			}
			<-ctx.Done()
			if err := signal(fifo); err != nil { // the tree lives until then
				t.Error(err)
			}
		}
		return Ruling{}
	}, done: func(c *Call, _ *Image, err error) {
		if filepath.Base(c.Path) == "touch" {
			ended = err
		}
	}}
	victim := filepath.Join(t.TempDir(), "victim")
	line := "/bin/touch " + victim + " & read x <" + fifo + "; kill $!; wait $!; echo $?; read x <" + fifo
	_, out := plant(t, judge, nil, "sh", "-c", line).end()
	if !strings.HasSuffix(out, "143\n") || ended != ErrGone || exists(victim) {
		t.Errorf("got %q, %v, it ran: %v", out, ended, exists(victim))
	}
}

func TestAKilledImageLooksKilledToItsParent(t *testing.T) {
	dir := swapFolder(t)
	judge := &fake{judge: func(_ context.Context, c *Call) Ruling {
		if filepath.Base(c.Path) == "decoy" {
			if err := os.Rename(dir+"/evil_", dir+"/decoy"); err != nil {
				t.Error(err)
			}
		}
		return Ruling{}
	}, loaded: func(*Call, Image) bool { return false }}
	_, out := plant(t, judge, nil, "sh", "-c", dir+"/decoy x 2>/dev/null; echo $?").end()
	if !strings.HasSuffix(out, "137\n") {
		t.Errorf("got %q", out)
	}
}

func TestThreadsThatExecuteAtOnce(t *testing.T) {
	judge := &fake{loaded: func(c *Call, i Image) bool {
		t.Errorf("predicted %+v, loaded %+v", c.Image, i)
		return false
	}}
	const times = 25
	line := "i=0; while [ $i -lt 25 ]; do " + roleVar + "=at-once " + os.Args[0] + " /bin/echo || exit 1; i=$((i+1)); done"
	status, out := plant(t, judge, nil, "sh", "-c", line).end()
	if status != 0 || out != strings.Repeat("one\n", times) {
		t.Errorf("got %v %q", status, out)
	}
}

func TestAProgramThatIsTracedAlready(t *testing.T) {
	for _, c := range []struct {
		name   string
		blind  bool
		failed error
	}{{"is not started", false, ErrOthers}, {"is let go unseen if the ruling says so", true, ErrBlind}} {
		t.Run(c.name, func(t *testing.T) {
			var tracer atomic.Int32
			var failed error
			judge := &fake{judge: func(_ context.Context, call *Call) Ruling {
				tracer.Store(int32(call.Tracer))
				if now, _ := Look(call.PID); call.Parent != now.Parent || call.Parent == 0 {
					t.Errorf("parent: got %d, want %d", call.Parent, now.Parent)
				}
				return Ruling{Blind: c.blind && call.Tracer != 0}
			}, done: func(_ *Call, _ *Image, err error) { failed = err }}
			status, out := plant(t, judge, asRole("tracing"), os.Args[0]).end()
			if refused := strings.Contains(out, "operation not permitted"); status != 0 || refused == c.blind || tracer.Load() == 0 || failed != c.failed {
				t.Errorf("got %v %q, tracer %d, %v", status, out, tracer.Load(), failed)
			}
		})
	}
}

func TestTheLastCheckKillsWhatItDoesNotLike(t *testing.T) {
	for _, fine := range []bool{true, false} {
		judge := &fake{judge: func(_ context.Context, c *Call) Ruling {
			return Ruling{Check: func() bool { return fine || filepath.Base(c.Path) != "echo" }}
		}}
		_, out := plant(t, judge, nil, "sh", "-c", "/bin/echo one 2>/dev/null; echo $?").end()
		if want := map[bool]string{true: "one\n0\n", false: "137\n"}[fine]; !strings.HasSuffix(out, want) || strings.Contains(out, "one") != fine {
			t.Errorf("got %q, want %q", out, want)
		}
	}
}

func init() {
	roles["tracing"] = func([]string) error {
		p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{Files: []*os.File{nil, os.Stdout, os.Stderr}, Sys: &syscall.SysProcAttr{Ptrace: true}})
		if err != nil {
			os.Stdout.WriteString(err.Error())
			return nil
		}
		return p.Kill()
	}
}

func TestACallerThatCannotBeReadIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	var why atomic.Value
	judge := &fake{refused: func(_ *Call, err error) { why.Store(err) }}
	_, out := plant(t, judge, asRole("undumpable"), os.Args[0], "/bin/true").end()
	if !strings.Contains(out, "operation not permitted") || why.Load() == nil {
		t.Errorf("got %q, %v", out, why.Load())
	}
}

func TestAProgramThatCannotBeReadIsRefused(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root reads everything")
	}
	name := filepath.Join(t.TempDir(), "program")
	b, err := os.ReadFile("/bin/true")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, b, 0o111); err != nil {
		t.Fatal(err)
	}
	var why atomic.Value
	judge := &fake{refused: func(_ *Call, err error) { why.Store(err) }}
	_, out := plant(t, judge, nil, "sh", "-c", name+" 2>/dev/null; echo $?").end()
	if out != "126\n" || why.Load() != errUnreadable {
		t.Errorf("got %q, %v", out, why.Load())
	}
}

func TestTheTreeOutlivesItsFirstProcess(t *testing.T) {
	fifo := filepath.Join(t.TempDir(), "fifo")
	if err := unix.Mkfifo(fifo, 0o600); err != nil {
		t.Fatal(err)
	}
	judge := &fake{}
	tr := plant(t, judge, nil, "sh", "-c", "setsid sh -c 'read x <"+fifo+"; /bin/echo late' & exit 3")
	tr.await()
	select {
	case err := <-tr.served:
		t.Fatalf("the service ended with the first process: %v", err)
	default:
	}
	if err := signal(fifo); err != nil {
		t.Fatal(err)
	}
	status, out := tr.end()
	if status.ExitStatus() != 3 || out != "late\n" || len(judge.called("echo")) != 1 {
		t.Errorf("got %v %q, %d calls", status, out, len(judge.called("echo")))
	}
}

func TestForeignNames(t *testing.T) {
	judge := &fake{loaded: func(c *Call, i Image) bool {
		t.Errorf("predicted %+v, loaded %+v", c.Image, i)
		return true
	}}
	tr := plant(t, judge, nil, "unshare", "-Urm", "sh", "-c", "mount --bind /bin/echo /bin/true && /bin/true one && /bin/echo two && cd /bin && ./echo three")
	status, out := tr.end()
	if status != 0 {
		t.Skipf("no user namespaces here: %s", out)
	}
	if out != "one\ntwo\nthree\n" {
		t.Errorf("got %q", out)
	}
	for name, foreign := range map[string]bool{"true": true, "echo": false} {
		for _, c := range judge.called(name) {
			if c.File.Foreign != foreign || c.Image.Exe.Foreign != foreign {
				t.Errorf("%s: got %+v", name, c.File)
			}
		}
	}
}

func TestOddCallsComeToWhatTheKernelSays(t *testing.T) {
	bare := exec.Command(os.Args[0])
	bare.Env = append(os.Environ(), roleVar+"=odd")
	want, err := bare.Output()
	if err != nil {
		t.Fatal(err)
	}
	judge := &fake{loaded: func(c *Call, i Image) bool {
		t.Errorf("predicted %+v, loaded %+v", c.Image, i)
		return true
	}}
	_, got := plant(t, judge, asRole("odd"), os.Args[0]).end()
	if got != string(want) || !strings.Contains(got, "EFAULT") || !strings.Contains(got, "E2BIG") {
		t.Errorf("got\n%s\nwant\n%s", got, want)
	}
	if calls := judge.called("echo"); len(calls) != 1 || !slices.Equal(calls[0].Image.Argv, []string{""}) {
		t.Errorf("a call without words: %+v", calls)
	}
}
