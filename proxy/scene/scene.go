// Package scene answers guardd's questions about the agent's surroundings:
// where a path leads, what a script says, whether git ignores or tracks a file,
// which branch is checked out.
//
// guard asks on guardd's behalf because guardd may run as another user or see
// another file system. What it saw goes into the receipt, so that judging stays
// pure and can be replayed. Everything is bounded: number, size and time.
//
// # The surroundings belong to the agent
//
// Nothing looked at may act on the one who looks. Only regular files are ever
// opened (a FIFO would block, a device might do something), no link is followed
// into /proc, where it would mean another process than the agent's, and git,
// whose configuration an agent can write, runs with everything in it that could
// start a program or reach the network overridden. An observation that cannot
// be made says why and is never guessed.
package scene

import (
	"context"
	"path/filepath"
	"sync"
	"time"
	"unicode/utf8"

	"github.com/f958ca95/guard/proxy"
)

// Limits of one call. Zero fields mean the defaults.
type Limits struct {
	Count int           // questions answered; 64
	Text  int           // bytes of a script's text; 64 KiB
	File  int           // bytes of a script's file, for its digest; 1 MiB
	Time  time.Duration // for everything, in ten steps; 2 s
}

func (l Limits) filled() Limits {
	if l.Count == 0 {
		l.Count = 64
	}
	if l.Text == 0 {
		l.Text = 64 << 10
	}
	if l.File == 0 {
		l.File = 1 << 20
	}
	if l.Time == 0 {
		l.Time = 2 * time.Second
	}
	return l
}

// Operations of a Query.
const (
	opPath   = "path"
	opText   = "text"
	opGit    = "git"
	opBranch = "branch"
)

// Observe answers every query, in order; one that it cannot answer within the
// limits has Error set.
func Observe(ctx context.Context, limits Limits, queries []proxy.Query) []proxy.Observation {
	limits = limits.filled()
	tick := time.NewTicker(max(limits.Time/steps, 1))
	defer tick.Stop()
	ctx, cancel := countdown(ctx, tick.C)
	defer cancel()
	seen := make([]proxy.Observation, len(queries))
	asked := queries[:min(len(queries), limits.Count)]
	for i, q := range queries {
		seen[i] = proxy.Observation{Query: q, Error: "timed out"}
		if i >= len(asked) {
			seen[i].Error = "too many questions"
		}
	}
	// A file system that hangs cannot be interrupted. Its goroutine is then left
	// behind, with room for all it may still say.
	answers := make(chan answer, len(asked))
	go func() {
		defer close(answers)
		look(ctx, limits, asked, func(i int, o proxy.Observation) { answers <- answer{i, o} })
	}()
	for {
		select {
		case a, more := <-answers:
			if !more {
				return seen
			}
			seen[a.index] = a.seen
		case <-ctx.Done():
			return seen
		}
	}
}

// steps make up the time of a call. A machine that stands still in between uses
// up one of them: what a command would touch must not depend on that.
const steps = 10

// countdown ends the context after so many ticks.
func countdown(ctx context.Context, ticks <-chan time.Time) (context.Context, func()) {
	ctx, cancel := context.WithCancel(ctx)
	var counter sync.WaitGroup
	counter.Go(func() {
		for range steps {
			select {
			case <-ticks:
			case <-ctx.Done():
				return
			}
		}
		cancel()
	})
	return ctx, func() { cancel(); counter.Wait() }
}

type answer struct {
	index int
	seen  proxy.Observation
}

// look tells each observation as it is made, what needs no other program first.
func look(ctx context.Context, limits Limits, queries []proxy.Query, tell func(int, proxy.Observation)) {
	var git []int
	for i, q := range queries {
		if ctx.Err() != nil {
			return
		}
		o := proxy.Observation{Query: q}
		switch {
		case !filepath.IsAbs(q.Path):
			o.Error = "not an absolute path"
		case q.Op == opPath:
			observePath(&o)
		case q.Op == opText:
			observeText(&o, limits)
		case q.Op == opBranch:
			observeBranch(&o)
		case q.Op == opGit:
			git = append(git, i)
			continue
		default:
			o.Error = "unknown question"
		}
		tell(i, readable(o))
	}
	observeGit(ctx, queries, git, tell)
}

// readable withholds what would not survive the way to guardd unchanged.
func readable(o proxy.Observation) proxy.Observation {
	if !utf8.ValidString(o.Real) || !utf8.ValidString(o.Branch) || !utf8.ValidString(o.Error) {
		return proxy.Observation{Query: o.Query, Error: "a name that is not UTF-8"}
	}
	return o
}
