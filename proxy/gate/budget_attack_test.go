package gate

import (
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// create makes a budget as a person does.
func (w *world) create(b proxy.Budget) {
	w.t.Helper()
	b.Op = proxy.BudgetCreate
	if a, err := w.budget(b, w.person()); err != nil || a.Verdict != proxy.Allow {
		w.t.Fatalf("create %s: got %+v, %v", b.ID, a, err)
	}
}

// asGuardian raises the session, so that MEDIUM runs without a question.
func (w *world) asGuardian() {
	w.t.Helper()
	if a := w.elevate("guardian", w.person()); a.Verdict != proxy.Allow {
		w.t.Fatalf("elevate: got %+v", a)
	}
}

func (w *world) ended(request string) {
	w.t.Helper()
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: w.session, Peer: w.self(1), Outcome: &proxy.Outcome{Request: request}})
}

func TestABudgetMadeSmallerThanWhatIsSpentStopsNothingButSpending(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"container.remove": 40}`)
	w.create(proxy.Budget{ID: "b", Units: 120})
	w.asGuardian()
	done, running, failing := w.command("docker rm a"), w.command("docker rm b"), w.command("docker rm c")
	for _, r := range []proxy.Request{done, running, failing} {
		if a := w.decide(r); a.Verdict != proxy.Allow {
			t.Fatalf("got %+v", a)
		}
	}
	w.ended(done.ID)
	w.create(proxy.Budget{ID: "b", Units: 50})
	w.wantBalance(proxy.Balance{Spent: 40, Reserved: 80, Overdrawn: 70})
	w.ended(running.ID)
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: w.session, Peer: w.self(1),
		Outcome: &proxy.Outcome{Request: failing.ID, Error: "no such program"}})
	if a := w.decide(w.command("docker rm d")); a.Verdict != proxy.Deny {
		t.Errorf("beyond it: got %s, want deny", a.Verdict)
	}
	if a := w.decide(w.command("ls")); a.Verdict != proxy.Allow {
		t.Errorf("what costs nothing: got %s, want allow", a.Verdict)
	}
	w.reopen()
	w.wantBalance(proxy.Balance{Spent: 80, Overdrawn: 30})
	for _, r := range append(w.receipts(state.TreasuryDebit), w.receipts(state.TreasuryDenial)...) {
		var b struct {
			Balance int64 `json:"balance"`
			Denied  int64 `json:"available_balance"`
		}
		if err := r.Decode(&b); err != nil || b.Balance < 0 || b.Denied < 0 {
			t.Errorf("a receipt has %+v (%v), want nothing below zero", b, err)
		}
	}
	w.create(proxy.Budget{ID: "b", Units: 120})
	w.wantBalance(proxy.Balance{Spent: 80, Left: 40})
}

func (w *world) wantBalance(want proxy.Balance) {
	w.t.Helper()
	view, err := w.g.Read(w.t.Context(), proxy.Look{What: proxy.LookBudgets})
	if err != nil {
		w.t.Fatal(err)
	}
	if got := view.Budgets[0].Scopes[0]; got != want {
		w.t.Errorf("got %+v, want %+v", got, want)
	}
}

func TestCommandsAndDebitsShareABudgetWithoutOverdrawingIt(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"container.remove": 1}`)
	w.create(proxy.Budget{ID: "b", Units: 60})
	w.asGuardian()
	var mu sync.Mutex
	paid := 0
	var all sync.WaitGroup
	count := func(a proxy.Answer, err error) {
		mu.Lock()
		defer mu.Unlock()
		if err != nil {
			t.Error(err)
		} else if a.Verdict == proxy.Allow {
			paid++
		}
	}
	for i := range 60 {
		r := w.command("docker rm " + strings.Repeat("a", i+1))
		all.Go(func() { count(w.g.Ask(t.Context(), r)) })
		all.Go(func() { count(w.budget(proxy.Budget{Op: "debit", ID: "b", Units: 1, Reason: "race"}, w.person())) })
	}
	all.Wait()
	if got := w.left("b"); paid != 60 || got != 0 {
		t.Errorf("%d of 120 were paid from 60 units, %d are left", paid, got)
	}
}

func TestADebitLooksAgainAtWhatCommandsReserve(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"container.remove": 6}`)
	w.create(proxy.Budget{ID: "b", Units: 10})
	w.asGuardian()
	debit := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindBudget, Peer: w.person(), Budget: &proxy.Budget{Op: "debit", ID: "b", Units: 5}}
	weighed, err := w.g.weigh(t.Context(), debit, nil)
	if err != nil {
		t.Fatal(err)
	}
	before := w.unmoved(weighed)
	if a := w.decide(w.command("docker rm a")); a.Verdict != proxy.Allow {
		t.Fatalf("got %+v", a)
	}
	if after := w.unmoved(weighed); before != nil || after == nil {
		t.Errorf("the debit was possible: %v; once 6 of 10 units are reserved: %v", before, after)
	}
}

func TestALinePaysForWhatItSpellsOut(t *testing.T) {
	h := newHooked(t)
	h.prices(`{"container.remove": 40}`)
	h.attachMonitor()
	h.create(proxy.Budget{ID: "b", Units: 90})
	h.asGuardian()
	line := h.line("docker rm a")
	if a := h.decide(line); a.Verdict != proxy.Allow || h.left("b") != 50 {
		t.Fatalf("the line: got %s, %d left", a.Verdict, h.left("b"))
	}
	if a := h.decide(h.call([]string{line.ID}, "docker", "rm", "a")); a.Verdict != proxy.Allow || h.left("b") != 50 {
		t.Errorf("spelled out: got %s, %d left; want it allowed and paid", a.Verdict, h.left("b"))
	}
	if a := h.decide(h.call([]string{line.ID}, "docker", "rm", "a")); a.Verdict != proxy.Allow || h.left("b") != 10 {
		t.Errorf("once more: got %s, %d left; want it to cost 40", a.Verdict, h.left("b"))
	}
	last := h.line("docker rm b")
	h.create(proxy.Budget{ID: "b", Units: 120}) // enough for the line alone
	if a := h.decide(last); a.Verdict != proxy.Allow || h.left("b") != 0 {
		t.Fatalf("the last line: got %s, %d left", a.Verdict, h.left("b"))
	}
	if a := h.decide(h.call([]string{last.ID}, "docker", "rm", "b")); a.Verdict != proxy.Allow {
		t.Errorf("paid, with nothing left: got %s %v, want allow", a.Verdict, a.Findings)
	}
	if a := h.decide(h.call([]string{last.ID}, "docker", "rm", "c")); a.Verdict != proxy.Deny || a.Findings[0].ID != insufficient {
		t.Errorf("not spelled out, with nothing left: got %+v, want it denied", a)
	}
}

func TestAnApprovalDoesNotPay(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"git.push_force": 10}`)
	w.create(proxy.Budget{ID: "b", Units: 10})
	r, hold := w.held()
	if got := w.left("b"); got != 10 {
		t.Errorf("while it is held %d are left, want 10", got)
	}
	if a, err := w.budget(proxy.Budget{Op: "debit", ID: "b", Units: 1, Reason: "meanwhile"}, w.person()); err != nil || a.Verdict != proxy.Allow {
		t.Fatal(a, err)
	}
	if _, err := w.vote(hold.ID, true, w.person()); err != nil {
		t.Fatal(err)
	}
	if a := w.decide(r); a.Verdict != proxy.Deny {
		t.Errorf("approved, but not paid: got %+v, want it denied", a)
	}
	if n := w.types(); n[state.TreasuryLease] != 0 || w.left("b") != 9 {
		t.Errorf("%d leases, %d left; want none, 9", n[state.TreasuryLease], w.left("b"))
	}
}

func TestARequestSentAgainIsPaidOnce(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"container.remove": 40}`)
	w.create(proxy.Budget{ID: "b", Units: 100, Per: "agent"})
	w.create(proxy.Budget{ID: "c", Units: 200, Per: "day"})
	w.asGuardian()
	r := w.command("docker rm a")
	for range 3 {
		if a := w.decide(r); a.Verdict != proxy.Allow {
			t.Fatalf("got %+v", a)
		}
	}
	if w.left("b") != 60 || w.left("c") != 160 {
		t.Errorf("%d and %d are left, want 60 and 160", w.left("b"), w.left("c"))
	}
	debit := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindBudget, Peer: w.agent(), Budget: &proxy.Budget{Op: "debit", ID: "b", Units: 5, Reason: "again"}}
	for range 3 {
		if a := w.mustAsk(debit); a.Verdict != proxy.Allow {
			t.Fatalf("got %+v", a)
		}
	}
	if got := w.left("b"); got != 55 {
		t.Errorf("%d are left, want 55", got)
	}
}

func TestWhatWasReservedEndsWithTheSession(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"container.remove": 40}`)
	w.create(proxy.Budget{ID: "b", Units: 100})
	w.asGuardian()
	if a := w.decide(w.command("docker rm a")); a.Verdict != proxy.Allow {
		t.Fatalf("got %+v", a)
	}
	w.reopen() // the guardd that reserved it is gone
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: w.session, Peer: w.self(1)})
	w.wantBalance(proxy.Balance{Spent: 40, Left: 60}) // how it ended is not known
}

func TestFindingsOfDroppedPoliciesHavePrices(t *testing.T) {
	w := newWorld(t)
	w.prices(`{"user.meter.each": 7}`)
	rule := "package user.meter\n\ntier contains {\"id\": \"each\", \"tier\": 0, \"msg\": \"counted\"} if \"ls\" in input.cmd.names\n"
	if err := os.WriteFile(filepath.Join(w.dir, "user-policy", "meter.rego"), []byte(rule), 0o600); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	w.create(proxy.Budget{ID: "b", Units: 10})
	if a := w.decide(w.command("ls")); a.Verdict != proxy.Allow || w.left("b") != 3 {
		t.Errorf("got %s, %d left; want 3", a.Verdict, w.left("b"))
	}
	if a := w.decide(w.command("ls -l")); a.Verdict != proxy.Deny {
		t.Errorf("got %s, want deny", a.Verdict)
	}
}
