package gate

import (
	"context"
	"slices"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// asThreat is what a report of a threat passes for where it asks for more than it
// may bring about itself: something guarded, which a person has to agree to.
const asThreat = "is a threat report"

func (g *Gate) moment(now instant) state.Moment {
	return state.Moment{At: state.StampOf(now.wall), BootMS: now.boot.Milliseconds(), BootID: g.clock.bootID}
}

func (g *Gate) report(a *deed, _ rego.Effect, _ *proxy.Answer) ([]receipt.Draft, error) {
	t := a.request.Threat
	return []receipt.Draft{draft(state.ThreatReported, state.Threat{
		Moment: g.moment(a.now), ID: t.ID, Type: t.Type, Session: t.Session, ConfidencePPM: t.ConfidencePPM, Alerts: t.Alerts,
		Request: a.request.ID, By: userName(a.request.Peer.UID), Reason: t.Reason,
	})}, nil
}

func (g *Gate) resolveThreat(a *deed) ([]receipt.Draft, error) {
	t := a.request.Threat
	return []receipt.Draft{draft(state.ThreatResolved, state.ResolvedThreat{
		Moment: g.moment(a.now), ID: t.ID, Request: a.request.ID, By: userName(a.request.Peer.UID), Reason: t.Reason,
	})}, nil
}

// think is the receipt of what follows from a threat.
func (g *Gate) think(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	b := state.Thought{
		Session: a.session.Session, Agent: a.session.Agent, Profile: a.session.Raised(), Decision: e.Type, To: e.To,
		Request: a.request.ID, Reason: e.Reason,
	}
	if t := a.request.Threat; t != nil {
		b.ThreatID, b.ThreatType, b.ConfidencePPM = t.ID, t.Type, t.ConfidencePPM
		ans.Note = e.Reason
	} else if t := g.threat(a); t != nil {
		b.ThreatID, b.ThreatType, b.ConfidencePPM = t.ID, t.Type, t.ConfidencePPM
	}
	return []receipt.Draft{draft(state.CognitiveDecision, b)}, nil
}

// tem is the receipt of a threat that was weighed.
func (g *Gate) tem(a *deed, e rego.Effect) ([]receipt.Draft, error) {
	b := state.Tem{
		Session: a.session.Session, Agent: a.session.Agent, Profile: a.session.Raised(), Request: a.request.ID,
		By: userName(a.request.Peer.UID), Reason: e.Reason,
	}
	if a.request.Peer.Guarded != "" {
		b.By = agentIdentity(a.session.Agent)
	}
	if n := len(a.session.Elevations); n > 0 {
		up := a.session.Elevations[n-1]
		b.EscalationID, b.TemContextHash = up.ID, up.TemContextHash
	}
	if t := g.threat(a); t != nil {
		b.ThreatID, b.ThreatType, b.ConfidencePPM = t.ID, t.Type, t.ConfidencePPM
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	b.ActiveThreats, b.ActiveAlerts = len(g.state.Threats), g.state.ActiveAlerts()
	return []receipt.Draft{draft(state.TemInvocation, b)}, nil
}

// threat is the active one that a tem names, or else the one that was reported
// last of its session; nil if there is none.
func (g *Gate) threat(a *deed) *state.Threat {
	g.mu.Lock()
	defer g.mu.Unlock()
	if a.request.Tem == nil {
		return nil
	}
	if id := a.request.Tem.Threat; id != "" {
		return g.state.Threats[id]
	}
	for _, id := range slices.Backward(g.state.Reported) {
		if t := g.state.Threats[id]; t.Session == a.session.Session {
			return t
		}
	}
	return nil
}

// asks are the holds that a deed opens for what it may not bring about itself.
// One that is open already asks for all of them.
func (g *Gate) asks(ctx context.Context, a *deed, ans *proxy.Answer) ([]receipt.Draft, error) {
	var out []receipt.Draft
	for _, e := range a.d.Effects {
		if e.Do != "ask" || g.asked(a.session.Session, e.To, ans) {
			continue
		}
		inner := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindElevate, Peer: proxy.Peer{Guarded: asThreat, Within: a.session.Session},
			Elevate: &proxy.Elevate{Session: a.session.Session, To: e.To, Reason: e.Reason, Threat: a.request.Threat.ID}}
		held, err := g.weigh(ctx, inner, nil)
		if err != nil {
			return nil, err
		}
		if held.d.Verdict != proxy.Hold || held.epoch != a.epoch {
			return nil, errMoved
		}
		opened, drafts, err := g.openDeed(held)
		if err != nil {
			return nil, err
		}
		view := g.holdView(&state.Hold{Opened: opened, State: proxy.Pending}, a.now)
		ans.Hold = &view
		out = append(out, drafts...)
	}
	return out, nil
}

// asked finds an open hold that asks for the same.
func (g *Gate) asked(session, to string, ans *proxy.Answer) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, h := range g.pending() {
		if s := h.Subject; s != nil && s.Elevate != nil && s.Elevate.Session == session && s.Elevate.To == to {
			view := g.holdView(h, g.clock.now())
			ans.Hold = &view
			return true
		}
	}
	return false
}

// quiet is for how long there has been none of what raises sessions. mu is held.
func (g *Gate) quiet(now instant) rego.Quiet {
	q := rego.Quiet{ThreatsMS: g.ago(g.state.LastThreat, now), AlertsMS: g.ago(g.state.LastAlert, now), Incident: g.state.Incident != ""}
	if len(g.state.Threats) > 0 {
		q.ThreatsMS = 0
	}
	if g.state.ActiveAlerts() > 0 {
		q.AlertsMS = 0
	}
	return q
}

func (g *Gate) ago(m *state.Moment, now instant) int64 {
	if m == nil {
		return -1
	}
	return max(1, int64(g.clock.since(now, m.At.Time, m.BootMS, m.BootID)/time.Millisecond))
}

// threats are the active ones as the policy sees them. mu is held.
func (g *Gate) threats() []rego.Threat {
	var out []rego.Threat
	for _, id := range g.state.Reported {
		t := g.state.Threats[id]
		out = append(out, rego.Threat{ID: t.ID, Type: t.Type, Session: t.Session, Confidence: t.ConfidencePPM, Alerts: t.Alerts})
	}
	return out
}
