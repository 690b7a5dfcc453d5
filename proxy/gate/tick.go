package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// lostGrace is how long guard may be without its connection before its session
// is taken for dead; longer than a client tries to come back.
const lostGrace = 15 * time.Second

// tick wakes when a hold's step or a lost session may be over, and settles what
// is. It goes back to sleep without a timer when nothing can come due.
func (g *Gate) tick() {
	failed := errors.Join(g.settleApproved(context.Background()), g.settle(context.Background()))
	g.tellLater()
	for {
		g.mu.Lock()
		changed, due, any := g.changed, g.due(), len(g.pending()) > 0 || len(g.lost) > 0 || len(g.raisedSessions()) > 0
		g.mu.Unlock()
		var timer <-chan time.Time
		if failed != nil {
			due = max(due, retryAfter)
		}
		if any {
			timer = time.After(due)
		}
		select {
		case <-g.done:
			return
		case <-changed:
		case <-timer:
		case <-g.ripe:
			if err := g.snapshot(); err != nil {
				g.opt.Log.Error("leave a snapshot", "error", err)
			}
		}
		before := failed
		if failed = g.settle(context.Background()); failed != nil && (before == nil || before.Error() != failed.Error()) {
			g.opt.Log.Error("settle what time has done", "error", failed)
		}
	}
}

// retryAfter is how long what could not be put on record waits: a full disk must
// not make guardd spin, nor fill the log with one line.
const retryAfter = 5 * time.Second

// due is how long nothing can come due. mu is held.
func (g *Gate) due() time.Duration {
	due, now := time.Hour, g.clock.now()
	for _, h := range g.pending() {
		age := g.clock.age(h, now)
		_, ends, _ := stepAt(h, age)
		due = min(due, ends-age)
	}
	if len(g.lost)+len(g.left) > 0 {
		due = min(due, time.Second)
	}
	if g.falls > 0 {
		due = min(due, g.falls-now.boot)
	}
	if g.looked.epoch == g.epoch && g.looked.next > 0 {
		due = min(due, g.looked.next-now.boot+g.looked.at.boot)
	}
	return max(due, 20*time.Millisecond)
}

// settle puts on record what time has done. What has moved meanwhile is settled
// by the wake that comes with it.
func (g *Gate) settle(ctx context.Context) error {
	var errs []error
	note := func(err error) {
		if err != nil && !errors.Is(err, errMoved) {
			errs = append(errs, err)
		}
	}
	note(g.settleTime(ctx))
	note(g.settleLeft(ctx))
	note(g.settleSurge(ctx))
	g.mu.Lock()
	lost := maps.Clone(g.lost)
	g.mu.Unlock()
	for _, id := range slices.Sorted(maps.Keys(lost)) {
		if err := g.settleLost(ctx, id, lost[id]); err != nil {
			note(fmt.Errorf("end lost session %s: %w", id, err))
		}
	}
	return errors.Join(errs...)
}

// settleLeft ends holds whose last waiter has gone without a word.
func (g *Gate) settleLeft(ctx context.Context) error {
	g.mu.Lock()
	epoch, drafts := g.epoch, []receipt.Draft(nil)
	for _, id := range slices.Sorted(maps.Keys(g.left)) {
		h := g.state.Holds[id]
		if h == nil || h.State != proxy.Pending || h.Detached || len(g.waiting[id]) > 0 {
			delete(g.left, id)
			continue
		}
		drafts = append(drafts, draft(state.HoldResolved, g.resolution(id, proxy.Cancelled, "guard", "the asker has gone")))
	}
	g.mu.Unlock()
	if len(drafts) == 0 {
		return nil
	}
	_, err := g.append(ctx, g.unmoved(epoch), true, drafts...)
	return err
}

// settleLost ends a session whose guard process is gone, or has not come back
// meanwhile.
func (g *Gate) settleLost(ctx context.Context, id string, since time.Duration) error {
	lost := func() error {
		if at, still := g.lost[id]; !still || at != since {
			return errMoved
		}
		return nil
	}
	g.mu.Lock()
	s := g.state.Sessions[id]
	if s == nil {
		delete(g.lost, id)
		g.mu.Unlock()
		return nil
	}
	gone := s.BootID != g.clock.bootID || startTime(s.PID) != s.Start
	late := g.clock.now().boot-since > lostGrace
	g.mu.Unlock()
	switch {
	case gone:
		return g.endIf(ctx, lost, id, "guard died")
	case late:
		return g.endIf(ctx, lost, id, "guard lost its connection")
	}
	return nil
}

// startTime is when a process was started, in clock ticks since boot (field 22
// of /proc/PID/stat); 0 if it is not there or only waits to be reaped.
func startTime(pid int) uint64 {
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	if err != nil {
		return 0
	}
	// The name in parentheses may hold blanks and parentheses itself.
	fields := strings.Fields(string(stat[strings.LastIndexByte(string(stat), ')')+1:]))
	if len(fields) < 20 || fields[0] == "Z" || fields[0] == "X" {
		return 0
	}
	start, err := strconv.ParseUint(fields[19], 10, 64)
	if err != nil {
		return 0
	}
	return start
}
