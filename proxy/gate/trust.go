package gate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"slices"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// trust is the level of a session's agent now; that of its beginning where the
// agent is not known. mu is held.
func (g *Gate) trust(s *state.Session) string { return cmp.Or(g.state.Trust(s.Agent), s.Trust) }

// standings are agents as the policy sees them: the one named, or all. mu is held.
func (g *Gate) standings(agent string, now instant) []rego.Standing {
	out := []rego.Standing{}
	for _, name := range slices.Sorted(maps.Keys(g.state.Agents)) {
		if a := g.state.Agents[name]; agent == "" || agent == name {
			out = append(out, standing(a, now.wall))
		}
	}
	return out
}

func standing(a *state.Standing, now time.Time) rego.Standing {
	sum, violations := a.History(now)
	s := rego.Standing{
		Agent: a.Agent, Owner: a.Owner, Level: a.Level, Compliant: a.Compliant, Consecutive: a.Consecutive, Actions: sum.Actions,
		Successful: sum.Successful, Modifications: sum.Modifications, Types: sum.Types, Violations: violations,
		Pending: []rego.Offence{}, Reviewed: []string{}, IdleMS: max(0, now.Sub(later(a.Last, a.Since)).Milliseconds()),
	}
	for _, v := range a.Violations {
		if v.Seq > a.RevokedAt {
			s.Pending = append(s.Pending, rego.Offence{Cause: v.Cause, Tier: int(v.Tier)})
		}
	}
	if a.Review != nil {
		s.Reviewed = a.Review.Items
	}
	return s
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// askTrust says whether time or a violation could have cost an agent its level,
// so that the policy has to be asked. mu is held.
func (g *Gate) askTrust(now instant) bool {
	for _, a := range g.state.Agents {
		if a.Level != "T0" && (now.wall.Sub(later(a.Last, a.Since)) > 24*time.Hour ||
			len(a.Violations) > 0 && a.Violations[len(a.Violations)-1].Seq > a.RevokedAt) {
			return true
		}
	}
	return false
}

func (g *Gate) evaluate(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	e.Evaluation.Timestamp = a.now.wall
	ans.Evaluation = e.Evaluation
	said, err := json.Marshal(e.Evaluation)
	if err != nil {
		return nil, err
	}
	return []receipt.Draft{draft(state.TrustEvaluated, state.Evaluated{Request: a.request.ID, Agent: e.Agent, Evaluation: said}, "trust")}, nil
}

func (g *Gate) promote(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	e.Evaluation.Timestamp = a.now.wall
	ans.Evaluation = e.Evaluation
	said, err := json.Marshal(e.Evaluation)
	if err != nil {
		return nil, err
	}
	body := state.Promoted{
		Request: a.request.ID, Agent: e.Agent, From: e.From, To: e.To, Evaluation: said,
		Rationale: cmp.Or(e.Reason, e.Evaluation.Recommendation),
	}
	body.ApprovedBy, body.Assurance = approvers(a.in.Votes, a.request)
	ans.Note = fmt.Sprintf("Promoted %s from Tier %s to Tier %s", e.Agent, strings.TrimPrefix(e.From, "T"), strings.TrimPrefix(e.To, "T"))
	return []receipt.Draft{draft(state.TrustPromoted, body, "trust", e.From, e.To)}, nil
}

func (g *Gate) revoke(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	body := state.Revoked{Request: a.request.ID, Agent: e.Agent, From: e.From, To: e.To, Cause: e.Type, Reason: e.Reason, By: "guard"}
	if a.request.Kind == proxy.KindTrust {
		body.By = g.asker(a.request)
	}
	ans.Note = fmt.Sprintf("%s fell from %s to %s", e.Agent, e.From, e.To)
	return []receipt.Draft{draft(state.TrustRevoked, body, "trust", e.From, e.To)}, nil
}

func (g *Gate) review(a *deed, e rego.Effect) ([]receipt.Draft, error) {
	t := a.request.Trust
	return []receipt.Draft{draft(state.TrustReview, state.Review{
		Request: a.request.ID, Agent: e.Agent, Level: e.To, Items: t.Items, By: g.asker(a.request), Reason: e.Reason,
	}, "trust")}, nil
}

// hookTime bounds how long the program that is told of a change of trust may take.
const hookTime = 20 * time.Second

// change is what on_trust_change gets to read, as one JSON object.
type change struct {
	Agent      string   `json:"agent"`
	From       string   `json:"from"`
	To         string   `json:"to"`
	Cause      string   `json:"cause"` // promotion, violation, idle, manual
	ApprovedBy []string `json:"approved_by"`
}

// trustChanged tells the configured program of what was put on record. A
// promotion that it does not follow is taken back at once, on record.
func (g *Gate) trustChanged(ctx context.Context, p *rego.Policy, written []receipt.Receipt) error {
	program := p.OnTrustChange()
	if program == "" {
		return nil
	}
	var errs []error
	for _, r := range written {
		c, promotion, ok := changeOf(r)
		if !ok {
			continue
		}
		err := tell(ctx, program, c)
		if err == nil {
			continue
		}
		g.opt.Log.Error("on_trust_change", "agent", c.Agent, "to", c.To, "error", err)
		if !promotion {
			continue // trust that is lost stays lost
		}
		back := state.Revoked{Agent: c.Agent, From: c.To, To: c.From, Cause: "rollback", Reason: "on_trust_change failed: " + err.Error(), By: "guard"}
		_, failed := g.append(ctx, always, true, draft(state.TrustRevoked, back, "trust", c.To, c.From))
		errs = append(errs, &promotionFailed{err}, failed)
	}
	return errors.Join(errs...)
}

// promotionFailed has the text of REQUIREMENTS S2-12.
type promotionFailed struct{ cause error }

func (e *promotionFailed) Error() string { return "Promotion failed: " + e.cause.Error() }

func (e *promotionFailed) Unwrap() error { return e.cause }

func changeOf(r receipt.Receipt) (c change, promotion, ok bool) {
	switch r.Type {
	case state.TrustPromoted:
		var b state.Promoted
		err := r.Decode(&b)
		return change{b.Agent, b.From, b.To, "promotion", b.ApprovedBy}, true, err == nil
	case state.TrustRevoked:
		var b state.Revoked
		err := r.Decode(&b)
		return change{b.Agent, b.From, b.To, b.Cause, []string{}}, false, err == nil
	}
	return change{}, false, false
}

// tell runs the program with nothing of guardd's own environment but the way to
// programs and to its home.
func tell(ctx context.Context, program string, c change) error {
	input, err := json.Marshal(c)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, hookTime)
	defer cancel()
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdin, cmd.Dir, cmd.WaitDelay = bytes.NewReader(append(input, '\n')), "/", time.Second
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + os.Getenv("HOME")}
	if out, err := cmd.CombinedOutput(); err != nil {
		last := strings.TrimSpace(string(out))
		return fmt.Errorf("%s: %w: %.200s", program, err, last[strings.LastIndexByte(last, '\n')+1:])
	}
	return nil
}

// lookTrust shows agents with what each is missing for its next level.
func (g *Gate) lookTrust(ctx context.Context) (proxy.View, error) {
	policy, err := g.policies.For(ctx, "")
	if err != nil {
		return proxy.View{}, err
	}
	g.mu.Lock()
	now := g.clock.now()
	all := g.standings("", now)
	change := g.state.Next
	g.mu.Unlock()
	view := proxy.View{Change: change, Agents: []proxy.AgentState{}}
	if view.Requirements, err = policy.Requirements(); err != nil {
		return proxy.View{}, err
	}
	for _, s := range all {
		in := rego.Input{NowNS: now.wall.UnixNano(), Kind: proxy.KindTrust, Votes: []rego.Vote{}, Trust: &proxy.Trust{Op: proxy.TrustEvaluate, Agent: s.Agent}}
		in.State.Standings = []rego.Standing{s}
		d, err := g.decide(ctx, policy, in)
		if err != nil {
			return proxy.View{}, err
		}
		for _, e := range d.Effects {
			if e.Evaluation != nil {
				e.Evaluation.Timestamp = now.wall
				view.Agents = append(view.Agents, proxy.AgentState{Agent: s.Agent, Level: s.Level, Evaluation: *e.Evaluation})
			}
		}
	}
	return view, nil
}

// excluded are people who have no say in a hold. mu is held.
func (g *Gate) excluded(h *state.Hold) []string {
	if h.Subject == nil {
		return []string{}
	}
	return g.ownersOf(*h.Subject)
}

// owners is excluded before there is a hold.
func (g *Gate) owners(r proxy.Request) []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.ownersOf(r)
}

// ownersOf names whoever runs the agent that a promotion to the highest level is
// about (REQUIREMENTS S2-22). mu is held.
func (g *Gate) ownersOf(r proxy.Request) []string {
	if r.Trust == nil || r.Trust.Op != proxy.TrustPromote {
		return []string{}
	}
	a := g.state.Agents[r.Trust.Agent]
	if a == nil || a.Level != "T3" || a.Owner == "" {
		return []string{}
	}
	return []string{a.Owner}
}
