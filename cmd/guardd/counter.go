package main

import (
	"context"
	"runtime/debug"
	"sync/atomic"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/gate"
)

// How much the heap may grow, in percent of what is in use, before it is
// collected: little while guardd waits, as it mostly does, so that it stays small.
// Under a stream of executions collecting that often would be a quarter of the
// work.
const (
	percentAtRest = 50
	percentAtWork = 500
)

// restAfter is how long nobody asks before guardd is at rest.
const restAfter = time.Second

// counter notes when guardd was last asked anything, and keeps its memory small
// when that was a while ago.
type counter struct {
	*gate.Gate
	last  atomic.Int64 // unix nanoseconds
	rests atomic.Bool
	sleep *time.Timer
}

// newCounter gives back what the start needed (parsing and compiling the policy)
// at once, and again when the first workspace's policy has been loaded.
func newCounter(g *gate.Gate) *counter {
	c := &counter{Gate: g}
	slim()
	c.sleep = time.AfterFunc(time.Hour, c.rest) // rest uses it: it has to stand before that runs
	c.sleep.Reset(restAfter)
	return c
}

// Ask answers as the gate does.
func (c *counter) Ask(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	c.touch()
	defer c.touch()
	return c.Gate.Ask(ctx, r)
}

// Read answers as the gate does.
func (c *counter) Read(ctx context.Context, l proxy.Look) (proxy.View, error) {
	c.touch()
	defer c.touch()
	return c.Gate.Read(ctx, l)
}

func (c *counter) touch() {
	c.last.Store(time.Now().UnixNano())
	if c.rests.Load() && c.rests.CompareAndSwap(true, false) {
		debug.SetGCPercent(percentAtWork)
		c.sleep.Reset(restAfter)
	}
}

func (c *counter) quiet() time.Duration { return time.Since(time.Unix(0, c.last.Load())) }

// rest makes guardd small once nobody has asked for a while. Asked meanwhile, it
// is small for the moment and grows with the next request.
func (c *counter) rest() {
	if left := restAfter - c.quiet(); left > 0 {
		c.sleep.Reset(left)
		return
	}
	slim()
	c.rests.Store(true)
}

func slim() {
	debug.SetGCPercent(percentAtRest)
	debug.FreeOSMemory()
}
