package rego

import (
	"cmp"
	"context"
	"fmt"
	"slices"
	"sync"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// KindPace is the kind of Input with which it is asked how fast an agent is; see
// Policy.Pace.
const KindPace = "pace"

// Windows say what is to be counted of an agent.
type Windows struct {
	Counters []Count       // without N
	Repeat   time.Duration // an identical action counts once within it
}

// Pace is what an agent's actions so far come to.
type Pace struct {
	Level int    // 0 ... 3
	Room  int    // how many more actions there may be before Level or Surge can change
	Surge *Surge // with Level above 0

	Thresholds []Threshold // by counter, highest level first
}

// Threshold is a number of actions from which a level holds.
type Threshold struct {
	Count
	Level   int
	Actions int
}

// Surge is what a level leads to (REQUIREMENTS S3-06 to S3-10).
type Surge struct {
	Tier, Action, RiskClass, Executor, Status string
	Rationale, Reason, Brief, Counter         string
	ConfidencePPM, Violations                 int
	Minutes, Count, RateE4, ThresholdE4       int
}

// Windows are those of the revision in force and of the older ones that are kept.
func (p *Policy) Windows() Windows {
	f := p.current.Load()
	w := f.set.fixed.windows
	for _, k := range f.kept {
		if k.set == nil {
			continue
		}
		old := k.set.fixed.windows
		w.Repeat = min(w.Repeat, old.Repeat)
		w.Counters = append(slices.Clip(w.Counters), old.Counters...)
	}
	return w
}

// Pace says what the counts of in.State come to: the stricter answer of the
// revision in force and of the older ones that are kept.
func (p *Policy) Pace(ctx context.Context, in Input) (Pace, error) {
	f := p.current.Load()
	pace, err := f.set.paceOf(ctx, in)
	if err != nil {
		return Pace{}, err
	}
	for _, k := range f.kept {
		if k.set == nil {
			continue // its decision asks for a person
		}
		old, err := k.set.paceOf(ctx, in)
		if err != nil {
			return Pace{}, err
		}
		room := min(pace.Room, old.Room)
		if old.Level > pace.Level {
			pace = old
		}
		pace.Room = room
	}
	return pace, nil
}

func (s *Set) paceOf(ctx context.Context, in Input) (Pace, error) {
	in.Kind = KindPace
	key, keyed := paceKeyOf(in)
	if p, ok := s.paced.recall(key); ok && keyed {
		return p, nil
	}
	a := run([]job{s.job(ctx, &s.pace, s.engine.limits.builtin, in.value(), in.NowNS)}, s.engine.limits.grace)[0]
	if a.err != nil {
		return Pace{}, fmt.Errorf("ask how fast the agent is: %w", a.err)
	}
	p, err := readPace(a.term)
	if err != nil {
		return Pace{}, fmt.Errorf("ask how fast the agent is: %w", err)
	}
	if keyed {
		s.paced.keep(key, p)
	}
	return p, nil
}

// paceKey is everything that data.guard.velocity.pace can see.
type paceKey struct {
	counts    [16]Count
	trust     string
	certainty int
}

func paceKeyOf(in Input) (k paceKey, ok bool) {
	if len(in.State.Counts) > len(k.counts) {
		return k, false
	}
	copy(k.counts[:], in.State.Counts)
	k.trust, k.certainty = in.Agent.Trust, in.State.CertaintyPPM
	return k, true
}

// paces remembers the last answers. They follow from the Set and the key alone.
type paces struct {
	mu    sync.Mutex
	said  map[paceKey]Pace // guarded by mu
	order []paceKey        // guarded by mu; oldest first
}

func (m *paces) recall(key paceKey) (Pace, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	p, ok := m.said[key]
	return p, ok
}

// keptPaces bounds what is remembered.
const keptPaces = 64

func (m *paces) keep(key paceKey, p Pace) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.said[key]; ok {
		return
	}
	if m.said == nil {
		m.said = map[paceKey]Pace{}
	}
	if len(m.order) == keptPaces {
		delete(m.said, m.order[0])
		m.order = append(m.order[:0], m.order[1:]...)
	}
	m.said[key] = p
	m.order = append(m.order, key)
}

// windows reads what is to be counted; a policy without it counts nothing.
func (r *termReader) windows(t *ast.Term) Windows {
	if t == nil {
		return Windows{}
	}
	o := r.object("windows", t)
	w := Windows{Repeat: time.Duration(r.number(o, "repeat_seconds")) * time.Second}
	w.Counters = readList(r, "windows", r.key(o, "counters"), func(r *termReader, o ast.Object) Count {
		return Count{Counter: r.text(o, "counter"), Minutes: r.number(o, "minutes")}
	})
	slices.SortFunc(w.Counters, func(a, b Count) int {
		return cmp.Or(cmp.Compare(a.Counter, b.Counter), cmp.Compare(a.Minutes, b.Minutes))
	})
	return w
}

func readPace(t *ast.Term) (Pace, error) {
	r := termReader{}
	o := r.object("pace", t)
	p := Pace{Level: r.number(o, "level"), Room: r.number(o, "room")}
	if p.Level < 0 || p.Level > 3 {
		r.fail("pace: level %d", p.Level)
	}
	p.Thresholds = readList(&r, "thresholds", r.key(o, "thresholds"), func(r *termReader, o ast.Object) Threshold {
		count := Count{Counter: r.text(o, "counter"), Minutes: r.number(o, "minutes"), N: r.number(o, "count")}
		return Threshold{count, r.number(o, "level"), r.number(o, "actions")}
	})
	slices.SortFunc(p.Thresholds, func(a, b Threshold) int {
		return cmp.Or(cmp.Compare(a.Counter, b.Counter), cmp.Compare(b.Level, a.Level))
	})
	if p.Level > 0 {
		p.Surge = r.surge(r.object("surge", r.key(o, "surge")))
	}
	return p, r.err
}

func (r *termReader) surge(o ast.Object) *Surge {
	v := r.object("velocity", r.key(o, "velocity"))
	s := &Surge{
		Tier: r.text(o, "tier"), Action: r.text(o, "action"), RiskClass: r.text(o, "risk_class"), Status: r.text(o, "status"),
		Rationale: r.text(o, "rationale"), Reason: r.text(o, "reason"), Brief: r.text(o, "brief"), Counter: r.text(o, "counter"),
		ConfidencePPM: r.number(o, "confidence_ppm"), Violations: r.number(o, "violations"),
		Minutes: r.number(v, "window_minutes"), Count: r.number(v, "action_count"),
		RateE4: r.number(v, "actions_per_minute_e4"), ThresholdE4: r.number(v, "threshold_actions_per_minute_e4"),
	}
	if e := r.key(o, "executor"); e != nil && e.Value.Compare(ast.Null{}) != 0 {
		s.Executor = r.text(o, "executor")
	}
	return s
}

// isTrue reads what may be missing, which is false.
func (r *termReader) isTrue(o ast.Object, name string) bool {
	t := o.Get(ast.InternedTerm(name))
	if t == nil {
		return false
	}
	b, ok := t.Value.(ast.Boolean)
	if !ok {
		r.fail("%s is neither true nor false", name)
	}
	return bool(b)
}
