package gate

import (
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func (w *world) elevate(to string, peer proxy.Peer) proxy.Answer {
	w.t.Helper()
	return w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindElevate, Peer: peer,
		Elevate: &proxy.Elevate{Session: w.session, To: to, Reason: "to test it"}})
}

func (w *world) release(id string, peer proxy.Peer) proxy.Answer {
	w.t.Helper()
	return w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindRelease, Peer: peer,
		Release: &proxy.Release{Session: w.session, ID: id, Reason: "done"}})
}

// agent is a process inside the session.
func (w *world) agent() proxy.Peer {
	return proxy.Peer{Conn: 5, PID: 1, Within: w.session, Guarded: "descends from session " + w.session}
}

func (w *world) profile() string {
	w.t.Helper()
	view, err := w.g.Read(w.t.Context(), proxy.Look{What: proxy.LookSession, ID: w.session})
	if err != nil {
		w.t.Fatal(err)
	}
	return view.Session.Profile
}

func TestAPersonRaisesASessionAndTimeLowersIt(t *testing.T) {
	w := newWorld(t)
	a := w.elevate("guardian", w.person())
	if a.Verdict != proxy.Allow || len(a.Elevations) != 1 || a.Elevations[0].Receipt == "" {
		t.Fatalf("got %+v, want it raised", a)
	}
	if got := w.profile(); got != "guardian" {
		t.Errorf("profile is %s, want guardian", got)
	}
	w.hands.move(7200*time.Second+time.Millisecond, 0)
	if a := w.decide(w.command("ls")); a.Verdict != proxy.Allow {
		t.Errorf("ls: got %s", a.Verdict)
	}
	if got := w.profile(); got != "operator" {
		t.Errorf("after its time the profile is %s, want operator", got)
	}
	if n := w.types(); n[state.ProfileEscalation] != 1 || n[state.ProfileDeescalation] != 1 {
		t.Errorf("got %v, want one receipt for each transition", n)
	}
}

func TestWhatAnAgentAsksForIsHeldAndTakesEffectWithTheApproval(t *testing.T) {
	w := newWorld(t)
	held := w.decide(w.command("docker rm a"))
	if held.Verdict != proxy.Hold {
		t.Fatalf("got %s, want hold", held.Verdict)
	}
	a := w.elevate("guardian", w.agent())
	if a.Verdict != proxy.Hold || a.Hold == nil {
		t.Fatalf("got %+v, want a hold", a)
	}
	if got := w.profile(); got != "operator" {
		t.Fatalf("before the approval the profile is %s", got)
	}
	if _, err := w.vote(a.Hold.ID, true, w.person()); err != nil {
		t.Fatal(err)
	}
	if got := w.profile(); got != "guardian" {
		t.Errorf("after the approval the profile is %s, want guardian", got)
	}
	view, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookHold, ID: held.Hold.ID})
	if err != nil {
		t.Fatal(err)
	}
	if got := view.Holds[0].State; got != proxy.Approved {
		t.Errorf("what was held at MEDIUM is %s, want approved: guardian may run it", got)
	}
}

func TestInnerElevationsEndAfterThoseBuiltOnThem(t *testing.T) {
	w := newWorld(t)
	first := w.elevate("guardian", w.person()).Elevations[0]
	if a := w.elevate("phoenix", w.person()); a.Verdict != proxy.Allow || a.Elevations[0].Type != "sovereign_override" {
		t.Fatalf("got %+v, want it raised by the person who asked", a)
	}
	if a := w.release(first.ID, w.person()); a.Verdict != proxy.Allow {
		t.Fatalf("got %+v", a)
	}
	if got := w.profile(); got != "operator" {
		t.Errorf("the profile is %s, want operator", got)
	}
	if a := w.release(first.ID, w.person()); a.Verdict != proxy.Deny {
		t.Errorf("released twice: got %s, want deny", a.Verdict)
	}
}
