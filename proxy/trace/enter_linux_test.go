package trace

import (
	"bytes"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"golang.org/x/sys/unix"
)

func TestWhatAGuardedProcessMayNot(t *testing.T) {
	tr := plant(t, &fake{}, asRole("forbidden"), os.Args[0])
	_, out := tr.end()
	want := "typing: EPERM\nlimits of guard: EPERM\nown limits: \nlistener: EBUSY\nfilter: \nsignal: EPERM\n"
	if runtime.GOARCH == "amd64" {
		want += "x32: ENOSYS\n"
	}
	want += "nested: true\n"
	if !strings.Contains(tr.level, "signals") {
		want = strings.Replace(want, "signal: EPERM", "signal: ", 1)
	}
	if out != want {
		t.Errorf("level %s: got\n%s\nwant\n%s", tr.level, out, want)
	}
}

// Landlock's scopes came with Linux 6.12 (ABI 6).
func TestSignalsStayInsideWhereTheKernelCanKeepThem(t *testing.T) {
	abi, _, errno := unix.Syscall(unix.SYS_LANDLOCK_CREATE_RULESET, 0, 0, 1)
	tr := plant(t, &fake{}, nil, "true")
	tr.end()
	if want := errno == 0 && abi >= 6; strings.Contains(tr.level, "signals") != want {
		t.Errorf("level %s with Landlock %d", tr.level, abi)
	}
}

func TestASandboxedTreeWritesOnlyWhereItMay(t *testing.T) {
	inside, outside := t.TempDir(), t.TempDir()
	for _, dir := range []string{inside, outside} {
		for _, name := range []string{"old", "gone"} {
			if err := os.WriteFile(filepath.Join(dir, name), []byte("old\n"), 0o600); err != nil {
				t.Fatal(err)
			}
		}
	}
	line := `for d in ` + inside + ` ` + outside + `; do
		(echo new >$d/new); (echo more >>$d/old); rm -f $d/gone; mkdir $d/dir; ln -s x $d/link; cat $d/old >/dev/null && echo read
	done 2>/dev/null`
	tr := plant(t, &fake{}, func(cmd *exec.Cmd) {
		cmd.Env = append(cmd.Env, "TRACE_TEST_SANDBOX="+inside+":/does/not/exist")
	}, "sh", "-c", line)
	_, out := tr.end()
	if !strings.Contains(tr.level, "files") || out != "read\nread\n" {
		t.Errorf("level %s, got %q", tr.level, out)
	}
	for _, c := range []struct {
		dir     string
		changed bool
	}{{inside, true}, {outside, false}} {
		old, err := os.ReadFile(c.dir + "/old")
		if err != nil {
			t.Fatal(err)
		}
		got := []bool{exists(c.dir + "/new"), string(old) == "old\nmore\n", !exists(c.dir + "/gone"), exists(c.dir + "/dir"), exists(c.dir + "/link")}
		for i, changed := range got {
			if changed != c.changed {
				t.Errorf("%s: change %d happened: %v", map[bool]string{true: "inside", false: "outside"}[c.changed], i, changed)
			}
		}
	}
}

func TestTheCanaryNeedsATracer(t *testing.T) {
	pair, err := unix.Socketpair(unix.AF_UNIX, unix.SOCK_SEQPACKET|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		t.Fatal(err)
	}
	unix.Close(pair[0]) // nobody takes the listener
	theirs := os.NewFile(uintptr(pair[1]), "pair")
	defer theirs.Close()
	victim := filepath.Join(t.TempDir(), "victim")
	cmd := exec.Command(os.Args[0], "prove", "/bin/touch", victim)
	cmd.Env = append(os.Environ(), roleVar+"=prove")
	out, err := cmd.CombinedOutput()
	if err == nil || !bytes.Contains(out, []byte("prove the exec hook")) || exists(victim) {
		t.Errorf("got %v %q, it ran: %v", err, out, exists(victim))
	}
}

func init() {
	roles["prove"] = func(args []string) error {
		listener, _, err := Enter(Limits{})
		if err != nil {
			return err
		}
		unix.Close(listener)
		if err := Prove(); err != nil {
			return err
		}
		return unix.Exec(args[1], args[1:], nil)
	}
}

func TestTheCanaryAnswersWithErrnosThatNoKernelHas(t *testing.T) {
	seen := make(map[int]bool)
	for range 5000 {
		errno := canaryAnswer(rand.Text())
		if errno <= 530 || errno > 4094 || errno < canaryErrno {
			t.Fatalf("got %d", errno)
		}
		seen[errno] = true
	}
	if len(seen) < 900 {
		t.Errorf("only %d different ones", len(seen))
	}
}

func TestTheCanaryTellsAFilterFromNone(t *testing.T) {
	err := Prove() // in this process, which has no filter
	if err == nil || errors.Is(err, ErrUnsupported) || !errors.Is(err, unix.ENOENT) {
		t.Errorf("got %v", err)
	}
}

// A program for i386 that executes /bin/true by int 0x80.
func TestThirtyTwoBitCallsAreJudged(t *testing.T) {
	if runtime.GOARCH != "amd64" {
		t.Skip("int 0x80 is of x86")
	}
	name := filepath.Join(t.TempDir(), "program")
	if err := os.WriteFile(name, program386(), 0o755); err != nil {
		t.Fatal(err)
	}
	var status unix.WaitStatus
	judge := &fake{loaded: func(c *Call, i Image) bool {
		t.Errorf("predicted %+v, loaded %+v", c.Image, i)
		return true
	}}
	tr := plant(t, judge, nil, "sh", "-c", name+" 2>/dev/null")
	status, _ = tr.end()
	if status.ExitStatus() == 126 {
		t.Skip("this kernel runs no programs for i386")
	}
	calls := judge.called("true")
	if status != 0 || len(calls) != 1 || len(calls[0].Argv) != 1 || calls[0].Argv[0] != "/bin/true" {
		t.Errorf("got %v, %+v", status, calls)
	}
}

func program386() []byte {
	const base, code = 0x08048000, 52 + 32
	text := []byte{
		0xb8, 11, 0, 0, 0, // mov eax, execve
		0xbb, 0, 0, 0, 0, // mov ebx, path
		0xb9, 0, 0, 0, 0, // mov ecx, argv
		0x31, 0xd2, // xor edx, edx
		0xcd, 0x80, // int 0x80
		0x89, 0xc3, // mov ebx, eax
		0xb8, 1, 0, 0, 0, // mov eax, exit
		0xcd, 0x80,
	}
	path := uint32(base + code + len(text))
	le := binary.LittleEndian
	le.PutUint32(text[6:], path)
	le.PutUint32(text[11:], path+12)
	text = append(text, "/bin/true\x00\x00\x00"...)
	text = le.AppendUint32(text, path)
	text = le.AppendUint32(text, 0)

	b := append([]byte("\x7fELF\x01\x01\x01"), make([]byte, 9)...)
	for _, half := range []uint16{2, 3} { // ET_EXEC, EM_386
		b = le.AppendUint16(b, half)
	}
	for _, word := range []uint32{1, base + code, 52, 0, 0} { // version, entry, program headers, sections, flags
		b = le.AppendUint32(b, word)
	}
	for _, half := range []uint16{52, 32, 1, 0, 0, 0} {
		b = le.AppendUint16(b, half)
	}
	size := uint32(code + len(text))
	for _, word := range []uint32{1, 0, base, base, size, size, 5, 0x1000} { // PT_LOAD, read and execute
		b = le.AppendUint32(b, word)
	}
	return append(b, text...)
}
