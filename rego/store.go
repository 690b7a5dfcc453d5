package rego

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// Options say where policies are and who is told when they change. Only
// Activated may call back into the Store; the others are asked in the middle of
// a change.
type Options struct {
	System  string // folder, "" for none
	User    string // folder, "" for none
	UID     int    // owner, besides root, that policy files may have
	Archive string // folder for the bytes of every revision

	// Known says which revision the receipts have in force for a workspace, and
	// which older ones are joined with it. Nil: none.
	// After Activate has returned, it includes what that put on record.
	Known func(workspace string) (current string, joined []string)

	// Activate is called before a new revision takes effect. An error keeps the
	// old one; keepOld joins the old one with the new until Accept.
	Activate func(Change) (keepOld bool, err error)

	// Activated is called after a change of what decides has taken effect.
	Activated func(workspace string)

	// Needed says whether a workspace is worked in. Many others than those are not
	// kept in memory, nor watched; nil: none is needed. It must not ask the Store.
	Needed func(workspace string) bool

	// Reject is called once for each distinct content that cannot take effect.
	Reject func(Change)

	Log *slog.Logger

	// Engine, if not nil, is the built-in policy, loaded before: compiling it is
	// most of what Open takes.
	Engine *Engine

	rescan time.Duration // for tests; 0: rescanTime
}

// Change is a new revision for one workspace, or the reason why there is none.
type Change struct {
	Workspace string
	Revision  string
	Previous  string // "" at the first start
	Files     []proxy.PolicyFile
	Loosens   []string // why the new revision might permit more than Previous
	Err       string   // Reject: what is wrong, with file and line
}

// Store keeps the policy of every workspace current while files change.
//
// Lock order: Policy.reload, then Store.mu.
type Store struct {
	opt     Options
	engine  *Engine
	archive archive
	watch   *watcher
	stop    context.CancelFunc
	ctx     context.Context // of reloads; ends with Close
	done    sync.WaitGroup

	mu       sync.Mutex
	policies map[string]*Policy // guarded by mu
	uses     uint64             // guarded by mu; counts what was asked for
}

// keptPolicies bounds how many workspaces that nobody works in stay loaded: each is
// read again with every change, and looked at now and then.
const keptPolicies = 64

// Open loads the built-in policy and starts to watch. It reads no policy folder
// yet; that is for For.
func Open(opt Options) (*Store, error) {
	if opt.Engine != nil {
		return open(opt, opt.Engine)
	}
	engine, err := LoadBuiltin()
	if err != nil {
		return nil, err
	}
	return open(opt, engine)
}

func open(opt Options, engine *Engine) (*Store, error) {
	if opt.Archive == "" {
		return nil, errors.New("open policies: no folder for the archive")
	}
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	s := &Store{
		opt:      opt,
		engine:   engine,
		archive:  archive{opt.Archive},
		watch:    newWatcher(opt.Log),
		policies: map[string]*Policy{},
	}
	s.ctx, s.stop = context.WithCancel(context.Background())
	s.done.Go(s.watch.drain)
	s.done.Go(s.follow)
	return s, nil
}

// Close stops watching and waits for what is under way. Policies keep deciding.
func (s *Store) Close() error {
	s.stop()
	err := s.watch.close()
	s.done.Wait()
	return err
}

// For returns the policy of a workspace ("" for none), loading it at first. An
// error means that there is no policy to decide with: the files are broken and
// no earlier revision is on record.
func (s *Store) For(ctx context.Context, workspace string) (*Policy, error) {
	if err := ctx.Err(); err != nil {
		return nil, fmt.Errorf("load policy: %w", err)
	}
	s.mu.Lock()
	p := s.policies[workspace]
	if p == nil {
		p = &Policy{store: s, workspace: workspace, folders: Folders(s.opt.System, s.opt.User, workspace)}
		s.policies[workspace] = p
		s.cool(p)
	}
	s.uses++
	p.used = s.uses
	s.mu.Unlock()
	if p.current.Load() != nil {
		return p, nil
	}
	if err := p.load(); err != nil {
		return nil, fmt.Errorf("load policy: %w", err)
	}
	return p, nil
}

// cool forgets the workspaces that nobody works in and that were asked for longest
// ago, where there are too many. What was decided by them stays; who asks again has
// them loaded again, with what the receipts say was in force. mu is held.
func (s *Store) cool(but *Policy) {
	if len(s.policies) <= keptPolicies {
		return
	}
	var idle []*Policy
	for workspace, p := range s.policies {
		if p != but && workspace != "" && (s.opt.Needed == nil || !s.opt.Needed(workspace)) {
			idle = append(idle, p)
		}
	}
	slices.SortFunc(idle, func(a, b *Policy) int { return cmp.Compare(a.used, b.used) })
	for _, p := range idle[:max(0, len(idle)-keptPolicies/2)] {
		delete(s.policies, p.workspace)
		for _, f := range p.folders {
			if f.Dir != s.opt.System && f.Dir != s.opt.User {
				s.watch.disarm(f.Dir)
			}
		}
	}
}

// States describes every workspace seen so far.
func (s *Store) States() []proxy.PolicyState {
	var out []proxy.PolicyState
	for _, p := range s.all() {
		out = append(out, p.State())
	}
	return out
}

func (s *Store) all() []*Policy {
	s.mu.Lock()
	defer s.mu.Unlock()
	out := make([]*Policy, 0, len(s.policies))
	for _, p := range s.policies {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *Policy) int { return cmp.Compare(a.workspace, b.workspace) })
	return out
}

// follow reloads when the watcher says so, once the folders have been quiet for
// a moment, and looks for itself now and then.
func (s *Store) follow() {
	tick := time.NewTicker(cmp.Or(s.opt.rescan, rescanTime))
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case <-tick.C:
			s.look()
		case <-s.watch.poke:
			s.settle()
			for _, p := range s.all() {
				p.reloadIf(s.ctx, func() bool { return true })
			}
		}
	}
}

// look reloads what has changed without an event.
func (s *Store) look() {
	for _, p := range s.all() {
		p.reloadIf(s.ctx, func() bool { return signature(p.folders) != p.signature })
	}
}

// settle waits until writers seem to have finished: a file caught in the middle
// of a save is a weaker policy that compiles.
func (s *Store) settle() {
	end := time.NewTimer(quietTimeMax)
	defer end.Stop()
	for {
		select {
		case <-s.watch.poke:
		case <-time.After(quietTime):
			return
		case <-end.C:
			return
		case <-s.ctx.Done():
			return
		}
	}
}

// built returns a Set for the snapshot, sharing what other workspaces have.
func (s *Store) built(ctx context.Context, snap Snapshot, prev *Set) (*Set, error) {
	revision := snap.Revision(s.engine.digest)
	for _, p := range s.all() {
		f := p.current.Load()
		if f == nil {
			continue
		}
		if f.set.revision == revision {
			return f.set, nil
		}
		if prev == nil {
			prev = f.set
		}
	}
	return s.engine.Build(ctx, snap, prev)
}
