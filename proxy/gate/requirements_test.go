package gate

import (
	"encoding/json"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

func TestAnElevationAndItsEndSayEverything(t *testing.T) {
	w := newWorld(t)
	a := w.elevate("guardian", w.person())
	if len(a.Elevations) != 1 {
		t.Fatalf("got %+v", a)
	}
	up := a.Elevations[0]
	t.Run("S0-43 without a time of its own it lasts as long as its edge says", func(t *testing.T) {
		if up.Expires == nil || up.Expires.Sub(up.Created) != 7200*time.Second {
			t.Errorf("from %s to %v", up.Created, up.Expires)
		}
	})
	t.Run("S0-44 what the answer holds", func(t *testing.T) {
		if up.ID == "" || up.From != "operator" || up.To != "guardian" || up.Type != "operator_request" || !up.Reversible || up.Receipt == "" ||
			up.TemContextHash == "" || up.Condition != "timeout" {
			t.Errorf("got %+v", up)
		}
	})
	t.Run("S0-13 S0-21 what is on record", func(t *testing.T) {
		r := w.one(state.ProfileEscalation)
		var body map[string]any
		if err := json.Unmarshal(r.Body, &body); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"escalation_id", "from_profile", "to_profile", "escalation_type", "context", "reversible", "auto_deescalate",
			"deescalate_after_seconds", "deescalate_on_condition", "created_at", "expires_at", "tem_context_hash", "active", "event_type"} {
			if _, ok := body[name]; !ok {
				t.Errorf("no %s in %s", name, r.Body)
			}
		}
		if r.Type != "profile_"+body["event_type"].(string) || body["active"] != true {
			t.Errorf("%s: %s", r.Type, r.Body)
		}
	})
	w.hands.move(90*time.Second, 90*time.Second)
	down := w.release(up.ID, w.person())
	t.Run("S0-72 S0-73 what its end says", func(t *testing.T) {
		if len(down.Released) != 1 {
			t.Fatalf("got %+v", down)
		}
		r := down.Released[0]
		if r.ID != up.ID || r.From != "guardian" || r.To != "operator" || r.Type != "operator_release" || r.Reason != "done" || r.Receipt == "" || r.DurationMS != 90_000 {
			t.Errorf("got %+v", r)
		}
		if n := w.types()[state.ProfileDeescalation]; n != 1 || w.profile() != "operator" {
			t.Errorf("%d receipts, at %s", n, w.profile())
		}
	})
	t.Run("S0-74 it ends once", func(t *testing.T) {
		again := w.release(up.ID, w.person())
		if again.Verdict != proxy.Deny || again.Findings[0].Msg != "Escalation "+up.ID+" not found or already inactive" {
			t.Errorf("got %+v", again)
		}
	})
}

// one is the first receipt of a type.
func (w *world) one(typ string) receipt.Receipt {
	w.t.Helper()
	for r, err := range receipt.Read(filepath.Join(w.dir, "receipts"), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if r.Type == typ {
			return r
		}
	}
	w.t.Fatalf("no %s", typ)
	return receipt.Receipt{}
}

func TestWordsThatAreNotKnownAreNoWords(t *testing.T) {
	w := newWorld(t)
	t.Run("S0-10 profiles", func(t *testing.T) {
		for _, to := range []string{"", "Guardian", "admin", "root", "T4", "guardian "} {
			if a := w.elevate(to, w.person()); a.Verdict != proxy.Deny {
				t.Errorf("%q: got %s, want deny", to, a.Verdict)
			}
		}
		if got := w.profile(); got != "operator" {
			t.Errorf("the session is at %s", got)
		}
	})
	t.Run("S0-11 the five types are given by the policy; a request has no room for one", func(t *testing.T) {
		text, err := json.Marshal(proxy.Elevate{})
		if err != nil {
			t.Fatal(err)
		}
		if strings.Contains(string(text), "type") || strings.Contains(string(text), "approved") {
			t.Errorf("an elevate request can say %s", text)
		}
	})
}

func TestOpenHoldsAreCounted(t *testing.T) {
	t.Run("S1-46", func(t *testing.T) {
		w := newWorld(t)
		count := func() int {
			view, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookStatus})
			if err != nil {
				t.Fatal(err)
			}
			return view.Status.Holds
		}
		_, h := w.held()
		w.decide(w.command("docker rm a"))
		before := count()
		if _, err := w.vote(h.ID, false, w.person()); err != nil {
			t.Fatal(err)
		}
		if after := count(); before != 2 || after != 1 {
			t.Errorf("%d open, %d after one was answered; want 2 and 1", before, after)
		}
	})
}

func TestEvaluationsOfTrust(t *testing.T) {
	w := newWorld(t)
	w.runs("bot", 1, "make")
	e := w.evaluation("bot")
	t.Run("S2-06 S2-11 S2-23 what an evaluation holds, with zero for what there is none of", func(t *testing.T) {
		text, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		var members map[string]json.RawMessage
		if err := json.Unmarshal(text, &members); err != nil {
			t.Fatal(err)
		}
		for _, name := range []string{"agent_id", "current_tier", "target_tier", "status", "requirements_met", "requirements_missing", "recommendation", "evidence", "timestamp"} {
			if _, ok := members[name]; !ok {
				t.Errorf("no %s in %s", name, text)
			}
		}
		if e.Agent != "bot" || e.Current != 1 || e.Target != 2 || e.Evidence.Metrics == nil || e.Evidence.History == nil || e.Evidence.Requirements == nil {
			t.Errorf("got %+v", e)
		}
		if e.Evidence.Metrics["updated_at"] != "2026-11-21T12:00:00.000000Z" {
			t.Errorf("metrics %v, want when they changed", e.Evidence.Metrics)
		}
		peer := w.self(21)
		s := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: peer, Open: &proxy.Open{
			Agent: "quiet", Argv: []string{"quiet"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app"}}).Session.ID
		w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: s, Peer: peer})
		if quiet := w.evaluation("quiet"); !slices.Contains(quiet.Missing, "Need 10 more compliant runs") || !slices.Contains(quiet.Missing, "Need 2 more successful modifications") {
			t.Errorf("without any action: got %+v", quiet)
		}
	})
	t.Run("S2-24 a violation between evaluation and promotion is not lost", func(t *testing.T) {
		promote := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindTrust, Peer: w.person(), Trust: &proxy.Trust{Op: proxy.TrustPromote, Agent: "bot"}}
		weighed, err := w.g.weigh(t.Context(), promote, nil)
		if err != nil {
			t.Fatal(err)
		}
		before := w.unmoved(weighed)
		_, h := w.held()
		if _, err := w.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindVote, Peer: w.person(), Vote: &proxy.Vote{Hold: h.ID, Violation: true}}); err != nil {
			t.Fatal(err)
		}
		if after := w.unmoved(weighed); before != nil || after == nil {
			t.Errorf("it could be promoted: %v; after a violation: %v", before, after)
		}
	})
}
