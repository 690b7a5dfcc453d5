package trace

import (
	"context"
	"os"
	"strings"
	"sync/atomic"
	"testing"
)

// Soak with four spawners and a thread storm beside: no call is lost, nothing is
// killed that should run, nothing stays behind.
func TestManyExecutionsAtOnce(t *testing.T) {
	t.Run("as this kernel needs it", func(t *testing.T) { soak(t, false, "5000") })
	t.Run("as kernels before 6.18 need it", func(t *testing.T) { soak(t, true, "1000") })
}

func soak(t *testing.T, settle bool, times string) {
	if testing.Short() {
		times = "500"
	}
	var lost atomic.Int64
	judge := &counting{failed: &lost}
	line := roleVar + "=spawn " + os.Args[0] + " " + times + " 4 >/dev/null && i=0; while [ $i -lt 20 ]; do " +
		roleVar + "=at-once " + os.Args[0] + " /bin/echo || exit 1; i=$((i+1)); done & wait $!"
	status, out := plantWith(t, &Tracer{Judge: judge, settle: settle}, nil, "sh", "-c", line).end()
	if status != 0 || out != strings.Repeat("one\n", 20) {
		t.Errorf("got %v %q", status, out)
	}
	if lost.Load() != 0 || judge.differed.Load() != 0 {
		t.Errorf("%d failed, %d were taken for something else", lost.Load(), judge.differed.Load())
	}
}

type counting struct {
	quick
	differed atomic.Int64
	failed   *atomic.Int64
}

func (j *counting) Loaded(context.Context, *Call, Ruling, Image) bool {
	j.differed.Add(1)
	return false
}

func (j *counting) Done(c *Call, _ Ruling, _ *Image, failed error) {
	if failed == ErrKilled || failed == ErrUnseen || failed == ErrOthers {
		j.failed.Add(1)
	}
}
