package gate

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// lockedOut says whether an agent is locked out. mu is held.
func (g *Gate) lockedOut(agent string, uid int) bool {
	p := g.state.Pace(agent, uid)
	return p != nil && p.Lockout != nil
}

// addressed says whose lockout a request is about: the one agent of that name, of
// the asker's own where several users have one.
func (g *Gate) addressed(r proxy.Request) (proxy.Request, error) {
	if r.Lockout == nil {
		return r, nil
	}
	l := *r.Lockout
	r.Lockout, r.Session = &l, r.Peer.Within
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.state.Sessions[r.Session]; s != nil && l.Agent == "" && !l.Reset {
		l.Agent, l.UID = s.Agent, s.UID
		return r, nil
	}
	found := g.agentsNamed(l)
	own := slices.DeleteFunc(slices.Clone(found), func(p *state.Pace) bool { return p.UID != r.Peer.UID })
	switch {
	case len(found) == 1:
		l.Agent, l.UID = found[0].Agent, found[0].UID
	case len(own) == 1:
		l.Agent, l.UID = own[0].Agent, own[0].UID
	case len(found) > 1:
		var names []string
		for _, p := range found {
			names = append(names, p.Agent)
		}
		return r, fmt.Errorf("several agents are locked out: %s; name one with --agent", strings.Join(names, ", "))
	case l.Agent == "" && l.Reset:
		return r, errors.New("no agent is locked out")
	case l.Agent == "":
		return r, errors.New("which agent? name it with --agent")
	default: // nothing was heard of it yet
		l.UID = r.Peer.UID
	}
	return r, nil
}

// agentsNamed are the agents that a request can mean, in order. mu is held.
func (g *Gate) agentsNamed(l proxy.Lockout) []*state.Pace {
	var found []*state.Pace
	for _, key := range slices.Sorted(maps.Keys(g.state.Paces)) {
		p := g.state.Paces[key]
		if p.Agent == l.Agent || l.Agent == "" && l.Reset && p.Lockout != nil {
			found = append(found, p)
		}
	}
	return found
}

// lock is the receipt of a lockout that was asked for.
func (g *Gate) lock(a *deed, e rego.Effect) []receipt.Draft {
	l := a.request.Lockout
	by := "a process of session " + a.session.Session
	if a.request.Peer.Guarded == "" {
		by = userName(a.request.Peer.UID)
	}
	return []receipt.Draft{draft(state.LockoutEnabled, state.LockedOut{
		Agent: e.Agent, UID: l.UID, Session: a.session.Session, Request: a.request.ID, Cause: "person", By: by, Reason: e.Reason,
		Brief: brief("tier_3", e.Reason, 0, nil, a.now), At: a.now.wall,
	}, "velocity", "lockout")}
}

// unlock is the receipt of the end of a lockout.
func (g *Gate) unlock(a *deed, e rego.Effect) []receipt.Draft {
	body := state.LockoutOver{Agent: e.Agent, UID: a.request.Lockout.UID, Request: a.request.ID, Reason: e.Reason}
	body.ApprovedBy, body.Assurance = approvers(a.in.Votes, a.request)
	return []receipt.Draft{draft(state.LockoutReset, body, "velocity", "lockout")}
}

// lookVelocity is how fast every agent is that anything is known of, or one of
// that name.
func (g *Gate) lookVelocity(name string) (proxy.View, error) {
	policy, err := g.policies.For(context.Background(), "")
	if err != nil {
		return proxy.View{}, err
	}
	g.mu.Lock()
	view, paces := proxy.View{Change: g.state.Next + 1, Velocity: []proxy.VelocityState{}}, []*state.Pace(nil)
	for _, key := range slices.Sorted(maps.Keys(g.state.Paces)) {
		if p := *g.state.Paces[key]; name == "" || p.Agent == name {
			paces = append(paces, &p)
		}
	}
	g.mu.Unlock()
	for _, p := range paces {
		v, err := g.velocityView(policy, p)
		if err != nil {
			return proxy.View{}, err
		}
		view.Velocity = append(view.Velocity, v)
	}
	return view, nil
}

func (g *Gate) velocityView(policy *rego.Policy, p *state.Pace) (proxy.VelocityState, error) {
	v := proxy.VelocityState{Agent: p.Agent, UID: p.UID, Windows: []proxy.VelocityWindow{}}
	if l := p.Lockout; l != nil {
		v.LockedOut, v.Since, v.Cause, v.Reason, v.By = true, &l.At, l.Cause, l.Reason, l.By
	}
	ask := rego.Input{Votes: []rego.Vote{}}
	g.mu.Lock()
	ask.State.Counts, ask.State.CertaintyPPM = g.counts(p, policy.Windows(), g.clock.now()), 1_000_000
	ask.Agent.Trust = g.state.Trust(p.Agent, p.UID)
	g.mu.Unlock()
	pace, err := policy.Pace(context.Background(), ask)
	if err != nil {
		return v, err
	}
	if v.Level = pace.Level; v.LockedOut {
		v.Level = lockoutLevel
	}
	for _, t := range pace.Thresholds {
		v.Windows = append(v.Windows, proxy.VelocityWindow{Counter: t.Counter, Minutes: t.Minutes, Level: t.Level, Actions: t.N, Threshold: t.Actions})
	}
	return v, nil
}
