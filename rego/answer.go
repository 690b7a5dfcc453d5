package rego

import (
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/proxy"
)

// contribution is what one evaluation had to say, before the join.
type contribution struct {
	findings  []proxy.Finding
	reliefs   []proxy.Relief
	limits    []limit
	rows      map[string]map[string]verdicts // by limit and level
	steps     map[proxy.Tier][]proxy.Step
	approval  string
	act       string   // names the terms of a hold, where they are not its tier's
	effects   []Effect // in order
	types     []string // kinds of action
	acts      map[string][]proxy.Step
	prices    map[string]int64 // units by finding
	windows   Windows
	carries   bool
	resources []proxy.Resource
	defaults  Defaults
}

// limit is a row of five verdicts, one per tier.
type limit struct {
	id, level string
	verdicts  verdicts
}

type verdicts [5]proxy.Verdict

// denyAll is the row of a level that no table knows.
var denyAll = verdicts{proxy.Deny, proxy.Deny, proxy.Deny, proxy.Deny, proxy.Deny}

// readFixed reads data.guard.decision.fixed, which no input changes.
func readFixed(t *ast.Term) (contribution, error) {
	var c contribution
	r := termReader{}
	o := r.object("fixed", t)
	c.steps = r.steps(r.key(o, "steps"))
	c.acts = r.acts(o.Get(ast.InternedTerm("acts")))
	c.prices = r.prices(o.Get(ast.InternedTerm("prices")))
	c.resources = readList(&r, "resources", r.key(o, "resources"), (*termReader).resource)
	d := r.object("defaults", r.key(o, "defaults"))
	c.defaults = Defaults{r.text(d, "profile"), r.text(d, "trust"), r.text(d, "preset")}
	c.rows = r.rows(r.key(o, "rows"))
	c.windows = r.windows(o.Get(ast.InternedTerm("windows")))
	return c, r.err
}

// readResult reads data.guard.decision.result, or other, and adds it to what the
// standing contributes. A part that is missing or of the wrong shape is an error, because
// it could be the part that forbids.
func readResult(t *ast.Term, standing contribution) (contribution, error) {
	c := standing
	r := termReader{}
	o := r.object("result", t)
	c.findings = readList(&r, "findings", r.key(o, "findings"), (*termReader).finding)
	c.reliefs = readList(&r, "reliefs", r.key(o, "reliefs"), (*termReader).relief)
	c.carries = r.isTrue(o, "carries")
	c.act = r.optionalText(o, "act")
	c.types = r.names(o.Get(ast.InternedTerm("types")))
	c.effects = r.effects(o.Get(ast.InternedTerm("effects")))
	return c, r.err
}

// readStanding reads data.guard.decision.standing and adds it to fixed. For a
// command every limit of the table has to be there.
func readStanding(t *ast.Term, fixed contribution, kind string) (contribution, error) {
	c := fixed
	r := termReader{}
	o := r.object("standing", t)
	c.limits = readList(&r, "limits", r.key(o, "limits"), func(r *termReader, o ast.Object) limit {
		return r.limit(o, fixed.rows)
	})
	if kind == proxy.KindCommand {
		c.limits = append(c.limits, absent(c.limits, fixed.rows)...)
	}
	c.approval = r.text(o, "approval")
	return c, r.err
}

// absent are the limits of the table that the result left out, for a command
// that has lost its profile, say. They deny everything.
func absent(limits []limit, rows map[string]map[string]verdicts) []limit {
	var out []limit
	for id := range rows {
		if id != budgetLimit && !slices.ContainsFunc(limits, func(l limit) bool { return l.id == id }) {
			out = append(out, limit{id, "unknown", denyAll})
		}
	}
	return out
}

func (r *termReader) finding(o ast.Object) proxy.Finding {
	return proxy.Finding{
		ID:      r.text(o, "id"),
		Tier:    r.tier(o, "tier"),
		Msg:     r.text(o, "msg"),
		Verdict: r.verdict(o, "verdict"),
		Stage:   r.stage(o),
		Hint:    r.optionalText(o, "hint"),
	}
}

func (r *termReader) relief(o ast.Object) proxy.Relief {
	return proxy.Relief{
		ID:      r.text(o, "id"),
		Finding: r.text(o, "finding"),
		Stage:   r.number(o, "stage"),
		Why:     r.text(o, "why"),
	}
}

func (r *termReader) resource(o ast.Object) proxy.Resource {
	return proxy.Resource{ID: r.text(o, "id"), Text: r.text(o, "text")}
}

// limit reads a limit's level and finds its row, which denies everything where
// the table does not know the level.
func (r *termReader) limit(o ast.Object, rows map[string]map[string]verdicts) limit {
	l := limit{id: r.text(o, "id"), level: r.text(o, "level"), verdicts: denyAll}
	if row, ok := rows[l.id][l.level]; ok {
		l.verdicts = row
	}
	return l
}

func (r *termReader) rows(t *ast.Term) map[string]map[string]verdicts {
	out := map[string]map[string]verdicts{}
	r.object("rows", t).Foreach(func(id, levels *ast.Term) {
		row := map[string]verdicts{}
		r.object("rows", levels).Foreach(func(level, words *ast.Term) {
			row[r.name(level)] = r.verdicts(words)
		})
		out[r.name(id)] = row
	})
	return out
}

func (r *termReader) name(t *ast.Term) string {
	s, ok := t.Value.(ast.String)
	if !ok {
		r.fail("%v is not a name", t)
	}
	return string(s)
}

// names reads a set of strings, sorted.
func (r *termReader) names(t *ast.Term) []string {
	if t == nil {
		return nil
	}
	set, ok := t.Value.(ast.Set)
	if !ok {
		r.fail("%v is not a set of names", t)
		return nil
	}
	var out []string
	set.Foreach(func(e *ast.Term) { out = append(out, r.name(e)) })
	slices.Sort(out)
	return out
}

func (r *termReader) verdicts(t *ast.Term) verdicts {
	out := denyAll
	words, ok := t.Value.(*ast.Array)
	if !ok || words.Len() != len(out) {
		r.fail("%v is not a list of five verdicts", t)
		return out
	}
	for i := range out {
		word, _ := words.Elem(i).Value.(ast.String)
		v, err := proxy.ParseVerdict(string(word))
		if err != nil {
			r.fail("verdicts: %w", err)
		}
		out[i] = v
	}
	return out
}

func (r *termReader) steps(t *ast.Term) map[proxy.Tier][]proxy.Step {
	out := map[proxy.Tier][]proxy.Step{}
	r.object("steps", t).Foreach(func(k, v *ast.Term) {
		label, _ := k.Value.(ast.String)
		tier, ok := parseTier(string(label))
		if !ok {
			r.fail("steps: unknown tier %v", k)
		}
		out[tier] = readList(r, "steps."+string(label), v, (*termReader).step)
	})
	return out
}

// acts are the steps of holds that have terms of their own.
func (r *termReader) acts(t *ast.Term) map[string][]proxy.Step {
	out := map[string][]proxy.Step{}
	if t == nil {
		return out
	}
	r.object("acts", t).Foreach(func(k, v *ast.Term) {
		name := r.name(k)
		out[name] = readList(r, "acts."+name, v, (*termReader).step)
	})
	return out
}

// prices are units by finding.
func (r *termReader) prices(t *ast.Term) map[string]int64 {
	out := map[string]int64{}
	if t == nil {
		return out
	}
	prices := r.object("prices", t)
	prices.Foreach(func(k, _ *ast.Term) {
		name := r.name(k)
		if out[name] = int64(r.number(prices, name)); out[name] < 0 {
			r.fail("prices: %s costs %d", name, out[name])
		}
	})
	return out
}

func (r *termReader) step(o ast.Object) proxy.Step {
	s := proxy.Step{
		Tier:      r.tier(o, "tier"),
		Seconds:   r.number(o, "seconds"),
		Approvers: r.number(o, "approvers"),
		Assurance: r.text(o, "assurance"),
		Role:      r.optionalText(o, "role"),
	}
	if s.Seconds < 1 || s.Approvers < 1 || !knownAssurance(s.Assurance) {
		r.fail("steps: %d s, %d approvers, assurance %q make no step", s.Seconds, s.Approvers, s.Assurance)
	}
	return s
}
