package gate

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func (w *world) budget(b proxy.Budget, peer proxy.Peer) (proxy.Answer, error) {
	return w.g.Ask(w.t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindBudget, Peer: peer, Budget: &b})
}

func (w *world) left(budget string) int64 {
	w.t.Helper()
	view, err := w.g.Read(w.t.Context(), proxy.Look{What: proxy.LookBudgets})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, b := range view.Budgets {
		if b.ID == budget && len(b.Scopes) > 0 {
			return b.Scopes[0].Left
		}
	}
	w.t.Fatalf("no budget %s with a balance", budget)
	return 0
}

func TestABudgetIsNeverOverdrawn(t *testing.T) {
	w := newWorld(t)
	if _, err := w.budget(proxy.Budget{Op: "create", ID: "b", Units: 300}, w.person()); err != nil {
		t.Fatal(err)
	}
	var paid atomic.Int64
	var all sync.WaitGroup
	for range 1000 {
		all.Go(func() {
			a, err := w.budget(proxy.Budget{Op: "debit", ID: "b", Units: 1, Reason: "race"}, w.person())
			if err != nil {
				t.Error(err)
			} else if a.Verdict == proxy.Allow {
				paid.Add(1)
			}
		})
	}
	all.Wait()
	if n := w.types(); paid.Load() != 300 || n[state.TreasuryDebit] != 300 || n[state.TreasuryDenial] != 700 || w.left("b") != 0 {
		t.Errorf("%d debits of 300 units were paid, %d receipts, %d denials, %d left", paid.Load(), n[state.TreasuryDebit], n[state.TreasuryDenial], w.left("b"))
	}
}

func TestADebitThatIsTooLargeIsRefusedWhole(t *testing.T) {
	w := newWorld(t)
	if _, err := w.budget(proxy.Budget{Op: "create", ID: "drill-budget-001", Units: 100, Unit: "DRILL_UNITS"}, w.person()); err != nil {
		t.Fatal(err)
	}
	a, err := w.budget(proxy.Budget{Op: "debit", ID: "drill-budget-001", Units: 500, Reason: "over budget"}, w.agent())
	if err != nil || a.Verdict != proxy.Deny || !strings.Contains(a.Findings[0].Msg, "insufficient") {
		t.Errorf("got %+v, %v; want it denied as insufficient", a, err)
	}
	if n := w.types(); n[state.TreasuryDebit] != 0 || n[state.TreasuryDenial] != 1 || w.left("drill-budget-001") != 100 {
		t.Errorf("got %v, %d left; want one denial and nothing spent", n, w.left("drill-budget-001"))
	}
}

func TestADenialSaysWhatWasAttempted(t *testing.T) {
	w := newWorld(t)
	w.create(proxy.Budget{ID: "b", Units: 10})
	for reason, want := range map[string]string{"upload it": "upload it", "": "debit 11 of budget b", " ": "debit 11 of budget b"} {
		if a, err := w.budget(proxy.Budget{Op: "debit", ID: "b", Units: 11, Reason: reason}, w.person()); err != nil || a.Verdict != proxy.Deny {
			t.Fatalf("got %+v, %v; want it denied", a, err)
		}
		var got state.Denial
		if w.last(state.TreasuryDenial, &got); got.Action != want || got.Cost != 11 || got.Balance != 10 || got.Reason == "" {
			t.Errorf("reason %q: got %+v, want it attempted to %q", reason, got, want)
		}
	}
}

func TestAnAgentCreatesNoBudget(t *testing.T) {
	w := newWorld(t)
	if a, err := w.budget(proxy.Budget{Op: "create", ID: "b", Units: 300}, w.agent()); err != nil || a.Verdict != proxy.Deny {
		t.Errorf("got %+v, %v; want it denied", a, err)
	}
}

// prices makes findings cost something.
func (w *world) prices(json string) {
	w.t.Helper()
	dir := filepath.Join(w.dir, "user-policy")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, "guard.json"), []byte(`{"prices": `+json+`}`), 0o644); err != nil {
		w.t.Fatal(err)
	}
	w.reopen()
}

func TestACommandIsPaidBeforeItRuns(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"container.remove": 40}`)
	if _, err := w.budget(proxy.Budget{Op: "create", ID: "b", Units: 100, Per: "session"}, w.person()); err != nil {
		t.Fatal(err)
	}
	if a := w.elevate("guardian", w.person()); a.Verdict != proxy.Allow {
		t.Fatal(a)
	}
	ends := []struct {
		fails string
		left  int64
	}{{"", 60}, {"no such program", 60}, {"", 20}}
	for i, end := range ends {
		r := w.command("docker rm a" + strings.Repeat("a", i))
		if a := w.decide(r); a.Verdict != proxy.Allow {
			t.Fatalf("%d: got %+v", i, a)
		}
		if got, want := w.left("b"), []int64{60, 20, 20}[i]; got != want {
			t.Errorf("%d: while it runs %d are left, want %d", i, got, want)
		}
		w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: w.session, Peer: w.self(1), Outcome: &proxy.Outcome{Request: r.ID, Error: end.fails}})
		if got := w.left("b"); got != end.left {
			t.Errorf("%d: after it %d are left, want %d", i, got, end.left)
		}
	}
	a := w.decide(w.command("docker rm b"))
	if a.Verdict != proxy.Deny || a.Findings[0].ID != "budget.insufficient" {
		t.Errorf("got %+v, want it denied for want of units", a)
	}
	if a := w.decide(w.command("ls")); a.Verdict != proxy.Allow {
		t.Errorf("what costs nothing: got %s", a.Verdict)
	}
	if n := w.types(); n[state.TreasuryLease] != 3 || n[state.TreasuryDebit] != 3 || n[state.TreasuryDenial] != 1 {
		t.Errorf("got %v", n)
	}
}
