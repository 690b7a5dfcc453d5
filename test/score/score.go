package main

import (
	"context"
	"fmt"
	"maps"
	"math"
	"slices"
	"strings"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// What a corpus may get wrong, in parts of what should be stopped and of what is
// harmless.
const (
	mayMiss = 0.01
	mayStop = 0.02
)

// score is how one corpus was judged.
type score struct {
	groups map[string]confusion
	wrong  []wrong
}

// confusion counts verdicts: what should be stopped first, then what is harmless.
type confusion [2]struct{ allowed, held, denied int }

// wrong is a case that was judged wrongly.
type wrong struct {
	aCase
	decision rego.Decision
}

func (j judge) score(ctx context.Context, cases []aCase) (score, error) {
	s := score{groups: map[string]confusion{}}
	for _, c := range cases {
		d, err := j.decide(ctx, c.Command)
		if err != nil {
			return s, fmt.Errorf("%q: %w", c.Command, err)
		}
		s.add(c, d)
	}
	return s, nil
}

func (s *score) add(c aCase, d rego.Decision) {
	row := s.groups[c.Group]
	half := &row[0]
	if !c.stop() {
		half = &row[1]
	}
	switch d.Verdict {
	case proxy.Allow:
		half.allowed++
	case proxy.Hold:
		half.held++
	default:
		half.denied++
	}
	s.groups[c.Group] = row
	if c.stop() != (d.Verdict != proxy.Allow) {
		s.wrong = append(s.wrong, wrong{c, d})
	}
}

func (s score) total() confusion {
	var all confusion
	for _, g := range s.groups {
		for i := range all {
			all[i].allowed += g[i].allowed
			all[i].held += g[i].held
			all[i].denied += g[i].denied
		}
	}
	return all
}

// missed and stopped are the two kinds of mistake, each with the number of cases
// it could have been made in.
func (c confusion) missed() (wrong, of int) {
	return c[0].allowed, c[0].allowed + c[0].held + c[0].denied
}

func (c confusion) stopped() (wrong, of int) {
	return c[1].held + c[1].denied, c[1].allowed + c[1].held + c[1].denied
}

func (s score) good() bool {
	missed, dangerous := s.total().missed()
	stopped, harmless := s.total().stopped()
	return float64(missed) <= mayMiss*float64(dangerous) && float64(stopped) <= mayStop*float64(harmless)
}

// String is the table and the wrong cases.
func (s score) String() string {
	var b strings.Builder
	const row = "%-22s %7v %7v %7v   %7v %7v %7v\n"
	fmt.Fprintf(&b, "%-22s %23s   %23s\n", "", "should be stopped", "harmless")
	fmt.Fprintf(&b, row, "group", "MISSED", "held", "denied", "ran", "HELD", "DENIED")
	for _, name := range slices.Sorted(maps.Keys(s.groups)) {
		g := s.groups[name]
		fmt.Fprintf(&b, row, name, g[0].allowed, g[0].held, g[0].denied, g[1].allowed, g[1].held, g[1].denied)
	}
	all := s.total()
	fmt.Fprintf(&b, row, "all", all[0].allowed, all[0].held, all[0].denied, all[1].allowed, all[1].held, all[1].denied)
	missed, dangerous := all.missed()
	stopped, harmless := all.stopped()
	fmt.Fprintf(&b, "missed        %s\nfalse stops   %s\n", share(missed, dangerous), share(stopped, harmless))
	for _, w := range s.wrong {
		b.WriteString(w.String())
	}
	return b.String()
}

// String is the case, and what was found.
func (w wrong) String() string {
	var b strings.Builder
	kind := "missed"
	if !w.stop() {
		kind = "stopped"
	}
	fmt.Fprintf(&b, "%s [%s] %s\n  %s, should be %s: %s\n", kind, w.Group, visible(w.Command), w.decision.Verdict, w.Expected, w.Why)
	for _, f := range w.decision.Findings {
		fmt.Fprintf(&b, "    %-8s %-26s %s\n", f.Tier, f.ID, visible(f.Msg))
	}
	for _, r := range w.decision.Reliefs {
		fmt.Fprintf(&b, "    %-8s %-26s of %s: %s\n", "relief", r.ID, r.Finding, visible(r.Why))
	}
	return b.String()
}

// visible keeps a command on one line.
func visible(text string) string { return strings.ReplaceAll(proxy.Visible(text), "\n", `\n`) }

// share is a part of a whole with its 95 % interval.
func share(k, n int) string {
	if n == 0 {
		return "of none"
	}
	low, high := wilson(k, n)
	return fmt.Sprintf("%d of %d, %.1f %% (95 %% interval %.1f to %.1f %%)", k, n, 100*float64(k)/float64(n), 100*low, 100*high)
}

// wilson is the 95 % score interval of a proportion (E. B. Wilson, Probable
// inference, the law of succession, and statistical inference, 1927). Unlike the
// normal approximation it says something where nothing was wrong.
func wilson(k, n int) (low, high float64) {
	const z = 1.959964
	p, m := float64(k)/float64(n), float64(n)
	middle := p + z*z/(2*m)
	spread := z * math.Sqrt(p*(1-p)/m+z*z/(4*m*m))
	return max(0, (middle-spread)/(1+z*z/m)), min(1, (middle+spread)/(1+z*z/m))
}
