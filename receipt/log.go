package receipt

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"
)

// Errors a caller may branch on.
var (
	ErrLocked  = errors.New("another process writes this log")
	ErrFull    = errors.New("no room for receipts")
	ErrChanged = errors.New("the log was changed by somebody else")
	ErrClosed  = errors.New("the log is closed")
)

// Options of a Log; the zero value is ready.
type Options struct {
	// Host names a new journal; default "h_" and 16 random hex digits. An
	// existing journal keeps its name, and another Host is an error.
	Host  string
	Clock func() time.Time // default time.Now
	// Replay is the fold. It gets every receipt in order: those on disk during
	// Open, each new one inside Append before anybody else can append. An error
	// stops the log for good, because state no longer follows from it.
	Replay func(Receipt) error
	// Restore takes the data of a snapshot in place of the receipts before it.
	// On error it must have changed nothing: everything is replayed then.
	// Without Restore snapshots are not used.
	Restore func([]byte) error
	Redact  *Redactor // default: nothing is redacted

	SegmentBytes int64         // default 64 MiB
	SegmentAge   time.Duration // default 24 h

	disk disk
}

// Log is an open journal with this process as its only writer. Lock order:
// turn, then mu. Mu is held around a write to the page cache; a flush is waited
// for with turn alone, except when segments change.
type Log struct {
	dir    string
	lock   *os.File
	disk   disk
	clock  func() time.Time
	replay func(Receipt) error
	redact *Redactor
	limit  int64
	age    time.Duration

	turn    chan struct{} // holds a token while somebody flushes or changes segments
	pending sync.WaitGroup
	durable atomic.Uint64 // receipts below this number are on disk

	mu     sync.Mutex
	tip    tip         // guarded by mu, as all below
	f      *os.File    // the open segment
	path   string      //
	size   int64       // of it
	lines  int         // in it
	tail   []byte      // its last bytes, those not known to be on disk
	began  time.Time   // when it was opened
	sealed bool        // it has its segment_close; the next one could not be started yet
	full   bool        // the reserve is spent
	broken error       // the open file is in doubt; it must be written anew
	dead   error       // nothing can be appended until the log is opened again
	timer  *time.Timer // nil when nothing waits for its flush
	snap   position    // where Open started
}

// Open takes the log in dir, which is created if needed, repairs a torn end,
// checks the rest and replays it. Damage anywhere but at the end is a *Damage;
// a log that has a writer gives ErrLocked.
func Open(dir string, o Options) (*Log, error) {
	if err := openFolder(dir); err != nil {
		return nil, err
	}
	lock, err := lockFolder(dir)
	if err != nil {
		return nil, err
	}
	l := &Log{
		dir: dir, lock: lock, disk: o.disk, clock: o.Clock, replay: o.Replay, redact: o.Redact,
		limit: o.SegmentBytes, age: o.SegmentAge, turn: make(chan struct{}, 1),
	}
	if l.disk == nil {
		l.disk = realDisk{}
	}
	if l.clock == nil {
		l.clock = time.Now
	}
	if l.limit <= 0 {
		l.limit = segmentBytes
	}
	if l.age <= 0 {
		l.age = segmentAge
	}
	if err := l.load(o); err != nil {
		l.rest()
		if l.f != nil {
			l.f.Close()
		}
		lock.Close()
		return nil, err
	}
	return l, nil
}

func newHost() string {
	var b [8]byte
	rand.Read(b[:])
	return "h_" + hex.EncodeToString(b[:])
}

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
		if group[i], err = prepare(d, l.redact); err != nil {
			return nil, err
		}
		closing = closing && d.Closing
		n += int64(len(group[i].body)) + 512
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
	p, err := prepare(Draft{Type: kind, Scroll: ScrollLog, Body: body}, nil)
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
	at := stamp(now)
	var lines []byte
	rs := make([]Receipt, len(group))
	for i, p := range group {
		line := p.line(*t, at, len(group)-1-i)
		r, err := Parse(line)
		if err == nil {
			err = t.accept(r)
		}
		if err != nil {
			// The writer is held to what Verify will demand.
			return nil, nil, fmt.Errorf("compose receipt %s: %w", p.Type, err)
		}
		rs[i] = r
		lines = append(append(lines, line...), '\n')
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

// State is where a log stands.
type State struct {
	Host    string
	Next    uint64          // number of the next receipt
	Durable uint64          // receipts below this number are on disk
	Start   uint64          // receipts below this number were not checked by Open
	Scrolls map[string]Head //
}

// Head tells where the log stands.
func (l *Log) Head() State {
	l.mu.Lock()
	defer l.mu.Unlock()
	t := l.tip.clone()
	return State{Host: t.host, Next: t.next, Durable: l.durable.Load(), Start: l.snap.next, Scrolls: t.scrolls}
}

// Healthy returns nil if the log takes receipts, or else why not.
func (l *Log) Healthy() error {
	l.mu.Lock()
	defer l.mu.Unlock()
	switch {
	case l.dead != nil:
		return l.dead
	case l.broken != nil:
		return l.broken
	case l.full:
		return ErrFull
	}
	return nil
}

// Close makes everything durable and gives the log up.
func (l *Log) Close() error {
	l.turn <- struct{}{}
	err := l.flush(context.Background())
	<-l.turn
	l.mu.Lock()
	if errors.Is(l.dead, ErrClosed) {
		l.mu.Unlock()
		return nil
	}
	l.dead = ErrClosed
	l.mu.Unlock()
	l.rest()
	return errors.Join(err, l.f.Close(), l.lock.Close())
}

// rest ends the pending flush, which has nothing left to do.
func (l *Log) rest() {
	l.mu.Lock()
	if l.timer != nil && l.timer.Stop() {
		l.timer = nil
		l.pending.Done()
	}
	l.mu.Unlock()
	l.pending.Wait()
}
