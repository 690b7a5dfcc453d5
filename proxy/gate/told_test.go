package gate

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// onTrustChange names a program that notes what it reads in w.dir/told, and then
// does what the script says.
func (w *world) onTrustChange(script string) {
	w.t.Helper()
	w.write("hook", "#!/bin/sh\ncat >> "+filepath.Join(w.dir, "told")+"\n"+script+"\n")
	w.write("user-policy/guard.json", `{"on_trust_change": "`+filepath.Join(w.dir, "hook")+`"}`)
}

func (w *world) write(name, text string) {
	w.t.Helper()
	path := filepath.Join(w.dir, name)
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		w.t.Fatal(err)
	}
	if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
		w.t.Fatal(err)
	}
}

// told are the levels that the program was told of.
func (w *world) told() (levels []string) {
	w.t.Helper()
	text, err := os.ReadFile(filepath.Join(w.dir, "told"))
	if err != nil && !os.IsNotExist(err) {
		w.t.Fatal(err)
	}
	for line := range strings.Lines(string(text)) {
		_, after, _ := strings.Cut(line, `"to":"`)
		levels = append(levels, after[:min(2, len(after))])
	}
	return levels
}

// waits is a script that says that it runs for a promotion, and waits until it is
// let go; reached and letGo are the other ends.
func (w *world) waits() (script string, reached, letGo func()) {
	w.t.Helper()
	runs, ends := filepath.Join(w.dir, "runs"), filepath.Join(w.dir, "ends")
	for _, fifo := range []string{runs, ends} {
		if err := unix.Mkfifo(fifo, 0o600); err != nil {
			w.t.Fatal(err)
		}
	}
	return "case $(tail -n 1 " + filepath.Join(w.dir, "told") + ") in *promotion*) echo > " + runs + "; read x < " + ends + ";; esac",
		func() { w.t.Helper(); w.meets(func() error { _, err := os.ReadFile(runs); return err }) },
		func() { w.t.Helper(); w.meets(func() error { return os.WriteFile(ends, []byte("go\n"), 0o600) }) }
}

// meets waits for the other end of a named pipe.
func (w *world) meets(open func() error) {
	w.t.Helper()
	met := make(chan error, 1)
	go func() { met <- open() }()
	select {
	case err := <-met:
		if err != nil {
			w.t.Fatal(err)
		}
	case <-time.After(3 * time.Minute):
		w.t.Fatal("nobody is at the other end")
	}
}

// eligible is an agent that has shown what T2 asks for.
func (w *world) eligible(agent string) {
	w.t.Helper()
	w.runs(agent, 9, "make test")
	w.runs(agent, 1, "terraform plan")
	w.runs(agent, 1, "npm publish --dry-run")
}

// promoting is a world where a promotion of bot waits for the program, which letGo
// lets go on; promoted waits for the answer.
func promoting(t *testing.T) (w *world, promoted func() error, letGo func()) {
	t.Helper()
	w = newWorld(t)
	script, reached, letGo := w.waits()
	w.onTrustChange(script)
	w.reopen()
	w.eligible("bot")
	done := make(chan error, 1)
	go func() {
		_, err := w.trust(proxy.Trust{Op: proxy.TrustPromote, Agent: "bot"}, w.person())
		done <- err
	}()
	reached()
	return w, func() error { return <-done }, letGo
}

func TestNothingWaitsForTheProgramThatIsToldOfTrust_S2_13(t *testing.T) {
	w, promoted, letGo := promoting(t)
	if got := w.level("bot"); got != "T1" {
		t.Errorf("before the program has followed: got %s, want T1", got)
	}
	if a := w.elevate("guardian", w.person()); a.Verdict != proxy.Allow || w.profile() != "guardian" {
		t.Errorf("an elevation meanwhile: got %+v, want it done", a)
	}
	if a, err := w.lockout(false, w.agent()); err != nil || a.Verdict != proxy.Allow { // a guardian may
		t.Errorf("a lockout meanwhile: got %+v %v, want it done", a, err)
	}
	if _, err := w.trust(proxy.Trust{Op: proxy.TrustPromote, Agent: "bot"}, w.person()); err == nil || !strings.Contains(err.Error(), "try again") {
		t.Errorf("the same promotion meanwhile: got %v, want an error", err)
	}
	w.wantTypes(map[string]int{state.TrustPromoted: 1, state.TrustTold: 0})
	letGo()
	if err := promoted(); err != nil || w.level("bot") != "T2" {
		t.Errorf("got %v, level %s; want T2", err, w.level("bot"))
	}
}

func TestAPromotionThatGuarddDidNotLiveToTellOfIsSettledOnce(t *testing.T) {
	for name, c := range map[string]struct {
		next  func(*world)
		level string
		told  int
		types map[string]int
	}{
		"the program follows": {func(w *world) { w.onTrustChange("") }, "T2", 2, map[string]int{state.TrustPromoted: 1, state.TrustTold: 1, state.TrustRevoked: 0}},
		"the program fails":   {func(w *world) { w.onTrustChange("exit 3") }, "T1", 2, map[string]int{state.TrustPromoted: 1, state.TrustTold: 0, state.TrustRevoked: 1}},
		"there is none":       {func(w *world) { w.write("user-policy/guard.json", "{}") }, "T1", 1, map[string]int{state.TrustPromoted: 1, state.TrustTold: 0, state.TrustRevoked: 1}},
	} {
		t.Run(name, func(t *testing.T) {
			w, promoted, _ := promoting(t)
			c.next(w)
			w.reopen() // the guardd that asked ends in the middle
			if err := promoted(); err == nil {
				t.Error("a promotion that was not settled was reported as done")
			}
			for range 2 {
				w.until(func() bool { _, any := w.g.untold(); return !any }) // as it starts
				if got := w.level("bot"); got != c.level || len(w.told()) != c.told {
					t.Errorf("got %s, told of %v; want %s and %d", got, w.told(), c.level, c.told)
				}
				w.wantTypes(c.types)
				w.reopen()
			}
		})
	}
}

func TestTrustThatIsLostMeanwhileIsNotGivenByALateProgram(t *testing.T) {
	w, promoted, letGo := promoting(t)
	// In the background: whoever revokes hears how the program took it, after its turn.
	revoked := make(chan error, 1)
	go func() {
		_, err := w.trust(proxy.Trust{Op: proxy.TrustRevoke, Agent: "bot", To: "T0", Reason: "it guesses"}, w.person())
		revoked <- err
	}()
	w.until(func() bool { return w.level("bot") == "T0" })
	letGo()
	if err := promoted(); err == nil || err.Error() != "Promotion failed: it guesses" {
		t.Errorf("got %v, want it failed", err)
	}
	if err := <-revoked; err != nil {
		t.Error(err)
	}
	if got := w.told(); w.level("bot") != "T0" || strings.Join(got, " ") != "T2 T0" {
		t.Errorf("level %s, told of %v; want T0, and T0 told last", w.level("bot"), got)
	}
	w.wantTypes(map[string]int{state.TrustPromoted: 1, state.TrustRevoked: 1, state.TrustTold: 1})
}
