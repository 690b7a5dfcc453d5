package gate

import (
	"context"
	"encoding/json"
	"slices"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// speed is how fast an agent is as one of its commands is decided.
type speed struct {
	root     bool   // the command is an action of the agent's own
	inside   bool   // it belongs to an action that was asked about before
	executed bool   // it counts among what the agent does
	denied   bool   // it counts among what the agent is denied
	locked   bool   // the agent was locked out before
	told     bool   // that this stopped something is on record
	was      int    // level that its last action was judged at
	counted  uint64 // state.Pace.Counted when it was looked at
	pace     rego.Pace
}

// weighSpeed decides a command at the level that its agent's actions come to. The
// command itself is counted first (REQUIREMENTS S3-12): where that makes for a
// higher level, it is decided again at that one.
func (g *Gate) weighSpeed(ctx context.Context, a *asking, in rego.Input) error {
	revision := a.policy.Revision()
	windows := a.policy.Windows()
	ask := rego.Input{NowNS: in.NowNS, Agent: in.Agent, Votes: []rego.Vote{}}
	g.mu.Lock()
	p := g.state.Pace(a.session.Agent, a.session.UID)
	counts := g.counts(p, windows, a.now)
	a.speed = speed{root: g.isRoot(a), inside: g.isInside(a)}
	if p != nil {
		a.locked, a.told, a.was, a.counted = p.Lockout != nil, p.Told, p.Surge, p.Counted
	}
	first := a.root && !p.Repeats(a.hash, windows.Repeat, func(one state.Action) time.Duration { return g.clock.ago(a.now, one) })
	g.mu.Unlock()
	ask.State.Counts, ask.State.CertaintyPPM = counts, a.certainty()
	if err := g.decideAt(ctx, a, in, ask); err != nil || a.locked {
		return err
	}
	if a.policy.Revision() != revision {
		return errMoved // other windows: what was not counted would seem to be reached
	}
	if a.cover = g.coverOf(a); a.cover.by != "" || a.d.Verdict == proxy.Crisis {
		a.root = false
	}
	if !a.root {
		return nil
	}
	before := a.pace.Level
	a.executed = first && a.d.Tier >= proxy.Low
	a.denied = a.d.Verdict == proxy.Deny || a.d.Verdict == proxy.Hold && a.hold == nil && !g.approverUsable(a.session)
	if g.searches(a) != nil {
		a.executed, a.denied = false, false
	}
	ask.State.Counts = a.plus(counts)
	pace, err := a.policy.Pace(ctx, ask)
	if a.pace = pace; err != nil || pace.Level <= before {
		return err
	}
	if err = g.decideAt(ctx, a, in, ask); err == nil {
		a.cover = g.coverOf(a)
	}
	if err == nil && a.policy.Revision() != revision {
		return errMoved
	}
	return err
}

// decideAt decides at the level of these counts.
func (g *Gate) decideAt(ctx context.Context, a *asking, in, ask rego.Input) (err error) {
	if a.pace, err = a.policy.Pace(ctx, ask); err != nil {
		return err
	}
	if a.locked {
		a.pace.Level = lockoutLevel
	}
	in.State.Surge, in.State.Lockout = a.pace.Level, a.locked || a.root && a.pace.Level == lockoutLevel
	if a.inside && a.pace.Level < lockoutLevel {
		in.State.Surge = 0
	}
	if a.err != nil {
		a.d = unreadable(a.err, a.policy.Revision())
		return nil
	}
	a.d, err = g.decide(ctx, a.policy, in)
	return err
}

// lockoutLevel is the surge level at which an agent is locked out.
const lockoutLevel = 3

// isRoot says whether a command is an action of the agent's own: a line or a tool
// call, or an execution that its own process makes, where that does not belong to
// one action. What was asked before was counted then. mu is held.
func (g *Gate) isRoot(a *asking) bool {
	c := a.request.Command
	if a.before != nil || c.Kind == "text" {
		return false
	}
	if c.Call == nil {
		return true
	}
	s := g.state.Sessions[a.request.Session]
	return s != nil && c.Call.Again == "" && actsFor(s, c.Call)
}

// actsFor says whether it is the agent's own program that executes something.
func actsFor(s *state.Session, c *proxy.Call) bool {
	if len(c.Under) == 0 {
		return false
	}
	image, own := s.Image(c.Under[0])
	return own && (c.Main != 0 || image.PID != 0)
}

// isInside says whether an execution belongs to an action of the agent's own. That
// action was counted, and held where the agent was too fast; a person who let a
// build run is not asked about each of its compilers as well. mu is held.
func (g *Gate) isInside(a *asking) bool {
	c := a.request.Command.Call
	s := g.state.Sessions[a.request.Session]
	return s != nil && c != nil && len(c.Under) > 0 && !actsFor(s, c)
}

// counts are how many actions there were in each window. mu is held.
func (g *Gate) counts(p *state.Pace, w rego.Windows, now instant) []rego.Count {
	if p == nil || len(p.Actions)+len(p.Denied) == 0 {
		return w.Counters // none of any
	}
	counts := slices.Clone(w.Counters)
	tally := func(list []state.Action, denied bool) {
		for _, one := range list {
			age := g.clock.ago(now, one)
			for i, c := range counts {
				if age <= time.Duration(c.Minutes)*time.Minute && inCounter(c.Counter, denied, one.Tier) {
					counts[i].N++
				}
			}
		}
	}
	tally(p.Actions, false)
	tally(p.Denied, true)
	return counts
}

// inCounter says whether a counter counts an action.
func inCounter(counter string, denied bool, tier proxy.Tier) bool {
	switch counter {
	case "denied":
		return denied
	case "low":
		return !denied
	case "medium":
		return !denied && tier >= proxy.Medium
	}
	return true // what is not known counts everything
}

// plus are the counts with the command itself.
func (a *asking) plus(counts []rego.Count) []rego.Count {
	if !a.executed && !a.denied {
		return counts
	}
	counts = slices.Clone(counts)
	for i, c := range counts {
		if a.executed && inCounter(c.Counter, false, max(a.d.Effective, proxy.Low)) {
			counts[i].N++
		}
		if a.denied && inCounter(c.Counter, true, a.d.Effective) {
			counts[i].N++
		}
	}
	return counts
}

// certainty is how well a command was understood, in millionths.
func (a *asking) certainty() int {
	if len(a.facts.Opaque) > 0 {
		return 500_000
	}
	return 1_000_000
}

// speedStands says whether an agent's speed is still what the command was decided at:
// it is not where so many others were counted meanwhile that another level may
// begin. mu is held.
func (g *Gate) speedStands(a *asking) bool {
	p := g.state.Pace(a.session.Agent, a.session.UID)
	if p == nil {
		return !a.locked && a.counted == 0
	}
	if (p.Lockout != nil) != a.locked {
		return false
	}
	if !a.executed && !a.denied || p.Counted == a.counted {
		return true
	}
	return p.Counted > a.counted && p.Counted-a.counted < uint64(max(a.pace.Room, 0)) &&
		(p.Last(a.hash) < 0 || !a.executed)
}

// tallied is the part of the receipt about the agent's speed; nil for what is no
// action of its own.
func (g *Gate) tallied(a *asking) *state.Count {
	if !a.root {
		return nil
	}
	return &state.Count{Executed: a.executed, Denied: a.denied, Surge: a.pace.Level, BootMS: a.now.boot.Milliseconds(), BootID: g.clock.bootID}
}

// agentic says whether what a command's program executes directly are actions of
// the agent: it is the agent's own process that runs it, and it does not belong to
// one action.
func (a *asking) agentic(g *Gate) bool {
	return a.session.Monitor != 0 && a.d.Verdict == proxy.Allow && !a.d.Carries && a.ownProcess(g)
}

// ownProcess says whether the agent's own process runs a command: the main one of its
// session, as guard started it, or, below a wrapper that stays (timeout, flock), the
// one that runs what the wrapper's words name.
func (a *asking) ownProcess(g *Gate) bool {
	c := a.request.Command
	if c.Call == nil {
		return a.request.Peer.PID == a.session.PID && a.request.Peer.Start == a.session.Start
	}
	if c.Call.PID == c.Call.Main || a.session.Own(c.Call.PID, c.Call.Start) {
		return true
	}
	if len(c.Call.Under) == 0 {
		return false
	}
	image, own := a.session.Image(c.Call.Under[0])
	return own && image.Wraps != "" && image.Wraps == g.wordsHash(c.Argv)
}

// wraps names the program that a wrapper starts, "" for no wrapper.
func (a *asking) wraps(g *Gate) string {
	if len(a.facts.Execs) == 0 {
		return ""
	}
	inner := a.facts.Execs[0]
	if s := a.facts.Stages[inner.Stage]; inner.Loop || s.Parent != -1 || len(s.Via) == 0 {
		return ""
	}
	return g.wordsHash(inner.Argv)
}

func (g *Gate) wordsHash(argv []string) string {
	words, err := json.Marshal(argv)
	if err != nil { // strings always marshal
		panic(err)
	}
	return g.redact.Keyed(words)
}

// surges are the receipts of a level that begins, and of the first thing that a
// lockout stops.
func (g *Gate) surges(a *asking) []receipt.Draft {
	switch s := a.pace.Surge; {
	case a.locked && !a.told && a.d.Verdict == proxy.Deny:
		body := g.surged(a, lockoutLevel)
		body.Tier, body.Action, body.ConfidencePPM, body.RiskClass = "tier_3", "lockout_enforced", 1_000_000, "critical"
		body.Rationale = "Tier 3 lockout already active; autonomous edits blocked until manual reset"
		body.Outcome = state.VelocityOutcome{Status: "blocked_by_lockout", Reason: topMsg(a.d)}
		return []receipt.Draft{draft(state.LockoutEnforced, body, "velocity")}
	case a.root && !a.locked && s != nil && a.pace.Level > a.was:
		body := g.surged(a, a.pace.Level)
		body.Tier, body.Action, body.ConfidencePPM, body.RiskClass = s.Tier, s.Action, s.ConfidencePPM, s.RiskClass
		body.Rationale = s.Rationale
		body.Velocity = &state.Velocity{WindowMinutes: s.Minutes, ActionCount: s.Count, PerMinute: s.RateE4, Threshold: s.ThresholdE4}
		if s.Executor != "" {
			body.Executor = &s.Executor
		}
		body.Outcome = state.VelocityOutcome{Status: s.Status, Executor: body.Executor, Reason: s.Reason}
		drafts := []receipt.Draft{draft(state.VelocityEscalation, body, "velocity", s.Tier)}
		if a.pace.Level == lockoutLevel {
			drafts = append(drafts, g.lockOut(a, s))
		}
		return drafts
	}
	return nil
}

func (g *Gate) surged(a *asking, level int) state.Surged {
	return state.Surged{
		Agent: a.session.Agent, UID: a.session.UID, Session: a.session.Session, Request: a.request.ID, Level: level,
		LockoutEdits: level == lockoutLevel, CreatedAt: a.now.wall,
	}
}

// lockOut is the receipt of a lockout that an agent's speed has brought about.
func (g *Gate) lockOut(a *asking, s *rego.Surge) receipt.Draft {
	body := state.LockedOut{
		Agent: a.session.Agent, UID: a.session.UID, Session: a.session.Session, Request: a.request.ID, Cause: "velocity", By: "guard",
		Reason: s.Rationale, Brief: brief(s.Tier, s.Brief, s.Violations, a.request.Command, a.now), At: a.now.wall,
	}
	if s.Counter == "denied" {
		body.Cause = "denied"
	}
	return draft(state.LockoutEnabled, body, "velocity", "lockout")
}

func brief(tier, rationale string, violations int, c *proxy.Command, now instant) state.Brief {
	b := state.Brief{Type: "diagnostic_brief", Severity: "critical", Tier: tier, Rationale: rationale, Violations: violations,
		ActionType: "unknown", Timestamp: now.wall}
	if c != nil && c.Kind != "" {
		b.ActionType = c.Kind
	}
	return b
}
