package drill

import (
	"context"
	"path/filepath"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// training is the budget of the gates.
const training = "drill-training"

// harmful are commands that a drill must never let anybody run: one that
// destroys, and one that attacks.
var harmful = []string{"git reset --hard", "nmap -sS 192.0.2.1"}

// gates is drill 0: nothing that a drill does can hurt.
func gates(ctx context.Context, s *stage) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	modes, err := s.modes()
	if err != nil {
		return err
	}
	s.check("a receipt proves "+drillMode, len(modes) > 0 && modes[0].Mode == drillMode, "there is none")
	if err := s.dryRun(ctx, harmful[0], "destructive operations are disabled"); err != nil {
		return err
	}
	if err := s.dryRun(ctx, harmful[1], "offensive tools are simulated"); err != nil {
		return err
	}
	s.check("the log is apart from that of those who work", s.lab.Dir != "" && apart(s.lab.Dir, s.lab.Real), "both are in %s", s.lab.Real)
	s.check("whatever is anchored is named DRILL", strings.HasPrefix(s.lab.Marker(), "DRILL/") && strings.HasPrefix(s.lab.ID, "DRILL-"), "it is named %s", s.lab.ID)
	return s.funds(ctx)
}

// modes are the drill_started receipts.
func (s *stage) modes() (out []Started, err error) {
	all, err := s.lab.Receipts()
	if err != nil {
		return nil, err
	}
	for _, r := range all {
		var body Started
		if r.Type == "drill_started" && r.Decode(&body) == nil {
			out = append(out, body)
		}
	}
	return out, nil
}

// dryRun asks for what must not run in a drill, whoever asks.
func (s *stage) dryRun(ctx context.Context, line, text string) error {
	a, err := s.command(ctx, line)
	if err != nil {
		return err
	}
	denied := false
	for _, f := range a.Findings {
		denied = denied || f.ID == "user.drill.dry_run"
	}
	s.check(text, a.Verdict == proxy.Deny && denied, "%s: %s", line, a.Verdict)
	return nil
}

func apart(lab, real string) bool {
	return filepath.Join(lab, "receipts") != filepath.Join(real, "receipts")
}

// funds gives the drill a budget of its own, and looks at the health of all.
func (s *stage) funds(ctx context.Context) error {
	_, err := s.ask(ctx, proxy.KindBudget, s.person(), proxy.Request{Budget: &proxy.Budget{
		Op: proxy.BudgetCreate, ID: training, Title: "Drill training", Units: 1000, Unit: "DRILL_UNITS",
	}})
	if err != nil {
		return err
	}
	budgets, err := s.budgets(ctx)
	if err != nil {
		return err
	}
	b, ok := budgets[training]
	s.check("the training budget is the drill's own, of 1000 units", ok && b.Allocated == 1000 && len(budgets) == 1, "the budgets are %v", budgets)
	view, err := s.lab.Reader.Read(ctx, proxy.Look{What: proxy.LookStatus})
	if err != nil {
		return err
	}
	s.check("health is operational", view.Status.Error == "", "%s", view.Status.Error)
	return nil
}

func (s *stage) budgets(ctx context.Context) (map[string]proxy.BudgetState, error) {
	view, err := s.lab.Reader.Read(ctx, proxy.Look{What: proxy.LookBudgets})
	if err != nil {
		return nil, err
	}
	out := map[string]proxy.BudgetState{}
	for _, b := range view.Budgets {
		out[b.ID] = b
	}
	return out, nil
}
