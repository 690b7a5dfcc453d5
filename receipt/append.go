package receipt

import (
	"fmt"
	"path/filepath"
	"time"
)

// Append writes the drafts as one contiguous group: all of them or, with an
// error, none. Check, if not nil, runs first, with nobody else able to append
// until the group is written and folded; its error is returned as it is. The
// receipts reach the disk within 50 ms; wait for Sync where that must be
// before something else. ErrFull means that there is no room: only drafts
// marked Closing are taken then.
func (l *Log) Append(check func() error, drafts ...Draft) ([]Receipt, error) {
	group := make([]prepared, len(drafts))
	closing, n := true, int64(0)
	for i, d := range drafts {
		var err error
		if group[i], err = l.prepare(d); err != nil {
			return nil, err
		}
		closing = closing && d.Closing
		n += int64(len(group[i].body)) + around
	}
	if err := l.enter(n, closing); err != nil {
		return nil, err
	}
	defer l.mu.Unlock()
	if check != nil {
		if err := check(); err != nil {
			return nil, err
		}
	}
	if len(group) == 0 {
		return nil, nil
	}
	rs, err := l.write(group)
	if isFull(err) && !l.full {
		l.degrade(err)
		if closing {
			rs, err = l.write(group)
		}
	}
	if isFull(err) {
		err = fmt.Errorf("%w: %w", ErrFull, err)
	}
	return rs, err
}

// enter returns with mu held and the open segment ready for n bytes.
func (l *Log) enter(n int64, closing bool) error {
	l.mu.Lock()
	if !l.needy(n) {
		return nil
	}
	l.mu.Unlock()
	l.turn <- struct{}{}
	l.mu.Lock()
	err := l.ready(n, closing)
	<-l.turn
	if err != nil {
		l.mu.Unlock()
	}
	return err
}

func (l *Log) needy(n int64) bool {
	return l.dead != nil || l.broken != nil || l.full || l.sealed || l.due(n)
}

func (l *Log) due(n int64) bool {
	return l.size+n > l.limit || l.clock().Sub(l.began) >= l.age
}

// ready mends what can be mended before an append. Turn and mu are held.
func (l *Log) ready(n int64, closing bool) error {
	if l.dead != nil {
		return l.dead
	}
	if l.broken != nil {
		if err := l.rebuild(); err != nil {
			return fmt.Errorf("write the log anew after %w: %w", l.broken, err)
		}
	}
	if l.full {
		if err := l.refill(); err != nil && !closing {
			return fmt.Errorf("%w: %w", ErrFull, err)
		}
	}
	if !l.sealed && !l.due(n) {
		return nil
	}
	err := l.rotate()
	if isFull(err) && !l.full {
		l.degrade(err)
		if closing {
			err = l.rotate()
		}
	}
	if isFull(err) {
		err = fmt.Errorf("%w: %w", ErrFull, err)
	}
	return err
}

// rotate closes the open segment and starts the next. Turn and mu are held: no
// receipt may come between the two.
func (l *Log) rotate() error {
	if !l.sealed {
		body := segmentClose{Segment: filepath.Base(l.path), Bytes: l.size, Scrolls: l.tip.scrolls}
		if err := l.own(TypeSegmentClose, body); err != nil {
			return err
		}
		l.sealed = true
	}
	if len(l.tail) > 0 {
		if err := l.disk.Sync(l.f); err != nil {
			l.broken = err
			if err := l.rebuild(); err != nil {
				return err
			}
		}
		l.tail = nil
		l.durable.Store(l.tip.next)
	}
	return l.extend()
}

// own appends a receipt of the log about itself. Mu is held.
func (l *Log) own(kind string, body any) error {
	p, err := l.about(kind, body)
	if err != nil {
		return err
	}
	_, err = l.write([]prepared{p})
	return err
}

// write puts group into the open segment and folds it. Mu is held.
func (l *Log) write(group []prepared) ([]Receipt, error) {
	next := l.tip.clone()
	rs, lines, err := compose(&next, group, l.clock())
	if err != nil {
		return nil, err
	}
	if err := l.put(lines); err != nil {
		return nil, err
	}
	l.lines += len(rs)
	l.tip = next
	l.flushSoon()
	return rs, l.fold(rs)
}

// compose gives group its place behind t and moves t.
func compose(t *tip, group []prepared, now time.Time) ([]Receipt, []byte, error) {
	at, room := stamp(now), 0
	for _, p := range group {
		room += len(p.body) + around
	}
	lines := make([]byte, 0, room) // moving it would leave the lines before behind, which is slow and no harm
	rs := make([]Receipt, len(group))
	for i, p := range group {
		from := len(lines)
		lines = p.appendLine(lines, *t, at, len(group)-1-i)
		r, err := parse(lines[from:len(lines):len(lines)])
		if err == nil {
			err = t.accept(r)
		}
		if err != nil {
			// The writer is held to what Verify will demand.
			return nil, nil, fmt.Errorf("compose receipt %s: %w", p.Type, err)
		}
		if p.whole {
			r.said = p.Body
		}
		rs[i] = r
		lines = append(lines, '\n')
	}
	return rs, lines, nil
}

// put appends lines to the open segment, or leaves it as it was. Mu is held.
func (l *Log) put(lines []byte) error {
	if err := unchanged(l.f, l.size); err != nil {
		l.dead = err
		return err
	}
	if _, err := l.disk.Write(l.f, lines); err != nil {
		if cut := l.disk.Truncate(l.f, l.size); cut != nil {
			l.broken = err
		}
		return fmt.Errorf("write receipts: %w", err)
	}
	l.size += int64(len(lines))
	l.tail = append(l.tail, lines...)
	return nil
}

func (l *Log) fold(rs []Receipt) error {
	if l.replay == nil {
		return nil
	}
	for _, r := range rs {
		if err := l.replay(r); err != nil {
			l.dead = fmt.Errorf("fold receipt %d (%s): %w", r.Chain.JSeq, r.Type, err)
			return l.dead
		}
	}
	return nil
}
