package rego

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/f958ca95/guard/proxy"
)

// Set is one policy revision, ready to decide. It is safe for concurrent use.
type Set struct {
	revision string
	engine   *Engine
	snapshot Snapshot
	config   map[string]any // data.guard.config with every guard.json applied
	tables   ast.Value      // config
	result   query          // of commands
	other    query          // of other requests
	standing query
	time     query // of what is due
	pace     query // of how fast an agent is
	users    []*userPackage
	fixed    contribution      // steps, resources and defaults
	memo     memo[memoKey]     // what it said of whole requests
	stood    memo[standingKey] // what it said of who asks
	paced    paces             // what it said of how fast they are
	quoted   func() (*Set, error)
}

// Build makes a Set of the built-in policy and a Snapshot. An error means that
// the files cannot take effect; where it is about a line of a file it is, or
// wraps, Problems. Packages that are the same in prev, which may be nil, are
// taken over without compiling and testing them again.
func (e *Engine) Build(ctx context.Context, snap Snapshot, prev *Set) (*Set, error) {
	data, config, err := e.configure(snap)
	if err != nil {
		return nil, err
	}
	users, err := e.parsePackages(snap.Files)
	if err != nil {
		return nil, err
	}
	s := &Set{
		revision: snap.Revision(e.digest),
		engine:   e,
		snapshot: snap,
		config:   config,
	}
	if s.tables, err = ast.InterfaceToValue(config); err != nil {
		return nil, fmt.Errorf("read configuration: %w", err)
	}
	data["guard"].(map[string]any)["config"] = s.tables
	s.quoted = sync.OnceValues(s.withText)
	store := newStore(data)
	if err := s.compileUsers(ctx, users, prev, store); err != nil {
		return nil, err
	}
	if s.result, err = e.query(ctx, store, resultQuery); err != nil {
		return nil, err
	}
	if s.other, err = e.query(ctx, store, otherQuery); err != nil {
		return nil, err
	}
	if s.standing, err = e.query(ctx, store, standingQuery); err != nil {
		return nil, err
	}
	if s.time, err = e.query(ctx, store, dueQuery); err != nil {
		return nil, err
	}
	if s.pace, err = e.query(ctx, store, paceQuery); err != nil {
		return nil, err
	}
	return s, s.prove(ctx, store)
}

// compileUsers compiles what prev does not have.
func (s *Set) compileUsers(ctx context.Context, users []*userPackage, prev *Set, store storage.Store) error {
	tables, err := json.Marshal(s.config)
	if err != nil {
		return fmt.Errorf("read configuration: %w", err)
	}
	var problems Problems
	for _, p := range users {
		p.key = digest(append([]byte(p.layer+"/"+p.name+"\n"+p.key), tables...))
		if old := prev.user(p.key); old != nil {
			s.users = append(s.users, old)
			continue
		}
		err := s.engine.bounded(s.engine.limits.compile, func() error { return p.compile(ctx, s.engine, store) })
		if err != nil {
			problems = append(problems, problemsOf(err, "package user."+p.name)...)
			continue
		}
		s.users = append(s.users, p)
	}
	return problems.err()
}

func (s *Set) user(key string) *userPackage {
	if s == nil {
		return nil
	}
	for _, p := range s.users {
		if p.key == key {
			return p
		}
	}
	return nil
}

// prove asks once, so that a built-in policy which cannot answer at all is
// noticed when it is loaded, and keeps the part of the answer that never changes.
func (s *Set) prove(ctx context.Context, store storage.Store) error {
	fixed, err := s.engine.query(ctx, store, fixedQuery)
	if err != nil {
		return err
	}
	t, err := fixed.ask(ctx, Input{}.value(), 0, s.engine.limits.builtin)
	if err == nil {
		s.fixed, err = readFixed(t)
	}
	for kind, about := range map[string]*query{proxy.KindSession: &s.other, proxy.KindCommand: &s.result} {
		if err == nil {
			in := Input{Kind: kind}.value()
			s.engine.awake.rouse(s.engine.awake.begin(in, s.tables))
			limit := s.engine.limits.builtin
			jobs := []job{s.job(ctx, about, limit, in, 0), s.job(ctx, &s.standing, limit, in, 0)}
			_, err = s.complete(recalled{contribution: s.fixed, kind: kind}, run(jobs, s.engine.limits.grace))
		}
	}
	if err != nil {
		return fmt.Errorf("ask built-in policy: %w", err)
	}
	return nil
}

// Revision names the bytes the Set was made of.
func (s *Set) Revision() string { return s.revision }

// Files lists what the Set was made of besides the built-in policy.
func (s *Set) Files() []proxy.PolicyFile { return s.snapshot.PolicyFiles() }

// Defaults are what a new session starts with.
func (s *Set) Defaults() Defaults { return s.fixed.defaults }

// Decide judges. An error means that nothing was decided and nothing may run.
func (s *Set) Decide(ctx context.Context, in Input) (Decision, error) {
	if in.Kind == proxy.KindCommand && in.Cmd == nil {
		return Decision{}, errors.New("decide: a command without facts")
	}
	var asked []*userPackage
	for _, p := range s.users {
		if p.query != nil && p.wake.needed(in) {
			asked = append(asked, p)
		}
	}
	known := s.recall(in)
	answers := run(s.jobs(ctx, in, known, asked), s.engine.limits.grace)
	own, err := s.complete(known, answers)
	if err != nil {
		return Decision{}, fmt.Errorf("decide: built-in policy: %w", err)
	}
	if err := ctx.Err(); err != nil {
		return Decision{}, fmt.Errorf("decide: %w", err)
	}
	var findings []proxy.Finding
	for i, a := range answers[len(answers)-len(asked):] {
		findings = append(findings, asked[i].findings(a)...)
	}
	d := join(own, findings, in.State.Budgets)
	d.Revision = s.revision
	return d, nil
}

// jobs are the evaluations a decision needs: of the built-in policy what is not
// known of it, then the packages.
func (s *Set) jobs(ctx context.Context, in Input, known recalled, asked []*userPackage) []job {
	if known.all && len(asked) == 0 {
		return nil
	}
	value, limit := in.value(), s.engine.limits.builtin
	jobs := make([]job, 0, 2+len(asked))
	switch {
	case known.all:
	case in.Kind == proxy.KindCommand:
		one := s.job(ctx, &s.result, limit, value, in.NowNS)
		one.told = s.engine.awake.look(value, s.tables)
		jobs = append(jobs, one)
	default:
		s.engine.awake.rouse(s.engine.awake.begin(value, s.tables))
		jobs = append(jobs, s.job(ctx, &s.other, limit, value, in.NowNS))
	}
	if !known.all && !known.standing {
		jobs = append(jobs, s.job(ctx, &s.standing, limit, value, in.NowNS))
	}
	for _, p := range asked {
		jobs = append(jobs, p.job(ctx, s, value, in.NowNS))
	}
	return jobs
}

func (s *Set) job(ctx context.Context, q *query, limit time.Duration, in ast.Value, now int64) job {
	return job{limit: limit, ask: func() (*ast.Term, error) { return q.ask(ctx, in, now, limit) }}
}

var errDisabled = fmt.Errorf("it took too long %d times in a row and is not asked any more", maxTimeouts)

func (p *userPackage) job(ctx context.Context, s *Set, in ast.Value, now int64) job {
	if p.timeouts.Load() >= maxTimeouts {
		return job{ask: func() (*ast.Term, error) { return nil, errDisabled }}
	}
	return s.job(ctx, p.query, s.engine.limits.user, in, now)
}

// findings is what the package said, and that it failed where it did.
func (p *userPackage) findings(a answer) []proxy.Finding {
	if errors.Is(a.err, errTimeout) {
		p.timeouts.Add(1)
	}
	if a.err != nil {
		return []proxy.Finding{p.failed(a.err)}
	}
	p.timeouts.Store(0)
	out, err := p.read(a.term)
	if err != nil {
		out = append(out, p.failed(err))
	}
	return out
}
