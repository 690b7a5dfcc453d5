package rego

import (
	"encoding/json"
	"maps"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// TestWhatIsWorkedOutOfBrokenFacts: facts that no classifier would make, with
// stages of other commands, parents in circles, fields that are missing and words
// that are no text, are still only judged as the evaluator judges them.
func TestWhatIsWorkedOutOfBrokenFacts(t *testing.T) {
	e, restless := sleepless(t)
	s := both(t, e, restless, `{}`)
	b := breaker{r: rand.New(rand.NewPCG(3, 4))}
	for _, r := range e.Rules() {
		if r.Fires != nil && r.Fires.Kind == "line" {
			b.all = append(b.all, lineInput(t, r.Fires.Text).value())
		}
	}
	worked, failed := 0, 0
	for range 200 {
		in := b.broken(t)
		want, err := s.all.ask(t.Context(), in, 0, builtinTime)
		p := e.awake.begin(in, s.set.tables)
		if b.r.IntN(3) == 0 {
			p.steps = b.r.IntN(2000)
		}
		got := e.awake.certain(p)
		switch {
		case err != nil:
			failed++
			continue // the evaluator looks at what cannot matter any more, too
		case got != nil && got.Compare(want.Value) != 0:
			t.Errorf("%v:\nworked out %v\nwant       %v", in, got, want)
		case got != nil:
			worked++
		}
		e.awake.rouse(p)
		if got, err := s.set.result.ask(t.Context(), in, 0, builtinTime); err != nil || got.Value.Compare(want.Value) != 0 {
			t.Errorf("%v: %v\ngot  %v\nwant %v", in, err, got, want)
		}
	}
	if worked < 50 || failed == 0 {
		t.Errorf("%d were worked out, %d are errors; want a quarter, and some", worked, failed)
	}
	t.Logf("%d were worked out, %d are errors", worked, failed)
}

// breaker makes inputs of others.
type breaker struct {
	r   *rand.Rand
	all []ast.Value
}

// broken is an input with two more stages and a few changes.
func (b breaker) broken(t *testing.T) ast.Value {
	t.Helper()
	in := b.plain(t)
	cmd := in["cmd"].(map[string]any)
	for range 2 {
		more := b.plain(t)["cmd"].(map[string]any)
		cmd["stages"] = append(cmd["stages"].([]any), more["stages"].([]any)...)
		cmd["names"] = append(cmd["names"].([]any), more["names"].([]any)...)
		cmd["has"] = append(cmd["has"].([]any), more["has"].([]any)...)
	}
	for i, stage := range cmd["stages"].([]any) {
		stage.(map[string]any)["id"] = json.Number([]string{"0", "1", "2", "3"}[i%4])
	}
	for range 1 + b.r.IntN(6) {
		b.change(cmd)
	}
	v, err := ast.InterfaceToValue(in)
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func (b breaker) plain(t *testing.T) map[string]any {
	t.Helper()
	v, err := ast.JSON(b.all[b.r.IntN(len(b.all))])
	if err != nil {
		t.Fatal(err)
	}
	return v.(map[string]any)
}

// change goes down to some value and replaces it; it seldom has another type then.
func (b breaker) change(v any) {
	switch v := v.(type) {
	case map[string]any:
		keys := slices.Sorted(maps.Keys(v))
		if len(keys) == 0 {
			return
		}
		switch key := keys[b.r.IntN(len(keys))]; {
		case b.r.IntN(60) == 0:
			delete(v, key)
		default:
			v[key] = b.other(v[key])
		}
	case []any:
		if len(v) > 0 {
			i := b.r.IntN(len(v))
			v[i] = b.other(v[i])
		}
	}
}

func (b breaker) other(v any) any {
	if b.r.IntN(80) == 0 {
		return []any{nil, true, json.Number("1.0"), "x", []any{}, map[string]any{}}[b.r.IntN(6)]
	}
	switch v := v.(type) {
	case string:
		return []string{"", "\x00", "\xff", "\u0130", "%s", "-1", "/", "rm", "git", v + v}[b.r.IntN(10)]
	case json.Number:
		return json.Number([]string{"-2", "-1", "0", "1", "1.0", "2", "9223372036854775808"}[b.r.IntN(7)])
	case bool:
		return !v
	case []any:
		if b.r.IntN(4) == 0 {
			return append(v, v...)
		}
	}
	b.change(v)
	return v
}
