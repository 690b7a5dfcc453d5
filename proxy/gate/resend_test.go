package gate

import (
	"strings"
	"sync"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func TestARequestSentTwiceAtOnceIsDecidedOnce(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	const requests, times = 8, 8
	for range requests {
		r := w.command("ls")
		for range times {
			all.Go(func() {
				if a, err := w.g.Ask(t.Context(), r); err != nil || a.Verdict != proxy.Allow {
					t.Errorf("got %s %v, want allow", a.Verdict, err)
				}
			})
		}
	}
	all.Wait()
	if n := w.types()[state.CommandDecision]; n != requests {
		t.Errorf("got %d decisions for %d requests", n, requests)
	}
}

func TestASessionSentTwiceAtOnceIsOpenedOnce(t *testing.T) {
	w := newWorld(t)
	r := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(2), Open: &proxy.Open{Agent: "a", Cwd: "/", Home: "/"}}
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			if _, err := w.g.Ask(t.Context(), r); err != nil {
				t.Error(err)
			}
		})
	}
	all.Wait()
	if n := w.types()[state.SessionStarted]; n != 2 { // and the world's own
		t.Errorf("got %d session_started, want 2", n)
	}
}

func TestNobodyOpensASessionInPlaceOfALiveOne(t *testing.T) {
	w := newWorld(t)
	r := proxy.Request{ID: "r_" + strings.TrimPrefix(w.session, "s_") + strings.Repeat("0", 12), Kind: proxy.KindSession, Peer: w.person(),
		Open: &proxy.Open{Agent: "other", Cwd: "/", Home: "/"}}
	if a, err := w.g.Ask(t.Context(), r); err == nil {
		t.Errorf("got %+v, want an error", a)
	}
}

func TestAnIDThatCouldNotBeFoundAgainIsRefused(t *testing.T) {
	w := newWorld(t)
	for _, id := range []string{"", "r_", "r_12", "r_" + strings.Repeat("A", 24), "password=hunter2hunter2", newID("r_", 13)} {
		r := w.command("ls")
		r.ID = id
		if a, err := w.g.Ask(t.Context(), r); err == nil {
			t.Errorf("id %q: got %s, want an error", id, a.Verdict)
		}
	}
}

// A workspace whose name is redacted would be another folder on record, with
// other policies.
func TestAFolderWhoseNameLooksLikeASecretOpensNoSession(t *testing.T) {
	w := newWorld(t)
	r := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(2), Open: &proxy.Open{
		Agent: "a", Cwd: "/home/dev/password=hunter2hunter2", Home: "/home/dev", Workspace: "/home/dev/password=hunter2hunter2",
	}}
	if a, err := w.g.Ask(t.Context(), r); err == nil {
		t.Errorf("got workspace %q, want an error", a.Session.Workspace)
	}
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	if len(w.g.state.Sessions) != 1 {
		t.Errorf("got %d live sessions, want the world's own", len(w.g.state.Sessions))
	}
}

func TestASessionThatEndsLeavesNoCommandWithoutAnEnd(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for range 16 {
		r := w.command("ls")
		all.Go(func() { _, _ = w.g.Ask(t.Context(), r) }) // refused where the session was faster
	}
	end := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: w.session, Peer: w.self(1)}
	all.Go(func() {
		if _, err := w.g.Ask(t.Context(), end); err != nil {
			t.Error(err)
		}
	})
	all.Wait()
	n := w.types()
	if n[state.CommandDecision] != n[state.CommandOrphaned] || n[state.SessionEnded] != 1 {
		t.Errorf("got %d decisions and %d orphans, %d ends", n[state.CommandDecision], n[state.CommandOrphaned], n[state.SessionEnded])
	}
}

func TestAVoteSentTwiceCountsOnceAndIsAnsweredTwice(t *testing.T) {
	w := newWorld(t)
	_, h := w.held()
	r := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindVote, Peer: w.person(), Vote: &proxy.Vote{Hold: h.ID, Approve: true}}
	for range 2 {
		if a := w.mustAsk(r); a.Verdict != proxy.Allow || a.Hold == nil || a.Hold.State != proxy.Approved {
			t.Fatalf("got %+v, want the approved hold", a)
		}
	}
	if n := w.types()[state.HoldApproval]; n != 1 {
		t.Errorf("got %d votes on record, want 1", n)
	}
}

func TestOnlyWhoAskedSaysHowACommandEnded(t *testing.T) {
	w := newWorld(t)
	r := w.command("ls")
	w.decide(r)
	inside := proxy.Peer{Conn: 5, PID: 1, Within: w.session, Guarded: "descends from it"}
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: inside, Open: &proxy.Open{}})
	report := func(peer proxy.Peer, status int) error {
		_, err := w.g.Ask(t.Context(), proxy.Request{
			ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: w.session, Peer: peer, Outcome: &proxy.Outcome{Request: r.ID, Status: status},
		})
		return err
	}
	if err := report(inside, 0); err == nil {
		t.Error("the agent reported how guard's own command ended")
	}
	if err := report(w.self(1), 7); err != nil {
		t.Error(err)
	}
	if n := w.types()[state.CommandOutcome]; n != 1 {
		t.Errorf("got %d outcomes, want 1", n)
	}
}
