// Command bench measures guard against the budgets of its design, in one run:
//
//	go run ./test/bench
//
// It builds the binaries, uses a state folder of its own, and prints one table:
// figure, budget, and the ratio of the two (1.0 and below holds the budget).
// Whole processes are timed in pairs, A B A B, so that a busy machine slows both;
// all figures are medians unless they say otherwise. With -only NAME it does one
// part of that; -only scale does what takes minutes and is left out otherwise.
package main

import (
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// result is one line of the table. A budget of zero means that there is none.
type result struct {
	what   string
	figure float64
	budget float64
	unit   string
	more   bool // the figure should be above the budget, not below
	note   string
}

// bench is what a measurement may use.
type bench struct {
	bin  string // folder with the binaries
	dir  string // scratch
	runs int
}

// names are the parts of the benchmark, in order.
var names = []string{"decision", "explain", "process", "hook", "reload", "receipts", "daemon", "scale"}

func main() {
	runs := flag.Int("runs", 40, "paired runs of whole processes")
	only := flag.String("only", "", "one `part`: "+strings.Join(names, ", "))
	flag.Parse()
	if err := run(*runs, *only); err != nil {
		fmt.Fprintln(os.Stderr, "bench:", err)
		os.Exit(1)
	}
}

func run(runs int, only string) error {
	if only != "" && !slices.Contains(names, only) {
		return fmt.Errorf("no part %q: there are %s", only, strings.Join(names, ", "))
	}
	dir, err := os.MkdirTemp("", "guard-bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	b := &bench{bin: filepath.Join(dir, "bin"), dir: dir, runs: runs}
	if err := b.build(); err != nil {
		return err
	}
	fmt.Printf("%-58s %12s %12s %7s\n", "what", "figure", "budget", "ratio")
	for i, measure := range []func() ([]result, error){b.decision, b.explain, b.process, b.hook, b.reload, b.receipts, b.daemon, b.scale} {
		if only != names[i] && (only != "" || names[i] == "scale") {
			continue
		}
		results, err := measure()
		if err != nil {
			return err
		}
		for _, r := range results {
			fmt.Println(r)
		}
	}
	return nil
}

// String is the line.
func (r result) String() string {
	line := fmt.Sprintf("%-58s %9.2f %-2s", r.what, r.figure, r.unit)
	if r.budget > 0 {
		ratio := r.figure / r.budget
		if r.more {
			ratio = r.budget / r.figure
		}
		line += fmt.Sprintf(" %9.2f %-2s %7.2f", r.budget, r.unit, ratio)
	}
	if r.note != "" {
		line += "  " + r.note
	}
	return line
}

// median of durations, in the unit.
func median(all []time.Duration, unit time.Duration) float64 {
	slices.Sort(all)
	return float64(all[len(all)/2]) / float64(unit)
}
