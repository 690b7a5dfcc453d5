package receipt

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
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
	// Drill, if not "", makes this the log of a drill: every receipt, those about
	// the log too, has the tag DRILL and Drill as drill_id in its body.
	Drill string

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
	forms  forms
	drill  string
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
		dir: dir, lock: lock, disk: o.disk, clock: o.Clock, replay: o.Replay, redact: o.Redact, drill: o.Drill,
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
