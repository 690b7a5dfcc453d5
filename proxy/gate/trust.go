package gate

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
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
func (g *Gate) trust(s *state.Session) string {
	return cmp.Or(g.state.Trust(s.Agent, s.UID), s.Trust)
}

// standings are all agents as the policy sees them. mu is held.
func (g *Gate) standings(now instant) []rego.Standing {
	out := []rego.Standing{}
	for _, key := range slices.Sorted(maps.Keys(g.state.Standings)) {
		out = append(out, standing(g.state.Standings[key], now.wall))
	}
	return out
}

// standingOf is the agent that a request is about, if it is known. mu is held.
func (g *Gate) standingOf(t *proxy.Trust, now instant) []rego.Standing {
	if a := g.state.Standings[state.AgentKey(t.Agent, t.UID)]; a != nil {
		return []rego.Standing{standing(a, now.wall)}
	}
	return []rego.Standing{}
}

// ofUser says whose agent a request about trust means: the one agent of that name,
// the asker's own where several users have one.
func (g *Gate) ofUser(r proxy.Request) (proxy.Request, error) {
	t := *r.Trust
	r.Trust, t.UID = &t, r.Peer.UID
	g.mu.Lock()
	defer g.mu.Unlock()
	var of []int
	for _, key := range slices.Sorted(maps.Keys(g.state.Standings)) {
		if a := g.state.Standings[key]; a.Agent == t.Agent {
			of = append(of, a.UID)
		}
	}
	switch {
	case len(of) == 0 || slices.Contains(of, r.Peer.UID):
	case len(of) == 1:
		t.UID = of[0]
	default:
		return r, fmt.Errorf("%d users have an agent %s; ask as the one whose it is", len(of), t.Agent)
	}
	return r, nil
}

func standing(a *state.Standing, now time.Time) rego.Standing {
	sum, violations := a.History(now)
	s := rego.Standing{
		Agent: a.Agent, UID: a.UID, Owner: a.Owner, Level: a.Level, Compliant: a.Compliant, Consecutive: a.Consecutive, Actions: sum.Actions,
		Successful: sum.Successful, Modifications: sum.Modifications, Types: sum.Types, Violations: violations,
		Pending: []rego.Offence{}, Reviewed: []string{}, IdleMS: max(0, now.Sub(later(a.Last, a.Since)).Milliseconds()), Updated: state.StampOf(a.Updated).String(),
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
	for _, a := range g.state.Standings {
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
	if g.hasUntold(a.request.Trust) {
		return nil, fmt.Errorf("on_trust_change has not been told yet of the last change of trust in %s; try again", e.Agent)
	}
	e.Evaluation.Timestamp = a.now.wall
	ans.Evaluation = e.Evaluation
	said, err := json.Marshal(e.Evaluation)
	if err != nil {
		return nil, err
	}
	body := state.Promoted{
		Request: a.request.ID, Agent: e.Agent, UID: &a.request.Trust.UID, From: e.From, To: e.To, Hook: a.policy.OnTrustChange() != "", Evaluation: said,
		Rationale: cmp.Or(e.Reason, e.Evaluation.Recommendation),
	}
	body.ApprovedBy, body.Assurance = approvers(a.in.Votes, a.request)
	ans.Note = fmt.Sprintf("Promoted %s from Tier %s to Tier %s", e.Agent, strings.TrimPrefix(e.From, "T"), strings.TrimPrefix(e.To, "T"))
	return []receipt.Draft{draft(state.TrustPromoted, body, "trust", e.From, e.To)}, nil
}

func (g *Gate) revoke(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	body := state.Revoked{
		Request: a.request.ID, Agent: e.Agent, UID: &e.UID, From: e.From, To: e.To, Hook: a.policy.OnTrustChange() != "",
		Cause: e.Type, Reason: e.Reason, By: "guard",
	}
	if a.request.Kind == proxy.KindTrust {
		body.By = g.asker(a.request)
	}
	ans.Note = fmt.Sprintf("%s fell from %s to %s", e.Agent, e.From, e.To)
	return []receipt.Draft{draft(state.TrustRevoked, body, "trust", e.From, e.To)}, nil
}

func (g *Gate) review(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	t := a.request.Trust
	ans.Note = fmt.Sprintf("on record for %s to %s: %s", e.Agent, e.To, strings.Join(t.Items, ", "))
	return []receipt.Draft{draft(state.TrustReview, state.Review{
		Request: a.request.ID, Agent: e.Agent, UID: &t.UID, Level: e.To, Items: t.Items, By: g.asker(a.request), Reason: e.Reason,
	}, "trust")}, nil
}

// lookTrust shows agents with what each is missing for its next level.
func (g *Gate) lookTrust(ctx context.Context) (proxy.View, error) {
	policy, err := g.policies.For(ctx, "")
	if err != nil {
		return proxy.View{}, err
	}
	g.mu.Lock()
	now := g.clock.now()
	all := g.standings(now)
	change := g.state.Next
	g.mu.Unlock()
	view := proxy.View{Change: change, Agents: []proxy.AgentState{}}
	if view.Requirements, err = policy.Requirements(); err != nil {
		return proxy.View{}, err
	}
	for _, s := range all {
		in := rego.Input{NowNS: now.wall.UnixNano(), Kind: proxy.KindTrust, Votes: []rego.Vote{}, Trust: &proxy.Trust{Op: proxy.TrustEvaluate, Agent: s.Agent, UID: s.UID}}
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
	a := g.state.Standings[state.AgentKey(r.Trust.Agent, r.Trust.UID)]
	if a == nil || a.Level != "T3" || a.Owner == "" {
		return []string{}
	}
	return []string{a.Owner}
}
