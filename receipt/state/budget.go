package state

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/f958ca95/guard/receipt"
)

// Types of receipt about budgets.
const (
	TreasuryBudget = "treasury_budget"
	TreasuryLease  = "treasury_lease"
	TreasuryDebit  = "treasury_debit"
	TreasuryDenial = "treasury_denial"
	scrollTreasury = "treasury"
)

// keptScopes bounds how many balances one budget keeps: those of sessions that
// have ended and of days that are over go first.
const keptScopes = 1024

// Allocated is the body of treasury_budget: a budget was created, or given
// another size.
type Allocated struct {
	Budget  string `json:"budget"`
	Request string `json:"request"`
	Title   string `json:"title"`
	Unit    string `json:"unit"`
	Per     string `json:"per"`   // session, agent, day, or "" for one balance
	Agent   string `json:"agent"` // whom it binds; "" for all
	Units   int64  `json:"units"`
	By      string `json:"by"`
}

// Lease is the body of treasury_lease: units are reserved before the act.
type Lease struct {
	Budget  string   `json:"budget"`
	Scope   string   `json:"scope"`
	Session string   `json:"session"`
	Request string   `json:"request"` // command that it is for
	Units   int64    `json:"units"`
	Rules   []string `json:"rules"` // whose prices it adds up
}

// Debit is the body of treasury_debit: units are spent, or given back.
type Debit struct {
	Budget  string `json:"budget"`
	Scope   string `json:"scope"`
	Session string `json:"session"`
	Request string `json:"request"`
	Units   int64  `json:"units"`    // spent
	Back    int64  `json:"returned"` // of the lease, because nothing ran
	Leased  bool   `json:"leased"`   // it settles the request's lease; else it is a debit of its own
	Reason  string `json:"reason"`
	By      string `json:"by"`
	Balance int64  `json:"balance"` // after it
}

// Denial is the body of treasury_denial.
type Denial struct {
	Budget  string `json:"budget"`
	Scope   string `json:"scope"`
	Session string `json:"session"`
	Agent   string `json:"agent"`
	Request string `json:"request"`
	Action  string `json:"attempted_action"`
	Cost    int64  `json:"requested_cost"`
	Balance int64  `json:"available_balance"`
	Unit    string `json:"unit"`
	Reason  string `json:"denial_reason"`
}

// Budget is a budget and what each scope has of it. Unlike trust it goes by an
// agent's name alone, whosever agent it is: it only ever takes away.
type Budget struct {
	Allocated
	Scopes map[string]*Balance `json:"scopes"`
}

// Balance is what a scope has used of a budget.
type Balance struct {
	Spent  int64            `json:"spent"`
	Leases map[string]int64 `json:"leases"`  // reserved units by command request
	Last   time.Time        `json:"last"`    // when it last moved
	At     uint64           `json:"changed"` // jseq of that
}

// Left is what a scope can still spend, never less than nothing. Overdrawn is by how
// much it has spent and reserved more than there is, which takes a budget that was
// made smaller.
func (b *Budget) Left(scope string) int64 { return max(0, b.rest(scope)) }

// Overdrawn is described at Left.
func (b *Budget) Overdrawn(scope string) int64 { return max(0, -b.rest(scope)) }

func (b *Budget) rest(scope string) int64 {
	left := b.Units
	if s := b.Scopes[scope]; s != nil {
		left -= s.Spent
		for _, units := range s.Leases {
			left -= units
		}
	}
	return left
}

// Binds says whether a budget counts for an agent.
func (b *Budget) Binds(agent string) bool { return b.Agent == "" || b.Agent == agent }

// Scope is whose balance an act of a session at a time counts against. Days are
// those of UTC.
func (b *Budget) Scope(session, agent string, at time.Time) string {
	switch b.Per {
	case "session":
		return session
	case "agent":
		return agent
	case "day":
		return at.UTC().Format(time.DateOnly)
	}
	return ""
}

func (s *State) allocated(_ receipt.Receipt, b Allocated) error {
	scopes := map[string]*Balance{}
	if old := s.Budgets[b.Budget]; old != nil && old.Per == b.Per {
		scopes = old.Scopes
	}
	s.Budgets[b.Budget] = &Budget{Allocated: b, Scopes: scopes}
	s.acted(b.Request)
	return nil
}

func (s *State) leased(r receipt.Receipt, b Lease) error {
	balance, err := s.balance(r, b.Budget, b.Scope)
	if err != nil {
		return err
	}
	balance.Leases[b.Request] += b.Units
	return nil
}

func (s *State) debited(r receipt.Receipt, b Debit) error {
	balance, err := s.balance(r, b.Budget, b.Scope)
	if err != nil {
		return err
	}
	if b.Leased {
		if _, reserved := balance.Leases[b.Request]; !reserved {
			return nil // the budget was made anew meanwhile
		}
		delete(balance.Leases, b.Request)
	} else {
		s.acted(b.Request)
	}
	balance.Spent += b.Units
	return nil
}

// balance finds or makes the balance of a scope, and drops the oldest when there
// are too many.
func (s *State) balance(r receipt.Receipt, budget, scope string) (*Balance, error) {
	b := s.Budgets[budget]
	if b == nil {
		return nil, fmt.Errorf("budget %q is not known", budget)
	}
	if b.Scopes[scope] == nil {
		if len(b.Scopes) >= keptScopes {
			delete(b.Scopes, b.oldest(s))
		}
		b.Scopes[scope] = &Balance{Leases: map[string]int64{}}
	}
	balance := b.Scopes[scope]
	balance.Last, balance.At = r.Time, r.Chain.JSeq
	return balance, nil
}

// oldest is the balance that moved longest ago, those of live sessions last.
func (b *Budget) oldest(s *State) string {
	names := slices.Sorted(maps.Keys(b.Scopes))
	return slices.MinFunc(names, func(x, y string) int {
		if lx, ly := s.Sessions[x] != nil, s.Sessions[y] != nil; lx != ly {
			if lx {
				return 1
			}
			return -1
		}
		return int(int64(b.Scopes[x].At) - int64(b.Scopes[y].At))
	})
}
