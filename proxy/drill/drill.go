// Package drill proves that authority can be raised, refused and given back, and
// that each step is on record (REQUIREMENTS part 5).
//
// A drill asks a proxy.Authority what people and agents would ask it, and then
// looks at the answers, at the state and at the receipts. The Authority is one
// of the drill's own: its state folder, its log and its clock are nobody else's,
// so that nothing of a drill counts for trust, budgets or surge. A drill judges
// commands and never runs one.
//
// # Receipts, or it did not happen
//
// No condition is met by an answer alone. What an answer claims has to be found
// in the log too; an Authority that says yes without a receipt fails the drill.
package drill

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"slices"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

// Lab is where drills take place.
type Lab struct {
	ID    string // DRILL-2026-11-21-001, also the name of the log
	Dir   string // state folder of the Authority
	Real  string // state folder of those who work, which must be another
	Cwd   string // folder that the commands are asked for
	Day   string // on which the drills began, 2026-11-21
	Clock string // what its time is: virtual or real

	Until  func(context.Context, time.Time) error // lets time go by
	Self   proxy.Peer                             // the process that sessions hang from
	Record func(ctx context.Context, typ string, body any) error

	Authority proxy.Authority
	Reader    proxy.Reader
	Receipts  func() ([]receipt.Receipt, error) // all so far, oldest first
}

// Marker names the threat of a drill, and whatever of it is kept elsewhere.
func (l *Lab) Marker() string { return "DRILL/FP-THREAT/" + l.Day }

// Drill is one of those there are.
type Drill struct {
	Number  int           `json:"drill"`
	Name    string        `json:"name"`
	What    string        `json:"what"`
	Planned time.Duration `json:"-"` // with people, as the runbook has it
	run     func(context.Context, *stage) error
}

// All lists the drills in the order in which they run (S4-02).
func All() []Drill {
	return []Drill{
		{0, "gates", "nothing that a drill does can hurt", 2 * time.Minute, gates},
		{1, "false threat", "a threat raises a session, is weighed, and time takes the authority back", 5 * time.Minute, falseThreat},
		{3, "abuse", "no profile is skipped, and none is taken without the approval it needs", 3 * time.Minute, abuse},
		{2, "budget", "what costs more than is left is refused whole", 3 * time.Minute, budget},
		{4, "phoenix", "the highest authority that people can give is bounded, and is given back", 5 * time.Minute, phoenix},
	}
}

// Condition is one thing that has to be true.
type Condition struct {
	Text string `json:"condition"`
	Met  bool   `json:"met"`
	Why  string `json:"why,omitempty"` // where it is not met: what was found instead
}

// Result is how a drill ended.
type Result struct {
	Drill      int         `json:"drill"`
	Name       string      `json:"name"`
	Ran        bool        `json:"ran"` // false: the gates did not let it start
	Pass       bool        `json:"pass"`
	Conditions []Condition `json:"conditions"`
}

// Failed lists the conditions that were not met.
func (r Result) Failed() (out []Condition) {
	for _, c := range r.Conditions {
		if !c.Met {
			out = append(out, c)
		}
	}
	return out
}

// Run runs the gates and then the wanted drills; nil wants all. Where a gate is
// not as it should be, no other drill starts.
func Run(ctx context.Context, l *Lab, wanted []int) ([]Result, error) {
	var out []Result
	open := true
	for _, d := range All() {
		if d.Number != 0 && wanted != nil && !slices.Contains(wanted, d.Number) {
			continue
		}
		r := Result{Drill: d.Number, Name: d.Name, Conditions: []Condition{}}
		if open {
			var err error
			if r, err = runOne(ctx, l, d); err != nil {
				return out, err
			}
		}
		if d.Number == 0 {
			open = r.Pass
		}
		out = append(out, r)
	}
	return out, nil
}

// Started is the body of drill_started.
type Started struct {
	Drill  int    `json:"drill"`
	Name   string `json:"name"`
	Mode   string `json:"mode"`
	Clock  string `json:"clock"`
	Marker string `json:"marker"`
}

// Ended is the body of drill_result.
type Ended struct {
	Drill      int         `json:"drill"`
	Name       string      `json:"name"`
	Pass       bool        `json:"pass"`
	Conditions []Condition `json:"conditions"`
}

const drillMode = "DRILL_MODE = ON"

func runOne(ctx context.Context, l *Lab, d Drill) (Result, error) {
	s := &stage{lab: l}
	if err := l.Record(ctx, "drill_started", Started{d.Number, d.Name, drillMode, l.Clock, l.Marker()}); err != nil {
		return Result{}, fmt.Errorf("drill %d: %w", d.Number, err)
	}
	if err := d.run(ctx, s); err != nil {
		s.check("every step is answered", false, "%v", err)
	}
	if err := s.leave(ctx); err != nil {
		s.check("the session ends", false, "%v", err)
	}
	s.onRecord()
	r := Result{Drill: d.Number, Name: d.Name, Ran: true, Conditions: s.conditions}
	r.Pass = len(r.Failed()) == 0
	if err := l.Record(ctx, "drill_result", Ended{d.Number, d.Name, r.Pass, r.Conditions}); err != nil {
		return Result{}, fmt.Errorf("drill %d: %w", d.Number, err)
	}
	return r, nil
}

func newID() string {
	b := make([]byte, 12)
	rand.Read(b) // never fails (crypto/rand)
	return "r_" + hex.EncodeToString(b)
}
