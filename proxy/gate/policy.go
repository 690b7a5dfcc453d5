package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"path/filepath"
	"slices"
	"strings"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

func (g *Gate) policyOptions() rego.Options {
	return rego.Options{
		System: g.opt.System, User: g.opt.User, UID: g.opt.UID, Archive: filepath.Join(g.opt.Dir, "policy"), Log: g.opt.Log,
		Engine: g.opt.engine, Known: g.knownPolicy, Activate: g.activatePolicy, Reject: g.rejectPolicy, Activated: g.redecide, Needed: g.worksIn,
	}
}

// knownPolicy says what the receipts say was in force for a workspace.
func (g *Gate) knownPolicy(workspace string) (current string, joined []string) {
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.state.Policies[workspace]
	if p == nil {
		return "", nil
	}
	return p.Revision, p.Joined
}

// worksIn says whether a session lives in a workspace, or something is held there.
func (g *Gate) worksIn(workspace string) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, s := range g.state.Sessions {
		if s.Workspace == workspace {
			return true
		}
	}
	return slices.ContainsFunc(g.pending(), func(h *state.Hold) bool { return h.Workspace == workspace })
}

// activatePolicy puts a new policy on record before it takes effect. Where it
// would loosen and sessions live, what it replaces keeps counting until a
// person accepts.
func (g *Gate) activatePolicy(c rego.Change) (keepOld bool, err error) {
	g.mu.Lock()
	keepOld = len(c.Loosens) > 0 && c.Previous != "" && len(g.state.Sessions) > 0
	var joined []string
	if p := g.state.Policies[c.Workspace]; p != nil && len(g.state.Sessions) > 0 {
		joined = p.Joined
	}
	g.mu.Unlock()
	if keepOld {
		joined = append(slices.Clone(joined), c.Previous)
	}
	joined = slices.DeleteFunc(unique(joined), func(old string) bool { return old == c.Revision })
	if keepOld && len(joined) > maxJoined {
		return false, fmt.Errorf("%d older revisions still count here: guard policy accept, then change this file again", len(joined)-1)
	}
	body := state.Activated{
		Workspace: c.Workspace, Revision: c.Revision, Previous: c.Previous, Files: c.Files, Loosens: c.Loosens, Joined: joined,
	}
	_, err = g.append(context.Background(), always, true, draft(state.PolicyActivated, body, "policy"))
	return keepOld, err
}

// maxJoined bounds how many older revisions count until a person accepts: each
// is asked for every command.
const maxJoined = 32

// unique drops all but the first of equal revisions.
func unique(revisions []string) []string {
	var out []string
	for _, r := range revisions {
		if !slices.Contains(out, r) {
			out = append(out, r)
		}
	}
	return out
}

func (g *Gate) rejectPolicy(c rego.Change) {
	body := state.Activated{Workspace: c.Workspace, Revision: c.Revision, Previous: c.Previous, Error: c.Err}
	if _, err := g.append(context.Background(), always, true, draft(state.PolicyRejected, body, "policy")); err != nil {
		g.opt.Log.Error("record policy rejection", "error", err)
	}
}

// redecide decides every held request of a workspace again: its policy has
// just changed.
func (g *Gate) redecide(workspace string) {
	g.mu.Lock()
	var held []string
	for _, h := range g.pending() {
		if h.Workspace == workspace {
			held = append(held, h.Hold)
		}
	}
	g.mu.Unlock()
	for _, hold := range held {
		if err := g.decideHeld(context.Background(), hold); err != nil {
			g.opt.Log.Error("decide held request again", "hold", hold, "error", err)
		}
	}
}

// asking are the requests that wait for a hold, one for each idempotency key: they
// wait for the same command, but one of them may have run under its key. mu is held.
func (g *Gate) asking(hold string) (out []proxy.Request) {
	for _, r := range g.waiting[hold] {
		if !slices.ContainsFunc(out, func(o proxy.Request) bool { return o.Command.Key == r.Command.Key }) {
			out = append(out, r)
		}
	}
	slices.SortFunc(out, func(a, b proxy.Request) int { return strings.Compare(a.ID, b.ID) })
	return out
}

// decideAgain ends the hold of a request that the policy would not hold any more.
// One whose idempotency key was used meanwhile ends none: it must not run.
func (g *Gate) decideAgain(ctx context.Context, r proxy.Request) error {
	for range maxTries {
		g.mu.Lock()
		s := g.state.Sessions[r.Session]
		a := &asking{request: r, now: g.clock.now()}
		if s != nil {
			a.session, a.before = *s, s.Requests[r.ID]
		}
		g.mu.Unlock()
		if s == nil {
			return nil
		}
		if _, used, err := g.ranBefore(a); used || err != nil {
			return err
		}
		var err error
		if a.policy, err = g.policies.For(ctx, a.session.Workspace); err != nil {
			return err
		}
		if err = g.judge(ctx, a); errors.Is(err, errMoved) {
			continue
		} else if err != nil {
			return err
		}
		if a.hold == nil || a.hold.State != proxy.Pending {
			return nil
		}
		if a.d.Verdict == proxy.Hold {
			g.decidedAt(a.hold.Hold, a.pace.Level)
			return nil
		}
		if _, err = g.conclude(ctx, a); !errors.Is(err, errMoved) {
			return err
		}
	}
	return fmt.Errorf("state moved %d times in a row", maxTries)
}

// acceptPolicy is the receipt that a loosened policy counts alone; there is none
// where nothing waits for it.
func (g *Gate) acceptPolicy(a *deed, ans *proxy.Answer) ([]receipt.Draft, error) {
	workspace := a.request.Accept.Workspace
	if _, joined := g.knownPolicy(workspace); len(joined) == 0 {
		ans.Note = "nothing waits to be accepted here"
		if others := g.waitingPolicies(); len(others) > 0 {
			ans.Note += "; something does in " + strings.Join(others, ", ")
		}
		return nil, nil
	}
	recorded, _ := g.knownPolicy(workspace)
	switch {
	case a.policy.Revision() != recorded:
		return nil, errMoved // a newer one is on record and not yet in force
	case a.request.Accept.Revision != recorded:
		return nil, fmt.Errorf("policy %.12s has replaced the one that was to be accepted; look at guard policy show and accept again", recorded)
	}
	people, _ := approvers(a.in.Votes, a.request)
	body := state.Activated{Workspace: workspace, Revision: a.policy.Revision(), By: strings.Join(people, ", ")}
	ans.Revision, ans.Note = body.Revision, "accepted policy "+body.Revision
	return []receipt.Draft{draft(state.PolicyAccepted, body, "policy")}, nil
}

// inForce lets a policy count alone that was accepted on record.
func inForce(a *deed, written []receipt.Receipt) {
	if slices.ContainsFunc(written, func(r receipt.Receipt) bool { return r.Type == state.PolicyAccepted }) {
		a.policy.Accept()
	}
}

// redecideAll decides what is held again, wherever that is.
func (g *Gate) redecideAll() {
	g.mu.Lock()
	var workspaces []string
	for _, h := range g.pending() {
		if !slices.Contains(workspaces, h.Workspace) {
			workspaces = append(workspaces, h.Workspace)
		}
	}
	g.mu.Unlock()
	for _, workspace := range workspaces {
		g.redecide(workspace)
	}
}

// settlePolicies lets every newer policy count alone once no session lives that
// began under an older one.
func (g *Gate) settlePolicies(ctx context.Context) error {
	var errs []error
	for _, workspace := range g.waitingPolicies() {
		policy, err := g.policies.For(ctx, workspace)
		if err == nil {
			err = g.drop(ctx, workspace, policy, "guard: no session lives")
		}
		errs = append(errs, err)
	}
	return errors.Join(errs...)
}

// waitingPolicies lists the workspaces in which a loosened policy waits to be
// accepted.
func (g *Gate) waitingPolicies() []string {
	g.mu.Lock()
	defer g.mu.Unlock()
	var waiting []string
	for _, workspace := range slices.Sorted(maps.Keys(g.state.Policies)) {
		if len(g.state.Policies[workspace].Joined) > 0 {
			waiting = append(waiting, workspace)
		}
	}
	return waiting
}

// drop records that the older revisions no longer count, and then drops them.
func (g *Gate) drop(ctx context.Context, workspace string, policy *rego.Policy, by string) error {
	body := state.Activated{Workspace: workspace, Revision: policy.Revision(), By: by}
	_, err := g.append(ctx, func() error {
		if p := g.state.Policies[workspace]; p == nil || p.Revision != body.Revision {
			return errMoved // what a newer one loosens is not accepted with this one
		}
		return nil
	}, true, draft(state.PolicyAccepted, body, "policy"))
	if err != nil {
		return err
	}
	policy.Accept()
	return nil
}

// requestHash binds an approval to exactly one request: what would run, where,
// as whom, with which program file, which scripts, and which values for the
// variables that its words name or that can run code. It leaves the session out,
// so that a retry of a detached hold is the same request.
func (g *Gate) requestHash(s state.Session, c *proxy.Command) string {
	bound, err := json.Marshal(struct {
		Kind      string            `json:"kind"`
		Argv      []string          `json:"argv"`
		Line      string            `json:"line"`
		Action    string            `json:"action"`
		Cwd       string            `json:"cwd"`
		Workspace string            `json:"workspace"`
		Stdin     string            `json:"stdin"`
		Vars      map[string]string `json:"vars"`
		Env       string            `json:"env"`
		Exe       string            `json:"exe"`
		Digest    string            `json:"digest"`
		Scripts   map[string]string `json:"scripts"`
		Agent     string            `json:"agent"`
		UID       int               `json:"uid"`
		Call      *identity         `json:"call,omitempty"`
	}{
		c.Kind, c.Argv, c.Line, c.Action, c.Cwd, s.Workspace, c.Stdin, namedVars(c), c.Env, c.Exe, c.Digest, scripts(c), s.Agent, s.UID, identityOf(c.Call),
	})
	if err != nil { // strings and numbers always marshal
		panic(err)
	}
	return g.redact.Keyed(bound)
}

// namedVars are the variables whose values the command's words take in.
func namedVars(c *proxy.Command) map[string]string {
	text, named := strings.Join(c.Argv, " ")+" "+c.Line, map[string]string{}
	for name, value := range c.Vars {
		if strings.Contains(text, "$"+name) || strings.Contains(text, "${"+name) {
			named[name] = value
		}
	}
	return named
}

// scripts are the digests of the files that the command runs, as far as they
// were looked at.
func scripts(c *proxy.Command) map[string]string {
	seen := map[string]string{}
	for _, o := range c.Scene {
		if o.Digest != "" {
			seen[o.Path] = o.Digest
		}
	}
	return seen
}
