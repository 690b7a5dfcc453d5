package gate

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

const lockedOutText = "locked out (velocity level 3) until a human runs: guard lockout reset"

// touches asks for n different commands of tier LOW, from the first on.
func (w *world) touches(first, n int) (last proxy.Answer) {
	w.t.Helper()
	for i := range n {
		last = w.decide(w.command(fmt.Sprintf("touch f%d", first+i)))
	}
	return last
}

func (w *world) lockout(reset bool, peer proxy.Peer) (proxy.Answer, error) {
	return w.g.Ask(w.t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLockout, Peer: peer,
		Lockout: &proxy.Lockout{Reset: reset, Reason: "looked at it"}})
}

// atTerminal is a person outside every session who can be seen to sit there.
func (w *world) atTerminal() proxy.Peer {
	p := w.person()
	p.Terminal = true
	return p
}

func (w *world) wantTypes(want map[string]int) {
	w.t.Helper()
	got := w.types()
	for typ, n := range want {
		if got[typ] != n {
			w.t.Errorf("%d receipts of type %s, want %d", got[typ], typ, n)
		}
	}
}

func TestTheActionThatReachesTheThresholdIsCountedFirstAndLocksOut_S3_12(t *testing.T) {
	w := newWorld(t)
	if a := w.touches(0, 59); a.Verdict != proxy.Allow {
		t.Fatalf("the 59th: got %s, want allow", a.Verdict)
	}
	a := w.touches(59, 1)
	if a.Verdict != proxy.Deny || a.Findings[0].Msg != lockedOutText {
		t.Fatalf("the 60th: got %s %+v, want S3-20's text", a.Verdict, a.Findings)
	}
	t.Run("S3-10 the brief and the receipts", func(t *testing.T) {
		w.wantTypes(map[string]int{state.VelocityEscalation: 1, state.LockoutEnabled: 1, state.LockoutEnforced: 0})
		var out state.LockedOut
		w.last(state.LockoutEnabled, &out)
		if out.Cause != "velocity" || out.Brief.Type != "diagnostic_brief" || out.Brief.Severity != "critical" || out.Brief.ActionType != "line" {
			t.Errorf("got %+v", out)
		}
		var up state.Surged
		w.last(state.VelocityEscalation, &up)
		if up.Tier != "tier_3" || up.Executor != nil || !up.LockoutEdits || up.Velocity.ActionCount != 60 || up.Velocity.PerMinute != 120000 || up.ConfidencePPM != 550000 {
			t.Errorf("got %+v %+v", up, up.Velocity)
		}
	})
	t.Run("S3-20 LOW is denied and SAFE is not", func(t *testing.T) {
		if a := w.decide(w.command("ls")); a.Verdict != proxy.Allow {
			t.Errorf("ls: got %s, want allow", a.Verdict)
		}
		if a := w.touches(100, 3); a.Verdict != proxy.Deny || a.Findings[0].Msg != lockedOutText {
			t.Errorf("touch: got %s %+v", a.Verdict, a.Findings)
		}
	})
	t.Run("S3-11 that it stops something is on record once", func(t *testing.T) {
		w.wantTypes(map[string]int{state.LockoutEnforced: 1})
		var b state.Surged
		w.last(state.LockoutEnforced, &b)
		if b.Tier != "tier_3" || b.Action != "lockout_enforced" || b.ConfidencePPM != 1_000_000 || b.Velocity != nil || b.Executor != nil || !b.LockoutEdits ||
			b.Rationale != "Tier 3 lockout already active; autonomous edits blocked until manual reset" || b.Outcome.Status != "blocked_by_lockout" {
			t.Errorf("got %+v", b)
		}
	})
}

// last decodes the last receipt of a type.
func (w *world) last(typ string, body any) {
	w.t.Helper()
	found := false
	for r, err := range receipt.Read(filepath.Join(w.dir, "receipts"), 0) {
		if err != nil {
			w.t.Fatal(err)
		}
		if r.Type == typ {
			if err := r.Decode(body); err != nil {
				w.t.Fatal(err)
			}
			found = true
		}
	}
	if !found {
		w.t.Fatalf("no receipt of type %s", typ)
	}
}

func TestALockoutEndsOnlyByAPersonAtATerminal_S3_21(t *testing.T) {
	w := newWorld(t)
	w.touches(0, 60)
	for who, peer := range map[string]proxy.Peer{"the agent": w.agent(), "nobody at a terminal": w.person()} {
		if a, err := w.lockout(true, peer); err != nil || a.Verdict != proxy.Deny {
			t.Errorf("%s: got %s %v, want deny", who, a.Verdict, err)
		}
	}
	t.Run("S3-22 it survives a restart", func(t *testing.T) {
		w.reopen()
		if a := w.touches(100, 1); a.Verdict != proxy.Deny {
			t.Errorf("got %s, want deny", a.Verdict)
		}
	})
	t.Run("S3-14 a reset clears it", func(t *testing.T) {
		if a, err := w.lockout(true, w.atTerminal()); err != nil || a.Verdict != proxy.Allow {
			t.Fatalf("got %+v %v", a, err)
		}
		if a := w.touches(200, 1); a.Verdict != proxy.Hold { // for a lockout is a violation, and costs trust
			t.Errorf("got %s %+v, want hold", a.Verdict, a.Rows)
		}
		if n := w.counted("low", 5); n != 1 {
			t.Errorf("counted %d, want 1: what led to the lockout does not count again", n)
		}
		if a, err := w.lockout(true, w.atTerminal()); err == nil && a.Verdict == proxy.Allow {
			t.Error("a lockout was reset that was none")
		}
	})
	w.wantTypes(map[string]int{state.LockoutReset: 1, state.AuthFailure: 2})
}

func TestAPersonLocksAnAgentOutAtOnce(t *testing.T) {
	w := newWorld(t)
	_, h := w.held()
	if a, err := w.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLockout, Peer: w.agent(),
		Lockout: &proxy.Lockout{Reason: "for fun"}}); err != nil || a.Verdict != proxy.Deny {
		t.Fatalf("an operator's session: got %s %v, want deny", a.Verdict, err)
	}
	agent := userName(os.Getuid())
	a := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLockout, Peer: w.person(),
		Lockout: &proxy.Lockout{Agent: agent, Reason: "it guesses"}})
	if a.Verdict != proxy.Allow {
		t.Fatalf("got %+v", a)
	}
	if a := w.touches(0, 1); a.Verdict != proxy.Deny {
		t.Errorf("got %s, want deny", a.Verdict)
	}
	view, err := w.g.Read(t.Context(), proxy.Look{What: proxy.LookHold, ID: h.ID})
	if err != nil || view.Holds[0].State == proxy.Pending {
		t.Errorf("what was held stays open: %+v %v", view.Holds, err)
	}
}

func TestTheSameWithinTenSecondsCountsOnce_S3_23(t *testing.T) {
	w := newWorld(t)
	for range 100 {
		if a := w.touches(0, 1); a.Verdict != proxy.Allow {
			t.Fatalf("got %s, want allow", a.Verdict)
		}
	}
	if n := w.counted("low", 5); n != 1 {
		t.Errorf("counted %d, want 1", n)
	}
	w.hands.move(10*time.Second, 10*time.Second)
	w.touches(0, 1)
	if n := w.counted("low", 5); n != 1 {
		t.Errorf("10 s later: counted %d, want 1", n)
	}
	w.hands.move(time.Millisecond, time.Millisecond)
	w.touches(0, 1)
	if n := w.counted("low", 5); n != 2 {
		t.Errorf("more than 10 s later: counted %d, want 2", n)
	}
	r := w.command("touch other")
	w.decide(r)
	w.decide(r)
	if n := w.counted("low", 5); n != 3 {
		t.Errorf("one request, sent twice: counted %d, want 3", n)
	}
	w.decide(w.command("ls"))
	if n := w.counted("low", 5); n != 3 {
		t.Errorf("after what is SAFE: counted %d, want 3", n)
	}
}

// counted is how many actions of the session's agent are in a window.
func (w *world) counted(counter string, minutes int) int {
	w.t.Helper()
	view, err := w.g.Read(w.t.Context(), proxy.Look{What: proxy.LookVelocity})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, v := range view.Velocity {
		for _, win := range v.Windows {
			if win.Counter == counter && win.Minutes == minutes {
				return win.Actions
			}
		}
	}
	return 0
}

func TestAWindowIncludesItsCutoff_S3_04(t *testing.T) {
	w := newWorld(t)
	w.touches(0, 1)
	w.hands.move(5*time.Minute, 5*time.Minute)
	if n := w.counted("low", 5); n != 1 {
		t.Errorf("at the cutoff: counted %d, want 1", n)
	}
	w.hands.move(time.Nanosecond, time.Millisecond)
	if n := w.counted("low", 5); n != 0 {
		t.Errorf("behind it: counted %d, want 0", n)
	}
	if n := w.counted("low", 15); n != 1 {
		t.Errorf("in the longer window: counted %d, want 1", n)
	}
}

func TestSettingTheClockForgetsNothingAndKeepsNothing_S3_26(t *testing.T) {
	for name, jump := range map[string]time.Duration{"forward": time.Hour, "back": -time.Hour} {
		t.Run("S3-26 "+name, func(t *testing.T) {
			w := newWorld(t)
			w.touches(0, 30)
			w.hands.move(jump, 0)
			if n := w.counted("low", 5); n != 30 {
				t.Errorf("counted %d, want 30", n)
			}
			w.hands.move(16*time.Minute, 16*time.Minute)
			if n := w.counted("low", 15); n != 0 {
				t.Errorf("16 minutes later: counted %d, want 0", n)
			}
		})
	}
}

func TestHammeringOneDeniedCommandLocksOut_S3_25(t *testing.T) {
	w := newWorld(t)
	for i := range 10 {
		if a := w.decide(w.command("rm -rf /")); a.Verdict != proxy.Deny {
			t.Fatalf("got %s, want deny", a.Verdict)
		}
		if n := w.types()[state.LockoutEnabled]; (n == 1) != (i == 9) {
			t.Fatalf("after %d attempts: %d lockouts", i+1, n)
		}
	}
	var out state.LockedOut
	w.last(state.LockoutEnabled, &out)
	if out.Cause != "denied" {
		t.Errorf("cause %s, want denied", out.Cause)
	}
	if a := w.touches(0, 1); a.Verdict != proxy.Deny {
		t.Errorf("got %s, want deny", a.Verdict)
	}
}

func TestRetriesOfWhatIsHeldCountOnce(t *testing.T) {
	w := newWorld(t)
	for range 20 {
		if a := w.decide(w.command("docker rm a")); a.Verdict != proxy.Hold {
			t.Fatalf("got %s, want hold", a.Verdict)
		}
		w.hands.move(11*time.Second, 11*time.Second)
	}
	if n := w.counted("medium", 15); n > 2 { // a hold that expired was denied, its retry is another
		t.Errorf("counted %d of one command that is held", n)
	}
}

func TestMediumActionsHaveAThresholdOfTheirOwn_S3_23(t *testing.T) {
	w := newWorld(t)
	w.elevate("guardian", w.person()) // where MEDIUM runs
	var last proxy.Answer
	for i := range 12 {
		if last = w.decide(w.command(fmt.Sprintf("docker rm a%d", i))); i < 11 && last.Verdict != proxy.Allow {
			t.Fatalf("%d: got %s, want allow", i, last.Verdict)
		}
		w.hands.move(time.Minute, time.Minute)
	}
	if last.Verdict != proxy.Hold {
		t.Errorf("the 12th in 15 minutes: got %s, want hold", last.Verdict)
	}
	if a := w.touches(0, 1); a.Verdict != proxy.Hold || a.Findings[0].ID != "surge.level" {
		t.Errorf("LOW at level 1: got %s %+v, want hold (S3-24)", a.Verdict, a.Findings)
	}
	var up state.Surged
	w.last(state.VelocityEscalation, &up)
	t.Run("S3-07 S3-09 what level 1 says", func(t *testing.T) {
		if up.Tier != "tier_1" || up.Executor == nil || *up.Executor != "autonomous_guardian_executor" || up.Outcome.Status != "routed" ||
			up.RiskClass != "medium" || up.Rationale != "tier_1 triggered by velocity 0.8000/min over 15m window" {
			t.Errorf("got %+v", up)
		}
	})
	w.hands.move(15*time.Minute, 15*time.Minute)
	if a := w.touches(50, 1); a.Verdict != proxy.Allow {
		t.Errorf("after the surge: got %s, want allow", a.Verdict)
	}
}

func TestTheStrictPresetHasTheSeedsNumbers_S3_01(t *testing.T) {
	w := newWorld(t)
	dir := filepath.Join(w.dir, "user-policy")
	if err := errors.Join(os.MkdirAll(dir, 0o755), os.WriteFile(filepath.Join(dir, "guard.json"), []byte(`{"preset": "strict"}`), 0o644)); err != nil {
		t.Fatal(err)
	}
	w.reopen()
	levels := map[int]int{}
	for i := range 15 {
		w.touches(i, 1)
		levels[w.types()[state.VelocityEscalation]] = i + 1
	}
	if levels[0] != 11 || levels[1] != 14 || levels[2] != 15 {
		t.Errorf("the last action at each number of escalations: %v; want the 12th to begin level 1 and the 15th level 3", levels)
	}
	w.wantTypes(map[string]int{state.LockoutEnabled: 1})
}

func TestManyAtOnceAreCountedOneByOne(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	var ran atomic.Int32
	for i := range 90 {
		r := w.command(fmt.Sprintf("touch f%d", i))
		all.Go(func() {
			if w.decide(r).Verdict == proxy.Allow {
				ran.Add(1)
			}
		})
	}
	all.Wait()
	if ran.Load() != 59 {
		t.Errorf("%d ran, want 59", ran.Load())
	}
	w.wantTypes(map[string]int{state.LockoutEnabled: 1})
}

// below is an execution that the session's main process makes, or one of its
// descendants.
func (h *hooked) below(main bool, under []string, argv ...string) proxy.Request {
	r := h.call(under, argv...)
	if main {
		r.Command.Call.Main = 40
	}
	return r
}

// begins is the command that the session was started for.
func (h *hooked) begins(argv ...string) proxy.Request {
	h.t.Helper()
	r := h.command("")
	r.Command.Kind, r.Command.Line, r.Command.Argv = "exec", "", argv
	if a := h.decide(r); a.Verdict != proxy.Allow {
		h.t.Fatalf("%v: got %s", argv, a.Verdict)
	}
	return r
}

func TestOnlyTheAgentsOwnExecutionsAreItsActions(t *testing.T) {
	h := newHooked(t)
	first := h.begins("claude")
	for i := range 200 {
		a := h.decide(h.below(false, []string{"r_0000000000000000000000aa", first.ID}, "touch", fmt.Sprint(i)))
		if a.Verdict != proxy.Allow {
			t.Fatalf("a descendant's execution %d: got %s, want allow", i, a.Verdict)
		}
	}
	if n := h.counted("low", 5); n != 1 {
		t.Errorf("counted %d, want claude alone", n)
	}
	var last proxy.Answer
	for i := range 59 {
		last = h.decide(h.below(true, []string{first.ID}, "touch", fmt.Sprint(i)))
	}
	if last.Verdict != proxy.Deny || last.Findings[0].Msg != lockedOutText {
		t.Errorf("its own 60th action: got %s %+v", last.Verdict, last.Findings)
	}
}

func TestABuildIsOneAction(t *testing.T) {
	for _, argv := range [][]string{{"make"}, {"bash", "-c", "make -j4"}, {"npm", "run", "build"}} {
		t.Run(argv[0], func(t *testing.T) {
			h := newHooked(t)
			first := h.begins(argv...)
			for i := range 200 {
				if a := h.decide(h.below(true, []string{first.ID}, "touch", fmt.Sprint(i))); a.Verdict != proxy.Allow {
					t.Fatalf("recipe %d: got %s, want allow", i, a.Verdict)
				}
			}
			if n := h.counted("low", 5); n > 1 {
				t.Errorf("counted %d, want 1", n)
			}
		})
	}
}

func TestWhatAnActionExecutesIsNotHeldForTheAgentsSpeed(t *testing.T) {
	h := newHooked(t)
	first := h.begins("claude")
	for i := range 60 {
		if i == 58 {
			h.hands.move(6*time.Minute, 6*time.Minute) // too few in 5 minutes, too many in 15
		}
		h.decide(h.below(true, []string{first.ID}, "touch", fmt.Sprint(i)))
	}
	action := []string{"r_0000000000000000000000aa", first.ID}
	for name, c := range map[string]struct {
		main  bool
		under []string
		argv  []string
		want  proxy.Verdict
	}{
		"an action of its own":                  {true, []string{first.ID}, []string{"touch", "new"}, proxy.Hold},
		"what that executes":                    {false, action, []string{"touch", "made"}, proxy.Allow},
		"what that executes, and is risky":      {false, action, []string{"docker", "rm", "web"}, proxy.Hold},
		"what belongs to no action anybody saw": {false, nil, []string{"touch", "other"}, proxy.Hold},
	} {
		if a := h.decide(h.below(c.main, c.under, c.argv...)); a.Verdict != c.want {
			t.Errorf("%s: got %s %+v, want %s", name, a.Verdict, a.Findings, c.want)
		}
	}
}

// A wrapper that stays is the main process; the agent is what it was asked to start.
func TestAnAgentBelowWrappersActsForItself(t *testing.T) {
	for name, c := range map[string]struct {
		line []string
		runs [][]string // what its processes execute, one below the other
	}{
		"timeout":              {[]string{"timeout", "1h", "claude", "-p"}, [][]string{{"claude", "-p"}}},
		"one below the other":  {[]string{"timeout", "1h", "flock", "lock", "claude"}, [][]string{{"flock", "lock", "claude"}, {"claude"}}},
		"one that replaces":    {[]string{"timeout", "1h", "nice", "claude"}, [][]string{{"nice", "claude"}, {"claude"}}},
		"through a script":     {[]string{"timeout", "1h", "claude"}, [][]string{{"claude"}, {"bash", "claude.sh"}, {"claude-code"}}},
		"in the agent's place": {[]string{"timeout", "1h", "claude"}, [][]string{{"claude"}, {"claude-code"}}},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHooked(t)
			pid, above := 41, h.begins(c.line...)
			for i, argv := range c.runs {
				r := h.call([]string{above.ID}, argv...)
				if r.Command.Call.PID = pid; i == 0 {
					r.Command.Call.Main = 40
				}
				if name == "one below the other" {
					pid++
				}
				if a := h.decide(r); a.Verdict != proxy.Allow {
					t.Fatalf("%v: got %s %+v", argv, a.Verdict, a.Findings)
				}
				above = r
			}
			var last proxy.Answer
			for i := range 60 {
				last = h.decide(h.call([]string{above.ID}, "touch", fmt.Sprint(i)))
			}
			if last.Verdict != proxy.Deny || last.Findings[0].Msg != lockedOutText {
				t.Errorf("its own 60th action: got %s %+v", last.Verdict, last.Findings)
			}
		})
	}
}

func TestWhatAnAgentRunsBelowAWrapperIsNotItself(t *testing.T) {
	h := newHooked(t)
	main := h.begins("timeout", "1h", "claude")
	agent := h.below(true, []string{main.ID}, "claude")
	agent.Command.Call.PID = 41
	h.decide(agent)
	tool := h.call([]string{agent.ID, main.ID}, "timeout", "5", "tool")
	inner := h.call([]string{tool.ID, agent.ID}, "tool")
	tool.Command.Call.PID, inner.Command.Call.PID = 50, 51
	h.decide(tool)
	h.decide(inner)
	before := h.counted("low", 5)
	for i := range 200 {
		for _, above := range []proxy.Request{tool, inner} {
			if a := h.decide(h.call([]string{above.ID, agent.ID}, "touch", fmt.Sprint(i))); a.Verdict != proxy.Allow {
				t.Fatalf("a descendant's execution %d: got %s, want allow", i, a.Verdict)
			}
		}
	}
	if n := h.counted("low", 5); n != before {
		t.Errorf("counted %d, want %d: a tool's executions are not the agent's", n, before)
	}
}

func TestABuildBelowAWrapperIsOneAction(t *testing.T) {
	h := newHooked(t)
	first := h.begins("timeout", "1h", "make")
	build := h.below(true, []string{first.ID}, "make")
	h.decide(build)
	for i := range 200 {
		if a := h.decide(h.call([]string{build.ID, first.ID}, "touch", fmt.Sprint(i))); a.Verdict != proxy.Allow {
			t.Fatalf("recipe %d: got %s, want allow", i, a.Verdict)
		}
	}
	if n := h.counted("low", 5); n > 1 {
		t.Errorf("counted %d, want 1", n)
	}
}
