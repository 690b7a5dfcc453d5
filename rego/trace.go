package rego

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// RuleTrace says of one rule that was looked at whether it fired, and if not,
// how far it came. Rules whose first condition excludes them by name are not
// looked at and do not appear.
type RuleTrace struct {
	Rule  string `json:"rule"` // data.guard.tier.hit
	File  string `json:"file"`
	Line  int    `json:"line"`
	Fired bool   `json:"fired"`
	Expr  string `json:"expr,omitempty"` // not fired: the condition that did not hold, as written
	At    int    `json:"at,omitempty"`   // its line
}

// Trace decides again and tells which rules fired and why others did not. It
// costs about ten times a decision.
func (p *Policy) Trace(ctx context.Context, in Input) ([]RuleTrace, error) {
	return p.current.Load().set.Trace(ctx, in)
}

// Trace is Policy.Trace for one revision. The first one compiles the built-in
// policy from its sources: an image has no text to quote.
func (s *Set) Trace(ctx context.Context, in Input) ([]RuleTrace, error) {
	s, err := s.quoted()
	if err != nil {
		return nil, fmt.Errorf("trace built-in policy: %w", err)
	}
	value := in.value()
	s.engine.awake.rouse(s.engine.awake.begin(value, s.tables))
	out, err := trace(ctx, s.result, value, in.NowNS, s.engine)
	if err != nil {
		return nil, fmt.Errorf("trace built-in policy: %w", err)
	}
	for _, p := range s.users {
		if p.query == nil {
			continue
		}
		more, err := trace(ctx, *p.query, value, in.NowNS, s.engine)
		if err != nil {
			more = append(more, RuleTrace{Rule: "data." + userPrefix + p.name, Expr: err.Error()})
		}
		out = append(out, more...)
	}
	return out, nil
}

// withText is the same Set on an Engine that was compiled from its sources.
func (s *Set) withText() (*Set, error) {
	if !s.engine.packed {
		return s, nil
	}
	e, err := load(s.engine.source)
	if err != nil {
		return nil, err
	}
	return e.Build(context.Background(), s.snapshot, nil)
}

func trace(ctx context.Context, q query, in ast.Value, now int64, e *Engine) ([]RuleTrace, error) {
	buffer := topdown.NewBufferTracer()
	_, err := q.eval(ctx, in, now, e.limits.builtin, rego.EvalQueryTracer(buffer))
	if err != nil {
		return nil, err
	}
	return summarize(*buffer), nil
}

// summarize folds the events of an evaluation into one line per rule.
func summarize(events []*topdown.Event) []RuleTrace {
	type state struct {
		RuleTrace
		far int // index of the expression that failed
	}
	byQuery := map[uint64]*state{}
	byPlace := map[string]*state{}
	var order []*state
	for _, ev := range events {
		switch node := ev.Node.(type) {
		case *ast.Rule:
			place := fmt.Sprint(node.Location.File, node.Location.Row, node.Location.Col)
			s := byPlace[place]
			if s == nil && interesting(node) {
				s = &state{RuleTrace: RuleTrace{Rule: node.Ref().GroundPrefix().String(), File: node.Location.File, Line: node.Location.Row}, far: -1}
				byPlace[place] = s
				order = append(order, s)
			}
			byQuery[ev.QueryID] = s
			if s != nil && ev.Op == topdown.ExitOp {
				s.Fired, s.Expr, s.At = true, "", 0
			}
		case *ast.Expr:
			s := byQuery[ev.QueryID]
			if s != nil && ev.Op == topdown.FailOp && !s.Fired && node.Index >= s.far && node.Location != nil {
				s.far, s.Expr, s.At = node.Index, strings.Join(strings.Fields(string(node.Location.Text)), " "), node.Location.Row
			}
		}
	}
	out := make([]RuleTrace, 0, len(order))
	for _, s := range order {
		out = append(out, s.RuleTrace)
	}
	slices.SortStableFunc(out, func(a, b RuleTrace) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line))
	})
	return out
}

// interesting leaves out helpers and functions, whose outcome shows in the rule
// that uses them.
func interesting(r *ast.Rule) bool {
	return len(r.Head.Args) == 0 && !strings.HasPrefix(ruleName(r), "_")
}
