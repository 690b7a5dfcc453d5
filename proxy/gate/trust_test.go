package gate

import (
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func (w *world) trust(t proxy.Trust, peer proxy.Peer) (proxy.Answer, error) {
	return w.g.Ask(w.t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindTrust, Peer: peer, Trust: &t})
}

// runs lets an agent have sessions of one command each, which end as they should.
func (w *world) runs(agent string, n int, line string) {
	w.t.Helper()
	for range n {
		peer := w.self(20)
		s := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: peer, Open: &proxy.Open{
			Agent: agent, Argv: []string{agent}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: true,
		}}).Session.ID
		r := w.command(line)
		r.Session, r.Peer = s, peer
		if a := w.decide(r); a.Verdict != proxy.Allow {
			w.t.Fatalf("%s: got %s", line, a.Verdict)
		}
		w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: s, Peer: peer, Outcome: &proxy.Outcome{Request: r.ID}})
		w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: s, Peer: peer})
	}
}

func (w *world) evaluation(agent string) proxy.Evaluation {
	w.t.Helper()
	a, err := w.trust(proxy.Trust{Op: proxy.TrustEvaluate, Agent: agent}, w.person())
	if err != nil || a.Evaluation == nil {
		w.t.Fatalf("got %+v, %v; want an evaluation", a, err)
	}
	return *a.Evaluation
}

func (w *world) level(agent string) string {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	return w.g.state.Trust(agent, os.Getuid())
}

func TestAnAgentIsPromotedByWhatItHasShown(t *testing.T) {
	w := newWorld(t)
	t.Run("S2-07 unknown", func(t *testing.T) {
		e := w.evaluation("nobody")
		if e.Status != "NOT_ELIGIBLE" || e.Missing[0] != "Agent not found in metrics" || e.Recommendation != "Agent has no recorded activity" {
			t.Errorf("got %+v", e)
		}
	})
	w.runs("bot", 9, "make test")
	w.runs("bot", 1, "terraform plan")
	t.Run("S2-09 S2-10 missing", func(t *testing.T) {
		e := w.evaluation("bot")
		want := "Needs to perform action type: ansible_check"
		if e.Status != "NOT_ELIGIBLE" || strings.Join(e.Missing, "; ") != want || e.Met["compliant_runs"] != "10 >= 10" ||
			e.Met["action_terraform_plan"] != "Has performed terraform_plan" || e.Recommendation != "Agent needs to complete 1 requirements" {
			t.Errorf("got %+v, want %q missing", e, want)
		}
		if a, err := w.trust(proxy.Trust{Op: "promote", Agent: "bot"}, w.person()); err != nil || a.Verdict != proxy.Deny ||
			a.Findings[0].Msg != "Agent not eligible: Agent needs to complete 1 requirements" {
			t.Errorf("promoted all the same: %+v, %v", a, err)
		}
	})
	w.runs("bot", 1, "npm publish --dry-run")
	t.Run("S2-12 S2-13 S2-26 promoted", func(t *testing.T) {
		if a, err := w.trust(proxy.Trust{Op: "promote", Agent: "bot"}, w.agent()); err != nil || a.Verdict != proxy.Deny {
			t.Errorf("asked for from inside a session: %+v, %v", a, err)
		}
		a, err := w.trust(proxy.Trust{Op: "promote", Agent: "bot", Reason: "good work"}, w.person())
		if err != nil || a.Verdict != proxy.Allow || a.Note != "Promoted bot from Tier 1 to Tier 2" || w.level("bot") != "T2" {
			t.Errorf("got %+v, %v, level %s", a, err, w.level("bot"))
		}
	})
}

// What T3 asks for besides counts: a person with the role, who has checked all that
// is on the list, if not all at once (S2-03, S2-22, S2-25).
func TestAReviewerChecksWhatThePromotionTakes_S2_25(t *testing.T) {
	w := newWorld(t)
	me := userName(os.Getuid())
	w.runs(me, 22, "make test")
	w.runs(me, 1, "terraform plan")
	w.runs(me, 2, "npm publish --dry-run")
	w.applies()
	promote := func() proxy.Answer {
		t.Helper()
		a, err := w.trust(proxy.Trust{Op: proxy.TrustPromote, Agent: me}, w.person())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	review := func(items ...string) proxy.Answer {
		t.Helper()
		a, err := w.trust(proxy.Trust{Op: proxy.TrustReview, Agent: me, Items: items}, w.person())
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	if a := review("clear_rollbacks"); a.Verdict != proxy.Deny {
		t.Errorf("reviewed for T2: got %s, want deny", a.Verdict)
	}
	if a := promote(); a.Verdict != proxy.Allow || w.level(me) != "T2" {
		t.Fatalf("got %+v, level %s", a, w.level(me))
	}
	if a := review("clear_rollbacks", "complexity_reduction"); a.Note != "on record for "+me+" to T3: clear_rollbacks, complexity_reduction" {
		t.Errorf("got %+v, want it to be said what is on record", a)
	}
	if a := promote(); a.Verdict != proxy.Deny || a.Findings[0].Msg != "Agent not eligible: a reviewer has not checked correct_scoping, correct_escalation" {
		t.Errorf("with half of it checked: got %+v", a)
	}
	review("correct_scoping", "correct_escalation")
	if a := promote(); a.Verdict != proxy.Allow || w.level(me) != "T3" {
		t.Errorf("with all of it checked: got %+v, level %s", a, w.level(me))
	}
}

// Whoever runs an agent has no say in the highest level, whatever their role (S2-04, S2-22).
func TestTheOwnerOfAnAgentDoesNotRaiseItToTheTop_S2_22(t *testing.T) {
	other := otherUser(t)
	w := newWorld(t)
	me, uid := userName(os.Getuid()), os.Getuid()
	w.runs(me, 50, "make test")
	up := state.Promoted{Agent: me, UID: &uid, From: "T1", To: "T3", Request: newID("r_", 12)}
	if _, err := w.g.append(t.Context(), always, true, draft(state.TrustPromoted, up)); err != nil {
		t.Fatal(err)
	}
	checks := []string{"correct_scoping", "clear_rollbacks", "complexity_reduction", "correct_escalation"}
	if a, err := w.trust(proxy.Trust{Op: proxy.TrustReview, Agent: me, Items: checks}, w.person()); err != nil || a.Verdict != proxy.Allow {
		t.Fatalf("review: got %+v, %v", a, err)
	}
	a, err := w.trust(proxy.Trust{Op: proxy.TrustPromote, Agent: me}, w.person())
	if err != nil || a.Hold == nil || a.Hold.Votes != 0 || w.level(me) != "T3" {
		t.Fatalf("asked for by the owner: got %+v, %v; want a hold without a vote", a, err)
	}
	if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Verdict != proxy.Deny || v.Findings[0].ID != "approval.not_entitled" {
		t.Errorf("the owner's vote: got %+v, %v", v, err)
	}
	second := w.person()
	second.UID, _ = strconv.Atoi(other.Uid)
	if _, err := w.vote(a.Hold.ID, true, second); err != nil || w.level(me) != "T4" {
		t.Errorf("another's vote: %v, level %s", err, w.level(me))
	}
}

// applies lets the world's own agent change infrastructure, as a person has approved.
func (w *world) applies() {
	w.t.Helper()
	r := w.command("terraform apply")
	if _, err := w.vote(w.decide(r).Hold.ID, true, w.person()); err != nil {
		w.t.Fatal(err)
	}
	if r.ID = newID("r_", 12); w.decide(r).Verdict != proxy.Allow {
		w.t.Fatal("approved, and yet not allowed")
	}
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: r.Session, Peer: r.Peer, Outcome: &proxy.Outcome{Request: r.ID}})
}

func TestTrustIsLostAtOnce(t *testing.T) {
	w := newWorld(t)
	me := userName(os.Getuid())
	t.Run("S2-20 S2-21 a violation", func(t *testing.T) {
		_, h := w.held()
		if _, err := w.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindVote, Peer: w.person(),
			Vote: &proxy.Vote{Hold: h.ID, Violation: true}}); err != nil {
			t.Fatal(err)
		}
		if a := w.decide(w.command("make")); a.Verdict == proxy.Allow {
			t.Errorf("after a HIGH violation at T1, make is %s; want it held as at T0", a.Verdict)
		}
		if got := w.level(me); got != "T0" {
			t.Errorf("the agent is at %s, want T0", got)
		}
	})
	t.Run("S2-20 idleness", func(t *testing.T) {
		w.runs("idle", 1, "make")
		w.hands.move(30*24*time.Hour, 30*24*time.Hour)
		w.decide(w.command("ls"))
		if got := w.level("idle"); got != "T0" {
			t.Errorf("after 30 days the agent is at %s, want T0", got)
		}
	})
	if n := w.types(); n[state.TrustRevoked] != 2 {
		t.Errorf("got %v, want two revocations", n)
	}
}

func TestAPromotionIsTakenBackWhenTheHookFails(t *testing.T) {
	w := newWorld(t)
	hook := filepath.Join(w.dir, "hook")
	seen := filepath.Join(w.dir, "seen")
	script := "#!/bin/sh\ncat >> " + seen + "\necho the vault is sealed >&2\nexit 3\n"
	if err := os.MkdirAll(filepath.Join(w.dir, "user-policy"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(hook, []byte(script), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(w.dir, "user-policy", "guard.json"), []byte(`{"on_trust_change": "`+hook+`"}`), 0o644); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	w.runs("bot", 9, "make test")
	w.runs("bot", 1, "terraform plan")
	w.runs("bot", 1, "npm publish --dry-run")
	if _, err := w.trust(proxy.Trust{Op: "promote", Agent: "bot"}, w.person()); err == nil || !strings.Contains(err.Error(), "the vault is sealed") {
		t.Errorf("got %v, want what the hook said", err)
	}
	if got := w.level("bot"); got != "T1" {
		t.Errorf("the agent is at %s, want T1 as before", got)
	}
	b, err := os.ReadFile(seen)
	if err != nil || !strings.Contains(string(b), `"agent":"bot","from":"T1","to":"T2"`) {
		t.Errorf("the hook got %s, %v", b, err)
	}
	if n := w.types(); n[state.TrustPromoted] != 1 || n[state.TrustRevoked] != 1 {
		t.Errorf("got %v", n)
	}
}

// Two users may each have an agent of one name: what one has earned, the other has
// not, and a request about the name is about the asker's own.
func TestAnotherUsersAgentOfTheNameHasNotEarnedIt(t *testing.T) {
	w := newWorld(t)
	w.eligible("bot")
	if a, err := w.trust(proxy.Trust{Op: proxy.TrustPromote, Agent: "bot"}, w.person()); err != nil || a.Verdict != proxy.Allow {
		t.Fatalf("got %+v, %v", a, err)
	}
	other := w.self(30)
	other.UID += 4321
	s := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: other, Open: &proxy.Open{
		Agent: "bot", Argv: []string{"bot"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: true,
	}}).Session
	if s.Trust != "T1" || w.level("bot") != "T2" {
		t.Errorf("the other user's begins at %s, this one's is at %s; want T1 and T2", s.Trust, w.level("bot"))
	}
	if a, err := w.trust(proxy.Trust{Op: proxy.TrustRevoke, Agent: "bot", Reason: "enough"}, w.person()); err != nil || a.Verdict != proxy.Allow || w.level("bot") != "T1" {
		t.Errorf("got %+v, %v, level %s; want the asker's own at T1", a, err, w.level("bot"))
	}
	root := w.person()
	root.UID += 1
	if _, err := w.trust(proxy.Trust{Op: proxy.TrustEvaluate, Agent: "bot"}, root); err == nil || !strings.Contains(err.Error(), "2 users have an agent bot") {
		t.Errorf("somebody else asks: got %v, want to hear that there are two", err)
	}
}
