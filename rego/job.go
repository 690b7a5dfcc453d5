package rego

import (
	"fmt"
	"sync/atomic"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// job is one evaluation with the time it may take.
type job struct {
	limit time.Duration
	ask   func() (*ast.Term, error)
	told  *ast.Term // the answer, where nobody need be asked
}

type answer struct {
	term *ast.Term
	err  error
}

// run does the jobs in order, off the caller's goroutine. A job that neither
// answers nor obeys the request to stop within limit and grace is left behind,
// answered by a time-out, and the rest go on in another goroutine.
func run(jobs []job, grace time.Duration) []answer {
	answers := make([]answer, 0, len(jobs))
	for len(answers) < len(jobs) {
		rest := jobs[len(answers):]
		if rest[0].told != nil {
			answers = append(answers, answer{term: rest[0].told})
			continue
		}
		answers = append(answers, runFrom(rest, grace)...)
	}
	return answers
}

// runFrom returns the answers to all jobs, or to those up to and with the
// first that hangs.
func runFrom(jobs []job, grace time.Duration) []answer {
	out := make([]answer, len(jobs)) // the worker owns out[finished:]
	var finished atomic.Int32
	done := make(chan struct{})
	go func() {
		defer close(done)
		growStack()
		for i, j := range jobs {
			out[i] = j.try()
			finished.Store(int32(i + 1))
		}
	}()
	look := time.NewTicker(max((shortest(jobs)+grace)/meterSteps, 1))
	defer look.Stop()
	current, m := 0, newMeter(jobs[0].limit+grace, time.Now())
	for {
		select {
		case <-done:
			return out
		case <-look.C:
		}
		switch n := int(finished.Load()); {
		case n == len(jobs):
		case n != current:
			current, m = n, newMeter(jobs[n].limit+grace, time.Now())
		case m.over(time.Now(), processorTime()):
			return append(out[:n:n], answer{err: fmt.Errorf("%w and could not be stopped", errTimeout)})
		}
	}
}

// growStack makes the goroutine's stack large enough for an evaluation at once.
// Growing it step by step, deep inside, was a fifth of a decision's time.
//
//go:noinline
func growStack() byte {
	var room [100 << 10]byte
	return room[time.Now().Nanosecond()&1023]
}

func shortest(jobs []job) time.Duration {
	least := jobs[0].limit
	for _, j := range jobs {
		least = min(least, j.limit)
	}
	return least
}

// try turns a panic of the evaluator, which would take every session down,
// into an error of the one evaluation.
func (j job) try() (a answer) {
	defer func() {
		if p := recover(); p != nil {
			a = answer{err: fmt.Errorf("evaluator panicked: %v", p)}
		}
	}()
	t, err := j.ask()
	return answer{t, err}
}
