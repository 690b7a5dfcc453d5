package gate

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// deedLife is how long after its approval a deed may still be carried out, should
// guardd not have run meanwhile.
const deedLife = 10 * time.Minute

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
	ans, err := g.act(ctx, r)
	g.acting.Unlock()
	if err != nil || ans.Verdict != proxy.Allow {
		return ans, err
	}
	return ans, g.followed(r)
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
	r, err := g.aimed(r)
	if err != nil {
		return proxy.Answer{}, err
	}
	if r.Accept != nil && r.Accept.Revision == "" { // votes count for this one alone
		revision, _ := g.knownPolicy(r.Accept.Workspace)
		r.Accept = &proxy.Accept{Workspace: r.Accept.Workspace, Revision: revision}
	}
	if a, ok, err := g.acted(ctx, r); ok || err != nil {
		return a, err
	}
	r, err = g.addressed(r)
	if err == nil && r.Trust != nil {
		r, err = g.ofUser(r)
	}
	if err != nil {
		return proxy.Answer{}, err
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
	if r.Kind == proxy.KindBudget && a.d.Findings[0].ID == insufficient {
		return g.refuseDebit(ctx, a)
	}
	return g.refuse(ctx, g.unmoved(a.epoch), r, a.d, a.session.Session)
}

// acted repeats the answer to a request that was carried out or held before, and
// carries out what was approved meanwhile.
func (g *Gate) acted(ctx context.Context, r proxy.Request) (proxy.Answer, bool, error) {
	held, view, ok := g.heldFor(r)
	if ok && view.State == proxy.Approved && !view.Used {
		if err := g.carryReady(ctx, held); err != nil {
			return proxy.Answer{}, false, err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if slices.Contains(g.state.Acts, r.ID) {
		return proxy.Answer{Verdict: proxy.Allow, Elevations: g.raisedBy(r.ID)}, true, nil
	}
	if !ok {
		return g.again(r)
	}
	verdict := proxy.Hold
	if view.State != proxy.Pending {
		verdict = proxy.Deny
	}
	return proxy.Answer{Verdict: verdict, Tier: view.Tier, Label: view.Label, Hold: &view}, true, nil
}

// again answers who asks once more for what was approved and is in force: an asker
// that went without an answer retries exactly the same. mu is held.
func (g *Gate) again(r proxy.Request) (proxy.Answer, bool, error) {
	hash := g.deedHash(g.onRecord(r))
	for _, h := range g.state.Holds {
		if h.Subject == nil || h.RequestHash != hash || !h.Used {
			continue
		}
		if ups := g.raisedBy(h.Asked); len(ups) > 0 {
			return proxy.Answer{Verdict: proxy.Allow, Elevations: ups}, true, nil
		}
	}
	return proxy.Answer{}, false, nil
}

// heldFor is the hold that a request was held with.
func (g *Gate) heldFor(r proxy.Request) (string, proxy.HoldState, bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for id, h := range g.state.Holds {
		if h.Asked == r.ID {
			return id, g.holdView(h, g.clock.now()), true
		}
	}
	return "", proxy.HoldState{}, false
}

// raisedBy lists the active elevations that a request has brought about. mu is
// held.
func (g *Gate) raisedBy(request string) (out []proxy.Elevation) {
	for _, s := range g.raisedSessions() {
		for _, e := range s.Elevations {
			if e.Request == request {
				out = append(out, elevationView(e))
			}
		}
	}
	return out
}

// weigh decides a deed, with the votes on its hold or, before there is one, with
// the vote that a person who has a say in it casts by asking.
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
	workspace := a.session.Workspace
	if r.Accept != nil {
		workspace = r.Accept.Workspace
	}
	if a.policy, err = g.policies.For(ctx, workspace); err != nil {
		return nil, err
	}
	a.in = g.input(r, h)
	if a.d, err = g.decide(ctx, a.policy, a.in); err != nil {
		return nil, err
	}
	if a.d.Verdict != proxy.Hold || h != nil || r.Peer.Guarded != "" || a.d.Terms == nil || len(a.d.Terms.Steps) == 0 {
		return a, nil
	}
	hold := &rego.Hold{State: proxy.Pending, Requester: agentIdentity(g.beneficiary(a)), Step: a.d.Terms.Steps[0], Act: a.d.Act, Excluded: g.owners(r)}
	yes := rego.Vote{Approver: userName(r.Peer.UID), Approve: true, Assurance: "peercred"}
	cast := rego.Input{NowNS: a.in.NowNS, Kind: proxy.KindVote, Peer: a.in.Peer, Hold: hold, Vote: &yes, Votes: []rego.Vote{}}
	switch may, err := g.decide(ctx, a.policy, cast); {
	case err != nil:
		return nil, err
	case may.Verdict != proxy.Allow: // who asks has no say in it, and casts no vote
		return a, nil
	}
	a.in.Hold, a.in.Votes = hold, []rego.Vote{yes}
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

// aimed gives a request the session that it leaves out: that of its process, or
// the only one there is.
func (g *Gate) aimed(r proxy.Request) (proxy.Request, error) {
	var id *string
	switch {
	case r.Elevate != nil:
		part := *r.Elevate
		r.Elevate, id = &part, &part.Session
	case r.Release != nil:
		part := *r.Release
		r.Release, id = &part, &part.Session
	case r.Tem != nil:
		part := *r.Tem
		r.Tem, id = &part, &part.Session
	}
	if id == nil || *id != "" {
		return r, nil
	}
	if *id = r.Peer.Within; *id != "" && (r.Release == nil || r.Release.ID == "") {
		return r, nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var fits []string
	for _, s := range g.state.Sessions {
		if r.Release == nil || r.Release.ID == "" && len(s.Elevations) > 0 || r.Release.ID != "" && s.Elevated(r.Release.ID) >= 0 {
			fits = append(fits, s.Session)
		}
	}
	switch {
	case len(fits) == 1:
		*id = fits[0]
	case r.Release != nil && len(fits) == 0: // the policy says that there is nothing to release
	case len(fits) == 0:
		return r, errors.New("no session is live; start one with guard -- COMMAND")
	default:
		slices.Sort(fits)
		return r, fmt.Errorf("several sessions are live; name one with --session: %s", strings.Join(fits, ", "))
	}
	return r, nil
}

// beneficiary is the agent whose authority a deed is about: it has no vote on it.
func (g *Gate) beneficiary(a *deed) string {
	if a.request.Trust != nil {
		return a.request.Trust.Agent
	}
	if l := a.request.Lockout; l != nil {
		return l.Agent
	}
	return a.session.Agent
}

// carry puts the effects of a deed on record, all or none.
func (g *Gate) carry(ctx context.Context, a *deed) (proxy.Answer, error) {
	ans := answer(a.d)
	ans.Verdict = proxy.Allow
	drafts, err := g.drafts(a, &ans)
	if err != nil {
		return proxy.Answer{}, err
	}
	held, err := g.asks(ctx, a, &ans)
	if err != nil {
		return proxy.Answer{}, err
	}
	drafts = append(drafts, held...)
	if a.hold != nil {
		used := state.Used{Hold: a.hold.Hold, Session: a.session.Session, Request: a.request.ID}
		drafts = append(drafts, draft(state.GrantUsed, used))
	}
	if len(drafts) == 0 {
		return ans, nil
	}
	written, err := g.append(ctx, g.unmovedFor(a), true, drafts...)
	if err != nil {
		return proxy.Answer{}, err
	}
	ans.Receipt = written[0].Chain.JSeq
	stamp(&ans, written)
	inForce(a, written)
	g.redecideAll()
	return ans, nil
}

// drafts are the receipts of a deed's effects. An effect that gate does not know
// stops all of them; one that no longer fits what has happened meanwhile has the
// deed decided again.
func (g *Gate) drafts(a *deed, ans *proxy.Answer) ([]receipt.Draft, error) {
	var out []receipt.Draft
	for _, e := range a.d.Effects {
		d, err := g.effect(a, e, ans)
		if err != nil {
			g.mu.Lock()
			defer g.mu.Unlock()
			return nil, cmp.Or(g.unmoved(a.epoch)(), err)
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
	case "evaluate":
		return g.evaluate(a, e, ans)
	case "promote":
		return g.promote(a, e, ans)
	case "revoke":
		return g.revoke(a, e, ans)
	case "review":
		return g.review(a, e, ans)
	case "allocate":
		return g.allocate(a)
	case "debit":
		return g.debit(a)
	case "lower":
		return g.lower(a, e, ans)
	case "report":
		return g.report(a, e, ans)
	case "resolve":
		return g.resolveThreat(a)
	case "decide":
		return g.think(a, e, ans)
	case "tem":
		return g.tem(a, e)
	case "ask":
		return nil, nil // carry opens the hold
	case "accept":
		return g.acceptPolicy(a, ans)
	case "lock":
		return g.lock(a, e), nil
	case "unlock":
		return g.unlock(a, e), nil
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
// last lets it happen, whether or not somebody still waits. What is asked for
// again waits for the hold that is open.
func (g *Gate) holdDeed(ctx context.Context, a *deed) (proxy.Answer, error) {
	if a.request.Peer.Guarded != "" && !g.approverUsable(a.session) { // a person asks others to agree
		a.d.Verdict = proxy.Deny
		return g.refuse(ctx, g.unmoved(a.epoch), a.request, a.d, a.session.Session)
	}
	opened, drafts, err := g.openDeed(a)
	if err != nil {
		return proxy.Answer{}, err
	}
	if view, ok := g.askedBefore(a); ok {
		ans := answer(a.d)
		ans.Hold = &view
		return ans, nil
	}
	ans := answer(a.d)
	g.mu.Lock()
	open := g.holdFor(opened.RequestHash, opened.Agent, a.now, deedLife)
	g.mu.Unlock()
	if open != nil && open.State == proxy.Pending && len(a.in.Votes) == 0 {
		view := g.holdView(open, a.now)
		ans.Hold = &view
		return ans, nil
	}
	written, err := g.append(ctx, g.unmoved(a.epoch), true, drafts...)
	if err != nil {
		return proxy.Answer{}, err
	}
	ans.Receipt = written[0].Chain.JSeq
	g.mu.Lock()
	defer g.mu.Unlock()
	if h := g.state.Holds[opened.Hold]; h != nil {
		view := g.holdView(h, a.now)
		ans.Hold = &view
	}
	return ans, nil
}

// maxAsked bounds the open holds for one session's authority: an agent that asks
// with ever new reasons waits for the first ones.
const maxAsked = 8

// askedBefore finds the latest open hold of a session that has asked too often.
func (g *Gate) askedBefore(a *deed) (proxy.HoldState, bool) {
	if a.request.Peer.Guarded == "" {
		return proxy.HoldState{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	var open []*state.Hold
	for _, h := range g.pending() {
		if h.Subject != nil && h.Session == a.session.Session {
			open = append(open, h)
		}
	}
	if len(open) < maxAsked {
		return proxy.HoldState{}, false
	}
	return g.holdView(open[len(open)-1], a.now), true
}

// openDeed is the receipt that opens a hold for a deed, with the votes there are.
func (g *Gate) openDeed(a *deed) (state.Opened, []receipt.Draft, error) {
	if a.d.Terms == nil || len(a.d.Terms.Steps) == 0 {
		return state.Opened{}, nil, errors.New("policy holds the request but gives no terms")
	}
	subject := g.onRecord(a.request)
	opened := state.Opened{
		Hold: newID("hold_", 12), Session: a.session.Session, Agent: g.beneficiary(a), RequestHash: g.deedHash(subject), Workspace: workspaceOf(a),
		Display: proxy.Visible(say(subject)), Cwd: a.session.Cwd, Tier: a.d.Terms.Steps[0].Tier, Terms: *a.d.Terms, Act: a.d.Act,
		At: a.now.wall, BootMS: a.now.boot.Milliseconds(), BootID: g.clock.bootID, Asked: a.request.ID, Subject: &subject,
	}
	if len(a.d.Findings) > 0 {
		opened.Rule, opened.Why = a.d.Findings[0].ID, a.d.Findings[0].Msg
	}
	drafts := []receipt.Draft{draft(state.HoldOpened, opened, a.d.Tier.String())}
	for _, v := range a.in.Votes {
		drafts = append(drafts, draft(state.HoldApproval, state.Approval{
			Hold: opened.Hold, Request: a.request.ID, RequestHash: opened.RequestHash, Approve: v.Approve, Approver: v.Approver,
			UID: a.request.Peer.UID, Assurance: v.Assurance,
		}))
	}
	return opened, drafts, nil
}

// workspaceOf is where a deed takes effect.
func workspaceOf(a *deed) string {
	if a.request.Accept != nil {
		return a.request.Accept.Workspace
	}
	return a.session.Workspace
}

// onRecord is a request as a receipt holds it, and as it is carried out later:
// without secrets, and without who asked.
func (g *Gate) onRecord(r proxy.Request) proxy.Request {
	r.Peer = proxy.Peer{}
	var clean proxy.Request
	text, err := json.Marshal(r)
	if err == nil {
		err = json.Unmarshal(text, &clean)
	}
	if err != nil { // strings and numbers always marshal, and are read back
		panic(err)
	}
	for _, said := range reasons(clean) {
		*said = g.redact.Text(*said)
	}
	return clean
}

// reasons are the free texts of a request that changes authority.
func reasons(r proxy.Request) (out []*string) {
	if r.Elevate != nil {
		out = append(out, &r.Elevate.Reason)
	}
	if r.Trust != nil {
		out = append(out, &r.Trust.Reason)
		for i := range r.Trust.Items {
			out = append(out, &r.Trust.Items[i])
		}
	}
	if r.Lockout != nil {
		out = append(out, &r.Lockout.Reason)
	}
	if r.Budget != nil {
		out = append(out, &r.Budget.Reason, &r.Budget.Title)
	}
	return out
}

// deedHash binds votes to exactly what was asked for, whoever asks and however
// often.
func (g *Gate) deedHash(r proxy.Request) string {
	r.ID = ""
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
	return g.carryReady(ctx, hold)
}

// carryReady is carryApproved for who holds acting.
func (g *Gate) carryReady(ctx context.Context, hold string) error {
	for range maxTries {
		g.mu.Lock()
		h, now := g.state.Holds[hold], g.clock.now()
		ready := h != nil && h.Subject != nil && h.State == proxy.Approved && !h.Used &&
			g.clock.since(now, h.EndedAt, h.EndedBoot, h.EndedIn) < deedLife
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
	r.Peer = proxy.Peer{Guarded: "whoever asked for it", Within: target(r)}
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
	// Spent all the same: nobody means it for a session that has moved on.
	used := state.Used{Hold: h.Hold, Session: a.session.Session, Request: r.ID}
	if _, err := g.append(ctx, g.unchanged(h), true, draft(state.GrantUsed, used)); err != nil {
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
		return sayElevate(*r.Elevate)
	case r.Release != nil:
		return fmt.Sprintf("release %s of session %s: %s", r.Release.ID, r.Release.Session, r.Release.Reason)
	case r.Accept != nil:
		return fmt.Sprintf("accept the loosened policy %.12s of %s", r.Accept.Revision, cmp.Or(r.Accept.Workspace, "no workspace"))
	case r.Trust != nil:
		return fmt.Sprintf("%s trust in %s: %s", r.Trust.Op, r.Trust.Agent, r.Trust.Reason)
	case r.Lockout != nil && r.Lockout.Reset:
		return fmt.Sprintf("let agent %s go on, which is locked out: %s", r.Lockout.Agent, r.Lockout.Reason)
	case r.Lockout != nil:
		return fmt.Sprintf("lock agent %s out: %s", r.Lockout.Agent, r.Lockout.Reason)
	}
	return r.Kind
}

func sayElevate(e proxy.Elevate) string {
	text := fmt.Sprintf("raise session %s to %s", e.Session, e.To)
	if e.TTL != nil {
		text += fmt.Sprintf(" for %d s", *e.TTL)
	}
	if e.Incident {
		text += " (incident)"
	}
	return text + ": " + e.Reason
}
