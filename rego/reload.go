package rego

import (
	"context"
	"errors"
	"slices"
	"time"
)

// load reads the folders for the first time. Where they are broken, the
// revision that the receipts have in force is taken from the archive. It goes
// by the Store's patience, not the asker's, who may give up half-way.
func (p *Policy) load() error {
	p.reload.Lock()
	defer p.reload.Unlock()
	if p.current.Load() != nil {
		return nil
	}
	ctx, cancel := context.WithTimeout(p.store.ctx, reloadTime)
	defer cancel()
	current, joined := p.store.known(p.workspace)
	var last *Set
	if current != "" {
		last = p.archived(ctx, current)
	}
	var older []kept
	for _, revision := range joined {
		older = append(older, kept{revision, p.archived(ctx, revision)})
	}
	next := &inForce{kept: older}
	var err error
	if next.set, err = p.read(ctx, last); err != nil {
		if last == nil {
			return err
		}
		next.set, next.problem = last, err.Error()
	}
	if next.set.revision == current {
		p.current.Store(next)
		return nil
	}
	return p.activate(next, kept{current, last}, sinceStart(current, last, next.set))
}

// sinceStart says what may be looser than what the receipts have in force.
func sinceStart(current string, last, set *Set) []string {
	switch {
	case current == "":
		return nil
	case last == nil:
		return []string{"revision " + short(current) + " was in force and is not in the archive, so nobody can tell what changed"}
	}
	return weaker(last, set)
}

// archived builds a revision from the archive, nil if that is not possible. It
// is built with the present built-in policy, which a person has installed.
func (p *Policy) archived(ctx context.Context, revision string) *Set {
	snap, err := p.store.archive.get(revision)
	if err == nil {
		var set *Set
		if set, err = p.store.built(ctx, snap, nil); err == nil {
			return set
		}
	}
	p.store.opt.Log.Warn("load archived policy", "revision", revision, "error", err)
	return nil
}

// reloadTime bounds one reload, with its tests, on the slowest machine: what loops
// is given up long before.
const reloadTime = 2 * time.Minute

// reloadIf reads the folders again and puts what they hold in force, unless it
// is refused. needed is asked with the reload lock held.
func (p *Policy) reloadIf(ctx context.Context, needed func() bool) {
	p.reload.Lock()
	changed := needed() && p.again(ctx)
	p.reload.Unlock()
	if changed && p.store.opt.Activated != nil {
		p.store.opt.Activated(p.workspace)
	}
}

// again does one reload and says whether what decides has changed.
func (p *Policy) again(ctx context.Context) bool {
	f := p.current.Load()
	if f == nil {
		return false // For tries again when somebody asks
	}
	ctx, cancel := context.WithTimeout(ctx, reloadTime)
	defer cancel()
	set, err := p.read(ctx, f.set)
	if err != nil {
		return false
	}
	if set.revision == f.set.revision {
		p.show("")
		return false
	}
	next := &inForce{set: set, kept: f.kept, loosens: f.loosens}
	if err := p.activate(next, kept{f.set.revision, f.set}, weaker(f.set, set)); err != nil {
		p.show(err.Error())
		p.signature = 0 // look again at the next tick
		p.store.opt.Log.Error("activate policy", "workspace", p.workspace, "error", err)
		return false
	}
	return true
}

// show says why the newest files are not in force.
func (p *Policy) show(problem string) {
	if f := p.current.Load(); f != nil && f.problem != problem {
		next := *f
		next.problem = problem
		p.current.Store(&next)
	}
}

// read arms the watches, reads the folders and builds. What cannot take effect
// is reported once.
func (p *Policy) read(ctx context.Context, prev *Set) (*Set, error) {
	for _, f := range p.folders {
		p.store.watch.arm(f.Dir)
	}
	p.signature = signature(p.folders)
	c := Change{Workspace: p.workspace}
	if prev != nil {
		c.Previous = prev.revision
	}
	snap, err := Read(p.folders, p.store.opt.UID)
	if err != nil {
		return nil, p.reject(c, err.Error(), err)
	}
	c.Revision, c.Files = snap.Revision(p.store.engine.digest), snap.PolicyFiles()
	if c.Revision == p.refused {
		p.show(p.problem)
		return nil, errors.New(p.problem)
	}
	set := prev
	if c.Revision != c.Previous {
		set, err = p.store.built(ctx, snap, prev)
	}
	if err != nil {
		return nil, p.reject(c, c.Revision, err)
	}
	p.refused, p.problem = "", ""
	return set, nil
}

// reject reports content that cannot take effect, unless it just did.
func (p *Policy) reject(c Change, content string, err error) error {
	p.problem = err.Error()
	p.show(p.problem)
	if content != p.refused && p.store.opt.Reject != nil {
		c.Err = p.problem
		p.store.opt.Reject(c)
	}
	p.refused = content
	return err
}

// activate archives and announces next, and then swaps it in. reload is held.
func (p *Policy) activate(next *inForce, previous kept, loosens []string) error {
	s := p.store
	if err := s.archive.putBuiltin(s.engine.digest, s.engine.source); err != nil {
		return err
	}
	if err := s.archive.put(next.set.revision, s.engine.digest, next.set.snapshot); err != nil {
		return err
	}
	keepOld := false
	if s.opt.Activate != nil {
		var err error
		keepOld, err = s.opt.Activate(Change{
			Workspace: p.workspace,
			Revision:  next.set.revision,
			Previous:  previous.revision,
			Files:     next.set.Files(),
			Loosens:   loosens,
		})
		if err != nil {
			return err
		}
	}
	next.kept = s.stillJoined(p.workspace, next.kept)
	if keepOld && len(loosens) > 0 && previous.revision != "" {
		next.kept = append(next.kept, previous)
		next.loosens = append(slices.Clone(next.loosens), loosens...)
	}
	next.kept = slices.DeleteFunc(next.kept, func(k kept) bool { return k.revision == next.set.revision })
	if len(next.kept) == 0 {
		next.loosens = nil
	}
	p.current.Store(next)
	return nil
}
