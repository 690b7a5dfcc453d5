// Package gate closes guard's loop: a Request becomes facts, the facts become a
// decision, the decision becomes a receipt, and only then does anybody act.
//
// Gate is the one Authority. It owns the log and the state folded from it, and
// it asks the policy; it takes no decision of its own. What it adds is order:
// the receipt before the act, the decision on a state that has not moved, the
// approval spent once.
//
// # Nothing is decided on yesterday's state
//
// A decision reads the state, runs without a lock, and is appended with a check
// that what it read has not moved; if it has, it is taken again. A vote that
// arrives while another is being counted therefore never counts twice, and two
// processes that retry one approved command get one permission between them.
//
// # Locks
//
// The log's own lock is taken before Gate.mu (the fold runs inside Append), so
// nothing may call Append while it holds mu.
package gate

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// Options say where a Gate lives. The zero value of each optional field is ready.
type Options struct {
	Dir      string       // state folder; receipts/ and policy/ are below it
	System   string       // root's policy folder
	User     string       // the user's policy folder
	UID      int          // whose folders are trusted besides root's
	Version  string       // of guardd, for status
	Protocol int          // of the socket, for status
	Log      *slog.Logger // nil: discard

	// Drill, if not "", is the id of a drill, which gets a state folder and a log
	// of its own: the log is named after it, and each receipt carries it.
	Drill string
	// Clock, if not nil, stands for both clocks of the machine: that of the wall,
	// and the time since boot.
	Clock func() (time.Time, time.Duration)

	clock    clock         // tests set another
	engine   *rego.Engine  // nil: compile it; tests share one
	hookTime time.Duration // tests set another; 0: hookTime
}

// Gate is the authority. Make one with Open.
type Gate struct {
	opt      Options
	log      *receipt.Log
	redact   *receipt.Redactor
	policies *rego.Store
	clock    clock
	started  time.Time
	done     chan struct{}
	work     sync.WaitGroup
	ripe     chan struct{} // a snapshot is due
	turns    chan struct{} // holds a token for each decision under way
	readings readings
	acting   sync.Mutex // held while authority changes: one change after the other
	telling  sync.Mutex // held while on_trust_change is told; nothing that holds another lock takes it

	mu      sync.Mutex
	state   *state.State             // guarded by mu; written only by fold
	changed chan struct{}            // guarded by mu; closed and replaced when somebody may have to wake
	conns   map[uint64]binding       // guarded by mu; by connection
	inboxes map[uint64]int           // guarded by mu; followed inboxes by connection
	waiting map[string]waiters       // guarded by mu; by open hold
	left    map[string]bool          // guarded by mu; holds whose last waiter has gone
	heldAt  map[string]int           // guarded by mu; surge level that what waits for a hold was last decided at
	falls   time.Duration            // guarded by mu; when to look whether one of those has fallen, on the clock of the boot; 0: never
	lost    map[string]time.Duration // guarded by mu; sessions without their connection, since when on the clock of the boot
	looked  lookedAt                 // guarded by mu; what is due
	epoch   uint64                   // guarded by mu; counts the receipts that change a hold, a session or the policy
}

// waiters are the requests that wait for one hold, by the connection that asked
// and their ids: to decide them again, and to know when nobody waits any more.
type waiters map[waiter]proxy.Request

type waiter struct {
	conn    uint64
	request string
}

// binding is what a connection may speak for: a session, as the process that
// attached to it.
type binding struct {
	session string
	pid     int
	start   uint64
}

// errMoved says that what a decision read has changed; it is taken again.
var errMoved = errors.New("state moved")

// snapshotEvery is how many receipts a guardd that was killed makes the next one
// fold and verify at its start, more or less.
const snapshotEvery = 2000

// maxTries bounds how often a decision is taken again before the asker is told
// that guard cannot decide. Each retry means that somebody else made progress.
const maxTries = 100

// Open folds the receipts under opt.Dir, loads the policy and starts the timers.
// It fails if the log is damaged or in use, or the built-in policy cannot be
// loaded; nothing can run then.
func Open(ctx context.Context, opt Options) (*Gate, error) {
	if opt.Log == nil {
		opt.Log = slog.New(slog.DiscardHandler)
	}
	if opt.Clock != nil {
		opt.clock = handed(opt.Clock)
	}
	if opt.clock.now == nil {
		opt.clock = newClock()
	}
	g := &Gate{
		opt: opt, clock: opt.clock, done: make(chan struct{}), ripe: make(chan struct{}, 1),
		turns: make(chan struct{}, 2*runtime.GOMAXPROCS(0)), state: state.New(),
		changed: make(chan struct{}), conns: map[uint64]binding{}, inboxes: map[uint64]int{},
		waiting: map[string]waiters{}, lost: map[string]time.Duration{}, left: map[string]bool{}, heldAt: map[string]int{},
	}
	g.started = g.clock.now().wall
	var err error
	if g.redact, err = receipt.OpenRedactor(filepath.Join(opt.Dir, "redaction.key")); err != nil {
		return nil, err
	}
	if g.log, err = receipt.Open(filepath.Join(opt.Dir, "receipts"), g.logOptions()); err != nil {
		return nil, g.stopped(err)
	}
	if g.policies, err = rego.Open(g.policyOptions()); err != nil {
		return nil, errors.Join(err, g.log.Close())
	}
	for id := range g.state.Sessions {
		g.lost[id] = g.clock.now().boot
	}
	g.work.Go(g.tick)
	return g, nil
}

func (g *Gate) logOptions() receipt.Options {
	return receipt.Options{
		Host: g.opt.Drill, Drill: g.opt.Drill, Redact: g.redact, Replay: g.fold, Clock: g.clock.time,
		Restore: func(snapshot []byte) error {
			restored, err := state.Restore(snapshot)
			if err == nil {
				g.state = restored
			}
			return err
		},
	}
}

// Close stops the timers, leaves a snapshot and closes the log. Holds and
// sessions stay open on record: the next guardd goes on with them.
func (g *Gate) Close() error {
	close(g.done)
	g.work.Wait()
	errPolicies := g.policies.Close()
	return errors.Join(errPolicies, g.snapshot(), g.log.Close())
}

// snapshot leaves the state on disk, so that the next start need not fold every
// receipt there ever was.
func (g *Gate) snapshot() error {
	return g.log.Snapshot(func() ([]byte, error) {
		g.mu.Lock()
		defer g.mu.Unlock()
		return g.state.Snapshot()
	})
}

// VerifyOld checks, in the background, the receipts from before the snapshot
// that the start went by. What it finds stops the log.
func (g *Gate) VerifyOld(ctx context.Context) error { return g.log.VerifyOld(ctx) }

// Ask answers a Request; see proxy.Authority.
func (g *Gate) Ask(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	answer := g.answerer(r.Kind)
	if answer == nil {
		return proxy.Answer{}, fmt.Errorf("unknown kind of request %q", r.Kind)
	}
	if !isRequestID(r.ID) {
		return proxy.Answer{}, fmt.Errorf("%s request: %q is no request id", r.Kind, r.ID)
	}
	if !complete(r) {
		return proxy.Answer{}, fmt.Errorf("%s request without its part", r.Kind)
	}
	for range maxTries {
		a, err := answer(ctx, r)
		if !errors.Is(err, errMoved) {
			return a, err
		}
	}
	return proxy.Answer{}, fmt.Errorf("%s request: state moved %d times in a row", r.Kind, maxTries)
}

func (g *Gate) answerer(kind string) func(context.Context, proxy.Request) (proxy.Answer, error) {
	switch kind {
	case proxy.KindSession:
		return g.openSession
	case proxy.KindCommand:
		return g.command
	case proxy.KindOutcome:
		return g.outcome
	case proxy.KindLoaded:
		return g.loaded
	case proxy.KindEnd:
		return g.endSession
	case proxy.KindVote:
		return g.vote
	case proxy.KindCancel:
		return g.cancel
	case proxy.KindStop:
		return g.stop
	case proxy.KindAccept, proxy.KindElevate, proxy.KindRelease, proxy.KindThreat, proxy.KindTem, proxy.KindTrust, proxy.KindBudget, proxy.KindLockout:
		return g.actAlone
	default:
		return nil
	}
}

// complete says whether a request that changes authority has its part.
func complete(r proxy.Request) bool {
	switch r.Kind {
	case proxy.KindAccept:
		return r.Accept != nil
	case proxy.KindElevate:
		return r.Elevate != nil
	case proxy.KindRelease:
		return r.Release != nil
	case proxy.KindTrust:
		return r.Trust != nil
	case proxy.KindLockout:
		return r.Lockout != nil
	case proxy.KindBudget:
		return r.Budget != nil
	case proxy.KindThreat:
		return r.Threat != nil
	case proxy.KindTem:
		return r.Tem != nil
	}
	return true
}

// decide asks the policy. Only as many decisions run at once as the machine can
// take: a thousand askers then wait their turns, where together they would all
// run out of the time that one decision may take.
func (g *Gate) decide(ctx context.Context, p *rego.Policy, in rego.Input) (rego.Decision, error) {
	select {
	case g.turns <- struct{}{}:
		defer func() { <-g.turns }()
		return p.Decide(ctx, in)
	case <-ctx.Done():
		return rego.Decision{}, ctx.Err()
	}
}

// fold applies one receipt to the state. The log calls it inside Append, and
// for every old receipt while it opens.
func (g *Gate) fold(r receipt.Receipt) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	keyed := g.state.KeyedAt
	if err := g.state.Apply(r); err != nil {
		return err
	}
	if g.state.KeyedAt != keyed {
		g.wake() // somebody may wait for the outcome under that key
	}
	if moves[r.Type] {
		g.epoch++
		for id := range g.waiting {
			if h := g.state.Holds[id]; h == nil || h.State != proxy.Pending {
				delete(g.waiting, id)
				delete(g.heldAt, id)
			}
		}
		g.wake()
	}
	return nil
}

// moves lists the receipts that change what others wait for or decide on; a
// plain command that runs is not among them, so commands do not make each other
// decide again.
var moves = map[string]bool{
	state.SessionStarted: true, state.HoldOpened: true, state.HoldApproval: true, state.HoldEscalated: true, state.HoldDetached: true,
	state.HoldResolved: true, state.HoldExpired: true, state.GrantUsed: true,
	state.SessionStopping: true, state.SessionKept: true, state.SessionEnded: true,
	state.PolicyActivated: true, state.PolicyAccepted: true,
	state.TreasuryBudget: true, state.ProfileEscalation: true, state.ProfileDeescalation: true, state.ProfileConfirmed: true,
	state.ThreatReported: true, state.ThreatResolved: true,
	state.TrustPromoted: true, state.TrustRevoked: true, state.TrustReview: true, state.TrustTold: true, state.TreasuryDenial: true,
	state.LockoutEnabled: true, state.LockoutReset: true,
}

// wake lets everybody who waits look again. mu is held.
func (g *Gate) wake() {
	close(g.changed)
	g.changed = make(chan struct{})
}

// unmoved returns a check that nothing has moved since the epoch was seen.
func (g *Gate) unmoved(epoch uint64) func() error {
	return func() error {
		if g.epoch != epoch {
			return errMoved
		}
		return nil
	}
}

// append writes receipts if check still holds, and waits for the disk if they
// must survive a power loss.
func (g *Gate) append(ctx context.Context, check func() error, durable bool, drafts ...receipt.Draft) ([]receipt.Receipt, error) {
	written, err := g.log.Append(func() error {
		g.mu.Lock()
		defer g.mu.Unlock()
		return check()
	}, drafts...)
	if err == nil {
		g.ripen(written)
	}
	if err == nil && durable {
		err = g.log.Sync(ctx, written[len(written)-1].Chain.JSeq)
	}
	return written, g.stopped(err)
}

// ripen asks for a snapshot when these receipts complete a batch.
func (g *Gate) ripen(written []receipt.Receipt) {
	first, last := written[0].Chain.JSeq, written[len(written)-1].Chain.JSeq
	if (last+1)/snapshotEvery == first/snapshotEvery {
		return
	}
	select {
	case g.ripe <- struct{}{}:
	default: // one is due already
	}
}

// stopped adds to an error of the log what a person can do about it.
func (g *Gate) stopped(err error) error {
	var damage *receipt.Damage
	switch {
	case errors.Is(err, receipt.ErrFull):
		return fmt.Errorf("cannot write receipts: %w; nothing runs until there is room: free 1 MiB at %s, then retry", err, g.opt.Dir)
	case errors.As(err, &damage):
		return fmt.Errorf("the receipts are not what was written: %w; nothing runs: see guard verify", err)
	}
	return err
}

// draft is a receipt of a type the fold knows.
func draft(typ string, body any, tags ...string) receipt.Draft {
	return receipt.Draft{Type: typ, Scroll: state.Scroll(typ), Tags: tags, Body: body, Closing: closes[typ]}
}

// closes lists the receipts that end something already begun: they may use the
// room that the log keeps for when the disk is full.
var closes = map[string]bool{
	state.CommandOutcome: true, state.CommandOrphaned: true, state.CommandStarted: true, state.CommandFailed: true,
	state.CommandsLost: true, state.SessionKept: true, state.SessionEnded: true, state.SessionStopping: true,
	state.HoldResolved: true, state.HoldExpired: true, state.HoldDetached: true, state.ProfileDeescalation: true, state.TreasuryDebit: true,
}

// isRequestID says whether a request has an id as proxy.Request wants it. Any
// other could be redacted or cut on record, and would not be found again.
func isRequestID(id string) bool {
	digits, ok := strings.CutPrefix(id, "r_")
	return ok && len(digits) == 24 && strings.Trim(digits, "0123456789abcdef") == ""
}

// newID returns prefix and n random bytes in hex.
func newID(prefix string, n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails (crypto/rand)
	return prefix + hex.EncodeToString(b)
}

// always is the check of a receipt that depends on nothing.
func always() error { return nil }
