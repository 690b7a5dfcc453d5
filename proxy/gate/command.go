package gate

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// maxScene bounds the observations of one request; what is still unknown then
// stays unknown.
const maxScene = 64

// asking is one command on its way through the gate.
type asking struct {
	request proxy.Request
	session state.Session
	policy  *rego.Policy
	*reading
	before *state.Request // as it was asked before, if it was
	cover  cover          // what lets a hooked execution go on that would be held
	hold   *state.Hold    // a hold for exactly this request, pending or approved and unspent; a copy
	now    instant
	trust  string        // level of the agent, as it is decided by
	life   time.Duration // of approvals for such an agent
	key    *state.Key    // its idempotency key, nil for none
	keyed  *state.Keyed  // how that stood
	speed
	d rego.Decision
}

// command decides whether a command may run.
func (g *Gate) command(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	if r.Command == nil {
		return proxy.Answer{}, errors.New("command request without its part")
	}
	if err := g.settleTime(ctx); err != nil {
		return proxy.Answer{}, err
	}
	a := &asking{request: r, now: g.clock.now()}
	var err error
	if a.session, err = g.bound(r); err != nil {
		return proxy.Answer{}, err
	}
	if err := g.mayCall(r); err != nil {
		return proxy.Answer{}, err
	}
	if done, ok := g.answered(a); ok {
		return done, g.kept(ctx, done)
	}
	if done, ok, err := g.ranBefore(a); ok || err != nil {
		return done, err
	}
	if a.session.Stopping {
		return proxy.Answer{}, fmt.Errorf("session %s is ending", r.Session)
	}
	if a.policy, err = g.policies.For(ctx, a.session.Workspace); err != nil {
		return proxy.Answer{}, err
	}
	if err := g.judge(ctx, a); err != nil {
		return proxy.Answer{}, err
	}
	if wants := a.wants(); len(wants) > 0 {
		return proxy.Answer{Scene: wants}, nil
	}
	return g.conclude(ctx, a)
}

// answered repeats the answer to a request that was asked before: after a lost
// connection the asker sends it again, and nothing may happen twice.
func (g *Gate) answered(a *asking) (proxy.Answer, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	a.before = a.session.Requests[a.request.ID]
	before := a.before
	if before == nil {
		return proxy.Answer{}, false
	}
	again := proxy.Answer{Verdict: before.Verdict, Tier: before.Tier, Label: before.Tier.String(), Receipt: before.Decision}
	if before.Verdict != proxy.Hold {
		return again, true
	}
	hold := g.state.Holds[before.Hold]
	if hold == nil {
		again.Verdict, again.Note = proxy.Deny, "the hold is long over"
		return again, true
	}
	if hold.State == proxy.Approved && !hold.Used {
		return proxy.Answer{}, false // decide it again, with the approval
	}
	view := g.holdView(hold, a.now)
	again.Hold = &view
	if hold.State != proxy.Pending {
		again.Verdict = proxy.Deny
	} else {
		g.waits(hold.Hold, a.request)
	}
	return again, true
}

// kept waits until the receipt of an answer given before is on disk, where it
// must be: the first asking may have been cut off while it waited for that.
func (g *Gate) kept(ctx context.Context, a proxy.Answer) error {
	if a.Verdict != proxy.Allow || a.Tier < proxy.Medium {
		return nil
	}
	return g.stopped(g.log.Sync(ctx, a.Receipt))
}

// judge turns the command into facts and the facts into a decision.
func (g *Gate) judge(ctx context.Context, a *asking) (err error) {
	a.reading = g.read(a.session, a.request.Command)
	g.mu.Lock()
	a.trust = g.trust(&a.session)
	a.life = a.policy.GrantLife(a.trust)
	if a.err == nil {
		a.hold = g.holdFor(a.hash, a.session.Agent, a.now, a.life)
	}
	g.mu.Unlock()
	in := g.input(a.request, a.hold)
	if in.Session.Profile != a.session.Runs() {
		return errMoved // raised or lowered since the session was looked at
	}
	in.Cmd, in.CmdID = &a.facts, a.id
	err = g.weighSpeed(ctx, a, in)
	g.hush(&a.d)
	return err
}

// hush takes secrets and what acts on terminals out of what rules said: they
// quote the command, and are shown and kept like it.
func (g *Gate) hush(d *rego.Decision) {
	d.Findings, d.Reliefs = slices.Clone(d.Findings), slices.Clone(d.Reliefs)
	for i := range d.Findings {
		d.Findings[i].Msg = proxy.Visible(g.redact.Text(d.Findings[i].Msg))
	}
	for i := range d.Reliefs {
		d.Reliefs[i].Why = proxy.Visible(g.redact.Text(d.Reliefs[i].Why))
	}
}

// subject is a command as classify wants it.
func (g *Gate) subject(s state.Session, c *proxy.Command) classify.Command {
	scene := make([]classify.Observation, len(c.Scene))
	for i, o := range c.Scene {
		scene[i] = classify.Observation{
			Query: classify.Query(o.Query), Exists: o.Exists, Type: o.Type, Real: o.Real, UID: o.UID, Mode: o.Mode,
			Text: o.Text, Digest: o.Digest, Git: o.Git, Branch: o.Branch, Error: o.Error,
			Old: c.Call != nil && o.Ctime > 0 && o.Ctime < s.At.UnixMicro(),
		}
	}
	return classify.Command{
		Kind: c.Kind, Argv: c.Argv, Line: c.Line, Action: c.Action, Stdin: c.Stdin, Cwd: c.Cwd, Home: s.Home,
		Workspace: s.Workspace, Own: g.own(), Vars: c.Vars, Scene: scene, Exe: exeOf(s, c.Call),
	}
}

// own lists the folders that only guard and people may write.
func (g *Gate) own() []string {
	return slices.DeleteFunc([]string{g.opt.Dir, g.opt.System, g.opt.User}, func(s string) bool { return s == "" })
}

// unreadable is the decision on what could not be turned into facts.
func unreadable(err error, revision string) rego.Decision {
	f := proxy.Finding{ID: "opaque.input", Tier: proxy.Critical, Verdict: proxy.Deny, Stage: -1, Msg: err.Error(),
		Hint: "split it up, or put it into a script file"}
	return rego.Decision{
		Revision: revision, Tier: proxy.Critical, Effective: proxy.Critical, Verdict: proxy.Deny, Findings: []proxy.Finding{f},
	}
}

// wants is what the asker should look at before the decision stands: only where
// it could still change the verdict.
func (a *asking) wants() []proxy.Query {
	if len(a.facts.Wants) == 0 || len(a.request.Command.Scene)+len(a.facts.Wants) > maxScene ||
		(a.d.Verdict != proxy.Allow && a.d.Verdict != proxy.Hold) {
		return nil
	}
	queries := make([]proxy.Query, len(a.facts.Wants))
	for i, q := range a.facts.Wants {
		queries[i] = proxy.Query(q)
	}
	return queries
}

// conclude puts the decision on record and answers.
func (g *Gate) conclude(ctx context.Context, a *asking) (proxy.Answer, error) {
	switch {
	case a.d.Verdict == proxy.Crisis:
		return g.help(ctx, a)
	case a.d.Verdict == proxy.Hold && a.request.Command.Call != nil && a.request.Command.Call.Again != "":
		return g.instead(ctx, a)
	case a.cover.by != "":
		return g.covered(ctx, a)
	case a.d.Verdict == proxy.Hold && a.hold != nil && a.hold.State == proxy.Approved && a.d.Approval == proxy.Approved && a.lasts():
		return g.spend(ctx, a)
	case a.d.Verdict == proxy.Hold && a.hold != nil && a.hold.State == proxy.Pending:
		return g.join(ctx, a)
	case a.d.Verdict == proxy.Hold:
		return g.hold(ctx, a)
	}
	ans := g.answerTo(a)
	drafts := []receipt.Draft{g.decided(a, "", "")}
	if a.d.Verdict == proxy.Allow {
		drafts = append(drafts, g.leases(a)...)
	} else {
		drafts = append(drafts, g.denials(a)...)
	}
	if a.hold != nil && a.hold.State == proxy.Pending {
		// The policy has moved under a held request: the new decision ends its hold.
		drafts = append(drafts, draft(state.HoldResolved, g.resolution(a.hold.Hold, outcomeOf(a.d.Verdict), "policy "+a.d.Revision, topMsg(a.d))))
	}
	return g.record(ctx, a, ans, drafts)
}

// lasts says whether the approval was given on terms no milder than what the
// decision asks for now: a policy, a link or a branch may have changed since.
func (a *asking) lasts() bool {
	if a.d.Terms == nil || len(a.d.Terms.Steps) == 0 {
		return false
	}
	now, then := a.d.Terms.Steps[0], a.hold.Terms.Steps[0]
	return now.Tier <= then.Tier && now.Approvers <= then.Approvers && now.Assurance == then.Assurance
}

// record appends the receipts of a decision and completes the answer.
func (g *Gate) record(ctx context.Context, a *asking, ans proxy.Answer, drafts []receipt.Draft) (proxy.Answer, error) {
	surges := g.surges(a)
	drafts = append(drafts, surges...)
	durable := a.d.Tier >= proxy.Medium || ans.Verdict == proxy.Hold || len(surges) > 0
	written, err := g.append(ctx, func() error {
		if s := g.state.Sessions[a.request.Session]; s == nil || s.Stopping {
			return fmt.Errorf("session %s has ended", a.request.Session)
		} else if s.Requests[a.request.ID] != a.before {
			return errMoved // the same request, sent twice, was decided meanwhile
		}
		if a.policy.Revision() != a.d.Revision || g.state.Sessions[a.request.Session].Runs() != a.session.Runs() ||
			a.trust != "" && g.trust(g.state.Sessions[a.request.Session]) != a.trust {
			return errMoved
		}
		if ans.Verdict == proxy.Allow && a.d.Cost > 0 && a.cover.by == "" && !g.affords(a) {
			return errMoved // spent on something else
		}
		if a.key != nil && g.state.Keys[a.key.ID] != a.keyed {
			return errMoved // the same key, at the same time
		}
		if !g.speedStands(a) {
			return errMoved
		}
		if !a.cover.stands(g.state.Sessions[a.request.Session]) {
			return errMoved // spent on another execution
		}
		if len(drafts) > 1 || a.hold != nil {
			return sameHold(a.hold, g.holdFor(a.hash, a.session.Agent, a.now, a.life))
		}
		return nil
	}, durable, drafts...)
	if err != nil {
		return proxy.Answer{}, err
	}
	ans.Receipt = written[0].Chain.JSeq
	if len(surges) > 0 {
		g.redecideAll()
	}
	return ans, nil
}

// sameHold returns errMoved unless the hold for a request is the one that its
// decision saw, as it saw it. Other holds may move: what is held at the same time
// must not make each other decide again.
func sameHold(seen, now *state.Hold) error {
	if (seen == nil) != (now == nil) || seen != nil && (seen.Hold != now.Hold || seen.Changed != now.Changed) {
		return errMoved
	}
	return nil
}

// answerTo is the answer to a command that is neither held nor a crisis.
func (g *Gate) answerTo(a *asking) proxy.Answer {
	ans := answer(a.d)
	ans.Display = a.display
	return ans
}

// help answers a person at risk: resources, no approval, and not one word of
// the text on record (REQUIREMENTS S1-31, S1-34).
func (g *Gate) help(ctx context.Context, a *asking) (proxy.Answer, error) {
	body := state.Welfare{Kind: "welfare", RuleID: a.d.Findings[0].ID}
	written, err := g.append(ctx, always, true, draft(state.WelfareResponse, body, "welfare"))
	if err != nil {
		return proxy.Answer{}, err
	}
	ans := answer(a.d)
	ans.Receipt = written[0].Chain.JSeq
	return ans, nil
}

// decided is the receipt of the decision.
func (g *Gate) decided(a *asking, hold, note string) receipt.Draft {
	c := a.request.Command
	body := state.Decided{
		Session: a.session.Session, Agent: a.session.Agent, Request: a.request.ID,
		PID: a.request.Peer.PID, Start: a.request.Peer.Start, RequestHash: a.hash, Kind: c.Kind,
		Action: c.Action, Cwd: c.Cwd, Stdin: c.Stdin, Env: a.env, Exe: c.Exe, Digest: c.Digest, Scene: withoutTexts(c.Scene),
		Tier: a.d.Tier, Label: a.d.Tier.String(), Effective: a.d.Effective, Verdict: a.d.Verdict, Findings: a.d.Findings,
		Reliefs: a.d.Reliefs, Rows: a.d.Rows, Profile: a.session.Runs(), Trust: a.trust, Types: a.d.Types, Revision: a.d.Revision,
		Hold: hold, Note: note, Sandbox: a.session.Sandbox, Call: callOf(c), CoveredBy: a.cover.by, Cover: a.cover.exec,
		Key: a.key, Search: g.searchOf(a), Count: g.tallied(a),
	}
	if a.agentic(g) {
		body.Agentic, body.Wraps = true, a.wraps(g)
		if c.Call != nil {
			body.Since = c.Call.Start
		}
	}
	if a.d.Verdict == proxy.Allow {
		body.Outside = a.raises()
		body.Covers, body.Scripts = g.covers(a, hold != "")
	}
	if c.Kind != "text" {
		body.Argv, body.Line, body.Display = c.Argv, c.Line, a.facts.Raw
	}
	return draft(state.CommandDecision, body, c.Kind, a.d.Tier.String())
}

// withoutTexts keeps what was observed but not the contents of files: those may
// be long or secret, and their digests say which they were.
func withoutTexts(scene []proxy.Observation) []proxy.Observation {
	kept := slices.Clone(scene)
	for i := range kept {
		kept[i].Text = ""
	}
	return kept
}

// outcome records how an allowed command ended.
func (g *Gate) outcome(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	if r.Outcome == nil {
		return proxy.Answer{}, errors.New("outcome request without its part")
	}
	s, err := g.bound(r)
	if err != nil {
		return proxy.Answer{}, err
	}
	g.mu.Lock()
	known := s.Requests[r.Outcome.Request]
	g.mu.Unlock()
	if known == nil || known.Verdict != proxy.Allow {
		return proxy.Answer{Verdict: proxy.Allow}, nil // reported before
	}
	if known.PID != r.Peer.PID || known.Start != r.Peer.Start {
		return proxy.Answer{}, fmt.Errorf("request %s was made by another process, which alone can say how it ended", r.Outcome.Request)
	}
	body := state.Outcome{
		Session: r.Session, Request: r.Outcome.Request, Decision: known.Decision, Status: r.Outcome.Status,
		Signal: r.Outcome.Signal, DurationMS: r.Outcome.DurationMS, Error: r.Outcome.Error,
	}
	if known.Hooked && !known.Outside {
		return proxy.Answer{}, fmt.Errorf("request %s: guard does not see how what it hooks ends", r.Outcome.Request)
	}
	g.mu.Lock()
	drafts := append([]receipt.Draft{draft(state.CommandOutcome, body, "exec")},
		g.settlements(r.Session, "the command ended", body.Error == "", r.Outcome.Request)...)
	g.mu.Unlock()
	_, err = g.append(ctx, func() error {
		if live := g.state.Sessions[r.Session]; live == nil || live.Requests[r.Outcome.Request] == nil {
			return errMoved
		}
		return nil
	}, known.Tier >= proxy.Medium, drafts...)
	return proxy.Answer{Verdict: proxy.Allow}, err
}

// input is what the policy sees of a request; h is the hold it is about, if any.
func (g *Gate) input(r proxy.Request, h *state.Hold) rego.Input {
	now := g.clock.now()
	in := rego.Input{NowNS: now.wall.UnixNano(), Kind: r.Kind, Votes: []rego.Vote{},
		Peer:    g.peer(r),
		Elevate: r.Elevate, Release: r.Release, Threat: r.Threat, Tem: r.Tem, Trust: r.Trust, Lockout: r.Lockout, Budget: r.Budget}
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.state.Sessions[target(r)]; s != nil {
		in.State.Budgets = g.budgets(s.Session, s.Agent, now)
		if r.Kind != proxy.KindCommand {
			in.State.Elevations, in.State.Quiet = g.elevations([]*state.Session{s}, now), g.quiet(now)
		}
		in.Session = rego.Session{ID: s.Session, Profile: s.Runs(), Raised: s.Raised(), Cwd: s.Cwd, Home: s.Home, Workspace: s.Workspace, Terminal: s.Terminal,
			Hook: s.ExecHook, Writable: s.Writable}
		in.Agent = rego.Agent{Name: s.Agent, Trust: g.trust(s)}
		in.State.Lockout = g.lockedOut(s.Agent, s.UID)
	}
	if r.Kind == proxy.KindTrust {
		in.State.Standings = g.standingOf(r.Trust, now)
	}
	if r.Lockout != nil {
		in.State.Lockout = g.lockedOut(r.Lockout.Agent, r.Lockout.UID)
	}
	if r.Kind == proxy.KindBudget && r.Session == "" {
		in.State.Budgets = g.budgets("", r.Budget.Agent, now)
	}
	if r.Kind == proxy.KindThreat || r.Kind == proxy.KindTem {
		in.State.Threats = g.threats()
	}
	if h != nil {
		step := min(h.Step, len(h.Terms.Steps)-1)
		in.Hold = &rego.Hold{ID: h.Hold, State: h.State, Requester: agentIdentity(h.Agent), Step: h.Terms.Steps[step], By: h.By, Act: h.Act, Excluded: g.excluded(h)}
		for _, v := range h.Votes {
			in.Votes = append(in.Votes, rego.Vote{Approver: v.Approver, Approve: v.Approve, Assurance: v.Assurance, Reason: v.Reason})
		}
	}
	return in
}

// peer is the process that asks, as the policy sees it.
func (g *Gate) peer(r proxy.Request) rego.Peer {
	p := rego.Peer{UID: r.Peer.UID, Guarded: r.Peer.Guarded, Own: r.Peer.Within != "" && r.Peer.Within == target(r), Terminal: r.Peer.Terminal}
	if r.Kind != proxy.KindCommand { // nothing about a command depends on it, and looking it up takes time
		p.Name = userName(r.Peer.UID)
	}
	return p
}

// agentIdentity is an agent among people and agents: somebody may have the login
// name "node" and wrap a program of that name.
func agentIdentity(name string) string { return "agent:" + name }

// topMsg is what the worst finding says.
func topMsg(d rego.Decision) string {
	if len(d.Findings) == 0 {
		return ""
	}
	return d.Findings[0].Msg
}

// outcomeOf is the state a hold ends in when its request is decided otherwise.
func outcomeOf(v proxy.Verdict) string {
	if v == proxy.Allow {
		return proxy.Approved
	}
	return proxy.Denied
}
