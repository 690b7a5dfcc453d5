package gate

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// patience is how long a Look with Since waits before it sees the same again.
const patience = 30 * time.Second

// Read answers a Look; see proxy.Reader.
func (g *Gate) Read(ctx context.Context, l proxy.Look) (proxy.View, error) {
	if l.Follow && l.Peer.Guarded == "" {
		g.follow(l.Peer.Conn)
	}
	give := time.NewTimer(patience)
	defer give.Stop()
	for {
		g.mu.Lock()
		changed := g.changed
		g.mu.Unlock()
		view, err := g.look(ctx, l)
		if err != nil || l.Since == 0 || view.Change > l.Since {
			return view, err
		}
		select {
		case <-changed:
		case <-give.C:
			return view, nil
		case <-ctx.Done():
			return proxy.View{}, ctx.Err()
		case <-g.done:
			return view, nil
		}
	}
}

// follow counts the connection as an inbox that a person watches, until it ends.
func (g *Gate) follow(conn uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.inboxes[conn]++
}

func (g *Gate) look(ctx context.Context, l proxy.Look) (proxy.View, error) {
	switch l.What {
	case proxy.LookStatus:
		return g.lookStatus(), nil
	case proxy.LookInbox:
		return g.lookInbox(), nil
	case proxy.LookHold:
		return g.lookHold(l.ID)
	case proxy.LookSession:
		return g.lookSession(l.ID)
	case proxy.LookPolicy:
		return g.lookPolicy(l.ID)
	case proxy.LookTrust:
		return g.lookTrust(ctx)
	case proxy.LookBudgets:
		return g.lookBudgets(), nil
	case proxy.LookKey:
		return g.lookKey(l.ID)
	case proxy.LookVelocity:
		return g.lookVelocity(l.ID)
	default:
		return proxy.View{}, fmt.Errorf("unknown look %q", l.What)
	}
}

func (g *Gate) lookStatus() proxy.View {
	status := proxy.Status{
		PID: os.Getpid(), Version: g.opt.Version, Protocol: g.opt.Protocol, State: g.opt.Dir, Started: g.started, Policies: g.policies.States(),
		Sessions: []proxy.SessionState{},
	}
	if err := g.log.Healthy(); err != nil {
		status.Error = err.Error()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	status.Receipts, status.Holds = g.state.Next, len(g.pending())
	for _, id := range slices.Sorted(maps.Keys(g.state.Sessions)) {
		status.Sessions = append(status.Sessions, g.sessionView(g.state.Sessions[id]))
	}
	status.Threats, status.Incident = g.threatViews(), g.state.Incident
	return proxy.View{Change: g.state.Next, Status: &status}
}

// threatViews are the active threats, oldest first. mu is held.
func (g *Gate) threatViews() []proxy.ThreatState {
	out := []proxy.ThreatState{}
	for _, id := range g.state.Reported {
		t := g.state.Threats[id]
		out = append(out, proxy.ThreatState{
			ID: t.ID, Type: t.Type, Session: t.Session, ConfidencePPM: t.ConfidencePPM, Alerts: t.Alerts, Reported: t.At.Time,
		})
	}
	return out
}

func (g *Gate) lookInbox() proxy.View {
	g.mu.Lock()
	defer g.mu.Unlock()
	return proxy.View{Change: g.state.InboxAt + 1, Holds: g.views(func(*state.Hold) bool { return true })}
}

func (g *Gate) lookHold(name string) (proxy.View, error) {
	h, err := g.named(name)
	if err != nil {
		return proxy.View{}, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	return proxy.View{Change: h.Changed + 1, Holds: []proxy.HoldState{g.holdView(h, g.clock.now())}}, nil
}

func (g *Gate) lookSession(id string) (proxy.View, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.state.Sessions[id]
	if s == nil {
		return proxy.View{}, fmt.Errorf("session %s is not live", id)
	}
	view := g.sessionView(s)
	holds := g.views(func(h *state.Hold) bool { return h.Session == id })
	return proxy.View{Change: s.Changed + 1, Session: &view, Holds: holds}, nil
}

func (g *Gate) lookPolicy(workspace string) (proxy.View, error) {
	policy, err := g.policies.For(context.Background(), workspace)
	if err != nil {
		return proxy.View{}, err
	}
	p := policy.State()
	g.mu.Lock()
	defer g.mu.Unlock()
	return proxy.View{Change: g.epoch + 1, Policy: &p}, nil
}

// views lists open holds. mu is held.
func (g *Gate) views(want func(*state.Hold) bool) []proxy.HoldState {
	now, out := g.clock.now(), []proxy.HoldState{}
	for _, h := range g.pending() {
		if want(h) {
			out = append(out, g.holdView(h, now))
		}
	}
	return out
}

// holdView is a hold as people see it: its times are on the wall clock, and no
// name in it can act on the terminal of whoever has to answer.
func (g *Gate) holdView(h *state.Hold, now instant) proxy.HoldState {
	age := g.clock.age(h, now)
	step, ends, _ := stepAt(h, age)
	step = min(step, len(h.Terms.Steps)-1)
	var total time.Duration
	for _, s := range h.Terms.Steps {
		total += time.Duration(s.Seconds) * time.Second
	}
	tier := h.Terms.Steps[step].Tier
	v := proxy.HoldState{
		ID: h.Hold, State: h.State, Request: h.RequestHash, Tier: tier, Label: tier.String(), Display: h.Display, Cwd: proxy.Visible(h.Cwd),
		Session: h.Session, Agent: proxy.Visible(h.Agent), Rule: h.Rule, Why: proxy.Visible(h.Why), Opened: h.At,
		StepEnds: now.wall.Add(ends - age), Ends: now.wall.Add(total - age), Needed: h.Terms.Steps[step].Approvers,
		Used: h.Used, Detached: h.Detached, By: h.By, Assurance: h.Assurance, Reason: proxy.Visible(h.Reason), Change: h.Changed + 1,
	}
	if h.Subject != nil {
		v.Kind = h.Subject.Kind
	}
	for _, vote := range h.Votes {
		if vote.Approve {
			v.Votes++
		}
	}
	return v
}

func (g *Gate) sessionView(s *state.Session) proxy.SessionState {
	ups := []proxy.Elevation{}
	for i, e := range s.Elevations {
		ups = append(ups, builtOn(s.Elevations[:i], e))
	}
	return proxy.SessionState{
		Elevations: ups,
		ID:         s.Session, Agent: s.Agent, Profile: s.Runs(), Raised: s.Raised(), Trust: g.trust(s), PID: s.PID, Argv: s.Argv, Cwd: s.Cwd,
		Workspace: s.Workspace, Revision: s.Revision, Started: s.At, Stopping: s.Stopping, Hook: s.ExecHook,
	}
}

// Roots lists the processes that live sessions hang from.
func (g *Gate) Roots() []proxy.Root {
	g.mu.Lock()
	defer g.mu.Unlock()
	roots := make([]proxy.Root, 0, len(g.state.Sessions))
	for _, s := range g.state.Sessions {
		roots = append(roots, proxy.Root{Session: s.Session, PID: s.PID, Start: s.Start})
	}
	return roots
}

// Busy reports whether anything still needs this guardd: a live session, an
// open hold, or somebody who follows the inbox.
func (g *Gate) Busy() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return len(g.state.Sessions) > 0 || len(g.inboxes) > 0 || len(g.pending()) > 0
}
