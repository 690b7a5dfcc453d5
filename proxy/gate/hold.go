package gate

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os/user"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// hold opens a hold, or denies at once where nobody could answer it.
func (g *Gate) hold(ctx context.Context, a *asking) (proxy.Answer, error) {
	if a.d.Terms == nil || len(a.d.Terms.Steps) == 0 {
		return proxy.Answer{}, errors.New("policy holds the command but gives no terms")
	}
	if !g.approverUsable(a.session) {
		return g.nobody(ctx, a)
	}
	if h := g.heldBefore(a); h != nil {
		return g.heldOnce(ctx, a, h)
	}
	id := newID("hold_", 12)
	opened := state.Opened{
		Hold: id, Session: a.session.Session, Agent: a.session.Agent, RequestHash: a.hash, Workspace: a.session.Workspace,
		Display: a.display, Cwd: a.request.Command.Cwd, Tier: a.d.Terms.Steps[0].Tier, Terms: *a.d.Terms, At: a.now.wall,
		BootMS: a.now.boot.Milliseconds(), BootID: g.clock.bootID,
	}
	if len(a.d.Findings) > 0 {
		opened.Rule, opened.Why = a.d.Findings[0].ID, a.d.Findings[0].Msg
	}
	if a.request.Command.Kind == "text" {
		opened.Display = "(text)"
	}
	ans := g.answerTo(a)
	ans, err := g.record(ctx, a, ans, []receipt.Draft{g.decided(a, id, ""), draft(state.HoldOpened, opened, a.d.Tier.String())})
	if err != nil {
		return proxy.Answer{}, err
	}
	return g.withHold(ans, id, a), nil
}

// withHold completes an answer with the hold as it stands, and remembers what
// is held so that a change of policy can decide it again.
func (g *Gate) withHold(ans proxy.Answer, id string, a *asking) proxy.Answer {
	g.mu.Lock()
	defer g.mu.Unlock()
	if h := g.state.Holds[id]; h != nil {
		view := g.holdView(h, a.now)
		ans.Hold = &view
		if h.State == proxy.Pending {
			g.waits(id, a.request)
			g.heldAt[id] = a.pace.Level
		}
	}
	return ans
}

// waits notes that a request waits for a hold. mu is held.
func (g *Gate) waits(hold string, r proxy.Request) {
	if g.waiting[hold] == nil {
		g.waiting[hold] = waiters{}
	}
	g.waiting[hold][waiter{r.Peer.Conn, r.ID}] = r
}

// drop forgets a request of a connection, or all of them, and says whether there
// was one.
func (w waiters) drop(conn uint64, request string) bool {
	before := len(w)
	maps.DeleteFunc(w, func(one waiter, _ proxy.Request) bool {
		return one.conn == conn && (request == "" || request == one.request)
	})
	return len(w) < before
}

// nobody denies what would have to be held while nobody could answer: a silent
// wait would only look like one.
func (g *Gate) nobody(ctx context.Context, a *asking) (proxy.Answer, error) {
	a.d.Verdict = proxy.Deny
	f := proxy.Finding{ID: "hold.no_approver", Tier: a.d.Tier, Verdict: proxy.Deny, Stage: -1,
		Msg: "needs a person, and nobody can be asked"}
	a.d.Findings = append(slices.Clone(a.d.Findings), f)
	ans := g.answerTo(a)
	ans.Note = f.Msg + ": this session has no terminal, and no inbox is open; keep guard inbox --follow open in another terminal, then retry"
	return g.record(ctx, a, ans, []receipt.Draft{g.decided(a, "", ans.Note)})
}

// join lets a request wait for the hold that another asking of it has opened.
func (g *Gate) join(ctx context.Context, a *asking) (proxy.Answer, error) {
	ans, err := g.record(ctx, a, g.answerTo(a), []receipt.Draft{g.decided(a, a.hold.Hold, "waits for a hold that was open")})
	if err != nil {
		return proxy.Answer{}, err
	}
	return g.withHold(ans, a.hold.Hold, a), nil
}

// spend lets an approved request run, once.
func (g *Gate) spend(ctx context.Context, a *asking) (proxy.Answer, error) {
	a.d.Verdict = proxy.Allow
	note := fmt.Sprintf("approved by %s (%s)", a.hold.By, a.hold.Assurance)
	ans := g.answerTo(a)
	ans.Note, ans.Exact, ans.Outside = note, a.request.Command.Call != nil, a.outside()
	used := state.Used{Hold: a.hold.Hold, Session: a.session.Session, Request: a.request.ID}
	drafts := append([]receipt.Draft{g.decided(a, a.hold.Hold, note), draft(state.GrantUsed, used)}, g.leases(a)...)
	return g.record(ctx, a, ans, drafts)
}

// holdFor finds the hold for exactly this request of this agent: an approval
// that can be spent, else one that is pending. mu is held; a copy is returned.
func (g *Gate) holdFor(hash, agent string, now instant, life time.Duration) *state.Hold {
	var found *state.Hold
	for _, h := range g.state.Holds {
		if h.RequestHash != hash || h.Agent != agent {
			continue
		}
		if h.State == proxy.Approved && !h.Used && g.clock.since(now, h.EndedAt, h.EndedBoot, h.EndedIn) < life {
			found = h
			break
		}
		if h.State == proxy.Pending {
			found = h
		}
	}
	if found == nil {
		return nil
	}
	copied := *found
	return &copied
}

// approverUsable reports whether somebody could answer a hold of this session:
// a prompt on its terminal, a terminal where guard approve can be typed, or an
// inbox that a person follows.
func (g *Gate) approverUsable(s state.Session) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return s.Prompt || s.Terminal || len(g.inboxes) > 0
}

// vote counts one answer to a hold.
func (g *Gate) vote(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	if r.Vote == nil {
		return proxy.Answer{}, errors.New("vote request without its part")
	}
	if err := g.settleHolds(ctx); err != nil {
		return proxy.Answer{}, err
	}
	h, err := g.named(r.Vote.Hold)
	if err != nil {
		return proxy.Answer{}, err
	}
	if a, ok := g.counted(r, h); ok {
		return a, nil
	}
	cast := rego.Vote{Approver: userName(r.Peer.UID), Approve: r.Vote.Approve, Violation: r.Vote.Violation && !r.Vote.Approve, Reason: r.Vote.Reason, Assurance: g.assurance(r.Peer, h)}
	in := g.input(r, h)
	in.Vote = &cast
	policy, err := g.policies.For(ctx, h.Workspace)
	if err != nil {
		return proxy.Answer{}, err
	}
	d, err := g.decide(ctx, policy, in)
	if err != nil {
		return proxy.Answer{}, err
	}
	if d.Verdict != proxy.Allow {
		// Seen between the vote that ends a hold and its end, the hold looks
		// open: then look again.
		return g.refuse(ctx, g.unchanged(h), r, d, h.Hold)
	}
	return g.count(ctx, r, h, cast, in, policy)
}

// count records the vote and, if it settles the hold, the end of the hold.
func (g *Gate) count(ctx context.Context, r proxy.Request, h *state.Hold, cast rego.Vote, in rego.Input, policy *rego.Policy) (proxy.Answer, error) {
	in.Votes, in.Vote = append(in.Votes, cast), nil
	d, err := g.decide(ctx, policy, in)
	if err != nil {
		return proxy.Answer{}, err
	}
	ballot := state.Approval{
		Hold: h.Hold, Request: r.ID, RequestHash: h.RequestHash, Approve: cast.Approve, Violation: cast.Violation, Approver: cast.Approver, UID: r.Peer.UID,
		Assurance: cast.Assurance, Reason: cast.Reason,
	}
	drafts := []receipt.Draft{draft(state.HoldApproval, ballot)}
	if d.Approval == proxy.Approved || d.Approval == proxy.Denied {
		end := g.resolution(h.Hold, d.Approval, cast.Approver, cast.Reason)
		end.Assurance = cast.Assurance
		drafts = append(drafts, draft(state.HoldResolved, end))
	}
	written, err := g.append(ctx, g.unchanged(h), true, drafts...)
	if err != nil {
		return proxy.Answer{}, err
	}
	note := ""
	err = g.carryApproved(ctx, h.Hold)
	if err == nil && h.Subject != nil && d.Approval == proxy.Approved {
		err = g.followed(*h.Subject)
	}
	if err != nil {
		note = err.Error()
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	view := g.holdView(g.state.Holds[h.Hold], g.clock.now())
	return proxy.Answer{Verdict: proxy.Allow, Hold: &view, Receipt: written[0].Chain.JSeq, Note: note}, nil
}

// counted repeats the answer to a vote that was counted before: whoever loses the
// connection meanwhile sends it again.
func (g *Gate) counted(r proxy.Request, h *state.Hold) (proxy.Answer, bool) {
	if r.Peer.Guarded != "" || !slices.ContainsFunc(h.Votes, func(v state.Approval) bool { return v.Request == r.ID && v.UID == r.Peer.UID }) {
		return proxy.Answer{}, false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	view := g.holdView(h, g.clock.now())
	return proxy.Answer{Verdict: proxy.Allow, Hold: &view}, true
}

// assurance is how the voter was authenticated: at guard's own prompt on the
// session's terminal, or by the kernel's word for who is on the socket.
func (g *Gate) assurance(p proxy.Peer, h *state.Hold) string {
	g.mu.Lock()
	defer g.mu.Unlock()
	if s := g.state.Sessions[h.Session]; s != nil && s.PID == p.PID && s.Start == p.Start && !s.Kept {
		return "tty"
	}
	return "peercred"
}

// named finds a hold by its id or a unique beginning of it; open holds come
// first. It returns a copy.
func (g *Gate) named(name string) (*state.Hold, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	digits := strings.TrimPrefix(name, "hold_")
	var open, over []*state.Hold
	for _, id := range slices.Sorted(maps.Keys(g.state.Holds)) {
		h := g.state.Holds[id]
		switch {
		case len(digits) < 4 || !strings.HasPrefix(id, "hold_"+digits):
		case h.State == proxy.Pending:
			open = append(open, h)
		default:
			over = append(over, h)
		}
	}
	matches := append(open, over...)
	if len(open) > 1 || (len(open) == 0 && len(over) > 1) {
		return nil, fmt.Errorf("%s names several holds; give more digits", name)
	}
	if len(matches) == 0 {
		return nil, unknownHold(name)
	}
	copied := *matches[0]
	return &copied, nil
}

// unchanged returns a check that a hold is still as it was.
func (g *Gate) unchanged(h *state.Hold) func() error {
	return func() error { return sameHold(h, g.state.Holds[h.Hold]) }
}

// unknownHold is the error for an id that names no hold, with the text of
// REQUIREMENTS S1-45.
type unknownHold string

func (id unknownHold) Error() string { return "Approval " + string(id) + " not found" }

// cancel ends the asker's own waiting. With the last who waits ends the hold, or,
// detached, it stays open so that an approval covers one retry.
func (g *Gate) cancel(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	if r.Cancel == nil {
		return proxy.Answer{}, errors.New("cancel request without its part")
	}
	if _, err := g.bound(r); err != nil {
		return proxy.Answer{}, err
	}
	h, err := g.named(r.Cancel.Hold)
	if err != nil {
		return proxy.Answer{}, err
	}
	g.mu.Lock()
	waits := g.waiting[h.Hold].drop(r.Peer.Conn, r.Cancel.Request)
	others := len(g.waiting[h.Hold])
	g.mu.Unlock()
	if !waits && h.Session != r.Session {
		return proxy.Answer{}, fmt.Errorf("session %s does not wait for %s", r.Session, h.Hold)
	}
	if h.State == proxy.Pending && !h.Detached && others == 0 {
		end := draft(state.HoldResolved, g.resolution(h.Hold, proxy.Cancelled, "asker", "the asker gave up"))
		if r.Cancel.Detach {
			end = draft(state.HoldDetached, state.Detached{Hold: h.Hold, Session: r.Session})
		}
		if _, err := g.append(ctx, g.unchanged(h), true, end); err != nil {
			return proxy.Answer{}, err
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	view := g.holdView(g.state.Holds[h.Hold], g.clock.now())
	return proxy.Answer{Verdict: proxy.Allow, Hold: &view}, nil
}

// settleHolds records what time has done to open holds: steps and ends. It
// decides nothing: a hold is over when its age says so, whoever looks first.
func (g *Gate) settleHolds(ctx context.Context) error {
	g.mu.Lock()
	epoch, open, drafts := g.epoch, g.pending(), []receipt.Draft(nil)
	if len(open) > 0 {
		now := g.clock.now()
		for _, h := range open {
			drafts = append(drafts, g.settled(h, now)...)
		}
	}
	g.mu.Unlock()
	if len(drafts) == 0 {
		return nil
	}
	_, err := g.append(ctx, g.unmoved(epoch), true, drafts...)
	return err
}

// settled lists the receipts that bring a hold up to its age.
func (g *Gate) settled(h *state.Hold, now instant) []receipt.Draft {
	step, _, ok := stepAt(h, g.clock.age(h, now))
	var drafts []receipt.Draft
	for i := h.Step + 1; i <= min(step, len(h.Terms.Steps)-1); i++ {
		tier := h.Terms.Steps[i].Tier
		drafts = append(drafts, draft(state.HoldEscalated, state.Escalated{Hold: h.Hold, Step: i, Tier: tier}, tier.String()))
	}
	if !ok {
		drafts = append(drafts, draft(state.HoldExpired, g.resolution(h.Hold, proxy.Expired, "guard", "nobody answered; silence is not consent")))
	}
	return drafts
}

// resolution is the end of a hold.
func (g *Gate) resolution(hold, end, by, reason string) state.Resolved {
	verdict := proxy.Deny
	if end == proxy.Approved {
		verdict = proxy.Allow
	}
	now := g.clock.now()
	return state.Resolved{
		Hold: hold, State: end, Verdict: verdict, By: by, Reason: reason,
		At: now.wall, BootMS: now.boot.Milliseconds(), BootID: g.clock.bootID,
	}
}

// pending lists the open holds, oldest first. mu is held.
func (g *Gate) pending() []*state.Hold {
	var open []*state.Hold
	for _, h := range g.state.Holds {
		if h.State == proxy.Pending {
			open = append(open, h)
		}
	}
	slices.SortFunc(open, func(a, b *state.Hold) int {
		return cmp.Or(a.At.Compare(b.At), strings.Compare(a.Hold, b.Hold))
	})
	return open
}

// userName is the login name of a uid, or the number where it has none.
func userName(uid int) string {
	id := strconv.Itoa(uid)
	if u, err := user.LookupId(id); err == nil {
		return u.Username
	}
	return id
}
