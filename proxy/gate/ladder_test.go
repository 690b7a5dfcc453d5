package gate

import (
	"bytes"
	"cmp"
	"flag"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// ladderSteps can be raised to the 10,000 of the requirements, which take a minute.
var ladderSteps = flag.Int("ladder", someSteps, "steps of the random history of authority")

// rungs are the profiles, lowest first.
var rungs = []string{"observer", "operator", "guardian", "phoenix", "sovereign"}

// TestAuthorityIsItsReceiptsInRandomHistories lets people, agents, detectors,
// clocks and restarts do at random what they can about the authority of sessions.
// After each step every change of a profile has had exactly one receipt (S0-01),
// the state is the fold of the receipts (S0-02), and nothing an agent asked for
// has raised its own authority.
func TestAuthorityIsItsReceiptsInRandomHistories(t *testing.T) {
	l := newLadder(t, 1)
	for range *ladderSteps {
		l.step()
	}
	if l.moved < *ladderSteps/20 {
		t.Errorf("%d changes in %d steps: the history shows nothing", l.moved, *ladderSteps)
	}
	if *ladderSteps < 10_000 {
		return // too few for all there is
	}
	for _, why := range []string{
		"threat_detected", "operator_request", "crisis_declared", "sovereign_override",
		"timeout_expired", "threat_resolved", "operator_release", "crisis_concluded", "sovereign_revoke",
	} {
		if l.seen[why] == 0 {
			t.Errorf("nothing was %s in %d steps: the history shows too little", why, *ladderSteps)
		}
	}
	t.Logf("%d changes: %v", l.moved, l.seen)
}

// memory is a folder in memory, where there is one: what is proven here does not
// depend on a disk, and each step waits for it several times.
func memory(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "guard-test-")
	if err != nil {
		return t.TempDir()
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	return dir
}

// ladder is a world in which authority changes at random.
type ladder struct {
	*world
	rand  *rand.Rand
	fold  *state.State      // of the receipts, read back
	at    map[string]string // profile of each session, by its receipts alone
	moved int
	seen  map[string]int // by what raised or lowered
	all   []string       // ids that elevations have had
}

func newLadder(t *testing.T, seed uint64) *ladder {
	l := &ladder{world: newWorldIn(t, memory(t), true), seen: map[string]int{}, rand: rand.New(rand.NewPCG(seed, 2)), fold: state.New(), at: map[string]string{}, all: []string{"esc_none"}}
	l.check("the start")
	return l
}

// step does something, and checks all there is to check.
func (l *ladder) step() {
	l.t.Helper()
	before, session := l.authority(), l.session
	name, agents := l.act()
	after := l.authority()
	if agents && session == l.session && (after[0] > before[0] || after[1] > before[1]) {
		l.t.Fatalf("%s by the agent raised it from %v to %v", name, before, after)
	}
	l.check(name)
}

// authority is what the session runs with and what its elevations have reached.
func (l *ladder) authority() [2]int {
	l.g.mu.Lock()
	defer l.g.mu.Unlock()
	s := l.g.state.Sessions[l.session]
	return [2]int{slices.Index(rungs, s.Runs()), slices.Index(rungs, s.Raised())}
}

// act does something at random, and says what, and whether the agent did it.
func (l *ladder) act() (name string, agents bool) {
	switch l.rand.IntN(32) {
	case 0, 1, 2, 3, 4, 5:
		return "elevate", l.ask(proxy.Request{Kind: proxy.KindElevate, Elevate: l.elevation()})
	case 6, 7:
		l.raise()
		return "a person raises it", false
	case 8, 9, 10, 11:
		part := &proxy.Release{ID: l.oneOf(l.all), Session: l.session}
		if l.rand.IntN(2) == 0 {
			part.ID = "" // the latest
		}
		return "release", l.ask(proxy.Request{Kind: proxy.KindRelease, Release: part})
	case 12, 13, 14, 15:
		return "threat", l.ask(proxy.Request{Kind: proxy.KindThreat, Threat: l.threat()})
	case 16, 17:
		return "tem", l.ask(proxy.Request{Kind: proxy.KindTem, Tem: &proxy.Tem{Session: l.session, Reason: "to know"}})
	case 18, 19, 20, 21, 22, 23:
		vote := &proxy.Vote{Hold: l.pick(), Approve: l.rand.IntN(4) > 0}
		return "vote", l.ask(proxy.Request{Kind: proxy.KindVote, Vote: vote})
	case 24, 25:
		l.pass()
		return "time", false
	case 26:
		l.calm()
		return "an hour without threats", false
	case 27, 28:
		l.decide(l.command("ls"))
		return "a command", true
	}
	if l.rand.IntN(16) > 0 {
		return "nothing", true
	}
	l.renew()
	return "a restart", false
}

// ask asks as the agent or as a person, and says whether it was the agent.
func (l *ladder) ask(r proxy.Request) bool {
	r.ID, r.Peer = newID("r_", 12), l.person()
	r.Peer.Terminal = l.rand.IntN(2) == 0
	agents := l.rand.IntN(2) == 0
	if agents {
		r.Peer = l.agent()
	}
	for range 1 + l.rand.IntN(2) { // sent again, it changes nothing more
		_, _ = l.g.Ask(l.t.Context(), r) // refused, often
	}
	return agents
}

// raise is a person who takes the next step.
func (l *ladder) raise() {
	next := min(l.authority()[1]+1, len(rungs)-1)
	peer := l.person()
	peer.Terminal = true
	crisis := rungs[next] == "phoenix" && l.rand.IntN(2) == 0
	l.world.ask(proxy.Elevate{To: rungs[next], Reason: "to test it", Incident: crisis}, peer)
}

func (l *ladder) elevation() *proxy.Elevate {
	e := &proxy.Elevate{Session: l.session, To: l.oneOf(rungs), Reason: l.oneOf([]string{"to test it", "", "token=hunter2hunter2"}), Incident: l.rand.IntN(4) == 0}
	if l.rand.IntN(2) == 0 { // the next one
		e.To = rungs[min(l.authority()[1]+1, len(rungs)-1)]
	}
	if l.rand.IntN(4) == 0 {
		e.TTL = new(int)
		*e.TTL = l.rand.IntN(9000) - 10
	}
	if l.rand.IntN(8) == 0 {
		e.From = l.oneOf(rungs)
	}
	return e
}

func (l *ladder) threat() *proxy.Threat {
	return &proxy.Threat{
		ID: l.oneOf([]string{"thr_1", "thr_2", "thr_3"}), Type: "scan", Session: l.oneOf([]string{l.session, l.session, ""}),
		ConfidencePPM: 700_000 + l.rand.IntN(300_001), Alerts: l.rand.IntN(2), Resolve: l.rand.IntN(3) == 0,
	}
}

func (l *ladder) oneOf(words []string) string { return words[l.rand.IntN(len(words))] }

func (l *ladder) pick() string {
	l.g.mu.Lock()
	defer l.g.mu.Unlock()
	if open := l.g.pending(); len(open) > 0 && l.rand.IntN(8) > 0 {
		return open[l.rand.IntN(len(open))].Hold
	}
	return "hold_000000000000000000000000"
}

// pass lets time go by on both clocks; the wall's is set back now and then.
func (l *ladder) pass() {
	d := time.Duration(l.rand.IntN(3_000_000)) * time.Millisecond
	wall := d
	if l.rand.IntN(4) == 0 {
		wall = -d
	}
	l.hands.move(wall, d)
	_ = l.g.settle(l.t.Context()) // as the timer does
}

// calm ends every threat, and lets an hour go by.
func (l *ladder) calm() {
	for _, id := range []string{"thr_1", "thr_2", "thr_3"} {
		_, _ = l.g.Ask(l.t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindThreat, Peer: l.person(), Threat: &proxy.Threat{ID: id, Resolve: true}})
	}
	l.hands.move(time.Hour+time.Second, time.Hour+time.Second)
	_ = l.g.settle(l.t.Context())
}

// renew starts guardd again, or the session.
func (l *ladder) renew() {
	if l.rand.IntN(2) == 0 {
		if err := l.g.Close(); err != nil {
			l.t.Fatal(err)
		}
		l.open()
		l.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: l.self(1), Open: &proxy.Open{Attach: l.session}})
		return
	}
	l.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: l.session, Peer: l.self(1)})
	a := l.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: l.self(1), Open: &proxy.Open{
		Agent: "ann", Argv: []string{"test"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: true,
	}})
	l.session = a.Session.ID
}

// check reads the new receipts and compares.
func (l *ladder) check(after string) {
	l.t.Helper()
	l.g.mu.Lock()
	live, err := l.g.state.Snapshot()
	next, raised := l.g.state.Next, map[string]string{}
	for id, s := range l.g.state.Sessions {
		raised[id] = s.Raised()
	}
	l.g.mu.Unlock()
	if err != nil {
		l.t.Fatal(err)
	}
	for r, err := range receipt.Read(filepath.Join(l.dir, "receipts"), l.fold.Next) {
		if err != nil {
			l.t.Fatal(err)
		}
		if r.Chain.JSeq >= next { // the timer was faster
			break
		}
		l.follow(r)
		if err := l.fold.Apply(r); err != nil {
			l.t.Fatalf("after %s: %v", after, err)
		}
	}
	if !maps.Equal(l.at, raised) {
		l.t.Fatalf("after %s: the receipts leave the profiles at %v, they are at %v", after, l.at, raised)
	}
	folded, err := l.fold.Snapshot()
	if err != nil || !bytes.Equal(folded, live) {
		l.t.Fatalf("after %s: the fold of the receipts is not the state (%v):\n%s\n%s", after, err, folded, live)
	}
}

// follow takes a receipt for what it says about profiles, and nothing else.
func (l *ladder) follow(r receipt.Receipt) {
	l.t.Helper()
	var b struct {
		Session, Profile string
		From             string `json:"from_profile"`
		To               string `json:"to_profile"`
		ID               string `json:"escalation_id"`
		Type             string `json:"escalation_type"`
		By               string `json:"deescalation_type"`
	}
	if err := r.Decode(&b); err != nil {
		l.t.Fatal(err)
	}
	switch r.Type {
	case state.SessionStarted:
		l.at[b.Session] = b.Profile
	case state.SessionEnded:
		delete(l.at, b.Session)
	case state.ProfileEscalation, state.ProfileDeescalation:
		if l.at[b.Session] != b.From || b.From == b.To {
			l.t.Fatalf("receipt %d takes %s from %s to %s, but it is at %s", r.Chain.JSeq, b.Session, b.From, b.To, l.at[b.Session])
		}
		l.seen[cmp.Or(b.By, b.Type)]++
		l.at[b.Session], l.moved, l.all = b.To, l.moved+1, append(l.all[max(0, len(l.all)-20):], b.ID)
	}
}
