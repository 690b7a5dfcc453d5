package gate

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// budgets are those that bind an agent, with what is left for it now, by name;
// nil without any. mu is held.
func (g *Gate) budgets(session, agent string, now instant) []rego.Budget {
	var out []rego.Budget
	for _, id := range slices.Sorted(maps.Keys(g.state.Budgets)) {
		if b := g.state.Budgets[id]; b.Binds(agent) || agent == "" {
			out = append(out, rego.Budget{ID: id, Unit: b.Unit, Balance: b.Left(b.Scope(session, agent, now.wall))})
		}
	}
	return out
}

// affords says whether every budget that binds the agent still has room for what
// a decision costs. mu is held.
func (g *Gate) affords(a *asking) bool {
	return !slices.ContainsFunc(g.budgets(a.session.Session, a.session.Agent, a.now), func(b rego.Budget) bool { return b.Balance < a.d.Cost })
}

// insufficient is the finding that too little is left.
const insufficient = "budget.insufficient"

// leases reserve what a command costs, before it runs.
func (g *Gate) leases(a *asking) []receipt.Draft {
	if a.d.Cost == 0 {
		return nil
	}
	lease := state.Lease{Session: a.session.Session, Request: a.request.ID, Units: a.d.Cost, Rules: []string{}}
	for _, f := range a.d.Findings {
		lease.Rules = append(lease.Rules, f.ID)
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var drafts []receipt.Draft
	for _, id := range slices.Sorted(maps.Keys(g.state.Budgets)) {
		if b := g.state.Budgets[id]; b.Binds(a.session.Agent) {
			lease.Budget, lease.Scope = id, b.Scope(a.session.Session, a.session.Agent, a.now.wall)
			drafts = append(drafts, draft(state.TreasuryLease, lease))
		}
	}
	return drafts
}

// settlements are the ends of what was reserved for requests: spent, or given
// back where nothing ran. mu is held.
func (g *Gate) settlements(session, reason string, ran bool, requests ...string) []receipt.Draft {
	var drafts []receipt.Draft
	for _, id := range slices.Sorted(maps.Keys(g.state.Budgets)) {
		b := g.state.Budgets[id]
		for _, scope := range slices.Sorted(maps.Keys(b.Scopes)) {
			left := b.Left(scope) - b.Overdrawn(scope)
			for _, request := range requests {
				units, leased := b.Scopes[scope].Leases[request]
				if !leased {
					continue
				}
				d := state.Debit{Budget: id, Scope: scope, Session: session, Request: request, Leased: true, Reason: reason, By: "guard"}
				if ran {
					d.Units = units
				} else {
					d.Back, left = units, left+units
				}
				d.Balance = max(0, left)
				drafts = append(drafts, draft(state.TreasuryDebit, d))
			}
		}
	}
	return drafts
}

// denials is the receipt of a command that a budget could not pay; nil for another.
func (g *Gate) denials(a *asking) []receipt.Draft {
	i := slices.IndexFunc(a.d.Findings, func(f proxy.Finding) bool { return f.ID == insufficient })
	if i < 0 {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	d := state.Denial{Session: a.session.Session, Agent: a.session.Agent, Request: a.request.ID, Action: a.display, Cost: a.d.Cost, Reason: a.d.Findings[i].Msg}
	return []receipt.Draft{g.denied(d, a.now)}
}

// denied completes a denial with the budget that has least left. mu is held.
func (g *Gate) denied(d state.Denial, now instant) receipt.Draft {
	for _, b := range g.budgets(d.Session, d.Agent, now) {
		if d.Budget == "" || b.Balance < d.Balance {
			d.Budget, d.Balance, d.Unit = b.ID, b.Balance, b.Unit
			d.Scope = g.state.Budgets[b.ID].Scope(d.Session, d.Agent, now.wall)
		}
	}
	return draft(state.TreasuryDenial, d)
}

// allocate is the receipt of a new budget, or of another size of one.
func (g *Gate) allocate(a *deed) ([]receipt.Draft, error) {
	b := a.request.Budget
	return []receipt.Draft{draft(state.TreasuryBudget, state.Allocated{
		Budget: b.ID, Request: a.request.ID, Title: b.Title, Unit: b.Unit, Per: b.Per, Agent: b.Agent, Units: b.Units, By: g.asker(a.request),
	})}, nil
}

// debit is the receipt of units spent by request.
func (g *Gate) debit(a *deed) ([]receipt.Draft, error) {
	by := g.asker(a.request)
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.state.Budgets[a.request.Budget.ID]
	if b == nil {
		return nil, errMoved
	}
	scope := g.debited(a, b)
	left := b.Left(scope) - a.request.Budget.Units
	if left < 0 {
		return nil, errMoved // spent since it was decided
	}
	return []receipt.Draft{draft(state.TreasuryDebit, state.Debit{
		Budget: b.Budget, Scope: scope, Session: a.session.Session, Request: a.request.ID, Units: a.request.Budget.Units,
		Reason: a.request.Budget.Reason, By: by, Balance: left,
	})}, nil
}

// unmovedFor is the check of what a deed is put on record with. Commands reserve
// units without moving anybody's decision, so a debit looks again.
func (g *Gate) unmovedFor(a *deed) func() error {
	unmoved := g.unmoved(a.epoch)
	if a.request.Kind != proxy.KindBudget || a.request.Budget.Op != proxy.BudgetDebit {
		return unmoved
	}
	return func() error {
		b := g.state.Budgets[a.request.Budget.ID]
		if b == nil || b.Left(g.debited(a, b)) < a.request.Budget.Units {
			return errMoved
		}
		return unmoved()
	}
}

// debited is the scope that a debit counts against.
func (g *Gate) debited(a *deed, b *state.Budget) string {
	return b.Scope(a.session.Session, cmp.Or(a.session.Agent, a.request.Budget.Agent), a.now.wall)
}

// asker is who makes a request: an agent from inside its session, else a person.
func (g *Gate) asker(r proxy.Request) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.state.Sessions[r.Peer.Within]; s != nil {
		return agentIdentity(s.Agent)
	}
	return userName(r.Peer.UID)
}

// refuseDebit records a debit that a budget could not pay.
func (g *Gate) refuseDebit(ctx context.Context, a *deed) (proxy.Answer, error) {
	ans, b := answer(a.d), a.request.Budget
	d := state.Denial{Session: a.session.Session, Agent: a.session.Agent, Request: a.request.ID, Action: attempted(b), Cost: b.Units, Reason: a.d.Findings[0].Msg}
	g.mu.Lock()
	if known := g.state.Budgets[b.ID]; known != nil {
		d.Budget, d.Unit, d.Scope = b.ID, known.Unit, known.Scope(d.Session, d.Agent, a.now.wall)
		d.Balance = known.Left(d.Scope)
	}
	g.mu.Unlock()
	written, err := g.append(ctx, g.unmoved(a.epoch), true, draft(state.TreasuryDenial, d))
	if err != nil {
		return proxy.Answer{}, err
	}
	ans.Receipt = written[0].Chain.JSeq
	return ans, nil
}

// attempted is what a debit was for: as its asker says, or else the debit itself.
func attempted(b *proxy.Budget) string {
	if reason := strings.TrimSpace(b.Reason); reason != "" {
		return reason
	}
	return fmt.Sprintf("debit %d of budget %s", b.Units, b.ID)
}

// lookBudgets lists budgets with their balances.
func (g *Gate) lookBudgets() proxy.View {
	g.mu.Lock()
	defer g.mu.Unlock()
	out, now := []proxy.BudgetState{}, g.clock.now()
	for _, id := range slices.Sorted(maps.Keys(g.state.Budgets)) {
		b := g.state.Budgets[id]
		v := proxy.BudgetState{ID: id, Title: b.Title, Unit: b.Unit, Per: b.Per, Agent: b.Agent, Allocated: b.Units, Scopes: []proxy.Balance{}}
		scopes := slices.Sorted(maps.Keys(b.Scopes))
		if today := b.Scope("", "", now.wall); b.Per == "day" && !slices.Contains(scopes, today) {
			scopes = append(scopes, today)
		} else if b.Per == "" && len(scopes) == 0 {
			scopes = []string{""}
		}
		for _, scope := range scopes {
			balance := proxy.Balance{Scope: scope, Left: b.Left(scope), Overdrawn: b.Overdrawn(scope)}
			if s := b.Scopes[scope]; s != nil {
				balance.Spent = s.Spent
			}
			balance.Reserved = b.Units + balance.Overdrawn - balance.Spent - balance.Left
			v.Scopes = append(v.Scopes, balance)
		}
		out = append(out, v)
	}
	return proxy.View{Change: g.state.Next, Budgets: out}
}
