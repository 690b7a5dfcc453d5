package gate

import (
	"context"
	"fmt"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// surged raises the session's agent to level 1 by twelve actions of tier MEDIUM,
// one each minute, and goes to half a minute before the first of them is too old.
func (w *world) surged() {
	w.t.Helper()
	w.elevate("guardian", w.person()) // where MEDIUM runs
	for i := range 12 {
		w.decide(w.command(fmt.Sprintf("docker rm a%d", i)))
		if i < 11 {
			w.hands.move(time.Minute, time.Minute)
		}
	}
	w.hands.move(3*time.Minute+30*time.Second, 3*time.Minute+30*time.Second)
}

func (w *world) holdState(id string) string {
	w.t.Helper()
	view, err := w.g.Read(w.t.Context(), proxy.Look{What: proxy.LookHold, ID: id})
	if err != nil {
		w.t.Fatal(err)
	}
	return view.Holds[0].State
}

// wantHold waits for a hold to get into a state: the gate's own tick may be about to
// decide it.
func (w *world) wantHold(id, want string) {
	w.t.Helper()
	ctx, stop := context.WithTimeout(w.t.Context(), 3*time.Minute)
	defer stop()
	look := proxy.Look{What: proxy.LookHold, ID: id}
	for {
		view, err := w.g.Read(ctx, look)
		if err != nil {
			w.t.Fatalf("wait for hold %s to be %s: %v", id, want, err)
		}
		if view.Holds[0].State == want {
			return
		}
		look.Since = view.Change
	}
}

// dueIn is when the gate's own timer would wake.
func (w *world) dueIn() time.Duration {
	w.settle()
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	return w.g.due()
}

func TestWhatASurgeHoldsIsDecidedAgainWhenItFalls(t *testing.T) {
	w := newWorld(t)
	w.surged()
	r := w.keyed("k", "touch a")
	a := w.decide(r)
	if a.Verdict != proxy.Hold || a.Findings[0].ID != "surge.level" {
		t.Fatalf("got %s %+v, want it held by the surge", a.Verdict, a.Findings)
	}
	if due := w.dueIn(); due > 31*time.Second {
		t.Errorf("the timer wakes in %s, want when the first action is too old, in 30 s", due)
	}
	w.hands.move(30*time.Second, 30*time.Second)
	w.settle()
	if got := w.holdState(a.Hold.ID); got != proxy.Pending {
		t.Errorf("at the cutoff: %s, want pending (S3-04)", got)
	}
	w.hands.move(2*time.Millisecond, 2*time.Millisecond)
	w.settle()
	w.wantHold(a.Hold.ID, proxy.Approved)
	if a := w.decide(r); a.Verdict != proxy.Allow {
		t.Errorf("got %s, want allow", a.Verdict)
	}
	w.wantDone(w.keyed("k", "touch a"), proxy.KeyRunning)
}

func TestTheNextGuarddSeesASurgeFallAsWell(t *testing.T) {
	w := newWorld(t)
	w.surged()
	r := w.command("touch a")
	a := w.decide(r)
	w.reopen()
	w.decide(r) // its asker comes back and waits again
	w.hands.move(31*time.Second, 31*time.Second)
	w.settle()
	w.wantHold(a.Hold.ID, proxy.Approved)
}

func TestWhatIsHeldForItselfStaysHeldWhenASurgeFalls(t *testing.T) {
	w := newWorld(t)
	w.surged()
	_, h := w.held() // which counts itself
	w.hands.move(91*time.Second, 91*time.Second)
	w.settle()
	if got := w.holdState(h.ID); got != proxy.Pending {
		t.Errorf("got %s, want pending", got)
	}
	w.g.mu.Lock()
	level := w.g.heldAt[h.ID]
	w.g.mu.Unlock()
	if level != 0 {
		t.Errorf("it is looked at for ever: level %d, want 0", level)
	}
}

func TestALockoutFallsByNoTime(t *testing.T) {
	w := newWorld(t)
	w.touches(0, 60)
	w.hands.move(time.Hour, time.Hour)
	w.settle()
	if a := w.touches(100, 1); a.Verdict != proxy.Deny {
		t.Errorf("an hour later: got %s, want deny", a.Verdict)
	}
}
