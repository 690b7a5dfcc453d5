package trace

import (
	"context"
	"path/filepath"
	"testing"

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

func TestADeniedExecutionFailsWithEPERM(t *testing.T) {
	judge := &fake{judge: func(_ context.Context, c *Call) Ruling {
		if filepath.Base(c.File.Path) == "touch" {
			return Ruling{Errno: unix.EPERM}
		}
		return Ruling{}
	}}
	victim := filepath.Join(t.TempDir(), "victim")
	tr := plant(t, judge, nil, "sh", "-c", "touch "+victim+"; echo $?")
	_, out := tr.end()
	if want := "126\n"; len(out) < 4 || out[len(out)-4:] != want {
		t.Errorf("got %q, want it to end with %q", out, want)
	}
	if exists(victim) {
		t.Error("it ran")
	}
}
