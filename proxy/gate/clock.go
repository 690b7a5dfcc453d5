package gate

import (
	"os"
	"strings"
	"time"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/receipt/state"
)

// instant is one moment on two clocks: the wall's, which receipts carry and
// people read, and the time since boot, which nobody can set back and which
// goes on while the machine sleeps.
type instant struct {
	wall time.Time
	boot time.Duration
}

// clock reads both clocks of one boot.
type clock struct {
	bootID string
	now    func() instant   // a system call
	wall   func() time.Time // none; nil: that of now
}

// time is the wall's alone.
func (c clock) time() time.Time {
	if c.wall == nil {
		return c.now().wall
	}
	return c.wall()
}

func newClock() clock {
	id, err := os.ReadFile("/proc/sys/kernel/random/boot_id")
	if err != nil {
		return clock{now: readClocks, wall: readWall} // an empty id never matches: holds then expire by the wall clock alone
	}
	return clock{bootID: strings.TrimSpace(string(id)), now: readClocks, wall: readWall}
}

func readWall() time.Time { return time.Now().UTC().Round(0) }

// handed is a clock that somebody else turns; it knows one boot.
func handed(read func() (time.Time, time.Duration)) clock {
	return clock{bootID: "a clock of its own", now: func() instant {
		wall, boot := read()
		return instant{wall: wall.UTC().Round(0), boot: boot}
	}}
}

func readClocks() instant {
	var ts unix.Timespec
	if err := unix.ClockGettime(unix.CLOCK_BOOTTIME, &ts); err != nil {
		return instant{wall: readWall()}
	}
	return instant{wall: readWall(), boot: time.Duration(ts.Nano())}
}

// age is how long ago a hold was opened.
func (c clock) age(h *state.Hold, now instant) time.Duration {
	return c.since(now, h.At, h.BootMS, h.BootID)
}

// since is how long ago something on record was: the larger of what the two
// clocks say, so that setting the wall clock back never buys time (REQUIREMENTS
// S0-83).
func (c clock) since(now instant, at time.Time, bootMS int64, bootID string) time.Duration {
	age := now.wall.Sub(at)
	if c.bootID != "" && bootID == c.bootID {
		age = max(age, now.boot-time.Duration(bootMS)*time.Millisecond)
	}
	return age
}

// ago is how long ago an action was counted: by the clock that nobody can set,
// where that saw it, so that setting the other one neither forgets what an agent
// did nor remembers it for longer (REQUIREMENTS S3-26).
func (c clock) ago(now instant, one state.Action) time.Duration {
	if c.bootID != "" && one.BootID == c.bootID {
		return now.boot - time.Duration(one.BootMS)*time.Millisecond
	}
	return now.wall.Sub(one.At)
}

// stepAt is the step of a hold at an age and when that step ends; ok is false
// when the last step is over.
func stepAt(h *state.Hold, age time.Duration) (step int, ends time.Duration, ok bool) {
	for i, s := range h.Terms.Steps {
		ends += time.Duration(s.Seconds) * time.Second
		if age < ends {
			return i, ends, true
		}
	}
	return len(h.Terms.Steps), ends, false
}
