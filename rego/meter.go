package rego

import (
	"sync"
	"syscall"
	"time"
)

const (
	meterSteps   = 10 // looks that make up a limit
	meterStretch = 10 // limits that pass, at most, before time is up whatever was worked
)

// meter counts the time that work has had. It is looked at a tenth of the limit
// apart. What passes between two looks counts as one step at most, and as no
// more than the processors did for this process meanwhile: while the machine
// stands still, or others have its processors, nothing takes too long.
type meter struct {
	limit, step  time.Duration
	used, passed time.Duration
	at           time.Time
	worked       time.Duration
	looked       bool // worked is known: most work is over before the first look, and need not be asked
}

func newMeter(limit time.Duration, now time.Time) meter {
	return meter{limit: limit, step: max(limit/meterSteps, 1), at: now}
}

// over reports whether the time is up; worked is what the processors have done
// for this process so far.
func (m *meter) over(now time.Time, worked time.Duration) bool {
	step := min(m.step, now.Sub(m.at))
	m.passed += step
	if m.looked {
		step = min(step, worked-m.worked)
	}
	m.used += step
	m.at, m.worked, m.looked = now, worked, true
	return m.used >= m.limit || m.passed >= meterStretch*m.limit
}

// processorTime is how long the processors have worked for this process.
func processorTime() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u) // fails for no process that exists
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// alarm rings once when its meter is over, unless it is stopped before.
type alarm struct {
	ring func()

	mu    sync.Mutex
	meter meter       // guarded by mu
	timer *time.Timer // guarded by mu; nil: stopped
}

func newAlarm(limit time.Duration, ring func()) *alarm {
	a := &alarm{ring: ring, meter: newMeter(limit, time.Now())}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer = time.AfterFunc(a.meter.step, a.look)
	return a
}

func (a *alarm) look() {
	a.mu.Lock()
	defer a.mu.Unlock()
	switch {
	case a.timer == nil:
	case a.meter.over(time.Now(), processorTime()):
		a.ring()
	default:
		a.timer.Reset(a.meter.step)
	}
}

func (a *alarm) stop() {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.timer.Stop()
	a.timer = nil
}
