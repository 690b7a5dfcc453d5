package gate

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// builtin is compiled once: that takes seconds under the race detector, and
// hundreds of worlds are made here.
var builtin = sync.OnceValues(rego.LoadBuiltin)

// hands drives both clocks of a gate by hand.
type hands struct {
	mu   sync.Mutex
	wall time.Time
	boot time.Duration
}

func (h *hands) now() instant {
	h.mu.Lock()
	defer h.mu.Unlock()
	return instant{wall: h.wall, boot: h.boot}
}

func (h *hands) move(wall, boot time.Duration) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.wall, h.boot = h.wall.Add(wall), h.boot+boot
}

// world is a gate with a session on connection 1 whose guard process is this
// test, and a person on connection 9.
type world struct {
	t       *testing.T
	g       *Gate
	dir     string
	hands   *hands
	session string
}

func newWorld(t *testing.T) *world {
	t.Helper()
	return newWorldIn(t, t.TempDir(), true)
}

// newWorldIn is a world with its state in a folder, whose session has a terminal
// or not.
func newWorldIn(t *testing.T, dir string, terminal bool) *world {
	t.Helper()
	w := &world{t: t, dir: dir, hands: &hands{wall: time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC), boot: time.Hour}}
	w.open()
	t.Cleanup(func() {
		if err := w.g.Close(); err != nil {
			t.Error(err)
		}
	})
	a := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(1), Open: &proxy.Open{
		Agent: userName(os.Getuid()), // the same name as the person's, who may approve all the same
		Argv:  []string{"test"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: terminal,
	}})
	w.session = a.Session.ID
	return w
}

func (w *world) open() {
	w.t.Helper()
	engine, err := builtin()
	if err != nil {
		w.t.Fatal(err)
	}
	g, err := Open(w.t.Context(), Options{
		Dir: w.dir, User: filepath.Join(w.dir, "user-policy"), UID: os.Getuid(), engine: engine, clock: clock{bootID: "this boot", now: w.hands.now},
		hookTime: 10 * time.Minute, // however slow the machine is
	})
	if err != nil {
		w.t.Fatal(err)
	}
	w.g = g
}

// self is this process as a peer; person is somebody outside every session.
func (w *world) self(conn uint64) proxy.Peer {
	return proxy.Peer{Conn: conn, PID: os.Getpid(), UID: os.Getuid(), Start: startTime(os.Getpid())}
}

func (w *world) person() proxy.Peer {
	return proxy.Peer{Conn: 9, PID: os.Getppid(), UID: os.Getuid(), Start: startTime(os.Getppid())}
}

func (w *world) mustAsk(r proxy.Request) proxy.Answer {
	w.t.Helper()
	a, err := w.g.Ask(w.t.Context(), r)
	if err != nil {
		w.t.Fatal(err)
	}
	return a
}

// command is a request for a shell line.
func (w *world) command(line string) proxy.Request {
	return proxy.Request{ID: newID("r_", 12), Kind: proxy.KindCommand, Session: w.session, Peer: w.self(1), Command: &proxy.Command{
		Kind: "line", Line: line, Cwd: "/home/dev/app", Stdin: "null",
	}}
}

// decide asks about a request and answers whatever it wants to see with nothing.
func (w *world) decide(r proxy.Request) proxy.Answer {
	w.t.Helper()
	a := w.mustAsk(r)
	for range 3 {
		if len(a.Scene) == 0 {
			return a
		}
		c := *r.Command
		for _, q := range a.Scene {
			c.Scene = append(c.Scene, proxy.Observation{Query: q, Error: "not looked at"})
		}
		r.Command = &c
		a = w.mustAsk(r)
	}
	w.t.Fatal("the gate keeps asking for a scene")
	return a
}

// held opens a hold and returns it with its request.
func (w *world) held() (proxy.Request, proxy.HoldState) {
	w.t.Helper()
	r := w.command("git push --force origin main")
	a := w.decide(r)
	if a.Verdict != proxy.Hold || a.Hold == nil {
		w.t.Fatalf("git push --force: got %+v, want a hold", a)
	}
	return r, *a.Hold
}

func (w *world) vote(hold string, approve bool, peer proxy.Peer) (proxy.Answer, error) {
	return w.g.Ask(context.Background(), proxy.Request{
		ID: newID("r_", 12), Kind: proxy.KindVote, Peer: peer, Vote: &proxy.Vote{Hold: hold, Approve: approve, Reason: "because"},
	})
}

// settled settles what time has done, which the gate's own tick does as well and may
// be about to.
func (w *world) settled(settle func(context.Context) error) {
	w.t.Helper()
	err := errMoved
	for errors.Is(err, errMoved) {
		err = settle(w.t.Context())
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// settle settles all that time has done. Of what the gate's own tick settles
// meanwhile nothing is left to do either.
func (w *world) settle() {
	w.t.Helper()
	epoch := func() uint64 {
		w.g.mu.Lock()
		defer w.g.mu.Unlock()
		return w.g.epoch
	}
	for before := epoch(); ; before = epoch() {
		if err := w.g.settle(w.t.Context()); err != nil {
			w.t.Fatal(err)
		}
		if epoch() == before {
			return
		}
	}
}

// unmoved says, as the log asks it, whether a deed may still be put on record.
func (w *world) unmoved(a *deed) error {
	w.g.mu.Lock()
	defer w.g.mu.Unlock()
	return w.g.unmovedFor(a)()
}

// types lists the receipts so far.
func (w *world) types() map[string]int {
	w.t.Helper()
	count := map[string]int{}
	for r, err := range receipt.Read(filepath.Join(w.dir, "receipts"), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		count[r.Type]++
	}
	return count
}

// receipts are those of a type, oldest first.
func (w *world) receipts(typ string) (out []receipt.Receipt) {
	w.t.Helper()
	for r, err := range receipt.Read(filepath.Join(w.dir, "receipts"), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if r.Type == typ {
			out = append(out, r)
		}
	}
	return out
}

func TestAnAllowedCommandHasItsReceiptBeforeTheAnswer(t *testing.T) {
	w := newWorld(t)
	a := w.decide(w.command("ls -la"))
	if a.Verdict != proxy.Allow || a.Tier != proxy.Safe {
		t.Fatalf("ls: got %s %s, want allow SAFE", a.Verdict, a.Tier)
	}
	for r, err := range receipt.Read(filepath.Join(w.dir, "receipts"), a.Receipt) {
		if err != nil || r.Type != state.CommandDecision {
			t.Fatalf("receipt %d: got %s %v, want %s", a.Receipt, r.Type, err, state.CommandDecision)
		}
		return
	}
	t.Fatalf("receipt %d is not in the log", a.Receipt)
}

func TestASecondAskingOfOneRequestIsAnsweredAndRecordedOnce(t *testing.T) {
	w := newWorld(t)
	r := w.command("ls")
	first := w.decide(r)
	second := w.decide(r)
	if first.Receipt != second.Receipt || second.Verdict != proxy.Allow {
		t.Errorf("got receipts %d and %d, verdict %s; want one receipt and allow", first.Receipt, second.Receipt, second.Verdict)
	}
	if n := w.types()[state.CommandDecision]; n != 1 {
		t.Errorf("got %d decisions, want 1", n)
	}
}

func TestAnApprovalLetsExactlyOneRequestRun(t *testing.T) {
	w := newWorld(t)
	r, h := w.held()
	if _, err := w.vote(h.ID, true, w.person()); err != nil {
		t.Fatal(err)
	}
	if a := w.decide(r); a.Verdict != proxy.Allow {
		t.Fatalf("after approval: got %s, want allow", a.Verdict)
	}
	if again := w.decide(w.command("git push --force origin main")); again.Verdict != proxy.Hold || again.Hold.ID == h.ID {
		t.Errorf("the same command again: got %s on %v, want a new hold", again.Verdict, again.Hold)
	}
	if n := w.types()[state.GrantUsed]; n != 1 {
		t.Errorf("got %d grant_used, want 1", n)
	}
}

func TestAnApprovalIsOnlyForTheCommandItWasGivenTo(t *testing.T) {
	w := newWorld(t)
	_, h := w.held()
	if _, err := w.vote(h.ID, true, w.person()); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*proxy.Command){
		func(c *proxy.Command) { c.Line = "git push --force origin other" },
		func(c *proxy.Command) { c.Cwd = "/home/dev/app/sub" },
		func(c *proxy.Command) { c.Env = "blake3:other" },
		func(c *proxy.Command) { c.Exe = "/tmp/git" },
		func(c *proxy.Command) { c.Digest = "1:2:3:4" },
		func(c *proxy.Command) { c.Stdin = "pipe" },
	} {
		r := w.command("git push --force origin main")
		change(r.Command)
		if a := w.decide(r); a.Verdict == proxy.Allow {
			t.Errorf("%+v: allowed by an approval for something else", r.Command)
		}
	}
}

func TestOfThousandRacingAnswersExactlyOneCounts(t *testing.T) {
	w := newWorld(t)
	_, h := w.held()
	var counted, failed sync.Map
	var all sync.WaitGroup
	for i := range 1000 {
		all.Go(func() {
			a, err := w.vote(h.ID, i%2 == 0, w.person())
			if err == nil && a.Verdict == proxy.Allow {
				counted.Store(i, a.Hold.State)
			} else {
				failed.Store(i, fmt.Sprint(err, a.Findings))
			}
		})
	}
	all.Wait()
	n := 0
	counted.Range(func(any, any) bool { n++; return true })
	if n != 1 {
		t.Errorf("got %d counted answers, want 1", n)
	}
	if ends := w.types()[state.HoldResolved]; ends != 1 {
		t.Errorf("got %d ends of the hold, want 1", ends)
	}
	failed.Range(func(_, why any) bool {
		if !strings.Contains(why.(string), "Approval "+h.ID+" not found") {
			t.Errorf("S1-45: a later answer got %q", why)
			return false
		}
		return true
	})
}

func TestAnswersThatCannotCountGetTheExactTexts(t *testing.T) {
	w := newWorld(t)
	_, h := w.held()
	check := func(name, id, want string, peer proxy.Peer) {
		t.Helper()
		a, err := w.vote(id, true, peer)
		got := fmt.Sprint(err)
		if err == nil && len(a.Findings) > 0 {
			got = a.Findings[0].Msg
		}
		if a.Verdict == proxy.Allow || !strings.Contains(got, want) {
			t.Errorf("%s: got %q (%s), want %q", name, got, a.Verdict, want)
		}
	}
	check("S1-45 unknown id", "hold_000000000000000000000000", "Approval hold_000000000000000000000000 not found", w.person())
	guarded := w.person()
	guarded.Guarded, guarded.Within = "descends from session "+w.session, w.session
	check("a guarded process", h.ID, "guard", guarded)
	w.hands.move(time.Hour, time.Hour)
	check("S1-49 after the end", h.ID, "Approval "+h.ID+" has expired", w.person())
	if n := w.types()[state.AuthFailure]; n < 2 {
		t.Errorf("got %d auth_failure receipts, want one for each refused answer", n)
	}
}

func TestAHoldStepsUpAndEndsByArithmetic(t *testing.T) {
	w := newWorld(t)
	_, h := w.held() // HIGH, coding: 120 s, then CRITICAL 300 s
	see := func() proxy.HoldState {
		t.Helper()
		w.settled(w.g.settleHolds)
		v, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookHold, ID: h.ID})
		if err != nil {
			t.Fatal(err)
		}
		return v.Holds[0]
	}
	w.hands.move(119*time.Second, 119*time.Second)
	if got := see(); got.Tier != proxy.High || got.State != proxy.Pending {
		t.Errorf("S1-48 at 119 s: got %s %s, want pending HIGH", got.State, got.Tier)
	}
	w.hands.move(time.Second, time.Second)
	if got := see(); got.Tier != proxy.Critical || got.State != proxy.Pending {
		t.Errorf("S1-48 at 120 s: got %s %s, want pending CRITICAL", got.State, got.Tier)
	}
	w.hands.move(-24*time.Hour, 299*time.Second)
	if got := see(); got.State != proxy.Pending {
		t.Errorf("S0-83 at 419 s with the wall clock set back: got %s, want pending", got.State)
	}
	w.hands.move(0, time.Second)
	if got := see(); got.State != proxy.Expired {
		t.Errorf("S0-83 at 420 s with the wall clock set back: got %s, want expired", got.State)
	}
	if n := w.types()[state.HoldEscalated]; n != 1 {
		t.Errorf("got %d hold_escalated, want 1", n)
	}
}

func TestARestartKeepsHoldsAndForgetsNothing(t *testing.T) {
	w := newWorld(t)
	r, h := w.held()
	before := snapshotOf(t, w.g)
	if err := w.g.Close(); err != nil {
		t.Fatal(err)
	}
	w.open()
	if after := snapshotOf(t, w.g); !sameBut(before, after) {
		t.Errorf("state after a restart differs:\n%s\n%s", before, after)
	}
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(2), Open: &proxy.Open{Attach: w.session}})
	r.Peer = w.self(2)
	if a := w.decide(r); a.Verdict != proxy.Hold || a.Hold.ID != h.ID {
		t.Fatalf("the request sent again: got %s %v, want the same hold", a.Verdict, a.Hold)
	}
	if _, err := w.vote(proxy.Short(h.ID), true, w.person()); err != nil {
		t.Fatal(err)
	}
	if a := w.decide(r); a.Verdict != proxy.Allow {
		t.Errorf("after approval: got %s, want allow", a.Verdict)
	}
}

func snapshotOf(t *testing.T, g *Gate) string {
	t.Helper()
	g.mu.Lock()
	defer g.mu.Unlock()
	s, err := g.state.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	return string(s)
}

// sameBut compares two snapshots but for the number of the next receipt: the
// log adds receipts of its own when it closes and opens.
func sameBut(a, b string) bool {
	_, a, _ = strings.Cut(a, `"sessions"`)
	_, b, _ = strings.Cut(b, `"sessions"`)
	return a == b
}

func TestALostGuardEndsItsSession(t *testing.T) {
	w := newWorld(t)
	r := w.command("ls")
	w.decide(r)
	_, h := w.held()
	w.g.Gone(1)
	w.g.mu.Lock()
	w.g.state.Sessions[w.session].Start++ // as if this process were another one by now
	w.g.mu.Unlock()
	w.settle()
	got := w.types()
	for _, typ := range []string{state.CommandOrphaned, state.SessionEnded, state.HoldResolved} {
		if got[typ] != 1 {
			t.Errorf("got %d %s, want 1", got[typ], typ)
		}
	}
	if v, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookHold, ID: h.ID}); err != nil || v.Holds[0].State != proxy.Cancelled {
		t.Errorf("its hold: got %v %v, want cancelled", v.Holds, err)
	}
}

// The tick may have looked before the guard came back, and go on long after.
func TestAGuardThatCameBackInTimeKeepsItsSession(t *testing.T) {
	w := newWorld(t)
	w.g.Gone(1)
	w.g.mu.Lock()
	since := w.g.lost[w.session]
	w.g.mu.Unlock()
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(2), Open: &proxy.Open{Attach: w.session}})
	w.hands.move(time.Hour, time.Hour)
	if err := w.g.settleLost(t.Context(), w.session, since); !errors.Is(err, errMoved) || !w.g.live(w.session) {
		t.Errorf("got %v, live %v; want %v and a live session", err, w.g.live(w.session), errMoved)
	}
}

func TestOnlyTheSessionsOwnConnectionsSpeakForIt(t *testing.T) {
	w := newWorld(t)
	r := w.command("ls")
	r.Peer.Conn = 77
	if a, err := w.g.Ask(t.Context(), r); err == nil {
		t.Errorf("a command on a foreign connection: got %s, want an error", a.Verdict)
	}
	attach := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.person(), Open: &proxy.Open{Attach: w.session}}
	if a, err := w.g.Ask(t.Context(), attach); err == nil {
		t.Errorf("attaching from outside: got %s, want an error", a.Verdict)
	}
}

func TestFreeTextAboutSelfHarmIsAnsweredWithHelpAndNeverKept(t *testing.T) {
	w := newWorld(t)
	r := w.command("")
	r.Command = &proxy.Command{Kind: "text", Line: "there's no reason to live, zebra", Cwd: "/home/dev/app"}
	a := w.decide(r)
	if a.Verdict != proxy.Crisis || len(a.Resources) != 3 || a.Hold != nil {
		t.Errorf("S1-31: got %s with %d resources, want crisis with 3", a.Verdict, len(a.Resources))
	}
	err := filepath.WalkDir(w.dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || !d.Type().IsRegular() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), "zebra") {
			t.Errorf("S1-34: %s holds the text", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

func TestWithNobodyToAskAHoldIsDeniedAtOnce(t *testing.T) {
	w := newWorld(t)
	a := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(3), Open: &proxy.Open{
		Agent: "alone", Argv: []string{"test"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app",
	}})
	r := w.command("git push --force origin main")
	r.Session, r.Peer = a.Session.ID, w.self(3)
	got := w.decide(r)
	if got.Verdict != proxy.Deny || !strings.Contains(got.Note, "guard inbox --follow") {
		t.Errorf("without an inbox: got %s %q, want deny and how to get one", got.Verdict, got.Note)
	}
	if _, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookInbox, Follow: true, Peer: w.person()}); err != nil {
		t.Fatal(err)
	}
	r.ID = newID("r_", 12)
	if got := w.decide(r); got.Verdict != proxy.Hold {
		t.Errorf("with an inbox: got %s, want hold", got.Verdict)
	}
	w.g.Gone(9)
	r.ID, r.Command.Cwd = newID("r_", 12), "/home/dev/app/other"
	if got := w.decide(r); got.Verdict != proxy.Deny {
		t.Errorf("after the inbox has gone: got %s, want deny", got.Verdict)
	}
}

func TestAHoldEndsWithItsLastWaiterAndNotBefore(t *testing.T) {
	w := newWorld(t)
	inside := proxy.Peer{Conn: 5, PID: 1, UID: os.Getuid(), Within: w.session, Guarded: "descends from it"}
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: inside, Open: &proxy.Open{}})
	r, h := w.held() // on connection 1
	r.ID, r.Peer = newID("r_", 12), inside
	if a := w.decide(r); a.Hold == nil || a.Hold.ID != h.ID {
		t.Fatalf("the same command from inside: got %+v, want to join %s", a, h.ID)
	}
	cancel := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindCancel, Session: w.session, Peer: w.self(1), Cancel: &proxy.Cancel{Hold: h.ID}}
	if a := w.mustAsk(cancel); a.Hold.State != proxy.Pending {
		t.Errorf("one of two gave up: got %s, want pending", a.Hold.State)
	}
	w.g.Gone(5)
	w.g.settle(t.Context())
	v, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookHold, ID: h.ID})
	if err != nil || v.Holds[0].State != proxy.Cancelled {
		t.Errorf("the last one has gone: got %v %v, want cancelled", v.Holds, err)
	}
}

func TestWhatAnAskerSaysLastCountsWithoutHim(t *testing.T) {
	w := newWorld(t)
	gone, leave := context.WithCancel(t.Context())
	leave()
	say := func(r proxy.Request) {
		t.Helper()
		r.ID, r.Session, r.Peer = newID("r_", 12), w.session, w.self(1)
		if _, err := w.g.Ask(gone, r); err != nil && !errors.Is(err, context.Canceled) {
			t.Fatal(err)
		}
	}
	runs := w.command("ls")
	w.decide(runs)
	_, h := w.held()
	say(proxy.Request{Kind: proxy.KindOutcome, Outcome: &proxy.Outcome{Request: runs.ID}})
	say(proxy.Request{Kind: proxy.KindCancel, Cancel: &proxy.Cancel{Hold: h.ID}})
	say(proxy.Request{Kind: proxy.KindEnd})
	w.g.Gone(1)
	w.g.settle(t.Context())
	got := w.types()
	if got[state.CommandOutcome] != 1 || got[state.HoldResolved] != 1 || got[state.SessionEnded] != 1 || got[state.CommandOrphaned] != 0 {
		t.Errorf("got %v, want each end on record once", got)
	}
	var end state.Ended
	if err := json.Unmarshal(w.receipts(state.SessionEnded)[0].Body, &end); err != nil || end.Reason != "the command ended" {
		t.Errorf("got %+v, %v; want that the command ended", end, err)
	}
}
