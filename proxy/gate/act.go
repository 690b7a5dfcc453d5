package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// deed is a request that changes authority, on its way through the gate. What it
// changes, the policy says: gate puts it on record.
type deed struct {
	request proxy.Request
	session state.Session // that it is about; the zero Session for none
	hold    *state.Hold   // the one that people approved; nil before
	policy  *rego.Policy
	epoch   uint64
	now     instant
	in      rego.Input
	d       rego.Decision
}

// actAlone lets one change of authority follow another: each would only make the
// others decide again.
func (g *Gate) actAlone(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	g.acting.Lock()
	defer g.acting.Unlock()
	return g.act(ctx, r)
}

// act decides a request that changes authority: it happens at once, opens a hold,
// or is refused. A person's own request counts as that person's vote for it.
func (g *Gate) act(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	if err := g.settleTime(ctx); err != nil {
		return proxy.Answer{}, err
	}
	if r.Kind == proxy.KindBudget {
		r.Session = r.Peer.Within // whose balance it is, the kernel says
	}
	if a, ok := g.acted(r); ok {
		return a, nil
	}
	a, err := g.weigh(ctx, r, nil)
	if err != nil {
		return proxy.Answer{}, err
	}
	switch {
	case a.d.Verdict == proxy.Allow || a.d.Verdict == proxy.Hold && a.d.Approval == proxy.Approved:
		return g.carry(ctx, a)
	case a.d.Verdict == proxy.Hold:
		return g.holdDeed(ctx, a)
	}
	if r.Kind == proxy.KindBudget && a.d.Findings[0].ID == "budget.insufficient" {
		return g.refuseDebit(ctx, a)
	}
	return g.refuse(ctx, g.unmoved(a.epoch), r, a.d, a.session.Session)
}

// acted repeats the answer to a request that was carried out or held before.
func (g *Gate) acted(r proxy.Request) (proxy.Answer, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if slices.Contains(g.state.Acts, r.ID) {
		return proxy.Answer{Verdict: proxy.Allow}, true
	}
	for _, h := range g.state.Holds {
		if h.Asked == r.ID {
			view := g.holdView(h, g.clock.now())
			verdict := proxy.Hold
			if h.State != proxy.Pending && h.State != proxy.Approved {
				verdict = proxy.Deny
			}
			return proxy.Answer{Verdict: verdict, Tier: view.Tier, Label: view.Label, Hold: &view}, true
		}
	}
	return proxy.Answer{}, false
}

// weigh decides a deed, with the votes on its hold or, before there is one, with
// the vote that a person casts by asking.
func (g *Gate) weigh(ctx context.Context, r proxy.Request, h *state.Hold) (*deed, error) {
	a := &deed{request: r, hold: h}
	g.mu.Lock()
	a.epoch, a.now = g.epoch, g.clock.now()
	if s := g.state.Sessions[target(r)]; s != nil {
		a.session = *s
	}
	g.mu.Unlock()
	if id := target(r); id != "" && a.session.Session == "" {
		return nil, fmt.Errorf("session %s is not live; guard status lists those that are", id)
	}
	var err error
	if a.policy, err = g.policies.For(ctx, a.session.Workspace); err != nil {
		return nil, err
	}
	a.in = g.input(r, h)
	if a.d, err = g.decide(ctx, a.policy, a.in); err != nil {
		return nil, err
	}
	if a.d.Verdict != proxy.Hold || h != nil || r.Peer.Guarded != "" || a.d.Terms == nil || len(a.d.Terms.Steps) == 0 {
		return a, nil
	}
	a.in.Hold = &rego.Hold{State: proxy.Pending, Requester: agentIdentity(g.beneficiary(a)), Step: a.d.Terms.Steps[0]}
	a.in.Votes = []rego.Vote{{Approver: userName(r.Peer.UID), Approve: true, Assurance: "peercred"}}
	a.d, err = g.decide(ctx, a.policy, a.in)
	return a, err
}

// target is the session a request is about.
func target(r proxy.Request) string {
	switch r.Kind {
	case proxy.KindElevate:
		return r.Elevate.Session
	case proxy.KindRelease:
		return r.Release.Session
	case proxy.KindThreat:
		return r.Threat.Session
	case proxy.KindTem:
		return r.Tem.Session
	}
	return r.Session
}

// beneficiary is the agent whose authority a deed is about: it has no vote on it.
func (g *Gate) beneficiary(a *deed) string { return a.session.Agent }

// carry puts the effects of a deed on record, all or none.
func (g *Gate) carry(ctx context.Context, a *deed) (proxy.Answer, error) {
	ans := answer(a.d)
	ans.Verdict = proxy.Allow
	drafts, err := g.drafts(a, &ans)
	if err != nil {
		return proxy.Answer{}, err
	}
	if a.hold != nil {
		used := state.Used{Hold: a.hold.Hold, Session: a.session.Session, Request: a.request.ID}
		drafts = append(drafts, draft(state.GrantUsed, used))
	}
	if len(drafts) == 0 {
		return ans, nil
	}
	written, err := g.append(ctx, g.unmoved(a.epoch), true, drafts...)
	if err != nil {
		return proxy.Answer{}, err
	}
	ans.Receipt = written[0].Chain.JSeq
	stamp(&ans, written)
	g.redecide(a.session.Workspace)
	return ans, nil
}

// drafts are the receipts of a deed's effects. An effect that gate does not know
// stops all of them.
func (g *Gate) drafts(a *deed, ans *proxy.Answer) ([]receipt.Draft, error) {
	var out []receipt.Draft
	for _, e := range a.d.Effects {
		d, err := g.effect(a, e, ans)
		if err != nil {
			return nil, err
		}
		out = append(out, d...)
	}
	return out, nil
}

func (g *Gate) effect(a *deed, e rego.Effect, ans *proxy.Answer) ([]receipt.Draft, error) {
	switch e.Do {
	case "raise":
		return g.raise(a, e, ans)
	case "confirm":
		return g.confirm(a, e, ans)
	case "allocate":
		return g.allocate(a)
	case "debit":
		return g.debit(a)
	case "lower":
		return g.lower(a.request, e, a.now, a.in.Votes)
	}
	return nil, fmt.Errorf("the policy wants %q done, which this guardd cannot", e.Do)
}

// approvers are the people who agreed, and the least assurance among them.
func approvers(votes []rego.Vote, r proxy.Request) (people []string, assurance string) {
	people = []string{}
	for _, v := range votes {
		if !v.Approve || slices.Contains(people, v.Approver) {
			continue
		}
		people = append(people, v.Approver)
		if assurance == "" || v.Assurance == "tty" {
			assurance = v.Assurance
		}
	}
	if assurance == "" && r.Peer.Guarded == "" {
		assurance = "peercred"
	}
	return people, assurance
}

// holdDeed opens a hold that carries the request with it: whoever approves it
// last lets it happen, whether or not somebody still waits.
func (g *Gate) holdDeed(ctx context.Context, a *deed) (proxy.Answer, error) {
	if a.d.Terms == nil || len(a.d.Terms.Steps) == 0 {
		return proxy.Answer{}, errors.New("policy holds the request but gives no terms")
	}
	if !g.approverUsable(a.session) {
		a.d.Verdict = proxy.Deny
		return g.refuse(ctx, g.unmoved(a.epoch), a.request, a.d, a.session.Session)
	}
	id, subject := newID("hold_", 12), a.request
	subject.Peer = proxy.Peer{}
	opened := state.Opened{
		Hold: id, Session: a.session.Session, Agent: g.beneficiary(a), RequestHash: g.deedHash(subject), Workspace: a.session.Workspace,
		Display: proxy.Visible(g.redact.Text(say(subject))), Cwd: a.session.Cwd, Tier: a.d.Terms.Steps[0].Tier, Terms: *a.d.Terms,
		At: a.now.wall, BootMS: a.now.boot.Milliseconds(), BootID: g.clock.bootID, Asked: a.request.ID, Subject: &subject,
	}
	if len(a.d.Findings) > 0 {
		opened.Rule, opened.Why = a.d.Findings[0].ID, a.d.Findings[0].Msg
	}
	drafts := []receipt.Draft{draft(state.HoldOpened, opened, a.d.Tier.String())}
	for _, v := range a.in.Votes {
		drafts = append(drafts, draft(state.HoldApproval, state.Approval{
			Hold: id, Request: a.request.ID, RequestHash: opened.RequestHash, Approve: v.Approve, Approver: v.Approver,
			UID: a.request.Peer.UID, Assurance: v.Assurance,
		}))
	}
	written, err := g.append(ctx, g.unmoved(a.epoch), true, drafts...)
	if err != nil {
		return proxy.Answer{}, err
	}
	ans := answer(a.d)
	ans.Receipt = written[0].Chain.JSeq
	g.mu.Lock()
	defer g.mu.Unlock()
	if h := g.state.Holds[id]; h != nil {
		view := g.holdView(h, a.now)
		ans.Hold = &view
	}
	return ans, nil
}

// deedHash binds votes to exactly what was asked for.
func (g *Gate) deedHash(r proxy.Request) string {
	bound, err := json.Marshal(r)
	if err != nil { // strings and numbers always marshal
		panic(err)
	}
	return g.redact.Keyed(bound)
}

// carryApproved does what a hold was opened for, once it is approved: with the
// last vote, or when guardd starts again after one.
func (g *Gate) carryApproved(ctx context.Context, hold string) error {
	g.acting.Lock()
	defer g.acting.Unlock()
	for range maxTries {
		g.mu.Lock()
		h, now := g.state.Holds[hold], g.clock.now()
		ready := h != nil && h.Subject != nil && h.State == proxy.Approved && !h.Used &&
			g.clock.since(now, h.EndedAt, h.EndedBoot, h.EndedIn) < grantLife
		var seen state.Hold
		if ready {
			seen = *h
		}
		g.mu.Unlock()
		if !ready {
			return nil
		}
		err := g.carryHeld(ctx, &seen)
		if !errors.Is(err, errMoved) {
			return err
		}
	}
	return fmt.Errorf("carry out %s: state moved %d times in a row", hold, maxTries)
}

func (g *Gate) carryHeld(ctx context.Context, h *state.Hold) error {
	r := *h.Subject
	r.Peer = proxy.Peer{Guarded: "whoever asked for it"}
	if g.deedHash(*h.Subject) != h.RequestHash {
		return fmt.Errorf("carry out %s: what is on record is not what was asked for", h.Hold)
	}
	a, err := g.weigh(ctx, r, h)
	if err != nil {
		return err
	}
	if a.d.Verdict == proxy.Allow || a.d.Verdict == proxy.Hold && a.d.Approval == proxy.Approved {
		_, err = g.carry(ctx, a)
		return err
	}
	if _, err := g.refuse(ctx, g.unmoved(a.epoch), r, a.d, h.Hold); err != nil {
		return err
	}
	return fmt.Errorf("approved, but not done: %s", topMsg(a.d))
}

// settleApproved carries out what was approved while no guardd ran.
func (g *Gate) settleApproved(ctx context.Context) error {
	g.mu.Lock()
	var ready []string
	for id, h := range g.state.Holds {
		if h.Subject != nil && h.State == proxy.Approved && !h.Used {
			ready = append(ready, id)
		}
	}
	g.mu.Unlock()
	slices.Sort(ready)
	var errs []error
	for _, id := range ready {
		errs = append(errs, g.carryApproved(ctx, id))
	}
	return errors.Join(errs...)
}

// say is a deed in words, for whoever has to answer it.
func say(r proxy.Request) string {
	switch {
	case r.Elevate != nil:
		return fmt.Sprintf("raise session %s to %s: %s", r.Elevate.Session, r.Elevate.To, r.Elevate.Reason)
	case r.Release != nil:
		return fmt.Sprintf("release %s of session %s: %s", r.Release.ID, r.Release.Session, r.Release.Reason)
	}
	return r.Kind
}
