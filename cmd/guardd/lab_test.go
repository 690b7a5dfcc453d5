package main

import (
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/drill"
	"github.com/f958ca95/guard/receipt"
)

// hold runs drills in a lab that was changed first.
func hold(t *testing.T, change func(*drill.Lab)) map[int]drill.Result {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "lab")
	lab, g, err := openLab(t.Context(), "DRILL-2026-11-21-001", dir, filepath.Dir(dir), time.Now(), false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	change(lab)
	results, err := drill.Run(t.Context(), lab, nil)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]drill.Result{}
	for _, r := range results {
		out[r.Drill] = r
	}
	return out
}

// bent is an Authority of which one part does not work.
type bent struct {
	proxy.Authority
	bend func(proxy.Authority, context.Context, proxy.Request) (proxy.Answer, error)
}

func (b bent) Ask(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	return b.bend(b.Authority, ctx, r)
}

// breakages are builds of guard with one mechanism out of order, the drills that
// must fail for it, and a condition that must be named.
var breakages = []struct {
	name  string
	bend  func(*drill.Lab)
	fails []int
	names string
}{
	{"the TTL is never looked at", func(l *drill.Lab) {
		l.Until = func(context.Context, time.Time) error { return nil }
	}, []int{1}, "the TTL takes the authority back"},
	{"an elevation ends without a receipt", without("profile_deescalation"), []int{1, 3, 4}, "every transition has a receipt"},
	{"an elevation begins without a receipt", without("profile_escalation"), []int{1, 3, 4}, "every transition has a receipt"},
	{"refusals leave no receipt", without("auth_failure"), []int{3}, "both denials are on record as auth_failure"},
	{"an agent counts as the person who approves", asks(proxy.KindElevate, func(r *proxy.Request) {
		r.Peer.Guarded = ""
	}), []int{3}, "taking phoenix without an approver is refused"},
	{"debits are not checked against the balance", answers(proxy.KindBudget, func(r proxy.Request) bool {
		return r.Budget.Op == proxy.BudgetDebit
	}), []int{2}, "the debit is refused as insufficient"},
	{"a denial for want of units is not written", without("treasury_denial"), []int{2}, "a treasury_denial has the action, the cost, the balance and the reason"},
	{"tem takes nobody's authority, and records nothing", answers(proxy.KindTem, func(proxy.Request) bool { return true }),
		[]int{1}, "tem is not invoked without a guardian's authority"},
	{"tem is not on record", without("tem_invocation"), []int{1}, "one tem_invocation is on record, with the guardian's authority"},
	{"threats are not on record", without("cognitive_decision"), []int{1}, "a cognitive_decision is on record"},
	{"commands run in a drill", answers(proxy.KindCommand, func(proxy.Request) bool { return true }), []int{0, 1, 2, 3, 4}, "destructive operations are disabled"},
	{"the log is that of those who work", func(l *drill.Lab) { l.Real = l.Dir }, []int{0, 1, 2, 3, 4}, "the log is apart from that of those who work"},
}

func TestADrillFailsWhereItsMechanismIsBroken(t *testing.T) {
	for _, b := range breakages {
		t.Run("S4-01 "+b.name, func(t *testing.T) {
			var fails []int
			var named []string
			for n, r := range hold(t, b.bend) {
				if !r.Pass {
					fails = append(fails, n)
				}
				for _, c := range r.Failed() {
					named = append(named, c.Text)
				}
			}
			if slices.Sort(fails); !slices.Equal(fails, b.fails) || !slices.Contains(named, b.names) {
				t.Errorf("drills %v failed with %q; want %v, and %q named", fails, named, b.fails, b.names)
			}
		})
	}
}

// without loses the receipts of a type.
func without(typ string) func(*drill.Lab) {
	return func(l *drill.Lab) {
		whole := l.Receipts
		l.Receipts = func() ([]receipt.Receipt, error) {
			all, err := whole()
			return slices.DeleteFunc(all, func(r receipt.Receipt) bool { return r.Type == typ }), err
		}
	}
}

// asks changes requests of a kind on their way.
func asks(kind string, change func(*proxy.Request)) func(*drill.Lab) {
	return func(l *drill.Lab) {
		l.Authority = bent{l.Authority, func(a proxy.Authority, ctx context.Context, r proxy.Request) (proxy.Answer, error) {
			if r.Kind == kind {
				change(&r)
			}
			return a.Ask(ctx, r)
		}}
	}
}

// answers says yes to requests of a kind, and does nothing.
func answers(kind string, which func(proxy.Request) bool) func(*drill.Lab) {
	return func(l *drill.Lab) {
		l.Authority = bent{l.Authority, func(a proxy.Authority, ctx context.Context, r proxy.Request) (proxy.Answer, error) {
			if r.Kind == kind && which(r) {
				return proxy.Answer{Verdict: proxy.Allow}, nil
			}
			return a.Ask(ctx, r)
		}}
	}
}

// TestADrillPasses holds all of them in the order of the runbook and packs them.
func TestADrillPasses(t *testing.T) {
	dir := t.TempDir()
	pack, err := holdDrills(t.Context(), "DRILL-2026-11-21-007", dir, filepath.Dir(dir), nil, time.Now(), false)
	if err != nil {
		t.Fatal(err)
	}
	t.Run("S4-02 in the order 0 1 3 2 4", func(t *testing.T) {
		var order []int
		for _, r := range pack.Results {
			order = append(order, r.Drill)
			if !r.Pass {
				t.Errorf("drill %d: %+v", r.Drill, r.Failed())
			}
		}
		if !slices.Equal(order, []int{0, 1, 3, 2, 4}) {
			t.Errorf("got %v", order)
		}
	})
	t.Run("S4-04 on a clock that is turned on by hours", func(t *testing.T) {
		first, last := pack.Escalations[0].At, pack.Escalations[len(pack.Escalations)-1].At
		if pack.Clock != "virtual" || last.Sub(first) < 2*time.Hour {
			t.Errorf("%s clock, from %s to %s", pack.Clock, first, last)
		}
	})
	t.Run("S4-30 the pack says what was done and denied, and that nothing is left", func(t *testing.T) {
		for name, pass := range pack.PassFail {
			if pass == nil || !*pass {
				t.Errorf("%s is not true", name)
			}
		}
		if len(pack.PassFail) != 5 || len(pack.Escalations) != 14 || len(pack.Decisions) == 0 || len(pack.Roots) < 5 {
			t.Errorf("got %d results, %d escalations, %d decisions, %d scrolls", len(pack.PassFail), len(pack.Escalations), len(pack.Decisions), len(pack.Roots))
		}
		b := pack.Baseline
		if b.Sessions+b.Elevations+b.Threats != 0 || len(b.Budgets) != 2 {
			t.Errorf("left over: %+v", b)
		}
		for _, budget := range b.Budgets {
			if len(budget.Scopes) != 1 || budget.Scopes[0].Left != budget.Allocated {
				t.Errorf("not as it was given: %+v", budget)
			}
		}
	})
	t.Run("S4-31 it is sound, and no longer if a byte of it changes", func(t *testing.T) {
		if _, err := drill.Verify(dir); err != nil {
			t.Fatal(err)
		}
		edit(t, filepath.Join(dir, "pack.json"), `"drill_2": true`, `"drill_2": false`)
		if _, err := drill.Verify(dir); err == nil || !strings.Contains(err.Error(), "drill_2") {
			t.Errorf("a pack that denies a result: got %v", err)
		}
		edit(t, filepath.Join(dir, "pack.json"), `"drill_2": false`, `"drill_2": true`)
		edit(t, filepath.Join(dir, "receipts", "journal-000000000000.jsonl"), `"pass":true`, `"pass":fals`)
		if _, err := drill.Verify(dir); err == nil {
			t.Error("a changed receipt was not noticed")
		}
	})
}

// Hours go by in a drill, whenever it is held: the day may change under it.
func TestADrillPassesAtAnyTimeOfDay(t *testing.T) {
	for hour := 0; hour < 24; hour += 3 {
		start := time.Date(2027, 12, 31, hour, 59, 58, 0, time.UTC)
		dir := t.TempDir()
		pack, err := holdDrills(t.Context(), "DRILL-2027-12-31-001", dir, filepath.Dir(dir), nil, start, false)
		if err != nil {
			t.Fatal(err)
		}
		if pack.Marker != "DRILL/FP-THREAT/2027-12-31" {
			t.Errorf("from %s: the marker is %s", start, pack.Marker)
		}
		for _, r := range pack.Results {
			if !r.Pass {
				t.Errorf("from %s: drill %d: %+v", start, r.Drill, r.Failed())
			}
		}
	}
}

func edit(t *testing.T, name, from, to string) {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(string(text), from) {
		t.Fatalf("%s has no %s", name, from)
	}
	if err := os.WriteFile(name, []byte(strings.Replace(string(text), from, to, 1)), 0o600); err != nil {
		t.Fatal(err)
	}
}

func TestEveryReceiptOfADrillNamesIt(t *testing.T) {
	t.Run("S4-03 the tag DRILL and body.drill_id", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := holdDrills(t.Context(), "DRILL-2026-11-21-002", dir, filepath.Dir(dir), []int{2}, time.Now(), false); err != nil {
			t.Fatal(err)
		}
		all, err := receiptsIn(filepath.Join(dir, "receipts"))
		if err != nil || len(all) < 10 {
			t.Fatalf("got %d receipts, %v", len(all), err)
		}
		for _, r := range all {
			var body map[string]any
			if err := json.Unmarshal(r.Body, &body); err != nil {
				t.Fatal(err)
			}
			if !slices.Contains(r.Tags, "DRILL") || body["drill_id"] != "DRILL-2026-11-21-002" {
				t.Errorf("receipt %d: %s", r.Chain.JSeq, r.Line)
			}
		}
	})
}
