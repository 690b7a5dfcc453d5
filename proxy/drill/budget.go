package drill

import (
	"context"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

const pressed, overBudget = "drill-budget-001", "DRILL: Intentional over-budget attempt"

// budget is drill 2: what costs more than is left is refused whole.
func budget(ctx context.Context, s *stage) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	_, err := s.ask(ctx, proxy.KindBudget, s.person(), proxy.Request{Budget: &proxy.Budget{
		Op: proxy.BudgetCreate, ID: pressed, Title: "Drill Training Budget", Units: 100, Unit: "DRILL_UNITS",
	}})
	if err != nil {
		return err
	}
	a, err := s.ask(ctx, proxy.KindBudget, s.agent(), proxy.Request{Budget: &proxy.Budget{Op: proxy.BudgetDebit, ID: pressed, Units: 500, Reason: overBudget}})
	if err != nil {
		return err
	}
	insufficient := a.Verdict == proxy.Deny && strings.Contains(strings.ToLower(why(a)), "insufficient")
	s.check("the debit is refused as insufficient", insufficient, "%s: %s", a.Verdict, why(a))
	spent, err := s.spent()
	if err != nil {
		return err
	}
	s.check("it is refused before anything is written", spent == 0, "%d receipts reserve or spend units", spent)
	budgets, err := s.budgets(ctx)
	if err != nil {
		return err
	}
	b := budgets[pressed]
	whole := b.Allocated == 100 && len(b.Scopes) == 1 && b.Scopes[0].Left == 100
	s.check("the balance is unchanged", whole, "it is %v", b)
	return s.denial()
}

// spent counts what was reserved or spent of the budget, whoever did it.
func (s *stage) spent() (n int, err error) {
	all, err := s.lab.Receipts()
	if err != nil {
		return 0, err
	}
	for _, r := range all {
		var body struct {
			Budget string `json:"budget"`
		}
		if r.Type == "treasury_debit" || r.Type == "treasury_lease" {
			if err := r.Decode(&body); err != nil {
				return 0, err
			}
			if body.Budget == pressed {
				n++
			}
		}
	}
	return n, nil
}

func (s *stage) denial() error {
	denials, err := written[struct {
		Action  string `json:"attempted_action"`
		Cost    int64  `json:"requested_cost"`
		Balance int64  `json:"available_balance"`
		Reason  string `json:"denial_reason"`
	}](s, "treasury_denial")
	if err != nil {
		return err
	}
	good := len(denials) == 1 && denials[0].Action == overBudget && denials[0].Cost == 500 && denials[0].Balance == 100 && denials[0].Reason != ""
	s.check("a treasury_denial has the action, the cost, the balance and the reason", good, "there are %v", denials)
	return nil
}
