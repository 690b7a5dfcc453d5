package gate

import (
	"context"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// How long what is held at a level of surge waits at least and at most until
// somebody looks whether the level has fallen.
const (
	fallsAfter  = time.Second
	fallsWithin = time.Minute
)

// surging is a hold that was last decided at a level of surge.
type surging struct {
	hold    string
	session state.Session
	trust   string
	pace    state.Pace
	level   int
}

// settleSurge decides again what is held at a level of surge that time has brought
// down: nothing else changes then, and nobody else would look.
func (g *Gate) settleSurge(ctx context.Context) error {
	var errs []error
	next := fallsWithin
	held := g.heldBySurge()
	for _, h := range held {
		level, falls, err := g.levelNow(ctx, h)
		if next = min(next, falls); err != nil {
			errs = append(errs, err)
		} else if level < h.level {
			g.decidedAt(h.hold, level)
			errs = append(errs, g.decideHeld(ctx, h.hold))
		}
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.falls = 0; len(held) > 0 {
		g.falls = g.clock.now().boot + max(next, fallsAfter)
	}
	return errors.Join(errs...)
}

// heldBySurge lists what waits for a hold that was decided above level 0, or by the
// guardd before this one, which alone knew at what level. A lockout does not fall by
// itself.
func (g *Gate) heldBySurge() (out []surging) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for hold := range g.waiting {
		waits := g.asking(hold)
		if len(waits) == 0 {
			continue
		}
		s := g.state.Sessions[waits[0].Session]
		level, known := g.heldAt[hold]
		if !known {
			level = lockoutLevel
		}
		if s == nil || level == 0 {
			continue
		}
		if p := g.state.Pace(s.Agent, s.UID); p != nil && p.Lockout == nil {
			out = append(out, surging{hold, *s, g.trust(s), *p, level})
		}
	}
	slices.SortFunc(out, func(a, b surging) int { return strings.Compare(a.hold, b.hold) })
	return out
}

// levelNow is the level that an agent's actions come to now, and how long it is
// until the first of them leaves a window.
func (g *Gate) levelNow(ctx context.Context, h surging) (level int, falls time.Duration, err error) {
	policy, err := g.policies.For(ctx, h.session.Workspace)
	if err != nil {
		return 0, fallsWithin, err
	}
	now, windows := g.clock.now(), policy.Windows()
	ask := rego.Input{NowNS: now.wall.UnixNano(), Agent: rego.Agent{Name: h.session.Agent, Trust: h.trust}, Votes: []rego.Vote{}}
	ask.State.Counts, ask.State.CertaintyPPM = g.counts(&h.pace, windows, now), 1_000_000
	pace, err := policy.Pace(ctx, ask)
	if err != nil {
		return 0, fallsWithin, err
	}
	falls = fallsWithin
	for _, one := range slices.Concat(h.pace.Actions, h.pace.Denied) {
		for _, c := range windows.Counters {
			if left := time.Duration(c.Minutes)*time.Minute - g.clock.ago(now, one); left >= 0 {
				falls = min(falls, left+time.Millisecond)
			}
		}
	}
	return pace.Level, falls, nil
}

// decidedAt notes at what level of surge what waits for a hold was decided.
func (g *Gate) decidedAt(hold string, level int) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.waiting[hold] != nil {
		g.heldAt[hold] = level
	}
}

// decideHeld decides again what waits for a hold.
func (g *Gate) decideHeld(ctx context.Context, hold string) error {
	g.mu.Lock()
	var waits []proxy.Request
	if h := g.state.Holds[hold]; h != nil && h.State == proxy.Pending {
		waits = g.asking(hold)
	}
	g.mu.Unlock()
	var errs []error
	for _, r := range waits {
		errs = append(errs, g.decideAgain(ctx, r))
	}
	return errors.Join(errs...)
}
