package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"golang.org/x/term"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// shortFinding is a finding in an answer of --stdin --json.
type shortFinding struct {
	ID   string     `json:"id"`
	Tier proxy.Tier `json:"tier"`
	Msg  string     `json:"msg"`
}

// shortAnswer is an answer of --stdin --json.
type shortAnswer struct {
	Tier           proxy.Tier       `json:"tier"`
	Label          string           `json:"label"`
	Verdict        proxy.Verdict    `json:"verdict"`
	Findings       []shortFinding   `json:"findings"`
	Relief         []proxy.Relief   `json:"relief"`
	TimeoutSeconds *int             `json:"timeout_seconds"` // of the hold's first step; null where nothing is held
	Reason         string           `json:"reason,omitempty"`
	Resources      []proxy.Resource `json:"resources,omitempty"`
}

func short(j *judged) shortAnswer {
	d := j.decision
	a := shortAnswer{
		Tier: d.Tier, Label: d.Tier.String(), Verdict: d.Verdict, Findings: []shortFinding{}, Relief: []proxy.Relief{},
		Resources: d.Resources, Reason: noFinding(j),
	}
	for _, f := range d.Findings {
		a.Findings = append(a.Findings, shortFinding{f.ID, f.Tier, f.Msg})
	}
	a.Relief = append(a.Relief, d.Reliefs...)
	if d.Terms != nil && d.Verdict == proxy.Hold && len(d.Terms.Steps) > 0 {
		a.TimeoutSeconds = &d.Terms.Steps[0].Seconds
	}
	return a
}

// noFinding is the reason of a command that no rule has anything to say about
// (REQUIREMENTS S1-24).
func noFinding(j *judged) string {
	switch {
	case len(j.decision.Findings) > 0:
		return ""
	case strings.TrimSpace(j.facts.Raw) == "":
		return "empty or non-string input"
	default:
		return "no dangerous patterns detected"
	}
}

// fullAnswer is the answer of --json.
type fullAnswer struct {
	shortAnswer
	Findings  []proxy.Finding  `json:"findings"` // in full
	Effective proxy.Tier       `json:"effective_tier"`
	Rows      []proxy.Row      `json:"rows"`
	Terms     *proxy.Terms     `json:"terms"`
	Revision  string           `json:"revision"`
	Facts     classify.Facts   `json:"facts"`
	Trace     []rego.RuleTrace `json:"trace,omitempty"`
}

func full(j *judged, traced []rego.RuleTrace) fullAnswer {
	d := j.decision
	return fullAnswer{
		shortAnswer: short(j), Findings: d.Findings, Effective: d.Effective, Rows: d.Rows, Terms: d.Terms,
		Revision: d.Revision, Facts: j.facts, Trace: traced,
	}
}

// painter colours words on a terminal; meaning never depends on it.
type painter struct{ on bool }

func (p painter) paint(word string, code int) string {
	if !p.on {
		return word
	}
	return fmt.Sprintf("\x1b[%dm%s\x1b[0m", code, word)
}

func (p painter) tier(format string, t proxy.Tier) string {
	return p.paint(fmt.Sprintf(format, t), []int{32, 32, 33, 31, 35}[min(max(t, proxy.Safe), proxy.Critical)])
}

func (p painter) verdict(v proxy.Verdict) string {
	switch v {
	case proxy.Allow:
		return p.paint(v.String(), 32)
	case proxy.Hold:
		return p.paint(v.String(), 33)
	default:
		return p.paint(v.String(), 31)
	}
}

// render writes the explanation for people.
func render(w io.Writer, j *judged, traced []rego.RuleTrace) error {
	f, ok := w.(*os.File)
	p := painter{on: ok && term.IsTerminal(int(f.Fd())) && os.Getenv("NO_COLOR") == ""}
	d := j.decision
	var b strings.Builder
	what := "line"
	if j.facts.Kind == "exec" {
		what = "command"
	}
	fmt.Fprintf(&b, "%-11s %s\n", what, proxy.Visible(j.facts.Raw))
	for _, s := range j.facts.Stages {
		renderStage(&b, p, j, s)
	}
	for _, finding := range d.Findings {
		if finding.Stage < 0 {
			renderFinding(&b, p, j, finding)
		}
	}
	fmt.Fprintf(&b, "%-11s %s", "tier", p.tier("%s", d.Tier))
	if d.Effective != d.Tier {
		fmt.Fprintf(&b, " (the reliefs leave %s for the rows)", d.Effective)
	}
	if reason := noFinding(j); reason != "" {
		fmt.Fprintf(&b, " %s", reason)
	}
	rows := make([]string, len(d.Rows))
	for i, row := range d.Rows {
		rows[i] = fmt.Sprintf("%s %s: %s", row.ID, row.Level, row.Verdict)
	}
	fmt.Fprintf(&b, "\n%-11s %s\n", "rows", strings.Join(rows, "   "))
	fmt.Fprintf(&b, "%-11s %s%s\n", "verdict", p.verdict(d.Verdict), terms(d.Verdict, d.Terms))
	for _, r := range d.Resources {
		fmt.Fprintf(&b, "%-11s %s\n", "help", r.Text)
	}
	names := "built-in"
	for _, file := range j.set.Files() {
		names += " + " + file.Path
	}
	fmt.Fprintf(&b, "%-11s revision %.12s (%s)   decided in %.2f ms\n", "policy", d.Revision, names, float64(j.took.Microseconds())/1000)
	if traced != nil {
		b.WriteString("rules looked at\n")
		renderTrace(&b, traced)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func renderStage(b *strings.Builder, p painter, j *judged, s classify.Stage) {
	words := stageWords(s)
	via := ""
	if len(s.Via) > 0 {
		via = "   via " + strings.Join(s.Via, ", ")
	}
	fmt.Fprintf(b, " %-10s %s%s\n", fmt.Sprintf("stage %d", s.ID+1), proxy.Visible(strings.Join(words, " ")), via)
	for _, o := range s.Opaque {
		fmt.Fprintf(b, "   %-8s %s: %s\n", "opaque", o.Where, proxy.Visible(o.Reason))
	}
	for _, f := range j.decision.Findings {
		if f.Stage == s.ID {
			renderFinding(b, p, j, f)
		}
	}
}

// stageWords is a stage as a person would write it: with its assignments where
// there is nothing else.
func stageWords(s classify.Stage) []string {
	if s.Name != "" {
		return append([]string{s.Name}, s.Args...)
	}
	var words []string
	for _, v := range s.Env {
		words = append(words, v.Name+"="+v.Value)
	}
	for _, r := range s.Redirects {
		if r.Path != nil {
			words = append(words, r.Op, r.Path.Raw)
		}
	}
	if len(words) == 0 {
		words = []string{"(unknown program)"}
	}
	return append(words, s.Args...)
}

func renderFinding(b *strings.Builder, p painter, j *judged, f proxy.Finding) {
	fmt.Fprintf(b, "   %s %-26s %s", p.tier("%-8s", f.Tier), f.ID, proxy.Visible(f.Msg))
	if f.Verdict != 0 {
		fmt.Fprintf(b, " (%s)", p.verdict(f.Verdict))
	}
	b.WriteByte('\n')
	if f.Hint != "" {
		fmt.Fprintf(b, "   %-8s %s\n", "instead", f.Hint)
	}
	for _, r := range j.decision.Reliefs {
		if r.Finding == f.ID && r.Stage == f.Stage {
			fmt.Fprintf(b, "   %-8s %-26s %s: no effect on the verdict\n", "relief", r.ID, proxy.Visible(r.Why))
		}
	}
}

// terms says how a hold goes: "hold, 120 s, one person; then CRITICAL, 300 s; then deny".
func terms(v proxy.Verdict, t *proxy.Terms) string {
	if v != proxy.Hold || t == nil {
		return ""
	}
	var b strings.Builder
	for i, s := range t.Steps {
		people := "one person"
		if s.Approvers > 1 {
			people = fmt.Sprintf("%d people", s.Approvers)
		}
		if i > 0 {
			fmt.Fprintf(&b, "; then %s", s.Tier)
		}
		fmt.Fprintf(&b, ", %d s, %s", s.Seconds, people)
	}
	return b.String() + "; then deny"
}

// renderTrace writes why rules fired or did not.
func renderTrace(b *strings.Builder, traced []rego.RuleTrace) {
	for _, t := range traced {
		if t.Fired {
			fmt.Fprintf(b, "  fired     %s  %s:%d\n", t.Rule, t.File, t.Line)
			continue
		}
		fmt.Fprintf(b, "  not       %s  %s:%d   line %d did not hold: %s\n", t.Rule, t.File, t.Line, t.At, t.Expr)
	}
}
