package gate

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
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

// Whoever settles what time has done, an asker or the tick, another may be faster.
func TestAnElevationThatEndedMeanwhileHasTheRestDecidedAgain(t *testing.T) {
	w := newWorld(t)
	up := w.elevate("guardian", w.person()).Elevations[0]
	w.g.mu.Lock()
	a := &deed{epoch: w.g.epoch, now: w.g.clock.now(), d: rego.Decision{Effects: []rego.Effect{{Do: "lower", ID: up.ID, Session: up.Session}}}}
	w.g.mu.Unlock()
	if drafts, err := w.g.drafts(a, &proxy.Answer{}); err != nil || len(drafts) != 1 {
		t.Errorf("as decided: got %v, %v", drafts, err)
	}
	w.release(up.ID, w.person())
	if _, err := w.g.drafts(a, &proxy.Answer{}); !errors.Is(err, errMoved) {
		t.Errorf("after another has ended it: got %v, want %v", err, errMoved)
	}
	w.g.mu.Lock()
	a.epoch = w.g.epoch
	w.g.mu.Unlock()
	if _, err := w.g.drafts(a, &proxy.Answer{}); err == nil || errors.Is(err, errMoved) {
		t.Errorf("decided after it had ended: got %v, want an error that stays", err)
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

// ask asks for an elevation as it is, with the session filled in.
func (w *world) ask(e proxy.Elevate, peer proxy.Peer) proxy.Answer {
	w.t.Helper()
	e.Session = w.session
	return w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindElevate, Peer: peer, Elevate: &e})
}

// human is a person at a terminal.
func (w *world) human() proxy.Peer {
	p := w.person()
	p.Terminal = true
	return p
}

func TestTheReceiptOfAnElevationSaysAllThereIsToKnow(t *testing.T) {
	w := newWorld(t)
	a := w.elevate("guardian", w.person())
	all := w.receipts(state.ProfileEscalation)
	if len(all) != 1 {
		t.Fatalf("got %d receipts, want 1", len(all))
	}
	r := all[0]
	var b state.Escalation
	if err := r.Decode(&b); err != nil {
		t.Fatal(err)
	}
	t.Run("S0-61 envelope", func(t *testing.T) {
		if want := []string{"escalation", "escalation", "operator", "guardian"}; !slices.Equal(r.Tags, want) || r.Scroll != "identity" {
			t.Errorf("got scroll %s, tags %v; want identity, %v", r.Scroll, r.Tags, want)
		}
	})
	t.Run("S0-45 the answer has its hash", func(t *testing.T) {
		if e := a.Elevations[0]; e.Receipt != r.Root || e.TemContextHash != b.TemContextHash || e.ID != b.ID {
			t.Errorf("got %+v, want the receipt %s", e, r.Root)
		}
		if got := w.live().Elevations[0].Receipt; got != r.Root {
			t.Errorf("later: got %s, want %s", got, r.Root)
		}
	})
	t.Run("S0-62 body", func(t *testing.T) {
		if b.Reason != "to test it" || b.Assurance != "peercred" || b.ApprovedBy == nil || b.Type != "operator_request" || !b.Active || !b.Reversible {
			t.Errorf("got %+v", b)
		}
	})
	t.Run("S0-46 X-03 the tem context is hashed into it", func(t *testing.T) {
		want, err := receipt.Digest(map[string]any{
			"escalation_id": b.ID, "profile_transition": "operator → guardian", "threat_context": b.Context, "timestamp": b.At,
		})
		if err != nil || b.TemContextHash != want {
			t.Errorf("got %s, want %s (%v)", b.TemContextHash, want, err)
		}
	})
	t.Run("S0-20 defaults of the context", func(t *testing.T) {
		want := `"context":{"active_alerts":0,"confidence_ppm":null,"mesh_health":"unknown","threat_id":null,"threat_type":null,"triggering_decision":null,"triggering_tool":null}`
		if !strings.Contains(string(r.Body), want) {
			t.Errorf("got %s, want %s", r.Body, want)
		}
	})
	t.Run("S0-22 S0-23 ids and times have one form", func(t *testing.T) {
		for _, form := range []string{
			`"escalation_id":"esc_[0-9a-f]{24}"`, `"created_at":"2026-11-21T12:00:00\.000000Z"`, `"expires_at":"2026-11-21T14:00:00\.000000Z"`,
		} {
			if !regexp.MustCompile(form).Match(r.Body) {
				t.Errorf("%s has no %s", r.Body, form)
			}
		}
	})
}

func TestIdsOfElevationsAreUnique(t *testing.T) {
	// S0-22: a million of them.
	seen, form := make(map[[12]byte]bool, 1_000_000), regexp.MustCompile(`^esc_[0-9a-f]{24}$`)
	for range 1_000_000 {
		id := newID("esc_", 12)
		var key [12]byte
		if _, err := hex.Decode(key[:], []byte(id[4:])); err != nil || seen[key] {
			t.Fatalf("%s: %v, seen before: %v", id, err, seen[key])
		}
		seen[key] = true
	}
	if id := newID("esc_", 12); !form.MatchString(id) {
		t.Errorf("got %s", id)
	}
}

func TestRefusedElevationsAreOnRecordWithTheirRule(t *testing.T) {
	ttl := -1
	elsewhere := func(w *world) proxy.Peer { p := w.agent(); p.Within = "s_000000000000"; return p }
	cases := []struct {
		name  string
		asked proxy.Elevate
		peer  func(*world) proxy.Peer
		rule  string
		text  string
	}{
		{"S0-40 no such edge", proxy.Elevate{To: "phoenix", Reason: "x"}, (*world).person, "edge", "No escalation path from operator to phoenix"},
		{"S0-48 no reason", proxy.Elevate{To: "guardian", Reason: " "}, (*world).person, "reason", "Escalation to guardian requires a reason"},
		{"S0-49 another profile", proxy.Elevate{From: "guardian", To: "phoenix", Reason: "x"}, (*world).person, "current_profile", "Current profile is operator, not guardian"},
		{"S0-50 no such time", proxy.Elevate{To: "guardian", Reason: "x", TTL: &ttl}, (*world).person, "ttl", "Escalation to guardian lasts from 1 s to 28800 s, not -1 s"},
		{"S0-47 somebody else's session", proxy.Elevate{To: "guardian", Reason: "x"}, elsewhere, "identity", "a guarded process asks for its own session alone"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			a := w.ask(c.asked, c.peer(w))
			if a.Verdict != proxy.Deny || a.Findings[0].Msg != c.text {
				t.Fatalf("got %s %v, want %q", a.Verdict, a.Findings, c.text)
			}
			var b state.Failure
			if all := w.receipts(state.AuthFailure); len(all) != 1 || all[0].Decode(&b) != nil {
				t.Fatalf("got %d receipts, want one that can be read", len(all))
			}
			if b.Rule != c.rule || b.Error != c.text || b.From == "" || b.To != c.asked.To || b.Type != "operator_request" {
				t.Errorf("got %+v, want rule %s", b, c.rule)
			}
			if got := w.live().Raised; got != "operator" {
				t.Errorf("got %s, want operator", got)
			}
		})
	}
}

func TestWhatNobodyCanBeAskedAboutIsRefused(t *testing.T) {
	w := newWorldIn(t, t.TempDir(), false)
	a := w.elevate("guardian", w.agent())
	if a.Verdict != proxy.Deny || a.Hold != nil {
		t.Fatalf("got %+v, want no", a)
	}
	var b state.Failure
	if all := w.receipts(state.AuthFailure); len(all) != 1 || all[0].Decode(&b) != nil || b.Rule != "approval" {
		t.Errorf("S0-42 S0-47: got %+v, want the rule approval", b)
	}
}

func TestClocksThatJumpExtendNothing(t *testing.T) {
	cases := []struct {
		name       string
		wall, boot time.Duration
		want       string
	}{
		{"S0-82 the machine slept, and no timer ran", 3 * time.Hour, 3 * time.Hour, "operator"},
		{"S0-82 the wall clock jumps ahead", 3 * time.Hour, time.Second, "operator"},
		{"S0-83 the wall clock is set back", -24 * time.Hour, 3 * time.Hour, "operator"},
		{"S0-83 it is set back, and time is left", -24 * time.Hour, time.Hour, "guardian"},
		{"S0-80 time is left", time.Hour, time.Hour, "guardian"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			w.elevate("guardian", w.person())
			w.hands.move(c.wall, c.boot)
			w.decide(w.command("ls"))
			if got := w.profile(); got != c.want {
				t.Fatalf("got %s, want %s", got, c.want)
			}
			if c.want == "operator" && w.lastLowered().Reason != "TTL of 7200s expired" {
				t.Errorf("got %q", w.lastLowered().Reason)
			}
			decisions := w.receipts(state.CommandDecision)
			if down := w.receipts(state.ProfileDeescalation); c.want == "operator" && down[0].Chain.JSeq > decisions[0].Chain.JSeq {
				t.Errorf("the decision came before the end of the elevation")
			}
		})
	}
}

func TestTheHighestAuthorityIsAPersonsAtATerminal(t *testing.T) {
	raised := func(t *testing.T) *world {
		w := newWorld(t)
		for _, to := range []string{"guardian", "phoenix", "sovereign"} {
			if a := w.elevate(to, w.human()); a.Verdict != proxy.Allow {
				t.Fatalf("%s: got %+v", to, a)
			}
		}
		return w
	}
	t.Run("S0-33 S0-84 it has no time of its own", func(t *testing.T) {
		w := raised(t)
		w.pass(29 * time.Minute)
		ups := w.live().Elevations
		if up := ups[2]; up.Type != "sovereign_override" || up.Expires != nil || up.Reversible {
			t.Errorf("got %+v", up)
		}
		if at := ups[2].Ends; at == nil || !at.Equal(*ups[1].Expires) {
			t.Errorf("it ends at %v, want with what it is built on, at %v", at, ups[1].Expires)
		}
	})
	t.Run("S0-71 it is taken back at a terminal, and by nobody else", func(t *testing.T) {
		w := raised(t)
		for _, peer := range []proxy.Peer{w.agent(), w.person()} {
			if a := w.release("", peer); a.Verdict != proxy.Deny || !strings.HasSuffix(a.Findings[0].Msg, "is not reversible without sovereign override") {
				t.Errorf("got %+v, want no", a)
			}
		}
		if a := w.release("", w.human()); a.Verdict != proxy.Allow || a.Released[0].Type != "sovereign_revoke" || a.Released[0].Receipt == "" {
			t.Errorf("got %+v, want it revoked", a)
		}
	})
	t.Run("X-08 S0-84 what was given a time ends by it", func(t *testing.T) {
		w, ttl := newWorld(t), 60
		w.elevate("guardian", w.human())
		w.elevate("phoenix", w.human())
		w.ask(proxy.Elevate{To: "sovereign", Reason: "x", TTL: &ttl}, w.human())
		w.pass(61 * time.Second)
		if got := w.profile(); got != "phoenix" {
			t.Errorf("got %s, want phoenix", got)
		}
	})
	t.Run("S0-41 what an agent asks for is approved at a terminal", func(t *testing.T) {
		w := newWorld(t)
		w.elevate("guardian", w.human())
		w.elevate("phoenix", w.human())
		a := w.elevate("sovereign", w.agent())
		if a.Hold == nil {
			t.Fatalf("got %+v, want a hold", a)
		}
		if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Verdict != proxy.Deny {
			t.Errorf("without a terminal: got %+v %v, want no", v, err)
		}
		if v, err := w.vote(a.Hold.ID, true, w.human()); err != nil || v.Verdict != proxy.Allow || w.profile() != "sovereign" {
			t.Errorf("at a terminal: got %+v %v, profile %s", v, err, w.profile())
		}
	})
	t.Run("S0-84 it ends with the session", func(t *testing.T) {
		w := raised(t)
		w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: w.session, Peer: w.self(1)})
		if n := w.types(); n[state.ProfileDeescalation] != 3 {
			t.Errorf("got %d ends, want 3", n[state.ProfileDeescalation])
		}
	})
}

func TestWhatWasApprovedIsCarriedOutOnce(t *testing.T) {
	t.Run("by a guardd that starts after the approval", func(t *testing.T) {
		w := newWorld(t)
		a := w.elevate("guardian", w.agent())
		w.resolve(a.Hold.ID) // on record, and then guardd dies
		w.reopen()
		w.until(func() bool { return w.profile() == "guardian" })
		if n := w.types(); n[state.ProfileEscalation] != 1 || n[state.GrantUsed] != 1 {
			t.Errorf("got %v", n)
		}
	})
	t.Run("by whoever asks first, the asker or the vote", func(t *testing.T) {
		w := newWorld(t)
		r := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindElevate, Peer: w.agent(), Elevate: &proxy.Elevate{To: "guardian", Reason: "x"}}
		a := w.mustAsk(r)
		w.resolve(a.Hold.ID) // the vote is on record, and has not got further
		if again := w.mustAsk(r); again.Verdict != proxy.Allow || len(again.Elevations) != 1 || w.profile() != "guardian" {
			t.Errorf("got %+v, profile %s; want it raised", again, w.profile())
		}
	})
	t.Run("not later, where it could not be done at once", func(t *testing.T) {
		w := newWorld(t)
		w.elevate("guardian", w.person())
		a := w.elevate("phoenix", w.agent())
		w.release("", w.person())
		v, err := w.vote(a.Hold.ID, true, w.person())
		if err != nil || !strings.Contains(v.Note, "No escalation path from operator to phoenix") {
			t.Fatalf("got %+v %v, want that it was not done", v, err)
		}
		w.elevate("guardian", w.person())
		w.reopen()
		w.settled(w.g.settleApproved)
		if got := w.profile(); got != "guardian" {
			t.Errorf("a guardd later: profile %s; want guardian", got)
		}
	})
	t.Run("though its reason holds a secret", func(t *testing.T) {
		w := newWorld(t)
		a := w.ask(proxy.Elevate{To: "guardian", Reason: "log in with --password=hunter2hunter2"}, w.agent())
		if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Note != "" {
			t.Fatalf("got %+v %v", v, err)
		}
		if got := w.profile(); got != "guardian" {
			t.Errorf("got %s, want guardian", got)
		}
		for _, r := range append(w.receipts(state.HoldOpened), w.receipts(state.ProfileEscalation)...) {
			if strings.Contains(string(r.Body), "hunter2") {
				t.Errorf("%s holds the secret: %s", r.Type, r.Body)
			}
		}
	})
	t.Run("asked for twice, it is one hold and one elevation", func(t *testing.T) {
		w := newWorld(t)
		a, b := w.elevate("guardian", w.agent()), w.elevate("guardian", w.agent())
		if a.Hold == nil || b.Hold == nil || a.Hold.ID != b.Hold.ID {
			t.Fatalf("got %+v and %+v, want one hold", a.Hold, b.Hold)
		}
		if _, err := w.vote(a.Hold.ID, true, w.person()); err != nil {
			t.Fatal(err)
		}
		if again := w.elevate("guardian", w.agent()); again.Verdict != proxy.Allow || len(again.Elevations) != 1 {
			t.Errorf("asked again: got %+v, want what was approved", again)
		}
		if n := w.types()[state.ProfileEscalation]; n != 1 {
			t.Errorf("got %d elevations, want 1", n)
		}
	})
	t.Run("sent again, it is answered alike", func(t *testing.T) {
		w := newWorld(t)
		r := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindElevate, Peer: w.person(), Elevate: &proxy.Elevate{To: "guardian", Reason: "x"}}
		a, b := w.mustAsk(r), w.mustAsk(r)
		if a.Elevations[0].ID != b.Elevations[0].ID || a.Elevations[0].Receipt != b.Elevations[0].Receipt {
			t.Errorf("got %+v, then %+v", a, b)
		}
	})
	t.Run("not once the session has ended", func(t *testing.T) {
		w := newWorld(t)
		a := w.elevate("guardian", w.agent())
		w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindCancel, Session: w.session, Peer: w.self(1),
			Cancel: &proxy.Cancel{Hold: a.Hold.ID, Detach: true}})
		w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: w.session, Peer: w.self(1)})
		if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Verdict != proxy.Deny || !strings.Contains(v.Findings[0].Msg, "cancelled") {
			t.Errorf("got %+v %v, want that it was cancelled", v, err)
		}
	})
}

// resolve puts an approval on record and nothing more.
func (w *world) resolve(hold string) {
	w.t.Helper()
	vote := state.Approval{Hold: hold, Request: newID("r_", 12), Approve: true, Approver: "ann", Assurance: "peercred"}
	end := w.g.resolution(hold, proxy.Approved, "ann", "")
	if _, err := w.g.append(w.t.Context(), always, true, draft(state.HoldApproval, vote), draft(state.HoldResolved, end)); err != nil {
		w.t.Fatal(err)
	}
}

// until waits for what another goroutine brings about.
func (w *world) until(true func() bool) {
	w.t.Helper()
	for end := time.Now().Add(2 * time.Minute); !true(); time.Sleep(time.Millisecond) {
		if time.Now().After(end) {
			w.t.Fatal("it never happens")
		}
	}
}

func TestAQuorumIsPeople(t *testing.T) {
	other := func(w *world) proxy.Peer { p := w.person(); p.UID += 4321; return p }
	quorum := func(t *testing.T, config string) *world {
		dir := t.TempDir()
		if err := os.Mkdir(filepath.Join(dir, "user-policy"), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, "user-policy", "guard.json"), []byte(config), 0o644); err != nil {
			t.Fatal(err)
		}
		return newWorldIn(t, dir, true)
	}
	t.Run("S0-32 X-13 two people make a quorum, one does not", func(t *testing.T) {
		w := quorum(t, `{"acts": {"elevate.phoenix": {"approvers": 2}}}`)
		w.elevate("guardian", w.person())
		a := w.elevate("phoenix", w.person())
		if a.Hold == nil || a.Hold.Votes != 1 || a.Hold.Needed != 2 {
			t.Fatalf("got %+v, want a hold with one of two votes", a)
		}
		if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Verdict != proxy.Deny {
			t.Errorf("the same person again: got %+v %v, want no", v, err)
		}
		if _, err := w.vote(a.Hold.ID, true, other(w)); err != nil {
			t.Fatal(err)
		}
		up := w.live().Elevations[1]
		if up.Type != "quorum_approved" || len(w.escalation(up.ID).ApprovedBy) != 2 {
			t.Errorf("got %+v, approved by %v", up, w.escalation(up.ID).ApprovedBy)
		}
	})
	t.Run("who is not enrolled has no vote", func(t *testing.T) {
		w := quorum(t, `{"people": ["somebody"]}`)
		a := w.elevate("guardian", w.agent())
		if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Verdict != proxy.Deny || v.Findings[0].ID != "approval.not_entitled" {
			t.Errorf("got %+v %v, want no", v, err)
		}
	})
	t.Run("who acts for agents has no vote", func(t *testing.T) {
		w := quorum(t, `{"delegates": ["`+userName(os.Getuid())+`"]}`)
		a := w.elevate("guardian", w.agent())
		if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Verdict != proxy.Deny {
			t.Errorf("got %+v %v, want no", v, err)
		}
		if v, err := w.vote(a.Hold.ID, false, w.person()); err != nil || v.Verdict != proxy.Allow {
			t.Errorf("saying no: got %+v %v, want that it counts", v, err)
		}
	})
}
