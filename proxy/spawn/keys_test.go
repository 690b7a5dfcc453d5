package spawn

import (
	"testing"
	"time"
)

// typed is input that arrives after a pause.
type typed struct {
	after time.Duration
	bytes string
}

// answer plays what was typed to a question drawn at time 0, with ticks exactly
// when they are due, and returns the first answer: 0 for none.
func answer(input []typed) byte {
	now := time.Unix(0, 0)
	k := keys{}
	k.restart(now)
	for _, in := range append(input, typed{after: time.Minute}) {
		arrives := now.Add(in.after)
		for wait := k.wait(now); wait >= 0 && now.Add(wait).Before(arrives); wait = k.wait(now) {
			now = now.Add(wait)
			if _, key := k.tick(now); key != 0 {
				return key
			}
		}
		now = arrives
		if in.bytes != "" {
			if key := k.input([]byte(in.bytes), now); key != 0 {
				return key
			}
		}
	}
	return 0
}

func TestOnlyASingleKeyPressedAfterTheKeysWereNamedAnswers(t *testing.T) {
	const ms = time.Millisecond
	held := []typed{{600 * ms, "a"}}
	flow := []typed{}
	for range 40 {
		held = append(held, typed{30 * ms, "a"})
		flow = append(flow, typed{200 * ms, "a"})
	}
	for _, c := range []struct {
		name  string
		input []typed
		want  byte
	}{
		{"nothing typed", nil, 0},
		{"a key after the keys were named", []typed{{600 * ms, "a"}}, 'a'},
		{"a key right after they were named", []typed{{501 * ms, "d"}}, 'd'},
		{"a key before they were named", []typed{{100 * ms, "a"}}, 0},
		{"a key that came with the question", []typed{{0, "a"}}, 0},
		{"fluent typing goes on for seconds", flow, 0},
		{"typing that pauses, and then a key", []typed{{100 * ms, "c"}, {150 * ms, "a"}, {700 * ms, "d"}}, 'd'},
		{"a paste in one read", []typed{{600 * ms, "a\r"}}, 0},
		{"a paste in two reads", []typed{{600 * ms, "a"}, {1 * ms, "\r"}}, 0},
		{"a paste whose last byte is a key", []typed{{600 * ms, "xyz"}, {10 * ms, "a"}}, 0},
		{"a paste that dribbles in", []typed{{600 * ms, "x"}, {40 * ms, "y"}, {40 * ms, "a"}}, 0},
		{"a key after a paste", []typed{{600 * ms, "a\r"}, {600 * ms, "a"}}, 'a'},
		{"a key too soon after a paste", []typed{{600 * ms, "xx"}, {300 * ms, "a"}}, 0},
		{"a held key", held, 0},
		{"an arrow key", []typed{{600 * ms, "\x1b[A"}}, 0},
		{"an arrow key in two reads", []typed{{600 * ms, "\x1b"}, {2 * ms, "[A"}}, 0},
		{"a letter outside ASCII", []typed{{600 * ms, "\u00e4"}}, 0},
		{"^C at once", []typed{{0, "\x03"}}, interrupt},
		{"^C in a burst", []typed{{600 * ms, "aaa\x03"}}, interrupt},
		{"^C within a key's time alone", []typed{{600 * ms, "a"}, {10 * ms, "\x03"}}, interrupt},
		{"^Z", []typed{{10 * ms, "\x1a"}}, suspend},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := answer(c.input); got != c.want {
				t.Errorf("answer = %q, want %q", got, c.want)
			}
		})
	}
}
