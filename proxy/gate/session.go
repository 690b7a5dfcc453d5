package gate

import (
	"cmp"
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

// openSession starts a session for an unguarded peer, and attaches a peer to
// the session it names or descends from.
func (g *Gate) openSession(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	if r.Open == nil {
		return proxy.Answer{}, errors.New("session request without its part")
	}
	id := sessionID(r)
	if a, ok := g.attach(r, id); ok {
		return a, nil
	}
	if r.Open.Attach != "" || g.live(id) {
		return proxy.Answer{}, fmt.Errorf("session %s is not live, or this process is not in it; outside every session, unset GUARD_SESSION", id)
	}
	hook, since, err := hookOf(r.Open)
	if err != nil {
		return proxy.Answer{}, err
	}
	policy, err := g.policies.For(ctx, r.Open.Workspace)
	if err != nil {
		return proxy.Answer{}, err
	}
	d, err := g.decide(ctx, policy, g.input(r, nil))
	if err != nil {
		return proxy.Answer{}, err
	}
	if d.Verdict != proxy.Allow {
		return g.refuse(ctx, always, r, d, id)
	}
	trust := g.level(r.Open.Agent, r.Peer.UID, d.Defaults.Trust)
	started := state.Started{
		Session: id, Agent: r.Open.Agent, UID: r.Peer.UID, Owner: userName(r.Peer.UID), PID: r.Peer.PID, Start: r.Peer.Start, BootID: g.clock.bootID,
		Argv: r.Open.Argv, Cwd: r.Open.Cwd, Home: r.Open.Home, Workspace: r.Open.Workspace,
		Profile: policy.Profile(trust), Trust: trust, Terminal: r.Open.Terminal, Prompt: r.Open.Prompt,
		Revision: d.Revision, ExecHook: hook, Monitor: r.Open.Monitor, Since: since, Sandbox: r.Open.Sandbox, Writable: r.Open.Writable,
	}
	_, err = g.append(ctx, func() error {
		if g.state.Sessions[id] != nil {
			return errMoved // the same request, sent twice
		}
		return nil
	}, false, draft(state.SessionStarted, started, "session"))
	if err != nil {
		return proxy.Answer{}, err
	}
	if err := g.faithful(ctx, started); err != nil {
		return proxy.Answer{}, err
	}
	a, ok := g.attach(r, id)
	if !ok {
		return proxy.Answer{}, fmt.Errorf("session %s ended as it began", id)
	}
	return a, nil
}

// level is what an agent's session starts with: what it has earned, or lost.
func (g *Gate) level(agent string, uid int, unknown string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	return cmp.Or(g.state.Trust(agent, uid), unknown)
}

// live says whether a session of this id lives, whosever it is.
func (g *Gate) live(id string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.state.Sessions[id] != nil
}

// faithful ends a session at once whose folders are not on record as they are.
// A name that looks like a secret is redacted there, and whoever decided by the
// record would take the folder for another, with other policies.
func (g *Gate) faithful(ctx context.Context, asked state.Started) error {
	g.mu.Lock()
	s := g.state.Sessions[asked.Session]
	same := s == nil || s.Cwd == asked.Cwd && s.Home == asked.Home && s.Workspace == asked.Workspace
	g.mu.Unlock()
	if same {
		return nil
	}
	why, err := "the name of its folder looks like a secret", errMoved
	for errors.Is(err, errMoved) { // not by asking again: the session would be found live
		err = g.end(ctx, asked.Session, why)
	}
	if err != nil {
		return err
	}
	return fmt.Errorf("open a session: %s, which receipts must not hold; rename the folder", why)
}

// sessionID is the session a request is about: the one it attaches to, the one
// the kernel says it is in, or a new one whose id follows from the request's, so
// that asking again opens nothing twice.
func sessionID(r proxy.Request) string {
	switch {
	case r.Peer.Within != "":
		return r.Peer.Within
	case r.Open.Attach != "":
		return r.Open.Attach
	default:
		hex := strings.TrimPrefix(r.ID, "r_")
		return "s_" + hex[:min(12, len(hex))]
	}
}

// attach binds the connection to a live session if the peer is its guard
// process, its monitor, or descends from it.
func (g *Gate) attach(r proxy.Request, id string) (proxy.Answer, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.state.Sessions[id]
	if s == nil {
		return proxy.Answer{}, false
	}
	b := binding{session: id, pid: r.Peer.PID, start: r.Peer.Start}
	if !b.owns(s) && !b.watches(s) && r.Peer.Within != id {
		return proxy.Answer{}, false
	}
	g.conns[r.Peer.Conn] = b
	if b.owns(s) {
		delete(g.lost, id)
	}
	view := g.sessionView(s)
	return proxy.Answer{Verdict: proxy.Allow, Session: &view, Revision: s.Revision}, true
}

// bound returns a copy of the session a request speaks for. Requests about a
// session count only on a connection that opened it or attached to it.
func (g *Gate) bound(r proxy.Request) (state.Session, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.state.Sessions[r.Session]
	if s == nil || g.conns[r.Peer.Conn].session != r.Session {
		return state.Session{}, fmt.Errorf("session %q is not open on this connection", r.Session)
	}
	return *s, nil
}

// endSession ends the caller's own session.
func (g *Gate) endSession(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	g.mu.Lock()
	b, reason := g.conns[r.Peer.Conn], "the command ended"
	s := g.state.Sessions[b.session]
	owner := s != nil && b.session == r.Session && b.owns(s)
	if owner && s.Kept {
		reason = "the last process ended"
	}
	g.mu.Unlock()
	switch {
	case !owner: // ended before, or somebody who only attached is leaving
		return proxy.Answer{Verdict: proxy.Allow}, nil
	case r.End != nil && r.End.Keep:
		return proxy.Answer{Verdict: proxy.Allow}, g.keep(ctx, r.Session, reason)
	}
	return proxy.Answer{Verdict: proxy.Allow}, g.end(ctx, r.Session, reason)
}

// end writes everything that ends with a session, in one step: commands that
// nobody will report on, holds that nobody waits for, the session itself.
func (g *Gate) end(ctx context.Context, id, reason string) error {
	return g.endIf(ctx, always, id, reason)
}

// endIf ends a session if check, with mu held, still says so.
func (g *Gate) endIf(ctx context.Context, check func() error, id, reason string) error {
	g.mu.Lock()
	epoch, open, drafts := g.epoch, g.unreported(id), g.endDrafts(id, reason)
	g.mu.Unlock()
	if len(drafts) == 0 {
		return nil
	}
	_, err := g.append(ctx, func() error {
		if !slices.Equal(g.unreported(id), open) {
			return errMoved
		}
		if err := check(); err != nil {
			return err
		}
		return g.unmoved(epoch)()
	}, false, drafts...)
	if err != nil {
		return err
	}
	g.mu.Lock()
	delete(g.lost, id)
	idle := len(g.state.Sessions) == 0
	g.mu.Unlock()
	if idle {
		g.readings.forget()
		return g.settlePolicies(ctx)
	}
	return nil
}

// endDrafts lists the receipts that end a session; none if it is not live. mu
// is held.
func (g *Gate) endDrafts(id, reason string) []receipt.Draft {
	s := g.state.Sessions[id]
	if s == nil {
		return nil
	}
	var drafts []receipt.Draft
	lost := state.Lost{Session: id, Error: reason}
	for _, request := range g.unreported(id) {
		if s.Requests[request].Hooked {
			lost.Requests = append(lost.Requests, request)
			continue
		}
		body := state.Outcome{Session: id, Request: request, Decision: s.Requests[request].Decision, Error: reason}
		drafts = append(drafts, draft(state.CommandOrphaned, body, "exec"))
	}
	if len(lost.Requests) > 0 {
		drafts = append(drafts, draft(state.CommandsLost, lost, "exec"))
	}
	drafts = append(drafts, g.settlements(id, reason, true, g.unreported(id)...)...)
	drafts = append(drafts, g.dropHolds(id, "guard", reason)...)
	now := g.clock.now()
	for _, up := range slices.Backward(s.Elevations) {
		d := g.lowered(up, "timeout_expired", "the session ended: "+reason, now)
		drafts = append(drafts, draft(state.ProfileDeescalation, d, "escalation", d.EventType, d.From, d.To))
	}
	return append(drafts, draft(state.SessionEnded, state.Ended{Session: id, Reason: reason}, "session"))
}

// unreported lists the commands of a session that may run and whose end nobody
// has reported yet. mu is held.
func (g *Gate) unreported(id string) []string {
	var open []string
	if s := g.state.Sessions[id]; s != nil {
		for request, c := range s.Requests {
			if c.Verdict == proxy.Allow {
				open = append(open, request)
			}
		}
	}
	slices.Sort(open)
	return open
}

// dropHolds cancels the open holds that only this session waits for, and those
// that are about its authority. mu is held.
func (g *Gate) dropHolds(session, by, reason string) []receipt.Draft {
	var drafts []receipt.Draft
	for _, hold := range g.pending() {
		if hold.Session == session && (hold.Subject != nil || !hold.Detached && !g.waitedElsewhere(hold.Hold, session)) {
			drafts = append(drafts, draft(state.HoldResolved, g.resolution(hold.Hold, proxy.Cancelled, by, reason)))
		}
	}
	return drafts
}

// waitedElsewhere reports whether a request of another session waits for a hold.
// mu is held.
func (g *Gate) waitedElsewhere(hold, session string) bool {
	for _, r := range g.waiting[hold] {
		if r.Session != session {
			return true
		}
	}
	return false
}

// Gone tells the gate that a connection has ended. What guard itself and its
// monitor waited for goes with their session, should they not come back; what
// waited inside a session is gone at once.
func (g *Gate) Gone(conn uint64) {
	g.mu.Lock()
	defer g.mu.Unlock()
	b := g.conns[conn]
	s := g.state.Sessions[b.session]
	owner := s != nil && b.owns(s)
	if owner && !g.ownedElsewhere(conn, s) {
		g.lost[b.session] = g.clock.now().boot
		g.wake() // the timer looks after lost sessions
	}
	for id, w := range g.waiting {
		if w.drop(conn, "") && len(w) == 0 && !owner && !(s != nil && b.watches(s)) {
			g.left[id] = true
			g.wake() // the timer looks after them
		}
	}
	delete(g.conns, conn)
	delete(g.inboxes, conn)
}

// ownedElsewhere reports whether another connection owns the session: guard
// may have come back before its old connection was seen to end. mu is held.
func (g *Gate) ownedElsewhere(conn uint64, s *state.Session) bool {
	for other, b := range g.conns {
		if other != conn && b.session == s.Session && b.owns(s) {
			return true
		}
	}
	return false
}

// stop asks live sessions to end. Their guard processes see it and end them.
func (g *Gate) stop(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	if r.Stop == nil {
		return proxy.Answer{}, errors.New("stop request without its part")
	}
	if a, refused, err := g.authorise(ctx, r, r.Stop.Session); refused || err != nil {
		return a, err
	}
	by := userName(r.Peer.UID)
	g.mu.Lock()
	epoch, drafts := g.epoch, []receipt.Draft(nil)
	stopped := 0
	for _, id := range slices.Sorted(maps.Keys(g.state.Sessions)) {
		if r.Stop.Session == "" || r.Stop.Session == id {
			stopped++
			drafts = append(drafts, draft(state.SessionStopping, state.Stopping{Session: id, By: by}, "session"))
			drafts = append(drafts, g.dropHolds(id, by, "the session was asked to end")...)
		}
	}
	g.mu.Unlock()
	if len(drafts) == 0 && r.Stop.Session != "" {
		return proxy.Answer{}, fmt.Errorf("session %s is not live; guard daemon status lists those that are", r.Stop.Session)
	}
	if len(drafts) == 0 {
		return proxy.Answer{Verdict: proxy.Allow, Note: "no session is live"}, nil
	}
	if _, err := g.append(ctx, g.unmoved(epoch), true, drafts...); err != nil {
		return proxy.Answer{}, err
	}
	return proxy.Answer{Verdict: proxy.Allow, Note: fmt.Sprintf("asked %d session(s) to end", stopped)}, nil
}

// authorise decides a request that only a person outside every session may
// make. Refused, it returns the answer to give.
func (g *Gate) authorise(ctx context.Context, r proxy.Request, on string) (proxy.Answer, bool, error) {
	policy, err := g.policies.For(ctx, "")
	if err != nil {
		return proxy.Answer{}, false, err
	}
	d, err := g.decide(ctx, policy, g.input(r, nil))
	if err != nil {
		return proxy.Answer{}, false, err
	}
	if d.Verdict == proxy.Allow {
		return proxy.Answer{}, false, nil
	}
	a, err := g.refuse(ctx, always, r, d, on)
	return a, true, err
}

// refuse records that authority was claimed and not given, if check still holds.
func (g *Gate) refuse(ctx context.Context, check func() error, r proxy.Request, d rego.Decision, on string) (proxy.Answer, error) {
	a := answer(d)
	failure := state.Failure{Kind: r.Kind, Who: userName(r.Peer.UID), UID: r.Peer.UID, PID: r.Peer.PID, On: on}
	if len(d.Findings) > 0 {
		failure.Rule, failure.Error = d.Findings[0].ID, d.Findings[0].Msg
	}
	if e := r.Elevate; e != nil {
		failure.From, failure.To, failure.Type = e.From, e.To, "operator_request"
		if failure.From == "" {
			failure.From = g.raisedProfile(e.Session)
		}
		failure.Rule = strings.TrimPrefix(failure.Rule, "elevation.")
		if e.Incident {
			failure.Type = "crisis_declared"
		}
	}
	written, err := g.append(ctx, check, true, draft(state.AuthFailure, failure, r.Kind))
	if err != nil {
		return proxy.Answer{}, err
	}
	a.Receipt = written[0].Chain.JSeq
	return a, nil
}

// raisedProfile is the profile that a session's elevations have reached; "" if it
// is not live.
func (g *Gate) raisedProfile(id string) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.state.Sessions[id]; s != nil {
		return s.Raised()
	}
	return ""
}

// answer is a decision as the asker sees it.
func answer(d rego.Decision) proxy.Answer {
	return proxy.Answer{
		Verdict: d.Verdict, Tier: d.Tier, Label: d.Tier.String(), Findings: d.Findings, Reliefs: d.Reliefs,
		Rows: d.Rows, Revision: d.Revision, Resources: d.Resources,
	}
}
