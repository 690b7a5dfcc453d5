package trace

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"golang.org/x/sys/unix"
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

func init() { roles["storm"] = storm }

// storm executes /bin/true again and again in processes that get signals all the
// while.
func storm([]string) error {
	for range 200 {
		p, err := os.StartProcess("/bin/true", []string{"true"}, &os.ProcAttr{Env: []string{}})
		if err != nil {
			return err
		}
		stop := make(chan struct{})
		var all sync.WaitGroup
		all.Go(func() {
			for {
				select {
				case <-stop:
					return
				default:
					p.Signal(unix.SIGSTOP)
					p.Signal(unix.SIGURG)
					p.Signal(unix.SIGCHLD)
					p.Signal(unix.SIGCONT)
				}
			}
		})
		state, err := p.Wait()
		close(stop)
		all.Wait()
		if err != nil || !state.Success() {
			return fmt.Errorf("%v %w", state, err)
		}
	}
	return nil
}

func TestSignalsDoNotDisturbAnExecution(t *testing.T) {
	var lost atomic.Int64
	judge := &counting{failed: &lost}
	status, out := plant(t, judge, asRole("storm"), os.Args[0]).end()
	if status != 0 || out != "" || lost.Load() != 0 || judge.differed.Load() != 0 {
		t.Errorf("got %v %q; %d failed, %d were taken for something else", status, out, lost.Load(), judge.differed.Load())
	}
}

// Without descriptors nothing can be looked at: a name is not followed, and what
// was loaded is not seen.
func TestATracerOutOfDescriptorsLetsNothingRun(t *testing.T) {
	var before unix.Rlimit
	if err := unix.Getrlimit(unix.RLIMIT_NOFILE, &before); err != nil {
		t.Fatal(err)
	}
	limit := func(n uint64) {
		if err := unix.Setrlimit(unix.RLIMIT_NOFILE, &unix.Rlimit{Cur: n, Max: before.Max}); err != nil {
			t.Error(err)
		}
	}
	defer limit(before.Cur)
	victim := filepath.Join(t.TempDir(), "victim")
	var why error
	var failed []error
	judge := &fake{
		judge: func(_ context.Context, c *Call) Ruling {
			if filepath.Base(c.Path) == "mkdir" {
				limit(1)
			}
			return Ruling{}
		},
		done: func(_ *Call, _ *Image, err error) { failed = append(failed, err) },
		refused: func(_ *Call, err error) {
			why = err
			limit(before.Cur)
		},
	}
	line := "/bin/mkdir " + victim + " 2>/dev/null; /bin/touch " + victim + " 2>/dev/null; echo $?"
	_, out := plant(t, judge, nil, "sh", "-c", line).end()
	if !strings.HasSuffix(out, "126\n") || why == nil || exists(victim) {
		t.Errorf("got %q, %v, it ran: %v", out, why, exists(victim))
	}
	if want := []error{nil, ErrUnseen}; !slices.Equal(failed, want) {
		t.Errorf("done was told %v, want %v", failed, want)
	}
}
