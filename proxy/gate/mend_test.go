package gate

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

func TestARevisionThatNobodySawIsNotAccepted(t *testing.T) {
	w := newWorld(t)
	const workspace = "/home/dev/app"
	policy, err := w.g.policies.For(t.Context(), workspace)
	if err != nil {
		t.Fatal(err)
	}
	c := rego.Change{Workspace: workspace, Revision: policy.Revision(), Previous: "older", Loosens: []string{"a rule is gone"}}
	if _, err := w.g.activatePolicy(c); err != nil {
		t.Fatal(err)
	}
	accept := func(seen string) error {
		a := &deed{policy: policy, request: proxy.Request{Accept: &proxy.Accept{Workspace: workspace, Revision: seen}}}
		_, err := w.g.acceptPolicy(a, &proxy.Answer{})
		return err
	}
	if err := accept("what people agreed on before it changed"); err == nil || !strings.Contains(err.Error(), "has replaced the one that was to be accepted") {
		t.Errorf("another revision: got %v", err)
	}
	if err := accept(policy.Revision()); err != nil {
		t.Errorf("the one that was seen: got %v", err)
	}
	c = rego.Change{Workspace: workspace, Revision: "next", Previous: policy.Revision(), Loosens: []string{"another is gone"}}
	if _, err := w.g.activatePolicy(c); err != nil {
		t.Fatal(err)
	}
	if err := accept("next"); !errors.Is(err, errMoved) {
		t.Errorf("one on record that is not in force yet: got %v, want %v", err, errMoved)
	}
}

// A person and the agent's own speed lock it out at the same moment: the first counts,
// and the receipts can be folded.
func TestTwoLockoutsAtOnceAreOne(t *testing.T) {
	w := newWorld(t)
	w.touches(0, 59)
	var all sync.WaitGroup
	for i := range 8 {
		r := w.command(fmt.Sprintf("touch g%d", i))
		all.Go(func() { w.decide(r) })
		all.Go(func() {
			if _, err := w.lockout(false, w.person()); err != nil && !strings.Contains(err.Error(), "which agent") {
				t.Error(err)
			}
		})
		all.Go(func() {
			if _, err := w.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLockout, Peer: w.person(),
				Lockout: &proxy.Lockout{Agent: userName(w.person().UID), Reason: "it guesses"}}); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	w.reopen()
	if a := w.touches(100, 1); a.Verdict != proxy.Deny {
		t.Errorf("got %s, want deny", a.Verdict)
	}
	if a, err := w.lockout(true, w.atTerminal()); err != nil || a.Verdict != proxy.Allow {
		t.Errorf("one reset ends it: got %+v %v", a, err)
	}
}

func TestABudgetMadeAnewForgetsWhatWasReservedOfIt(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"container.remove": 40}`)
	create := func(per string) {
		t.Helper()
		if a, err := w.budget(proxy.Budget{Op: "create", ID: "b", Units: 100, Per: per}, w.person()); err != nil || a.Verdict != proxy.Allow {
			t.Fatalf("got %+v %v", a, err)
		}
	}
	create("session")
	w.elevate("guardian", w.person())
	r := w.command("docker rm a")
	if a := w.decide(r); a.Verdict != proxy.Allow || w.left("b") != 60 {
		t.Fatalf("got %s, %d left; want it to run with 60 left", a.Verdict, w.left("b"))
	}
	create("")
	w.ends(r, 0)
	w.reopen()
	if got := w.left("b"); got != 100 {
		t.Errorf("%d left of the new one, want 100", got)
	}
}

func TestAGuardedProcessSpendsAndStopsForItsOwnSessionAlone(t *testing.T) {
	w := newWorld(t)
	if _, err := w.budget(proxy.Budget{Op: "create", ID: "b", Units: 100, Per: "session"}, w.person()); err != nil {
		t.Fatal(err)
	}
	stranger := w.agent()
	stranger.Within = "s_000000000000" // of a session that has just ended
	if a, err := w.budget(proxy.Budget{Op: "debit", ID: "b", Units: 1, Reason: "x"}, stranger); err == nil && a.Verdict == proxy.Allow {
		t.Errorf("it spent from nobody's balance: %+v", a)
	}
	w.elevate("guardian", w.person()) // which may lock its own agent out
	a, err := w.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLockout, Peer: w.agent(),
		Lockout: &proxy.Lockout{Agent: "another", Reason: "it is in the way"}})
	if err != nil || a.Verdict != proxy.Deny || a.Findings[0].ID != "velocity.power" {
		t.Errorf("another agent: got %+v %v, want deny", a, err)
	}
	w.wantTypes(map[string]int{state.LockoutEnabled: 0, state.TreasuryDebit: 0})
}

func TestAnAgentThatAsksForAuthorityAgainAndAgainWaitsForTheFirstHolds(t *testing.T) {
	w := newWorld(t)
	for i := range 3 * maxAsked {
		a := w.ask(proxy.Elevate{To: "guardian", Reason: fmt.Sprint("reason ", i)}, w.agent())
		if a.Verdict != proxy.Hold || a.Hold == nil {
			t.Fatalf("%d: got %+v, want a hold", i, a)
		}
	}
	w.wantTypes(map[string]int{state.HoldOpened: maxAsked})
	if a := w.ask(proxy.Elevate{To: "guardian", Reason: "a person's own"}, w.person()); a.Verdict != proxy.Allow {
		t.Errorf("a person: got %+v, want it done", a)
	}
}
