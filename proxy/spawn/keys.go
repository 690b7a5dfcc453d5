package spawn

import "time"

const (
	// settle is how long nothing must have been typed before keys count. It is
	// longer than a pause between two keys of fluent typing, so that a question
	// that appears under the hands of someone who types is not answered by it.
	settle = 500 * time.Millisecond

	// alone is how long before and after a key nothing else may arrive. Pastes and
	// held keys are faster.
	alone = 50 * time.Millisecond

	interrupt = 0x03 // ^C
	suspend   = 0x1a // ^Z
)

// keys decides which input is an answer. Only a single key counts, and only one
// that was pressed after the person had been shown which keys do; whatever else
// arrives closes the question to keys until the keyboard has been quiet again.
type keys struct {
	shown   bool      // the keys have been named and count
	last    time.Time // input last arrived, or the question was drawn
	pending byte      // single key that has yet to stay alone
}

// input takes what was read at now. It returns interrupt or suspend at once,
// because denying and stopping are safe however they were typed, else 0.
func (k *keys) input(p []byte, now time.Time) byte {
	single := k.shown && len(p) == 1 && k.pending == 0 && now.Sub(k.last) >= alone
	k.last, k.pending = now, 0
	for _, b := range p {
		if b == interrupt || b == suspend {
			return b
		}
	}
	if single {
		k.pending = p[0]
		return 0
	}
	k.shown = false
	return 0
}

// tick says what is due at now: show means that the keys are to be named to the
// person now; a key other than 0 is the answer.
func (k *keys) tick(now time.Time) (show bool, key byte) {
	switch quiet := now.Sub(k.last); {
	case !k.shown && quiet >= settle:
		k.shown, k.last = true, now.Add(-alone)
		return true, 0
	case k.pending != 0 && quiet >= alone:
		key, k.pending = k.pending, 0
		return false, key
	}
	return false, 0
}

// wait is how long after now the next tick is due; negative if only input can
// change anything.
func (k *keys) wait(now time.Time) time.Duration {
	switch {
	case !k.shown:
		return max(0, k.last.Add(settle).Sub(now))
	case k.pending != 0:
		return max(0, k.last.Add(alone).Sub(now))
	}
	return -1
}

// restart closes the question to keys until the keyboard has been quiet.
func (k *keys) restart(now time.Time) { *k = keys{last: now} }
