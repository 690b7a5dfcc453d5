package rego

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// join makes the Decision out of what the built-in policy and every user
// package contributed (DESIGN 5, "Order of the join"). Only reliefs lower
// anything, and only the verdict of a built-in finding that is about their
// stage and not about opacity; so adding a contribution of a user package can
// only make the outcome stricter.
func join(own contribution, users []proxy.Finding, budgets []Budget) Decision {
	d := Decision{Findings: append(slices.Clone(own.findings), users...), Defaults: own.defaults, Carries: own.carries}
	d.Reliefs = effective(own.reliefs, own.findings)
	relieved := make(map[spot]bool, len(d.Reliefs))
	for _, r := range d.Reliefs {
		relieved[spot{r.Finding, r.Stage}] = true
	}
	d.Verdict = proxy.Allow
	for _, f := range d.Findings {
		d.Tier = max(d.Tier, f.Tier)
		if relievable(f) && relieved[spot{f.ID, f.Stage}] {
			continue
		}
		d.Effective = max(d.Effective, f.Tier)
		d.Verdict = max(d.Verdict, f.Verdict)
	}
	d.Unpaid = d.Verdict
	if len(budgets) > 0 {
		l := d.charge(own, budgets)
		own.limits = append(slices.Clip(own.limits), l)
	}
	for _, l := range own.limits {
		row := proxy.Row{ID: l.id, Level: l.level, Verdict: l.verdicts[d.Effective]}
		d.Rows = append(d.Rows, row)
		d.Verdict = max(d.Verdict, row.Verdict)
		if l.id != budgetLimit {
			d.Unpaid = max(d.Unpaid, row.Verdict)
		}
	}
	switch d.Verdict {
	case proxy.Hold:
		d.Terms = termsOf(own, d.Effective)
	case proxy.Crisis:
		d.Resources = own.resources
	}
	d.Act, d.Approval, d.Effects = own.act, own.approval, own.effects
	d.Approval, d.Effects, d.Types = own.approval, own.effects, own.types
	d.sort()
	return d
}

// charge adds up what the findings cost, and finds the level of the budget that
// has least left: a price above that is more than it can pay, and says so.
func (d *Decision) charge(own contribution, budgets []Budget) limit {
	for _, f := range d.Findings {
		d.Cost += own.prices[f.ID]
	}
	least := slices.MinFunc(budgets, func(a, b Budget) int { return cmp.Compare(a.Balance, b.Balance) })
	l := limit{id: budgetLimit, level: "ok", verdicts: denyAll}
	short := d.Cost > 0 && d.Cost > least.Balance
	if short {
		l.level = "short"
	}
	if row, ok := own.rows[l.id][l.level]; ok {
		l.verdicts = row
	}
	if short {
		d.Findings = append(d.Findings, proxy.Finding{
			ID: "budget.insufficient", Stage: -1, Verdict: l.verdicts[d.Effective],
			Msg:  fmt.Sprintf("insufficient budget %s: it costs %s, %d are left", least.ID, strings.TrimSpace(fmt.Sprint(d.Cost, " ", least.Unit)), least.Balance),
			Hint: "let a person give more: guard budget create " + least.ID + " --units N",
		})
	}
	return l
}

// budgetLimit is the one limit that depends on what was found, which is why it
// is read here.
const budgetLimit = "budget"

// termsOf are the terms of what the request does where it has some of its own,
// and else those of its tier. An act whose terms are missing gets none, and a
// hold without steps is denied.
func termsOf(own contribution, tier proxy.Tier) *proxy.Terms {
	if own.act == "" {
		return termsAt(own.steps, tier)
	}
	if steps := own.acts[own.act]; len(steps) > 0 {
		return &proxy.Terms{Steps: slices.Clone(steps)}
	}
	return nil
}

// spot is a finding on a stage.
type spot struct {
	id    string
	stage int
}

// effective keeps the reliefs that cancel something.
func effective(reliefs []proxy.Relief, findings []proxy.Finding) []proxy.Relief {
	var out []proxy.Relief
	for _, r := range reliefs {
		if slices.ContainsFunc(findings, func(f proxy.Finding) bool {
			return f.ID == r.Finding && f.Stage == r.Stage && relievable(f)
		}) {
			out = append(out, r)
		}
	}
	return out
}

// relievable says whether context may cancel a finding's effect: never that of
// a user rule, of something that was not understood, or of a crisis.
func relievable(f proxy.Finding) bool {
	return !strings.HasPrefix(f.ID, userPrefix) && !strings.HasPrefix(f.ID, "opaque.") && f.Verdict != proxy.Crisis
}

// termsAt are the hold's steps. A tier that has none, such as SAFE when only a
// user rule asks for the hold, takes those of MEDIUM; a missing table leaves no
// steps, and a hold without steps is denied.
func termsAt(steps map[proxy.Tier][]proxy.Step, tier proxy.Tier) *proxy.Terms {
	for t := max(tier, proxy.Medium); t <= proxy.Critical; t++ {
		if s := steps[t]; len(s) > 0 {
			return &proxy.Terms{Steps: slices.Clone(s)}
		}
	}
	return nil
}

// sort puts what weighs most first and makes equal Decisions equal byte for
// byte, whatever order the rules came in.
func (d *Decision) sort() {
	slices.SortFunc(d.Findings, func(a, b proxy.Finding) int {
		return cmp.Or(
			cmp.Compare(b.Verdict, a.Verdict),
			cmp.Compare(b.Tier, a.Tier),
			cmp.Compare(a.ID, b.ID),
			cmp.Compare(a.Stage, b.Stage),
			cmp.Compare(a.Msg, b.Msg),
			cmp.Compare(a.Hint, b.Hint),
		)
	})
	d.Findings = slices.Compact(d.Findings)
	if d.Findings == nil {
		d.Findings = []proxy.Finding{}
	}
	slices.SortFunc(d.Reliefs, func(a, b proxy.Relief) int {
		return cmp.Or(cmp.Compare(a.ID, b.ID), cmp.Compare(a.Finding, b.Finding),
			cmp.Compare(a.Stage, b.Stage), cmp.Compare(a.Why, b.Why))
	})
	slices.SortFunc(d.Rows, func(a, b proxy.Row) int { return cmp.Compare(a.ID, b.ID) })
}

// stricter joins the decisions of two revisions on the same input: whatever
// either forbids stays forbidden. The result carries a's revision.
func stricter(a, b Decision) Decision {
	d := Decision{
		Revision:  a.Revision,
		Tier:      max(a.Tier, b.Tier),
		Effective: max(a.Effective, b.Effective),
		Verdict:   max(a.Verdict, b.Verdict),
		Findings:  append(slices.Clone(a.Findings), b.Findings...),
		Rows:      stricterRows(a.Rows, b.Rows),
		Approval:  stricterApproval(a.Approval, b.Approval),
		Act:       a.Act,
		Effects:   a.Effects,
		Types:     a.Types,
		Cost:      max(a.Cost, b.Cost),
		Unpaid:    max(a.Unpaid, b.Unpaid),
		Carries:   a.Carries && b.Carries,
		Resources: a.Resources,
		Defaults:  stricterDefaults(a.Defaults, b.Defaults),
	}
	for _, r := range a.Reliefs {
		if slices.Contains(b.Reliefs, r) {
			d.Reliefs = append(d.Reliefs, r)
		}
	}
	if d.Verdict == proxy.Hold {
		d.Terms = stricterTerms(a.Terms, b.Terms)
	}
	if d.Verdict == proxy.Crisis && len(d.Resources) == 0 {
		d.Resources = b.Resources
	}
	d.sort()
	return d
}

func stricterRows(a, b []proxy.Row) []proxy.Row {
	out := slices.Clone(a)
	for _, row := range b {
		i := slices.IndexFunc(out, func(r proxy.Row) bool { return r.ID == row.ID })
		if i < 0 {
			out = append(out, row)
		} else if row.Verdict > out[i].Verdict {
			out[i] = row
		}
	}
	return out
}

// stricterApproval: one denial denies, and every revision must be content.
func stricterApproval(a, b string) string {
	if a == b {
		return a
	}
	if a == proxy.Denied || b == proxy.Denied {
		return proxy.Denied
	}
	return proxy.Pending
}

// stricterTerms takes the harder of each step; the shorter list ends first.
func stricterTerms(a, b *proxy.Terms) *proxy.Terms {
	if a == nil || len(a.Steps) == 0 {
		return b
	}
	if b == nil || len(b.Steps) == 0 {
		return a
	}
	out := &proxy.Terms{}
	for i := range min(len(a.Steps), len(b.Steps)) {
		x, y := a.Steps[i], b.Steps[i]
		s := proxy.Step{
			Tier:      max(x.Tier, y.Tier),
			Seconds:   min(x.Seconds, y.Seconds),
			Approvers: max(x.Approvers, y.Approvers),
			Assurance: x.Assurance,
		}
		if assuranceRank[y.Assurance] > assuranceRank[x.Assurance] {
			s.Assurance = y.Assurance
		}
		s.Role = cmp.Or(x.Role, y.Role)
		out.Steps = append(out.Steps, s)
	}
	return out
}

func stricterDefaults(a, b Defaults) Defaults {
	pick := func(path string, x, y string) string {
		rank := knobAt(strings.Split(path, ".")).rank
		i, _ := rank(x)
		if j, ok := rank(y); ok && j > i {
			return y
		}
		return x
	}
	return Defaults{
		Profile: pick("presets.*.profile", a.Profile, b.Profile),
		Trust:   pick("presets.*.trust", a.Trust, b.Trust),
		Preset:  pick("preset", a.Preset, b.Preset),
	}
}

// assuranceRank orders how an approver was authenticated (DESIGN 8).
var assuranceRank = map[string]int{
	"tty": 1, "peercred": 2, "chat": 3, "fido2_up": 4, "fido2_uv": 5, "webauthn_uv": 5,
}

func knownAssurance(a string) bool { return assuranceRank[a] > 0 }
