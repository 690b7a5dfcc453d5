package receipt

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"time"
)

// Sync returns once receipt jseq is on disk. Whoever waits at the same time
// shares one flush.
func (l *Log) Sync(ctx context.Context, jseq uint64) error {
	if jseq < l.durable.Load() {
		return nil
	}
	select {
	case l.turn <- struct{}{}:
	case <-ctx.Done():
		return ctx.Err()
	}
	defer func() { <-l.turn }()
	if jseq < l.durable.Load() {
		return nil // the flush we waited for covered it
	}
	if err := l.flush(ctx); err != nil {
		return err
	}
	if jseq >= l.durable.Load() {
		return fmt.Errorf("sync receipt %d: not written yet", jseq)
	}
	return nil
}

// flush makes what is written durable. Turn is held; mu is not held while the
// disk works, so that others can append meanwhile and share the next flush.
func (l *Log) flush(ctx context.Context) error {
	l.mu.Lock()
	if len(l.tail) > 0 && errors.Is(l.dead, ErrChanged) {
		defer l.mu.Unlock()
		return l.dead
	}
	f, next, size, waiting, broken := l.f, l.tip.next, l.size, len(l.tail), l.broken
	l.mu.Unlock()
	if waiting == 0 && broken == nil {
		return nil
	}
	err := broken
	if err == nil {
		err = l.disk.Sync(f)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	if err != nil {
		l.broken = err
		return l.rebuild()
	}
	l.written(l.size - size)
	l.durable.Store(next)
	return nil
}

// keptTail is how much room for a tail is kept for the next one.
const keptTail = 256 << 10

// written drops all but the last n bytes of the tail: they are on disk. Mu is held.
func (l *Log) written(n int64) {
	rest := l.tail[int64(len(l.tail))-n:]
	if cap(l.tail) > keptTail {
		l.tail = nil
	}
	l.tail = append(l.tail[:0], rest...)
}

// rebuild writes the open segment anew. After a failed fsync the kernel may
// have dropped the pages and will call the next one a success, so the old file
// can never be trusted again; what was durable is copied from it, the rest
// comes from memory. Turn and mu are held.
func (l *Log) rebuild() error {
	f, err := l.fill(l.path, l.f, l.size-int64(len(l.tail)), l.tail)
	if err != nil {
		return fmt.Errorf("write the log anew: %w", err)
	}
	l.f.Close()
	l.f, l.tail, l.broken = f, nil, nil
	l.durable.Store(l.tip.next)
	return nil
}

// flushSoon arranges for a flush within 50 ms, once for all that is written
// until then; nothing runs while nothing waits. Mu is held.
func (l *Log) flushSoon() {
	if l.timer != nil {
		return
	}
	l.pending.Add(1)
	l.timer = time.AfterFunc(syncWithin, func() {
		defer l.pending.Done()
		l.turn <- struct{}{}
		defer func() { <-l.turn }()
		l.mu.Lock()
		l.timer = nil
		l.mu.Unlock()
		// A failure leaves broken set, which Healthy shows and every Append repairs first.
		_ = l.flush(context.Background())
	})
}

// degraded is the body of audit_degraded.
type degraded struct {
	State  string `json:"state"` // begun, ended
	Reason string `json:"reason,omitempty"`
}

func (l *Log) reserve() string { return filepath.Join(l.dir, "reserve") }

// degrade frees the reserve so that what has begun can still be closed. Mu is held.
func (l *Log) degrade(cause error) {
	l.full = true
	os.Remove(l.reserve())
	if !l.sealed {
		// Without room for even this, the refusals say it.
		_ = l.own(TypeAuditDegraded, degraded{State: "begun", Reason: cause.Error()})
	}
}

// refill takes the reserve back, which is what ends a full disk. Mu is held.
func (l *Log) refill() error {
	if err := l.setAside(); err != nil {
		return err
	}
	l.full = false
	if l.sealed {
		return nil
	}
	if err := l.own(TypeAuditDegraded, degraded{State: "ended"}); err != nil {
		l.full = true
		os.Remove(l.reserve())
		return err
	}
	return nil
}

// setAside writes the reserve unless it is there.
func (l *Log) setAside() error {
	if fi, err := os.Stat(l.reserve()); err == nil && fi.Size() == reserveBytes {
		return nil
	}
	os.Remove(l.reserve())
	f, err := l.disk.Create(l.reserve())
	if err != nil {
		return fmt.Errorf("set aside the reserve: %w", err)
	}
	defer f.Close()
	if _, err = l.disk.Write(f, make([]byte, reserveBytes)); err == nil {
		err = l.disk.Sync(f)
	}
	if err != nil {
		os.Remove(l.reserve())
		return fmt.Errorf("set aside the reserve: %w", err)
	}
	return nil
}
