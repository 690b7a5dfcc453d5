package gate

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/f958ca95/guard/proxy"
)

// approved holds a request, approves it, and returns a function that asks for
// it again, as something else if change makes it so.
func (w *world) approved(r proxy.Request) func(change func(*proxy.Command)) proxy.Answer {
	w.t.Helper()
	a := w.decide(r)
	if a.Verdict != proxy.Hold {
		w.t.Fatalf("%s: got %s, want hold", r.Command.Line, a.Verdict)
	}
	if _, err := w.vote(a.Hold.ID, true, w.person()); err != nil {
		w.t.Fatal(err)
	}
	return func(change func(*proxy.Command)) proxy.Answer {
		w.t.Helper()
		again, c := r, *r.Command
		again.ID, again.Command = newID("r_", 12), &c
		change(&c)
		return w.decide(again)
	}
}

func TestAnApprovalIsForTheValuesOfTheVariablesThatTheWordsName(t *testing.T) {
	w := newWorld(t)
	r := w.command("git push --force $REMOTE main")
	r.Command.Vars = map[string]string{"REMOTE": "origin", "OLDPWD": "/a"}
	again := w.approved(r)
	if a := again(func(c *proxy.Command) { c.Vars = map[string]string{"REMOTE": "elsewhere"} }); a.Verdict != proxy.Hold {
		t.Errorf("with another value: got %s, want hold", a.Verdict)
	}
	if a := again(func(c *proxy.Command) { c.Vars = map[string]string{"REMOTE": "origin", "OLDPWD": "/b"} }); a.Verdict != proxy.Allow {
		t.Errorf("with another value of what is not named: got %s, want allow", a.Verdict)
	}
}

func TestAnApprovalIsForTheScriptsThatWereRead(t *testing.T) {
	w := newWorld(t)
	script := func(text, digest string) []proxy.Observation {
		return []proxy.Observation{{Query: proxy.Query{Op: "text", Path: "/home/dev/app/x.sh"}, Text: text, Digest: digest}}
	}
	r := w.command("bash x.sh")
	r.Command.Scene = script("git push --force origin main\n", "blake3:1")
	again := w.approved(r)
	if a := again(func(c *proxy.Command) { c.Scene = script("git push --force origin other\n", "blake3:2") }); a.Verdict != proxy.Hold {
		t.Errorf("with another script: got %s, want hold", a.Verdict)
	}
	if a := again(func(*proxy.Command) {}); a.Verdict != proxy.Allow {
		t.Errorf("with the same script: got %s, want allow", a.Verdict)
	}
}

func TestAnApprovalDoesNotCoverWhatIsWorseByNow(t *testing.T) {
	w := newWorld(t)
	again := w.approved(w.command("git push --force origin main"))
	dir := filepath.Join(w.dir, "user-policy")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	rule := "package user.push\n\ntier contains {\"id\": \"never\", \"tier\": 4, \"msg\": \"worse\"} if \"git\" in input.cmd.names\n"
	if err := os.WriteFile(filepath.Join(dir, "push.rego"), []byte(rule), 0o644); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	if a := again(func(*proxy.Command) {}); a.Verdict != proxy.Hold || a.Hold.Tier != proxy.Critical {
		t.Errorf("approved as HIGH, CRITICAL by now: got %s %v, want a new hold", a.Verdict, a.Hold)
	}
}

// reopen closes the gate and opens the next one on the same receipts, attached
// to the session on the same connection.
func (w *world) reopen() {
	w.t.Helper()
	if err := w.g.Close(); err != nil {
		w.t.Fatal(err)
	}
	w.open()
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(1), Open: &proxy.Open{Attach: w.session}})
}

func TestASessionEndsNoHoldThatItDoesNotWaitFor(t *testing.T) {
	w := newWorld(t)
	_, h := w.held()
	w.reopen() // who waits is not known any more
	other := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(3), Open: &proxy.Open{Agent: "b", Cwd: "/", Home: "/"}})
	for _, detach := range []bool{false, true} {
		a, err := w.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindCancel, Session: other.Session.ID, Peer: w.self(3),
			Cancel: &proxy.Cancel{Hold: h.ID, Detach: detach}})
		if err == nil {
			t.Errorf("detach %v: got %+v, want an error", detach, a.Hold)
		}
	}
	v, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookHold, ID: h.ID})
	if err != nil || v.Holds[0].State != proxy.Pending || v.Holds[0].Detached {
		t.Errorf("got %+v %v, want it pending as it was", v.Holds, err)
	}
}
