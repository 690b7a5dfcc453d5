package gate

import (
	"os"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func (w *world) keyed(key, line string) proxy.Request {
	r := w.command(line)
	r.Command.Key = key
	return r
}

func (w *world) ends(r proxy.Request, status int) {
	w.t.Helper()
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: w.session, Peer: w.self(1),
		Outcome: &proxy.Outcome{Request: r.ID, Status: status}})
}

func (w *world) wantDone(r proxy.Request, want string) {
	w.t.Helper()
	a := w.decide(r)
	switch {
	case want == "" && (a.Verdict != proxy.Allow || a.Done != nil):
		w.t.Errorf("got %s %+v, want it to run", a.Verdict, a.Done)
	case want != "" && (a.Verdict == proxy.Allow || a.Done == nil || a.Done.State != want):
		w.t.Errorf("got %s %+v, want %s", a.Verdict, a.Done, want)
	}
}

func TestWhatSucceededUnderAKeyIsNotRunAgain_S3_41(t *testing.T) {
	w := newWorld(t)
	first := w.keyed("deploy 7", "touch a")
	w.wantDone(first, "")
	w.wantDone(w.keyed("deploy 7", "touch a"), proxy.KeyRunning)
	w.wantDone(w.keyed("deploy 7", "touch b"), proxy.KeyOther)
	w.ends(first, 3)
	second := w.keyed("deploy 7", "touch a")
	w.wantDone(second, "")
	w.ends(second, 0)
	w.wantDone(w.keyed("deploy 7", "touch a"), proxy.KeySucceeded)
	w.reopen()
	w.wantDone(w.keyed("deploy 7", "touch a"), proxy.KeySucceeded)
	w.wantDone(w.keyed("deploy 8", "touch a"), "")
	if n := w.types()["command_decision"]; n != 3 {
		t.Errorf("%d decisions, want one for each that ran", n)
	}
}

func TestOfTwoAtOnceUnderOneKeyOneRuns(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	var ran atomic.Int32
	for range 16 {
		r := w.keyed("once", "touch a")
		all.Go(func() {
			if w.decide(r).Verdict == proxy.Allow {
				ran.Add(1)
			}
		})
	}
	all.Wait()
	if ran.Load() != 1 {
		t.Errorf("%d ran, want 1", ran.Load())
	}
}

func TestAKeyWhoseCommandWasLostMayRunAgain(t *testing.T) {
	w := newWorld(t)
	w.wantDone(w.keyed("k", "touch a"), "")
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: w.session, Peer: w.self(1)})
	a := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(1), Open: &proxy.Open{
		Agent: userName(os.Getuid()), Argv: []string{"test"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: true,
	}})
	w.session = a.Session.ID
	w.wantDone(w.keyed("k", "touch a"), "")
}

func TestAKeyIsItsUsersWhicheverAgentAsks(t *testing.T) {
	w := newWorld(t)
	w.wantDone(w.keyed("k", "touch a"), "")
	a := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(3), Open: &proxy.Open{
		Agent: "another", Argv: []string{"test"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: true,
	}})
	r := w.keyed("k", "touch b")
	r.Session, r.Peer = a.Session.ID, w.self(3)
	w.wantDone(r, proxy.KeyOther)
}

func TestAnotherUsersKeyIsAnotherKey(t *testing.T) {
	w := newWorld(t)
	id := func(uid int) string {
		session := state.Session{}
		session.UID = uid
		key, err := w.g.keyOf(session, w.keyed("k", "touch a").Command)
		if err != nil {
			t.Fatal(err)
		}
		return key.ID
	}
	if id(1000) == id(1001) {
		t.Error("two users share a key")
	}
}

func TestAKeyIsPrintableAndShort(t *testing.T) {
	w := newWorld(t)
	for _, key := range []string{"a\nb", string(make([]byte, 201)), "\xff"} {
		if _, err := w.g.Ask(t.Context(), w.keyed(key, "ls")); err == nil {
			t.Errorf("%q was taken for a key", key)
		}
	}
}

// What is held under a key keeps it, whatever lets it go.
func TestWhatIsLetGoKeepsItsKey_S3_41(t *testing.T) {
	for name, letGo := range map[string]func(*world, string){
		"by an elevation":          func(w *world, _ string) { w.elevate("guardian", w.person()) },
		"by an approved elevation": func(w *world, _ string) { w.approve(w.elevate("guardian", w.agent()).Hold.ID) },
		"by an approval":           func(w *world, hold string) { w.approve(hold) },
	} {
		t.Run(name, func(t *testing.T) {
			w := newWorld(t)
			first := w.keyed("once", "docker rm a")
			a := w.decide(first)
			if a.Verdict != proxy.Hold {
				t.Fatalf("got %s, want hold", a.Verdict)
			}
			letGo(w, a.Hold.ID)
			if a := w.decide(first); a.Verdict != proxy.Allow {
				t.Fatalf("got %s %+v, want allow", a.Verdict, a.Findings)
			}
			w.wantDone(w.keyed("once", "docker rm a"), proxy.KeyRunning)
			w.ends(first, 0)
			w.wantDone(w.keyed("once", "docker rm a"), proxy.KeySucceeded)
		})
	}
}

// approve has a person say yes to a hold.
func (w *world) approve(hold string) {
	w.t.Helper()
	if a, err := w.vote(hold, true, w.person()); err != nil || a.Verdict != proxy.Allow {
		w.t.Fatalf("approve %s: got %+v %v", hold, a, err)
	}
}

// Two wait for the same command, one of them under a key that another command has
// used meanwhile: that one never runs, and keeps the other from nothing.
func TestAKeyThatWasUsedMeanwhileLetsNothingGo(t *testing.T) {
	w := newWorld(t)
	keyed, plain := w.keyed("k", "docker rm a"), w.command("docker rm a")
	for _, r := range []proxy.Request{keyed, plain} {
		if a := w.decide(r); a.Verdict != proxy.Hold {
			t.Fatalf("got %s, want hold", a.Verdict)
		}
	}
	w.wantDone(w.keyed("k", "touch b"), "")
	w.elevate("guardian", w.person())
	if a := w.decide(plain); a.Verdict != proxy.Allow {
		t.Errorf("without the key: got %s, want allow", a.Verdict)
	}
	w.wantDone(keyed, proxy.KeyOther)
}
