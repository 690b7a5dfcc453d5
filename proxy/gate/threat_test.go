package gate

import (
	"strings"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func (w *world) threat(t proxy.Threat) proxy.Answer {
	w.t.Helper()
	if t.Type == "" {
		t.Type = "port_scan"
	}
	return w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindThreat, Peer: w.person(), Threat: &t})
}

func (w *world) live() proxy.SessionState {
	w.t.Helper()
	view, err := w.g.Read(w.t.Context(), proxy.Look{What: proxy.LookSession, ID: w.session})
	if err != nil {
		w.t.Fatal(err)
	}
	return *view.Session
}

// pass lets time go by, and the gate see it.
func (w *world) pass(d time.Duration) {
	w.t.Helper()
	w.hands.move(d, d)
	w.settled(w.g.settleTime)
}

func TestAThreatRaisesWithoutWideningUntilAPersonAgrees(t *testing.T) {
	t.Run("S0-100 a report raises, unconfirmed", func(t *testing.T) {
		w := newWorld(t)
		a := w.threat(proxy.Threat{ID: "thr_1", Session: w.session, ConfidencePPM: 800_000})
		if len(a.Elevations) != 1 || a.Elevations[0].Type != "threat_detected" || a.Elevations[0].Condition != "no_active_threats_1h" {
			t.Fatalf("got %+v, want it raised to guardian", a)
		}
		if s := w.live(); s.Raised != "guardian" || s.Profile != "operator" {
			t.Errorf("raised to %s, runs as %s; want guardian and operator", s.Raised, s.Profile)
		}
		if d := w.decide(w.command("docker rm a")); d.Verdict != proxy.Hold {
			t.Errorf("docker rm: got %s, want hold: nobody has agreed", d.Verdict)
		}
		if _, err := w.vote(a.Hold.ID, true, w.person()); err != nil {
			t.Fatal(err)
		}
		if d := w.decide(w.command("docker rm a")); d.Verdict != proxy.Allow {
			t.Errorf("docker rm: got %s, want allow: a person has agreed", d.Verdict)
		}
		if n := w.types(); n[state.ProfileEscalation] != 1 || n[state.ProfileConfirmed] != 1 || n[state.CognitiveDecision] != 1 {
			t.Errorf("got %v, want one elevation, its confirmation and what was thought", n)
		}
	})
	t.Run("S0-100 too little confidence raises nothing, and says so", func(t *testing.T) {
		w := newWorld(t)
		a := w.threat(proxy.Threat{ID: "thr_1", Session: w.session, ConfidencePPM: 799_999})
		if a.Verdict != proxy.Allow || len(a.Elevations) != 0 || a.Note != "Confidence 0.799999 insufficient for escalation from operator" {
			t.Errorf("got %+v", a)
		}
	})
	t.Run("S0-101 the third edge is held, and its type follows from who approved", func(t *testing.T) {
		w := newWorld(t)
		w.elevate("guardian", w.person())
		a := w.threat(proxy.Threat{ID: "thr_1", Session: w.session, ConfidencePPM: 950_000})
		if a.Hold == nil || len(a.Elevations) != 0 || w.live().Raised != "guardian" {
			t.Fatalf("got %+v, want a hold and nothing else", a)
		}
		again := w.threat(proxy.Threat{ID: "thr_2", Session: w.session, ConfidencePPM: 990_000})
		if again.Hold == nil || again.Hold.ID != a.Hold.ID {
			t.Errorf("another threat: got %+v, want the same hold", again.Hold)
		}
		if _, err := w.vote(a.Hold.ID, true, w.person()); err != nil {
			t.Fatal(err)
		}
		ups := w.live().Elevations
		if len(ups) != 2 || ups[1].Type != "sovereign_override" || !ups[1].Confirmed {
			t.Fatalf("got %+v, want phoenix, by a person", ups)
		}
		if up := w.escalation(ups[1].ID); up.Context.ThreatID == nil || *up.Context.ThreatID != "thr_1" || *up.Context.ConfidencePPM != 950_000 {
			t.Errorf("got context %+v, want the threat", up.Context)
		}
	})
	t.Run("what it asks about ends with the elevation", func(t *testing.T) {
		w := newWorld(t)
		a := w.threat(proxy.Threat{ID: "thr_1", Session: w.session, ConfidencePPM: 900_000})
		w.release("", w.person())
		if v, err := w.vote(a.Hold.ID, true, w.person()); err != nil || v.Verdict != proxy.Deny || w.live().Raised != "operator" {
			t.Errorf("a late yes: got %+v %v, profile %s; want no, and operator", v, err, w.live().Raised)
		}
	})
	t.Run("two that a threat raised are confirmed one by one, in any order", func(t *testing.T) {
		w := newWorld(t)
		w.threat(proxy.Threat{ID: "thr_1", Session: w.session, ConfidencePPM: 900_000})
		w.elevate("phoenix", w.person())
		if s := w.live(); s.Profile != "operator" || s.Raised != "phoenix" {
			t.Fatalf("runs as %s, raised to %s: nobody has agreed to the first", s.Profile, s.Raised)
		}
		if a := w.elevate("guardian", w.person()); a.Verdict != proxy.Allow || w.live().Profile != "phoenix" {
			t.Errorf("got %+v, runs as %s; want phoenix", a, w.live().Profile)
		}
	})
}

// escalation is what the fold holds about an elevation.
func (w *world) escalation(id string) state.Escalation {
	w.t.Helper()
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	s := w.g.state.Sessions[w.session]
	i := s.Elevated(id)
	if i < 0 {
		w.t.Fatalf("%s is not active", id)
	}
	return s.Elevations[i]
}

func TestQuietEndsWhatAThreatRaised(t *testing.T) {
	w := newWorld(t)
	w.threat(proxy.Threat{ID: "thr_1", Session: w.session, ConfidencePPM: 900_000, Alerts: 2})
	w.pass(90 * time.Minute)
	if got := w.live().Raised; got != "guardian" {
		t.Fatalf("S0-103 while the threat is active: got %s, want guardian", got)
	}
	w.threat(proxy.Threat{ID: "thr_1", Resolve: true})
	w.pass(29 * time.Minute)
	if got := w.live().Raised; got != "guardian" {
		t.Fatalf("S0-103 after 29 quiet minutes: got %s, want guardian", got)
	}
	w.pass(2 * time.Minute) // the TTL of two hours comes first
	if got := w.live().Raised; got != "operator" {
		t.Errorf("S0-80 after two hours: got %s, want operator", got)
	}
	w.threat(proxy.Threat{ID: "thr_2", Session: w.session, ConfidencePPM: 900_000})
	w.threat(proxy.Threat{ID: "thr_2", Resolve: true})
	w.pass(59 * time.Minute)
	if got := w.live().Raised; got != "guardian" {
		t.Fatalf("S0-103 after 59 quiet minutes: got %s, want guardian", got)
	}
	w.pass(time.Minute)
	if got := w.live().Raised; got != "operator" {
		t.Errorf("S0-103 after a quiet hour: got %s, want operator", got)
	}
	if last := w.lastLowered(); last.By != "threat_resolved" || last.Reason != "No active threats for 1 hour" {
		t.Errorf("got %s: %s", last.By, last.Reason)
	}
}

func (w *world) lastLowered() (last state.Deescalation) {
	w.t.Helper()
	for _, r := range w.receipts(state.ProfileDeescalation) {
		last = state.Deescalation{}
		if err := r.Decode(&last); err != nil {
			w.t.Fatal(err)
		}
	}
	return last
}

// TestTheEndOfAnIncidentEndsItEverywhere: S0-102 and S0-103 with two sessions.
func TestTheEndOfAnIncidentEndsItEverywhere(t *testing.T) {
	w := newWorld(t)
	first := w.session
	second := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(2), Open: &proxy.Open{
		Agent: "bob", Argv: []string{"test"}, Cwd: "/home/dev/b", Home: "/home/dev", Workspace: "/home/dev/b", Terminal: true,
	}}).Session.ID
	declare := func(id string) {
		t.Helper()
		a := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindElevate, Peer: w.person(),
			Elevate: &proxy.Elevate{Session: id, To: "phoenix", Reason: "the site is down", Incident: true}})
		if len(a.Elevations) != 1 || a.Elevations[0].Type != "crisis_declared" || a.Elevations[0].Condition != "crisis_resolved" {
			t.Fatalf("got %+v, want a declared crisis", a)
		}
		if up := w.escalation(a.Elevations[0].ID); up.Context.MeshHealth != "crisis" || up.Reason != "the site is down" {
			t.Errorf("got %+v", up)
		}
	}
	for _, id := range []string{first, second} {
		w.session = id
		w.elevate("guardian", w.person())
		declare(id)
	}
	w.release("", w.agent()) // an agent that gives it up does not end the incident
	if got := w.lastLowered().By; got != "operator_release" {
		t.Errorf("given up by the agent: got %s, want operator_release", got)
	}
	declare(second)
	w.session = first
	w.release("", w.person())
	if got := w.lastLowered().By; got != "crisis_concluded" {
		t.Errorf("released by a person: got %s, want crisis_concluded", got)
	}
	w.pass(0)
	w.session = second
	if got, last := w.live().Raised, w.lastLowered(); got != "guardian" || last.By != "crisis_concluded" || last.Reason != "Crisis formally concluded" {
		t.Errorf("the other session: got %s by %s (%s), want guardian: the incident is over", got, last.By, last.Reason)
	}
}

// S0-32, S0-80: phoenix has a time, and a person who never comes back to conclude an
// incident must not leave it open for ever.
func TestAnIncidentEndsWithTheLastThatWasDeclaredInIt(t *testing.T) {
	w := newWorld(t)
	w.elevate("guardian", w.person())
	incident := func() string {
		view, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookStatus})
		if err != nil {
			t.Fatal(err)
		}
		return view.Status.Incident
	}
	for range 2 { // the next one is an incident of its own
		up := w.ask(proxy.Elevate{To: "phoenix", Reason: "the site is down", Incident: true}, w.person()).Elevations[0]
		if got := incident(); got != up.ID {
			t.Fatalf("got %q, want that of %s", got, up.ID)
		}
		w.pass(1801 * time.Second)
		if got := w.lastLowered(); got.By != "timeout_expired" || got.ID != up.ID {
			t.Errorf("got %s of %s, want timeout_expired", got.By, got.ID)
		}
		if got := incident(); got != "" {
			t.Errorf("after its time the incident of %s is open", got)
		}
	}
}

func TestTemTakesAGuardiansAuthority(t *testing.T) {
	w := newWorld(t)
	tem := func(peer proxy.Peer) proxy.Answer {
		return w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindTem, Peer: peer, Tem: &proxy.Tem{Session: w.session, Reason: "looked"}})
	}
	if a := tem(w.agent()); a.Verdict != proxy.Deny || !strings.Contains(a.Findings[0].Msg, "authority of guardian") {
		t.Errorf("as an operator: got %+v, want a refusal", a)
	}
	a := w.threat(proxy.Threat{ID: "thr_1", Session: w.session, ConfidencePPM: 920_000, Alerts: 3})
	if a := tem(w.agent()); a.Verdict != proxy.Allow {
		t.Fatalf("as an unconfirmed guardian: got %+v, want allow", a)
	}
	var b state.Tem
	for _, r := range w.receipts(state.TemInvocation) {
		if err := r.Decode(&b); err != nil {
			t.Fatal(err)
		}
	}
	up := a.Elevations[0]
	if b.EscalationID != up.ID || b.TemContextHash != up.TemContextHash || b.ThreatID != "thr_1" || b.ActiveAlerts != 3 || !strings.HasPrefix(b.By, "agent:") {
		t.Errorf("got %+v", b)
	}
	if n := w.types(); n[state.AuthFailure] != 1 || n[state.CognitiveDecision] != 2 {
		t.Errorf("got %v, want the refusal and both thoughts on record", n)
	}
}
