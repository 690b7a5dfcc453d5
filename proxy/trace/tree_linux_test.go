// The tests run real trees, and a Tracer in the test's own process. Not tested,
// because a test could not bring it about or would have to wait for luck:
//
//   - a task's number that is given to another between reading and answering (the
//     kernel's ids of calls are what protects: waiting, and the failing send);
//   - memory or paths on a file system that never answers (what is tested is that
//     a call which keeps its worker gets a successor);
//   - the death of the Tracer while a task is attached: PTRACE_O_EXITKILL is the
//     kernel's promise. Afterwards calls fail as without a Tracer, which is tested;
//   - calls by 32-bit ARM programs, except for the filter itself;
//   - a signal that has a call start over before Linux 6.18: it is judged twice.
package trace

import (
	"context"
	"fmt"
	"io"
	"os"
	"os/exec"
	ossignal "os/signal"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"
)

// roleVar makes the test binary something else: the process that enters the filter
// and becomes the command, or one of the victims.
const roleVar = "TRACE_TEST_ROLE"

// nextRoleVar is the role that the command of enterAndExec gets.
const nextRoleVar = "TRACE_TEST_NEXT_ROLE"

var roles = map[string]func(args []string) error{"enter": enterAndExec}

func TestMain(m *testing.M) {
	role := os.Getenv(roleVar)
	if role == "" {
		// In the background of a script all that is started here would ignore ^C; a
		// signal that is caught is a default one there.
		if ossignal.Ignored(unix.SIGINT) {
			ossignal.Notify(make(chan os.Signal, 1), unix.SIGINT)
		}
		os.Exit(m.Run())
	}
	os.Unsetenv(roleVar)
	if err := roles[role](os.Args[1:]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(125)
	}
	os.Exit(0)
}

// enterAndExec hands the listener over descriptor 3, proves the hook and becomes
// args.
func enterAndExec(args []string) error {
	var limits Limits
	if dirs, ok := os.LookupEnv("TRACE_TEST_SANDBOX"); ok {
		limits.Sandbox = filepath.SplitList(dirs)
		os.Unsetenv("TRACE_TEST_SANDBOX")
	}
	listener, level, err := Enter(limits)
	if err != nil {
		return err
	}
	if err := unix.Sendmsg(3, []byte(level.String()), unix.UnixRights(listener), nil, 0); err != nil {
		return err
	}
	unix.Close(listener)
	if err := Prove(); err != nil {
		return err
	}
	unix.CloseOnExec(3)
	if role, ok := os.LookupEnv(nextRoleVar); ok {
		os.Unsetenv(nextRoleVar)
		os.Setenv(roleVar, role)
	}
	return unix.Exec(args[0], args, os.Environ())
}

// fake is a Judge made of functions; those that are nil say yes.
type fake struct {
	judge   func(ctx context.Context, c *Call) Ruling
	loaded  func(c *Call, i Image) bool
	done    func(c *Call, loaded *Image, failed error)
	refused func(c *Call, why error)

	mu    sync.Mutex
	calls []*Call // guarded by mu

	telling sync.Mutex // held while done and refused run, which need no lock of their own
}

func (f *fake) Judge(ctx context.Context, c *Call) Ruling {
	f.mu.Lock()
	f.calls = append(f.calls, c)
	f.mu.Unlock()
	if f.judge == nil {
		return Ruling{}
	}
	return f.judge(ctx, c)
}

func (f *fake) Loaded(_ context.Context, c *Call, _ Ruling, i Image) bool {
	return f.loaded == nil || f.loaded(c, i)
}

func (f *fake) Done(c *Call, _ Ruling, loaded *Image, failed error) {
	if f.done != nil {
		f.telling.Lock()
		defer f.telling.Unlock()
		f.done(c, loaded, failed)
	}
}

func (f *fake) Refused(c *Call, why error) {
	if f.refused != nil {
		f.telling.Lock()
		defer f.telling.Unlock()
		f.refused(c, why)
	}
}

// called returns the calls so far for programs of that name.
func (f *fake) called(name string) (found []*Call) {
	f.mu.Lock()
	defer f.mu.Unlock()
	for _, c := range f.calls {
		if filepath.Base(c.Path) == name {
			found = append(found, c)
		}
	}
	return found
}

// tree is a process tree under the hook, with its Tracer in the test.
type tree struct {
	t      testing.TB
	tracer *Tracer
	cmd    *exec.Cmd
	pidfd  int
	level  string
	served chan error
}

// plant starts args under the hook. change may alter the command before. Calls are
// parked only by the Judge.
func plant(t testing.TB, judge Judge, change func(*exec.Cmd), args ...string) *tree {
	t.Helper()
	return plantWith(t, &Tracer{Judge: judge, slow: time.Hour}, change, args...)
}

func plantWith(t testing.TB, tracer *Tracer, change func(*exec.Cmd), args ...string) *tree {
	t.Helper()
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(pair[0])
	theirs := os.NewFile(uintptr(pair[1]), "pair")
	tr := &tree{t: t, tracer: tracer, served: make(chan error, 1)}
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(args[0], "/") {
		if args[0], err = exec.LookPath(args[0]); err != nil {
			t.Skip(err)
		}
	}
	tr.cmd = exec.Command(self, args...)
	tr.cmd.Env = append(os.Environ(), roleVar+"=enter")
	out, err := os.CreateTemp(t.TempDir(), "out") // no pipe: its copying goroutine would wait for survivors
	if err != nil {
		t.Fatal(err)
	}
	tr.cmd.Stdout, tr.cmd.Stderr = out, out
	tr.cmd.ExtraFiles = []*os.File{theirs}
	if change != nil {
		change(tr.cmd)
	}
	if err := tr.cmd.Start(); err != nil {
		t.Fatal(err)
	}
	theirs.Close()
	if tr.pidfd, err = unix.PidfdOpen(tr.cmd.Process.Pid, 0); err != nil {
		t.Fatal(err)
	}
	listener := tr.receive(pair[0])
	if listener < 0 {
		t.Fatalf("no listener came: %v\n%s", tr.cmd.Wait(), read(out))
	}
	go func() {
		tr.served <- tr.tracer.Serve(listener)
		unix.Close(listener)
	}()
	t.Cleanup(func() {
		out.Close()
		unix.Close(tr.pidfd)
	})
	return tr
}

func (tr *tree) receive(sock int) int {
	text, oob := make([]byte, 64), make([]byte, 64)
	n, on, _, _, err := unix.Recvmsg(sock, text, oob, unix.MSG_CMSG_CLOEXEC)
	if err != nil || n == 0 {
		return -1
	}
	tr.level = string(text[:n])
	messages, err := unix.ParseSocketControlMessage(oob[:on])
	if err != nil || len(messages) != 1 {
		return -1
	}
	fds, err := unix.ParseUnixRights(&messages[0])
	if err != nil || len(fds) != 1 {
		return -1
	}
	return fds[0]
}

func read(f *os.File) string {
	b, err := io.ReadAll(io.NewSectionReader(f, 0, 1<<20))
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// end waits for the command, as the owner of a Tracer must, and for the last
// process of the tree.
func (tr *tree) end() (status unix.WaitStatus, output string) {
	tr.t.Helper()
	pid := tr.cmd.Process.Pid
	tr.await()
	tr.tracer.Quiet(func() {
		_, err := unix.Wait4(pid, &status, 0, nil)
		if err != nil {
			var ok bool
			if status, ok = tr.tracer.Taken(pid); !ok {
				tr.t.Errorf("the status of the command is lost: %v", err)
			}
		}
	})
	tr.cmd.Process.Release()
	if err := <-tr.served; err != nil {
		tr.t.Errorf("serve: %v", err)
	}
	return status, read(tr.cmd.Stdout.(*os.File))
}

func exists(path string) bool {
	_, err := os.Lstat(path)
	return err == nil
}

// await returns when the command has ended. waitid(2) would return at stops of the
// Tracer's too, whatever it was asked for.
func (tr *tree) await() {
	for {
		_, err := unix.Poll([]unix.PollFd{{Fd: int32(tr.pidfd), Events: unix.POLLIN}}, -1)
		if err != unix.EINTR {
			return
		}
	}
}

// asRole has the command of plant, which is this test binary again, play a role
// after it was hooked.
func asRole(role string) func(*exec.Cmd) {
	if role == "" {
		return nil
	}
	return func(cmd *exec.Cmd) { cmd.Env = append(cmd.Env, nextRoleVar+"="+role) }
}

// quick says yes and keeps nothing.
type quick struct{}

func (quick) Judge(context.Context, *Call) Ruling               { return Ruling{} }
func (quick) Loaded(context.Context, *Call, Ruling, Image) bool { return true }
func (quick) Done(*Call, Ruling, *Image, error)                 {}
