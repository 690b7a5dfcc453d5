package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/gate"
)

// sizes are the logs that scale looks at. The last takes a minute and a gigabyte,
// which is why scale runs only where it is asked for.
var sizes = []int{1_000, 100_000, 1_000_000}

// scale times a gate on logs of different lengths: folding all receipts, being
// ready from a snapshot, and one decision.
func (b *bench) scale() ([]result, error) {
	var out []result
	for _, n := range sizes {
		dir := filepath.Join(b.dir, fmt.Sprintf("scale-%d", n))
		if err := os.MkdirAll(dir, 0o700); err != nil {
			return nil, err
		}
		if err := fill(filepath.Join(dir, "receipts"), n); err != nil {
			return nil, err
		}
		cold, decision, err := b.open(dir)
		if err != nil {
			return nil, err
		}
		ready, _, err := b.open(dir)
		if err != nil {
			return nil, err
		}
		line := []result{
			{what: fmt.Sprintf("%d receipts: policy loaded, all verified and folded", n), figure: cold.wall.Seconds(), unit: "s", note: cold.note()},
			{what: fmt.Sprintf("%d receipts: policy loaded, ready from a snapshot", n), figure: float64(ready.wall) / 1e6, unit: "ms", note: ready.note()},
			{what: fmt.Sprintf("%d receipts: a decision with its receipt", n), figure: decision, unit: "us"},
		}
		if n == sizes[len(sizes)-1] {
			line[0].budget, line[1].budget = 20, 150
			line[2].budget, line[2].note = out[2].figure*1.2, "budget: that of the shortest log, and a fifth"
		}
		out = append(out, line...)
		if err := os.RemoveAll(dir); err != nil {
			return nil, err
		}
	}
	return out, nil
}

// spent is how long something took, and how much of that this process computed: a
// busy machine changes the one, not the other.
type spent struct{ wall, cpu time.Duration }

func (s spent) note() string { return fmt.Sprintf("processor time %d ms", s.cpu.Milliseconds()) }

func computed() time.Duration {
	var u syscall.Rusage
	if syscall.Getrusage(syscall.RUSAGE_SELF, &u) != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// open times the start of a gate, and the median decision of it.
func (b *bench) open(dir string) (start spent, decision float64, err error) {
	begin, before := time.Now(), computed()
	g, err := gate.Open(context.Background(), gate.Options{Dir: dir, UID: os.Getuid()})
	if err != nil {
		return start, 0, err
	}
	start = spent{time.Since(begin), computed() - before}
	if decision, err = decisions(g); err != nil {
		return start, 0, err
	}
	return start, decision, g.Close()
}

// decisions times commands that were never asked before, in a session that ends.
func decisions(g *gate.Gate) (float64, error) {
	peer := proxy.Peer{Conn: 1, PID: os.Getpid(), UID: os.Getuid(), Start: gate.StartTime(os.Getpid())}
	id := func(n int) string { return fmt.Sprintf("r_%08x%016x", os.Getpid(), time.Now().UnixNano()+int64(n)) }
	a, err := g.Ask(context.Background(), proxy.Request{ID: id(0), Kind: proxy.KindSession, Peer: peer, Open: &proxy.Open{
		Agent: "bench", Argv: []string{"bench"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app",
	}})
	if err != nil {
		return 0, err
	}
	var took []time.Duration
	for i := range 600 {
		r := proxy.Request{ID: id(i), Kind: proxy.KindCommand, Session: a.Session.ID, Peer: peer, Command: &proxy.Command{
			Kind: "line", Line: fmt.Sprintf("git log --oneline -%d", i+1), Cwd: "/home/dev/app", Stdin: "null",
		}}
		begin := time.Now()
		if _, err := g.Ask(context.Background(), r); err != nil {
			return 0, err
		}
		if i >= 100 { // the first ones warm up
			took = append(took, time.Since(begin))
		}
	}
	_, err = g.Ask(context.Background(), proxy.Request{ID: id(0), Kind: proxy.KindEnd, Session: a.Session.ID, Peer: peer})
	return median(took, time.Microsecond), err
}
