package rego

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// Policy is what decides for one workspace, now. Between two calls it can be
// another revision; what it was is in Decision.Revision.
type Policy struct {
	store     *Store
	workspace string
	folders   []Folder
	current   atomic.Pointer[inForce]
	used      uint64 // guarded by Store.mu; when it was asked for last, by Store.uses

	reload    sync.Mutex
	signature uint64 // guarded by reload; of the folders when they were last read
	refused   string // guarded by reload; the content that was last refused
	problem   string // guarded by reload; why, where nothing is in force
}

// inForce is one immutable state of a Policy.
type inForce struct {
	set     *Set
	kept    []kept   // older revisions that still count, oldest first
	loosens []string // why they do
	problem string   // why the newest files are not in force
}

// kept is an older revision that counts until a person accepts the newer one.
type kept struct {
	revision string
	set      *Set // nil: the archive has lost it
}

// Decide judges by the revision in force joined with every older one that is
// kept: the stricter of each.
func (p *Policy) Decide(ctx context.Context, in Input) (Decision, error) {
	f := p.current.Load()
	d, err := f.set.Decide(ctx, in)
	if err != nil {
		return Decision{}, err
	}
	for _, old := range f.kept {
		d = stricter(d, old.decide(ctx, in, d))
	}
	return d, nil
}

// decide asks the older revision. One that cannot answer asks for a person.
func (k kept) decide(ctx context.Context, in Input, now Decision) Decision {
	err := errors.New("it is not in the archive")
	if k.set != nil {
		var d Decision
		if d, err = k.set.Decide(ctx, in); err == nil {
			return d
		}
	}
	now.Verdict = max(now.Verdict, proxy.Hold)
	now.Findings = append(slices.Clone(now.Findings), proxy.Finding{
		ID:      "policy.older_revision",
		Msg:     "the older policy " + short(k.revision) + " still counts but cannot decide: " + err.Error(),
		Verdict: proxy.Hold,
		Stage:   -1,
		Hint:    "let the newer policy count alone: guard policy accept",
	})
	if now.Terms == nil {
		now.Terms = lastResort
	}
	return now
}

// lastResort are terms for a hold that no policy gave any.
var lastResort = &proxy.Terms{Steps: []proxy.Step{{Tier: proxy.Critical, Seconds: 60, Approvers: 1, Assurance: "tty"}}}

func short(revision string) string { return revision[:min(6, len(revision))] }

// Revision is the newest revision in force.
func (p *Policy) Revision() string { return p.current.Load().set.revision }

// OnTrustChange is the program to run when the trust in an agent changes; "" for
// none.
func (p *Policy) OnTrustChange() string {
	program, _ := p.current.Load().set.config[onTrustChange].(string)
	return program
}

// Profile is what sessions of an agent of a level begin with.
func (p *Policy) Profile(trust string) string {
	set := p.current.Load().set
	presets, _ := set.config["presets"].(map[string]any)
	preset, _ := presets[set.fixed.defaults.Preset].(map[string]any)
	earned, _ := preset["profiles"].(map[string]any)
	if profile, ok := earned[trust].(string); ok {
		return profile
	}
	return set.fixed.defaults.Profile
}

// Requirements are what agents need for each level, lowest first.
func (p *Policy) Requirements() ([]proxy.Requirement, error) {
	guard, _ := p.current.Load().set.engine.data["guard"].(map[string]any)
	trust, _ := guard["trust"].(map[string]any)
	text, err := json.Marshal(trust["requirements"])
	if err != nil {
		return nil, err
	}
	byLevel := map[string]proxy.Requirement{}
	if err := json.Unmarshal(text, &byLevel); err != nil {
		return nil, fmt.Errorf("read the requirements of trust: %w", err)
	}
	out := make([]proxy.Requirement, 0, len(byLevel))
	for i := range len(byLevel) {
		r := byLevel[fmt.Sprintf("T%d", i)]
		r.From = i
		out = append(out, r)
	}
	return out, nil
}

// GrantLife is how long an approval for an agent of a level waits to be spent; 0
// for a level that there is not.
func (p *Policy) GrantLife(trust string) time.Duration {
	seconds, _ := p.current.Load().set.config["grant_seconds"].(map[string]any)
	n, _ := seconds[trust].(json.Number)
	s, _ := n.Int64()
	return time.Duration(s) * time.Second
}

// State describes the policy for people.
func (p *Policy) State() proxy.PolicyState {
	f := p.current.Load()
	if f == nil {
		p.reload.Lock()
		defer p.reload.Unlock()
		return proxy.PolicyState{Workspace: p.workspace, Error: p.problem}
	}
	st := proxy.PolicyState{
		Workspace: p.workspace,
		Revision:  f.set.revision,
		Loosens:   f.loosens,
		Preset:    f.set.fixed.defaults.Preset,
		Folders:   f.set.snapshot.Folders,
		Files:     f.set.Files(),
		Error:     f.problem,
	}
	for _, k := range f.kept {
		st.Joined = append(st.Joined, k.revision)
	}
	return st
}

// Accept drops every older revision that the receipts, by Options.Known, no
// longer have joined, and returns them. So the receipt comes first, and a
// revision that was joined meanwhile stays.
func (p *Policy) Accept() []string {
	p.reload.Lock()
	defer p.reload.Unlock()
	next := *p.current.Load()
	was := next.kept
	next.kept = p.store.stillJoined(p.workspace, was)
	if len(next.kept) == 0 {
		next.loosens = nil
	}
	p.current.Store(&next)
	var dropped []string
	for _, k := range was {
		if !slices.ContainsFunc(next.kept, func(o kept) bool { return o.revision == k.revision }) {
			dropped = append(dropped, k.revision)
		}
	}
	return dropped
}

// stillJoined returns those older revisions that the receipts have joined.
func (s *Store) stillJoined(workspace string, older []kept) []kept {
	_, joined := s.known(workspace)
	var out []kept
	for _, k := range older {
		if slices.Contains(joined, k.revision) {
			out = append(out, k)
		}
	}
	return out
}

func (s *Store) known(workspace string) (string, []string) {
	if s.opt.Known == nil {
		return "", nil
	}
	return s.opt.Known(workspace)
}
