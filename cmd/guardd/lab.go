package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/drill"
	"github.com/f958ca95/guard/proxy/gate"
	"github.com/f958ca95/guard/receipt"
)

// dryRun is the policy of a drill: whoever asks, and whatever the profile, only
// looking around is let through.
const dryRun = `# METADATA
# title: A drill runs nothing
package user.drill

deny contains {"id": "dry_run", "msg": "a drill runs nothing"} if {
	input.kind == "command"
	not looks_around
}

looks_around if {
	count(input.cmd.names) > 0
	every name in input.cmd.names {
		name in {"ls", "cat"}
	}
}
`

// Sessions of a drill begin at the lowest profile. In real time, what is waited
// for is shorter.
const (
	drillConfig = `{"presets": {"coding": {"profile": "observer"}}}`
	realConfig  = `{"presets": {"coding": {"profile": "observer"}}, "lasts": {"guardian": 10}}`
)

// openLab makes a gate for a drill, with a state folder of its own below dir, whose
// time is virtual and begins at start, or is the machine's own where realTime.
func openLab(ctx context.Context, id, dir, state string, start time.Time, realTime bool) (*drill.Lab, *gate.Gate, error) {
	policy := filepath.Join(dir, "drill-policy")
	if err := os.MkdirAll(policy, 0o700); err != nil {
		return nil, nil, fmt.Errorf("set up %s: %w", id, err)
	}
	lab := &drill.Lab{
		ID: id, Dir: dir, Real: state, Cwd: dir, Day: start.UTC().Format(time.DateOnly), Clock: "virtual",
		Self: proxy.Peer{PID: os.Getpid(), UID: os.Getuid(), Start: gate.StartTime(os.Getpid())},
	}
	opt := gate.Options{Dir: dir, User: policy, UID: os.Getuid(), Version: version(), Drill: id}
	config := drillConfig
	if realTime {
		config = realConfig
		lab.Clock, lab.Until = "real", sleepUntil
	} else {
		turned := &turnedClock{wall: start, boot: time.Hour}
		opt.Clock, lab.Until = turned.read, turned.until
	}
	for name, text := range map[string]string{"drill.rego": dryRun, "guard.json": config} {
		if err := os.WriteFile(filepath.Join(policy, name), []byte(text), 0o600); err != nil {
			return nil, nil, fmt.Errorf("set up %s: %w", id, err)
		}
	}
	g, err := gate.Open(ctx, opt)
	if err != nil {
		return nil, nil, err
	}
	lab.Authority, lab.Reader, lab.Record = g, g, g.Record
	lab.Receipts = func() ([]receipt.Receipt, error) { return receiptsIn(filepath.Join(dir, "receipts")) }
	return lab, g, nil
}

func receiptsIn(dir string) (all []receipt.Receipt, err error) {
	for r, err := range receipt.Read(dir, 0) {
		if err != nil {
			return nil, err
		}
		all = append(all, r)
	}
	return all, nil
}

// turnedClock goes on only when it is turned.
type turnedClock struct {
	mu   sync.Mutex
	wall time.Time
	boot time.Duration
}

func (c *turnedClock) read() (time.Time, time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.wall, c.boot
}

// until goes on to just after t.
func (c *turnedClock) until(_ context.Context, t time.Time) error {
	c.mu.Lock()
	defer c.mu.Unlock()
	if by := t.Sub(c.wall) + time.Second; by > 0 {
		c.wall, c.boot = c.wall.Add(by), c.boot+by
	}
	return nil
}

func sleepUntil(ctx context.Context, t time.Time) error {
	timer := time.NewTimer(time.Until(t) + 10*time.Millisecond)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return errors.New("interrupted")
	}
}
