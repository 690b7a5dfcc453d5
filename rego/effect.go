package rego

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// KindDue is the kind of Input with which time itself asks; see Policy.Due.
const KindDue = "due"

// Due says what time has brought about: elevations that have lapsed, trust that
// idleness has cost. It reads the newest revision alone, for all it can do is to
// take authority away. An error means that nothing is known, and callers go by
// what an elevation's own end says.
func (p *Policy) Due(ctx context.Context, in Input) (Due, error) {
	return p.current.Load().set.due(ctx, in)
}

func (s *Set) dueAnswer(ctx context.Context, in Input) (*ast.Term, error) {
	ask := s.job(ctx, &s.time, s.engine.limits.builtin, in.value(), in.NowNS)
	a := run([]job{ask}, s.engine.limits.grace)[0]
	return a.term, a.err
}

func (s *Set) due(ctx context.Context, in Input) (Due, error) {
	in.Kind = KindDue
	term, err := s.dueAnswer(ctx, in)
	if err != nil {
		return Due{}, fmt.Errorf("ask what is due: %w", err)
	}
	r := termReader{}
	o := r.object("due", term)
	d := Due{Effects: r.effects(r.key(o, "effects")), Next: time.Duration(r.number(o, "next_ms")) * time.Millisecond}
	if r.err != nil {
		return Due{}, fmt.Errorf("ask what is due: %w", r.err)
	}
	return d, nil
}

// effects reads a list of effects and puts it in order. A field that no Effect
// has is an error: it could be the one that limits it.
func (r *termReader) effects(t *ast.Term) []Effect {
	out := readList(r, "effects", t, func(r *termReader, o ast.Object) Effect {
		e, err := effectOf(o)
		if err != nil {
			r.fail("effects: %w", err)
		}
		return e
	})
	slices.SortStableFunc(out, func(a, b Effect) int { return cmp.Compare(a.Order, b.Order) })
	return out
}

func effectOf(o ast.Object) (e Effect, err error) {
	v, err := ast.JSON(o)
	if err != nil {
		return e, err
	}
	text, err := json.Marshal(v)
	if err != nil {
		return e, err
	}
	d := json.NewDecoder(bytes.NewReader(text))
	d.DisallowUnknownFields()
	if err := d.Decode(&e); err != nil {
		return e, err
	}
	if e.Do == "" {
		return e, errors.New("an effect does nothing")
	}
	return e, nil
}
