package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// raise is the receipt of an elevation. What was thought of when it was given,
// the tem context, is hashed into it.
func (g *Gate) raise(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	body := state.Escalation{
		ID: newID("esc_", 12), EventType: "escalation", Session: a.session.Session, Agent: a.session.Agent, Request: a.request.ID,
		From: e.From, To: e.To, Type: e.Type, Reversible: e.Reversible, Auto: e.Auto, TTL: e.TTL, Condition: e.Condition,
		Confirmed: e.Confirmed, Context: g.contextOf(a.request), Reason: e.Reason, At: state.StampOf(a.now.wall),
		BootMS: a.now.boot.Milliseconds(), BootID: g.clock.bootID, Active: true,
	}
	body.ApprovedBy, body.Assurance = approvers(a.in.Votes, a.request)
	if e.TTL > 0 {
		expires := state.StampOf(a.now.wall.Add(time.Duration(e.TTL) * time.Second))
		body.Expires = &expires
	}
	var err error
	if body.TemContextHash, err = receipt.Digest(map[string]any{
		"escalation_id": body.ID, "profile_transition": body.From + " \u2192 " + body.To,
		"threat_context": body.Context, "timestamp": body.At,
	}); err != nil {
		return nil, err
	}
	ans.Elevations = append(ans.Elevations, builtOn(a.session.Elevations, body))
	return []receipt.Draft{draft(state.ProfileEscalation, body, "escalation", body.EventType, body.From, body.To)}, nil
}

// contextOf is why a request raises a session.
func (g *Gate) contextOf(r proxy.Request) state.Context {
	c := state.Context{MeshHealth: "unknown"}
	if r.Threat != nil {
		c.ThreatID, c.ThreatType, c.ConfidencePPM, c.ActiveAlerts = &r.Threat.ID, &r.Threat.Type, &r.Threat.ConfidencePPM, r.Threat.Alerts
	}
	if r.Elevate == nil {
		return c
	}
	if r.Elevate.Incident {
		c.MeshHealth = "crisis"
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if t := g.state.Threats[r.Elevate.Threat]; t != nil {
		c.ThreatID, c.ThreatType, c.ConfidencePPM, c.ActiveAlerts = &t.ID, &t.Type, &t.ConfidencePPM, t.Alerts
	}
	return c
}

func (g *Gate) confirm(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	body := state.Confirmed{ID: e.ID, Session: a.session.Session, Request: a.request.ID, Reason: e.Reason}
	body.ApprovedBy, body.Assurance = approvers(a.in.Votes, a.request)
	for _, up := range a.session.Elevations {
		if up.ID == e.ID {
			up.Confirmed = true
			ans.Elevations = append(ans.Elevations, elevationView(up))
		}
	}
	return []receipt.Draft{draft(state.ProfileConfirmed, body, "escalation", "confirmation")}, nil
}

// lower is the receipt of the end of an elevation.
func (g *Gate) lower(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	s := g.state.Sessions[e.Session]
	if s == nil {
		return nil, fmt.Errorf("session %s is not live", e.Session)
	}
	i := s.Elevated(e.ID)
	if i < 0 {
		return nil, unknownElevation(e.ID)
	}
	up := s.Elevations[i]
	d := g.lowered(up, e.Type, e.Reason, a.now)
	d.Request = a.request.ID
	d.ApprovedBy, d.Assurance = approvers(a.in.Votes, a.request)
	ans.Released = append(ans.Released, proxy.Released{
		ID: d.ID, Session: d.Session, From: d.From, To: d.To, Type: d.By, Reason: d.Reason, DurationMS: d.DurationMS,
	})
	out := []receipt.Draft{draft(state.ProfileDeescalation, d, "escalation", d.EventType, d.From, d.To)}
	return append(out, g.unasked(up)...), nil
}

// unasked ends the holds that ask a person to confirm an elevation which is over.
// mu is held.
func (g *Gate) unasked(up state.Escalation) []receipt.Draft {
	var out []receipt.Draft
	for _, h := range g.pending() {
		if s := h.Subject; s != nil && s.Elevate != nil && s.Elevate.Threat != "" && s.Elevate.Session == up.Session && s.Elevate.To == up.To {
			out = append(out, draft(state.HoldResolved, g.resolution(h.Hold, proxy.Cancelled, "guard", up.ID+" has ended")))
		}
	}
	return out
}

func (g *Gate) lowered(up state.Escalation, by, reason string, now instant) state.Deescalation {
	d := state.Deescalation{
		ID: up.ID, EventType: "deescalation", Session: up.Session, Agent: up.Agent, From: up.To, To: up.From, Type: up.Type,
		Reversible: up.Reversible, Context: up.Context, Hash: up.TemContextHash, Reason: reason, ApprovedBy: []string{},
		Ended: state.StampOf(now.wall), By: by, DurationMS: g.clock.since(now, up.At.Time, up.BootMS, up.BootID).Milliseconds(), Expires: up.Expires,
	}
	return d
}

func elevationView(e state.Escalation) proxy.Elevation {
	v := proxy.Elevation{
		ID: e.ID, Session: e.Session, From: e.From, To: e.To, Type: e.Type, Reversible: e.Reversible, Confirmed: e.Confirmed,
		Condition: e.Condition, Created: e.At.Time, Receipt: e.Receipt, TemContextHash: e.TemContextHash, Reason: e.Reason,
	}
	if e.Expires != nil {
		v.Expires = &e.Expires.Time
	}
	return v
}

// builtOn is an elevation above those below it, with which it ends.
func builtOn(below []state.Escalation, e state.Escalation) proxy.Elevation {
	v := elevationView(e)
	v.Ends = v.Expires
	for _, b := range below {
		if b.Expires != nil && (v.Ends == nil || b.Expires.Before(*v.Ends)) {
			v.Ends = &b.Expires.Time
		}
	}
	return v
}

// stamp adds to an answer what only the written receipts know.
func stamp(ans *proxy.Answer, written []receipt.Receipt) {
	up, down := 0, 0
	for _, r := range written {
		switch {
		case r.Type == state.ProfileEscalation && up < len(ans.Elevations):
			ans.Elevations[up].Receipt = r.Root
			up++
		case r.Type == state.ProfileDeescalation && down < len(ans.Released):
			ans.Released[down].Receipt = r.Root
			down++
		}
	}
}

// elevations are the active ones as the policy sees them: of one session, or of
// all in the order of their ids. mu is held.
func (g *Gate) elevations(sessions []*state.Session, now instant) []rego.Elevation {
	out := []rego.Elevation{}
	for _, s := range sessions {
		for _, e := range s.Elevations {
			up := rego.Elevation{
				ID: e.ID, Session: e.Session, From: e.From, To: e.To, Type: e.Type, Reversible: e.Reversible, Auto: e.Auto, TTL: e.TTL,
				AgeMS: g.clock.since(now, e.At.Time, e.BootMS, e.BootID).Milliseconds(), Condition: e.Condition, Confirmed: e.Confirmed,
			}
			if c := e.Context; c.ThreatID != nil && c.ConfidencePPM != nil {
				up.Threat, up.Confidence = *c.ThreatID, *c.ConfidencePPM
			}
			out = append(out, up)
		}
	}
	return out
}

// settleTime records what time has done to holds and to authority, before
// anything is decided by them.
func (g *Gate) settleTime(ctx context.Context) error {
	if err := g.settleHolds(ctx); err != nil {
		return err
	}
	return g.settleDue(ctx)
}

// lookedAt is when the policy was last asked what is due, and until when it need
// not be asked again.
type lookedAt struct {
	epoch uint64
	at    instant
	next  time.Duration // 0: ever
}

// stands says whether the answer still holds.
func (l lookedAt) stands(epoch uint64, now instant) bool {
	return l.epoch == epoch && (l.next == 0 || now.wall.Sub(l.at.wall) < l.next && now.boot-l.at.boot < l.next)
}

// settleDue records what the policy says that time has brought about. Without
// anything that ends by itself it costs one look at the state.
func (g *Gate) settleDue(ctx context.Context) error {
	g.mu.Lock()
	epoch, now := g.epoch, g.clock.now()
	sessions := g.raisedSessions()
	if len(sessions) == 0 && !g.askTrust(now) || g.looked.stands(epoch, now) {
		g.mu.Unlock()
		return nil
	}
	in := rego.Input{NowNS: now.wall.UnixNano(), Kind: rego.KindDue, Votes: []rego.Vote{}}
	in.State.Elevations = g.elevations(sessions, now)
	in.State.Quiet, in.State.Standings = g.quiet(now), g.standings(now)
	g.mu.Unlock()
	policy, err := g.policies.For(ctx, "")
	if err != nil {
		return err
	}
	due, err := policy.Due(ctx, in)
	if err != nil {
		return err
	}
	if len(due.Effects) == 0 {
		g.mu.Lock()
		g.looked = lookedAt{epoch, now, due.Next}
		g.mu.Unlock()
		return nil
	}
	a := &deed{epoch: epoch, policy: policy, d: rego.Decision{Effects: due.Effects}, now: now, request: proxy.Request{Peer: proxy.Peer{Guarded: "time"}}}
	drafts, err := g.drafts(a, &proxy.Answer{})
	if err != nil {
		return err
	}
	if _, err := g.append(ctx, g.unmoved(epoch), true, drafts...); err != nil {
		return err
	}
	for _, workspace := range workspacesOf(sessions) {
		g.redecide(workspace)
	}
	g.tellLater()
	return nil
}

func workspacesOf(sessions []*state.Session) []string {
	var out []string
	for _, s := range sessions { // a session's workspace never changes
		out = append(out, s.Workspace)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// raisedSessions are those with elevations, in the order of their ids. mu is held.
func (g *Gate) raisedSessions() []*state.Session {
	var out []*state.Session
	for _, s := range g.state.Sessions {
		if len(s.Elevations) > 0 {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b *state.Session) int { return strings.Compare(a.Session, b.Session) })
	return out
}

// unknownElevation is the error for an id that names no active elevation, with the
// text of REQUIREMENTS S0-70.
type unknownElevation string

func (id unknownElevation) Error() string {
	return "Escalation " + string(id) + " not found or already inactive"
}
