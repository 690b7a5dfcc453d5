package spawn

import (
	"bytes"
	"crypto/sha256"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/creack/pty"
	"golang.org/x/sys/unix"
)

// bare starts littleGuard without a terminal.
func bare(t *testing.T, args ...string) *exec.Cmd {
	cmd := exec.Command(os.Args[0], append([]string{"__guard"}, args...)...)
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true}
	return cmd
}

func TestEveryExitStatusComesBackWithoutATerminal(t *testing.T) {
	for code := range 256 {
		if got := run(t, bare(t, "sh", "-c", fmt.Sprint("exit ", code))).code(); got != code {
			t.Errorf("exit %d came back as %d", code, got)
		}
	}
}

func TestExitStatusesComeBackFromATerminal(t *testing.T) {
	for _, code := range []int{0, 1, 2, 75, 124, 125, 126, 127, 128, 130, 254, 255} {
		c := newConsole(t)
		if got := c.guard("sh", "-c", fmt.Sprint("exit ", code)).code(); got != code {
			t.Errorf("exit %d came back as %d", code, got)
		}
	}
}

func TestASignalThatEndsTheCommandComesBackAs128PlusItsNumber(t *testing.T) {
	for _, sig := range []unix.Signal{unix.SIGHUP, unix.SIGINT, unix.SIGKILL, unix.SIGTERM, unix.SIGUSR1, unix.SIGSEGV, unix.SIGPIPE} {
		for _, mode := range modes {
			t.Run(unix.SignalName(sig)+mode, func(t *testing.T) {
				j := newConsole(t).guard(mode, "sh", "-c", fmt.Sprintf("kill -%d $$", sig))
				j.remote.next("started")
				if got, want := j.remote.next("status"), fmt.Sprintf("%d %s", 128+int(sig), unix.SignalName(sig)); got != want {
					t.Errorf("status = %q, want %q", got, want)
				}
				if got := j.code(); got != 128+int(sig) {
					t.Errorf("code = %d, want %d", got, 128+int(sig))
				}
			})
		}
	}
}

func TestAProgramThatCannotBeExecutedIsAnErrorThatSaysWhy(t *testing.T) {
	plain := filepath.Join(t.TempDir(), "plain")
	if err := os.WriteFile(plain, []byte("no program"), 0o600); err != nil {
		t.Fatal(err)
	}
	for _, mode := range modes {
		c := newConsole(t)
		if got := c.guard(mode, "/no/such/program").code(); got != 127 {
			t.Errorf("%s: a missing program gives %d, want 127", mode, got)
		}
		c.expect("no such file or directory")
		c = newConsole(t)
		if got := c.guard(mode, plain).code(); got != 125 {
			t.Errorf("%s: a file without x gives %d, want 125", mode, got)
		}
		c.expect("permission denied")
	}
}

func noise(t *testing.T) (string, []byte) {
	t.Helper()
	b := make([]byte, 1<<20)
	r := rand.New(rand.NewPCG(1, 2))
	for i := range b {
		b[i] = byte(r.Uint32())
	}
	path := filepath.Join(t.TempDir(), "noise")
	if err := os.WriteFile(path, b, 0o600); err != nil {
		t.Fatal(err)
	}
	return path, b
}

func TestPipesAreHandedOnByteForByte(t *testing.T) {
	_, want := noise(t)
	cmd := bare(t, "cat")
	cmd.Stdin = bytes.NewReader(want)
	got, err := cmd.Output()
	if err != nil || !bytes.Equal(got, want) {
		t.Errorf("cat gave %d bytes and error %v, want the %d bytes it was given", len(got), err, len(want))
	}
}

func TestAMebibyteComesThroughTheTerminalWhole(t *testing.T) {
	path, want := noise(t)
	c := newConsole(t)
	c.setModes(rawModes)
	if code := c.guard("cat", path).code(); code != 0 {
		t.Fatalf("code = %d", code)
	}
	c.await("1 MiB", func(b []byte) int {
		if len(b) < len(want) {
			return -1
		}
		return 0
	})
	if got := c.all(); got != string(want) {
		t.Errorf("got %d bytes, want the %d that were written", len(got), len(want))
	}
}

func TestAMebibyteTypedReachesTheCommandWhole(t *testing.T) {
	_, want := noise(t)
	c := newConsole(t)
	c.setModes(rawModes)
	j := c.guard("sh", "-c", "echo ready; head -c 1048576 | sha256sum")
	c.expect("ready")
	c.send(string(want))
	c.expect(fmt.Sprintf("%x", sha256.Sum256(want)))
	if code := j.code(); code != 0 {
		t.Errorf("code = %d", code)
	}
}

func TestDescriptorsEnvironmentAndDirectoryAreHandedOnUnchanged(t *testing.T) {
	const script = `cat <&3; cat <&7; env | sort; pwd; echo $(ls /proc/self/fd); grep -E "Sig(Blk|Ign|Cgt)" /proc/self/status; ulimit -n; umask; echo .`
	dir := t.TempDir()
	seen := func(how string) string {
		c := newConsole(t)
		// bash opens 3 and 7, ignores HUP, and becomes what is tested.
		j := c.start("env", "-i", "PATH="+os.Getenv("PATH"), "X=a b", "bash", "-c",
			`cd "$1"; exec 3<<<three 7<<<seven; trap "" HUP; `+how+` sh -c '`+script+`'`, os.Args[0], dir)
		if code := j.code(); code != 0 {
			t.Errorf("%s: code = %d", how, code)
		}
		c.expect("\r\n.\r\n")
		return c.all()
	}
	want := seen("exec")
	for _, mode := range modes {
		if got := seen(`exec "$0" __guard ` + mode); got != want {
			t.Errorf("%s: with guard the command sees\n%s\nwithout\n%s", mode, got, want)
		}
	}
}

func TestStandardErrorThatIsAFileStaysThatFile(t *testing.T) {
	c := newConsole(t)
	file, err := os.Create(filepath.Join(t.TempDir(), "err"))
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	cmd := exec.Command(os.Args[0], "__guard", "sh", "-c", "test -t 0 && test -t 1 && ! test -t 2 && echo oops >&2")
	cmd.Stdin, cmd.Stdout, cmd.Stderr = c.slave, c.slave, file
	cmd.SysProcAttr = &unix.SysProcAttr{Setsid: true, Setctty: true}
	if code := run(t, cmd).code(); code != 0 {
		t.Errorf("code = %d", code)
	}
	if got, _ := os.ReadFile(file.Name()); string(got) != "oops\n" {
		t.Errorf("file has %q", got)
	}
}

func TestWindowSizeIsThereFromTheStartAndFollows(t *testing.T) {
	c := newConsole(t)
	if err := pty.Setsize(c.master, &pty.Winsize{Rows: 33, Cols: 99}); err != nil {
		t.Fatal(err)
	}
	j := c.guard("bash", "-c", `trap 'stty size; exit 7' WINCH; stty size; while :; do read -t 1; done`)
	c.expect("33 99")
	if err := pty.Setsize(c.master, &pty.Winsize{Rows: 12, Cols: 34}); err != nil {
		t.Fatal(err)
	}
	c.expect("12 34")
	if code := j.code(); code != 7 {
		t.Errorf("code = %d, want 7", code)
	}
}

func TestTheCommandStartsWithGuardsModesInItsOwnForeground(t *testing.T) {
	c := newConsole(t)
	c.setModes(func(m *unix.Termios) { m.Cc[unix.VINTR] = 'k' & 0x1f })
	j := c.guard("sh", "-c", `stty -a | grep -o 'intr = ^K'; ps -o tpgid=,pgid=,pid=,sid= -p $$`)
	c.expect("intr = ^K")
	var tpgid, pgid, pid, sid int
	pidAsSeen, _ := strconv.Atoi(j.remote.next("started"))
	if code := j.code(); code != 0 {
		t.Errorf("code = %d", code)
	}
	c.await("four numbers", func(b []byte) int {
		if n, _ := fmt.Sscan(string(b), &tpgid, &pgid, &pid, &sid); n < 4 {
			return -1
		}
		return len(b)
	})
	if tpgid != pid || pgid != pid || pid != pidAsSeen || sid == pid || sid == j.Process.Pid {
		t.Errorf("foreground %d, group %d, pid %d (told %d), session %d of guard %d", tpgid, pgid, pid, pidAsSeen, sid, j.Process.Pid)
	}
}

func TestOrphansFallToGuardOrItsMonitorAndAreReaped(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := newConsole(t)
			// The grandchild outlives its parent, says whose child it is now, and dies.
			t.Chdir(t.TempDir())
			script(t, "orphan", `echo $$; while read _ _ _ p _ </proc/$$/stat; [ $p = $1 ]; do :; done; echo parent $p`)
			script(t, "middle", `bash orphan $$ & exit`)
			j := c.guard(mode, "bash", "-c", "bash middle; read")
			guard := j.Process.Pid
			if strings.Contains(mode, "hooked") { // its monitor
				command, _ := strconv.Atoi(j.remote.next("started"))
				p, _ := look(command)
				guard = p.parent
			}
			c.expect(fmt.Sprintf("parent %d\r\n", guard))
			pid, err := strconv.Atoi(strings.Fields(c.all())[0])
			if err != nil {
				t.Fatal(err)
			}
			waitGone(t, pid)
			c.send("\r")
			if code := j.code(); code != 0 {
				t.Errorf("code = %d", code)
			}
		})
	}
}

func script(t *testing.T, name, text string) {
	t.Helper()
	if err := os.WriteFile(name, []byte(text+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
}

// waitGone waits until there is no process pid, not even a zombie. What nobody else
// collects comes to the tests (see TestMain), and is collected here.
func waitGone(t *testing.T, pid int) {
	t.Helper()
	fd, err := unix.PidfdOpen(pid, 0)
	if err == unix.ESRCH {
		return
	}
	if err != nil {
		t.Fatal(err)
	}
	defer unix.Close(fd)
	// A pidfd is hung up when its process has been collected.
	for end := time.Now().Add(patience); ; {
		fds := []unix.PollFd{{Fd: int32(fd)}}
		if n, err := unix.Poll(fds, 10); n > 0 && err == nil {
			return
		}
		_, _ = unix.Wait4(pid, nil, unix.WNOHANG, nil)
		if time.Now().After(end) {
			t.Fatalf("process %d is still there", pid)
		}
	}
}

func TestGuardCannotBeTracedAndTheCommandCan(t *testing.T) {
	for _, mode := range modes {
		t.Run(mode, func(t *testing.T) {
			c := newConsole(t)
			j := c.guard(mode, "sh", "-c", "echo up; read x")
			c.expect("up")
			pid, _ := strconv.Atoi(j.remote.next("started"))
			if !dumpable(t, pid) {
				t.Error("the command is closed to tracers")
			}
			p, _ := look(pid)
			for who := p.parent; who != os.Getpid(); {
				if dumpable(t, who) {
					t.Errorf("process %d between the test and the command is open to tracers", who)
				}
				p, _ := look(who)
				who = p.parent
			}
			c.send("\r")
			j.code()
		})
	}
}

// dumpable says whether processes of the same user may trace pid: if not, its files
// in /proc belong to root (proc(5)).
func dumpable(t *testing.T, pid int) bool {
	t.Helper()
	var st unix.Stat_t
	if err := unix.Stat(fmt.Sprintf("/proc/%d/environ", pid), &st); err != nil {
		t.Fatal(err)
	}
	return st.Uid != 0 || st.Gid != 0
}
