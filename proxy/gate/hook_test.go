package gate

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// hooked is a world whose session is under an exec hook: its monitor, a process
// that sleeps, is on connection 2.
type hooked struct {
	*world
	monitor *exec.Cmd
}

func newHooked(t *testing.T) *hooked {
	t.Helper()
	h := &hooked{world: newWorld(t), monitor: exec.Command("sleep", "600")}
	if err := h.monitor.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(h.kill)
	a := h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: h.self(1), Open: &proxy.Open{
		Agent: "bot", Argv: []string{"test"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: true,
		Prompt: true, Hook: "proven", Monitor: h.monitor.Process.Pid,
	}})
	h.session = a.Session.ID
	h.attachMonitor()
	return h
}

func (h *hooked) kill() {
	_ = h.monitor.Process.Kill()
	_ = h.monitor.Wait() // killed
}

// watcher is the monitor as a peer.
func (h *hooked) watcher() proxy.Peer {
	pid := h.monitor.Process.Pid
	return proxy.Peer{Conn: 2, PID: pid, UID: os.Getuid(), Start: startTime(pid), Within: h.session, Guarded: "descends from session " + h.session}
}

func (h *hooked) attachMonitor() {
	h.t.Helper()
	h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: h.watcher(), Open: &proxy.Open{Attach: h.session}})
}

// line is a line as guard asks for it.
func (h *hooked) line(text string) proxy.Request {
	r := h.command(text)
	r.Command.Code = "code"
	return r
}

// call is an execution that the monitor asks about: of a system's program, below
// some requests.
func (h *hooked) call(under []string, argv ...string) proxy.Request {
	return proxy.Request{ID: newID("r_", 12), Kind: proxy.KindCommand, Session: h.session, Peer: h.watcher(), Command: &proxy.Command{
		Kind: "exec", Argv: argv, Cwd: "/home/dev/app", Stdin: "null", Code: "code",
		Call: &proxy.Call{PID: 7, Raw: "/usr/bin/" + argv[0], Exe: proxy.File{Path: "/usr/bin/" + argv[0], Dev: 1, Ino: 1 << 60}, Under: under},
	}}
}

// approved lets a person approve a line.
func (h *hooked) approved(text string) proxy.Request {
	h.t.Helper()
	r := h.line(text)
	a := h.decide(r)
	if a.Verdict != proxy.Hold {
		h.t.Fatalf("%s: got %s, want hold", text, a.Verdict)
	}
	if _, err := h.vote(a.Hold.ID, true, h.person()); err != nil {
		h.t.Fatal(err)
	}
	if a = h.decide(r); a.Verdict != proxy.Allow {
		h.t.Fatalf("%s, approved: got %s, want allow", text, a.Verdict)
	}
	return r
}

func (h *hooked) tell(loaded ...proxy.Loaded) {
	h.t.Helper()
	h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLoaded, Session: h.session, Peer: h.watcher(), Loaded: loaded})
}

const push = "git push --force origin main"

func pushed() []string { return strings.Fields(push) }

func TestAnApprovedLineCoversAnExecutionOnce(t *testing.T) {
	h := newHooked(t)
	line := h.approved("make; " + push)
	of := fmt.Sprintf("receipt %d,", h.decide(line).Receipt)
	first := h.decide(h.call([]string{line.ID}, pushed()...))
	if first.Verdict != proxy.Allow || !first.Exact || !strings.Contains(first.Note, of) {
		t.Errorf("spelled out: got %s, exact %v, %q", first.Verdict, first.Exact, first.Note)
	}
	if again := h.decide(h.call([]string{line.ID}, pushed()...)); again.Verdict != proxy.Hold {
		t.Errorf("a second time: got %s, want hold", again.Verdict)
	}
}

func TestAnApprovedShellUnderTheHookCoversItsLine(t *testing.T) {
	h := newHooked(t)
	shell := h.call(nil, "bash", "-c", "make && (cd sub; "+push+"); rm -rf $X")
	a := h.decide(shell)
	if a.Verdict != proxy.Hold {
		t.Fatalf("the shell: got %s, want hold", a.Verdict)
	}
	if _, err := h.vote(a.Hold.ID, true, h.person()); err != nil {
		t.Fatal(err)
	}
	if a = h.decide(shell); a.Verdict != proxy.Allow {
		t.Fatalf("the shell, approved: got %s", a.Verdict)
	}
	h.tell(proxy.Loaded{Request: shell.ID, PID: 7, Exe: &proxy.File{Path: "/usr/bin/bash"}})
	h.reopen() // what it covers survives a restart
	h.attachMonitor()
	spelled, elsewhere := h.call([]string{shell.ID}, pushed()...), h.call([]string{shell.ID}, pushed()...)
	spelled.Command.Cwd = "/home/dev/app/sub"
	for name, c := range map[string]struct {
		r    proxy.Request
		want proxy.Verdict
	}{
		"what it spells out":  {spelled, proxy.Allow},
		"in another folder":   {elsewhere, proxy.Hold},
		"filled at run time":  {h.call([]string{shell.ID}, "rm", "-rf", "src"), proxy.Hold},
		"not in the line":     {h.call([]string{shell.ID}, "git", "push", "--force", "origin", "other"), proxy.Hold},
		"harmless by itself":  {h.call([]string{shell.ID}, "make"), proxy.Allow},
		"not below the shell": {h.call(nil, pushed()...), proxy.Hold},
	} {
		if a := h.decide(c.r); a.Verdict != c.want {
			t.Errorf("%s: got %s, want %s", name, a.Verdict, c.want)
		}
	}
}

func TestWhatGitExecutesOfItsOwnAccordIsCoveredBelowItAlone(t *testing.T) {
	h := newHooked(t)
	const id = "0123456789abcdef0123456789abcdef01234567"
	const clears = "/usr/lib/git-core/git reset --hard -q --no-recurse-submodules"
	child := func(line string, under ...string) proxy.Verdict {
		r := h.call(under, strings.Fields(line)...)
		r.Command.Cwd, r.Command.Code, r.Command.Call.Exe.Path = "/home/dev/elsewhere", "other code", "/usr/lib/git-core/git"
		return h.decide(r).Verdict
	}
	for _, c := range []struct {
		name, does string
		below      []string // programs between; nil for none
		child      string
		want       []proxy.Verdict // each time that it is executed
	}{
		{"stash clears what it saved, once", "git stash", nil, clears, []proxy.Verdict{proxy.Allow, proxy.Hold}},
		{"stash of untracked files", "git stash push -u -m wip", nil, "git clean --force --quiet -d :/", []proxy.Verdict{proxy.Allow}},
		{"a new worktree", "git worktree add ../wt", nil, "git reset --hard --no-recurse-submodules", []proxy.Verdict{proxy.Allow}},
		{"clones of submodules", "git submodule--helper update --init", nil, "git checkout -q -f " + id, []proxy.Verdict{proxy.Allow, proxy.Allow}},
		{"submodules that are forced", "git submodule--helper update --force", nil, "git checkout -q -f " + id, []proxy.Verdict{proxy.Hold}},
		{"another command of git", "git status", nil, clears, []proxy.Verdict{proxy.Hold}},
		{"a program that it starts", "git stash", []string{"r_0000000000000000000000aa"}, clears, []proxy.Verdict{proxy.Hold}},
		{"a shell beside it", "bash -c 'git stash; true'", nil, clears, []proxy.Verdict{proxy.Hold}},
		{"more than that", "git stash", nil, "git reset --hard -q --no-recurse-submodules HEAD~5", []proxy.Verdict{proxy.Hold}},
	} {
		does := h.call(nil, strings.Fields(c.does)...)
		if strings.HasPrefix(c.does, "bash") {
			does = h.call(nil, "bash", "-c", "git stash; true")
		}
		if a := h.decide(does); a.Verdict != proxy.Allow {
			t.Fatalf("%s: got %s, want allow", c.does, a.Verdict)
		}
		for i, want := range c.want {
			if got := child(c.child, append(c.below, does.ID)...); got != want {
				t.Errorf("%s, time %d: got %s, want %s", c.name, i+1, got, want)
			}
		}
	}
}

func TestALoopCoversAnyNumber(t *testing.T) {
	h := newHooked(t)
	line := h.approved("while sleep 9; do " + push + "; done")
	for range 5 {
		if a := h.decide(h.call([]string{line.ID}, pushed()...)); a.Verdict != proxy.Allow || !a.Exact {
			t.Fatalf("got %s, exact %v", a.Verdict, a.Exact)
		}
	}
}

func TestACoverIsForExactlyWhatTheLineSpellsOut(t *testing.T) {
	h := newHooked(t)
	var line proxy.Request
	now := h.hands.now().wall
	later, earlier := now.Add(time.Second).UnixNano(), now.Add(-time.Hour).UnixNano()
	cases := []struct {
		name   string
		change func(*proxy.Command)
		covers bool
	}{
		{"nothing", func(*proxy.Command) {}, true},
		{"words", func(c *proxy.Command) { c.Argv = append(c.Argv, "x") }, false},
		{"folder", func(c *proxy.Command) { c.Cwd = "/home/dev" }, false},
		{"variables", func(c *proxy.Command) { c.Code = "other" }, false},
		{"no variables", func(c *proxy.Command) { c.Code = "" }, false},
		{"another line", func(c *proxy.Command) { c.Call.Under = []string{"r_000000000000000000000000"} }, false},
		{"no line", func(c *proxy.Command) { c.Call.Under = nil }, false},
		{"loaded instead", func(c *proxy.Command) { c.Call.Again = line.ID }, false},
		{"another program", func(c *proxy.Command) { c.Call.Exe.Path, c.Call.Raw = "/usr/bin/rm", "/usr/bin/rm" }, false},
		{"memory", func(c *proxy.Command) { c.Call.Exe.Memfd = true }, false},
		{"deleted", func(c *proxy.Command) { c.Call.Exe.Deleted = true }, false},
		{"foreign", func(c *proxy.Command) { c.Call.Exe.Foreign = true }, false},
		{"no name", func(c *proxy.Command) { c.Call.Exe.Path = "" }, false},
		{"traced", func(c *proxy.Command) { c.Call.Tracer = 9 }, false},
		{"agent's", func(c *proxy.Command) {
			c.Call.Exe = proxy.File{Path: "/home/dev/bin/git", Writable: true, Ctime: later}
		}, false},
		{"person's own", func(c *proxy.Command) {
			c.Call.Exe, c.Call.Raw = proxy.File{Path: "/home/dev/bin/git", Writable: true, Ctime: earlier}, "/home/dev/bin/git"
		}, true},
		{"interpreter of the agent's", func(c *proxy.Command) { c.Call.Chain = []proxy.File{{Path: "/tmp/x", Writable: true, Ctime: later}} }, false},
		{"a script it read", func(c *proxy.Command) {
			c.Scene = []proxy.Observation{{Query: proxy.Query{Op: "text", Path: "/home/dev/app/x"}, Exists: "yes", Digest: "blake3:1"}}
		}, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			line = h.approved(push)
			r := h.call([]string{line.ID}, pushed()...)
			c.change(r.Command)
			if a := h.decide(r); (a.Verdict == proxy.Allow) != c.covers || a.Exact != c.covers {
				t.Errorf("got %s, exact %v, want covered: %v", a.Verdict, a.Exact, c.covers)
			}
		})
	}
}

func TestAScriptThatChangedIsNotTheOneThatWasApproved(t *testing.T) {
	h := newHooked(t)
	script := func(digest string) []proxy.Observation {
		return []proxy.Observation{{Query: proxy.Query{Op: "text", Path: "/home/dev/app/x.sh"}, Exists: "yes", Text: "#!/bin/sh\n" + push, Digest: digest}}
	}
	for digest, want := range map[string]proxy.Verdict{"blake3:1": proxy.Allow, "blake3:2": proxy.Hold} {
		r := h.line("sh x.sh")
		r.Command.Scene = script("blake3:1")
		a := h.decide(r)
		if a.Verdict != proxy.Hold {
			t.Fatalf("the script: got %s, want hold", a.Verdict)
		}
		if _, err := h.vote(a.Hold.ID, true, h.person()); err != nil {
			t.Fatal(err)
		}
		h.decide(r)
		c := h.call([]string{r.ID}, "sh", "x.sh")
		c.Command.Scene = script(digest)
		if a := h.decide(c); a.Verdict != want {
			t.Errorf("digest %s: got %s, want %s", digest, a.Verdict, want)
		}
	}
}

func TestAScriptThatWasThereBeforeTheSessionIsAProgram(t *testing.T) {
	h := newHooked(t)
	for name, c := range map[string]struct {
		changed time.Duration
		hooked  bool
		want    proxy.Verdict
	}{
		"old": {-time.Hour, true, proxy.Allow}, "new": {time.Second, true, proxy.Hold}, "not seen by the hook": {-time.Hour, false, proxy.Hold},
	} {
		r := h.call(nil, "sh", "/home/dev/bin/x")
		if !c.hooked {
			r.Command.Call, r.Peer = nil, h.self(1)
		}
		r.Command.Scene = []proxy.Observation{{Query: proxy.Query{Op: "text", Path: "/home/dev/bin/x"}, Exists: "yes", Real: "/home/dev/bin/x",
			Text: push, Digest: "blake3:1", Ctime: h.hands.now().wall.Add(c.changed).UnixMicro()}}
		if a := h.decide(r); a.Verdict != c.want {
			t.Errorf("%s: got %s, want %s", name, a.Verdict, c.want)
		}
	}
}

func TestWhatACoveredExecutionStartsIsCoveredOnceToo(t *testing.T) {
	h := newHooked(t)
	line := h.approved("timeout 5 " + push)
	outer := h.call([]string{line.ID}, append([]string{"timeout", "5"}, pushed()...)...)
	if a := h.decide(outer); a.Verdict != proxy.Allow {
		t.Fatalf("the wrapper: got %s", a.Verdict)
	}
	if a := h.decide(h.call([]string{line.ID}, pushed()...)); a.Verdict != proxy.Hold {
		t.Errorf("beside the wrapper: got %s, want hold: the line says it once", a.Verdict)
	}
	h.tell(proxy.Loaded{Request: outer.ID, PID: 7, Exe: &proxy.File{Path: "/usr/bin/timeout"}})
	// the shell has become the wrapper: only that is left
	if a := h.decide(h.call([]string{outer.ID}, pushed()...)); a.Verdict != proxy.Allow {
		t.Errorf("what it wraps: got %s, want allow", a.Verdict)
	}
}

func TestRacingExecutionsSpendACoverOnce(t *testing.T) {
	h := newHooked(t)
	line := h.approved(push)
	var all sync.WaitGroup
	var mu sync.Mutex
	allowed := 0
	for range 100 {
		r := h.call([]string{line.ID}, pushed()...)
		all.Go(func() {
			a, err := h.g.Ask(t.Context(), r)
			mu.Lock()
			defer mu.Unlock()
			if err != nil {
				t.Error(err)
			} else if a.Verdict == proxy.Allow {
				allowed++
			}
		})
	}
	all.Wait()
	if allowed != 1 {
		t.Errorf("%d of 100 ran, want 1", allowed)
	}
}

func TestADecisionOnACoverThatWasSpentMeanwhileIsTakenAgain(t *testing.T) {
	h := newHooked(t)
	line := h.approved("timeout 5 " + push)
	judged := func(r proxy.Request) *asking {
		t.Helper()
		a := &asking{request: r, now: h.g.clock.now()}
		var err error
		if a.session, err = h.g.bound(r); err != nil {
			t.Fatal(err)
		}
		if a.policy, err = h.g.policies.For(t.Context(), a.session.Workspace); err != nil {
			t.Fatal(err)
		}
		if err = h.g.judge(t.Context(), a); err != nil {
			t.Fatal(err)
		}
		if a.cover = h.g.coverOf(a); a.cover.by == "" {
			t.Fatalf("%q is not covered", r.Command.Argv)
		}
		return a
	}
	outer := append([]string{"timeout", "5"}, pushed()...)
	first, same, inner := judged(h.call([]string{line.ID}, outer...)), judged(h.call([]string{line.ID}, outer...)), judged(h.call([]string{line.ID}, pushed()...))
	if _, err := h.g.conclude(t.Context(), first); err != nil {
		t.Fatal(err)
	}
	for _, a := range []*asking{same, inner} { // the second takes what went with the first
		if _, err := h.g.conclude(t.Context(), a); !errors.Is(err, errMoved) {
			t.Errorf("%q: got %v, want to be decided again", a.request.Command.Argv, err)
		}
	}
}

func TestWhatWasLoadedInsteadIsNeverHeld(t *testing.T) {
	h := newHooked(t)
	line := h.approved(push)
	first := h.call(nil, "make")
	h.decide(first)
	for name, argv := range map[string][]string{"held": pushed(), "harmless": {"ls"}} {
		r := h.call([]string{line.ID}, argv...)
		r.Command.Call.Again = first.ID
		want := map[string]proxy.Verdict{"held": proxy.Deny, "harmless": proxy.Allow}[name]
		if a := h.decide(r); a.Verdict != want || a.Hold != nil {
			t.Errorf("%s: got %s, hold %v, want %s", name, a.Verdict, a.Hold, want)
		}
	}
}

func TestADenyIsNeverCovered(t *testing.T) {
	h := newHooked(t)
	r := h.line("cd /; " + push)
	h.g.mu.Lock() // as if a policy had let it run before
	h.g.state.Sessions[h.session].Lines[r.ID] = &state.Line{Execs: map[string]int{h.g.execHash([]string{"rm", "-rf", "/"}, "/home/dev/app", "code"): 1}}
	h.g.mu.Unlock()
	if a := h.decide(h.call([]string{r.ID}, "rm", "-rf", "/")); a.Verdict != proxy.Deny {
		t.Errorf("got %s, want deny", a.Verdict)
	}
}

func TestOnlyTheMonitorMakesCallsAndSaysWhatWasLoaded(t *testing.T) {
	h := newHooked(t)
	inside := proxy.Peer{Conn: 5, PID: 1, UID: os.Getuid(), Within: h.session, Guarded: "descends from session " + h.session}
	h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: inside, Open: &proxy.Open{}})
	reused := h.watcher()
	reused.Conn, reused.Start = 6, reused.Start+1
	h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: reused, Open: &proxy.Open{}})
	for _, peer := range []proxy.Peer{h.self(1), inside, reused, h.person()} {
		r := h.call(nil, "ls")
		r.Peer = peer
		if a, err := h.g.Ask(t.Context(), r); err == nil {
			t.Errorf("pid %d on connection %d: got %s, want an error", peer.PID, peer.Conn, a.Verdict)
		}
		loaded := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLoaded, Session: h.session, Peer: peer, Loaded: []proxy.Loaded{{}}}
		if _, err := h.g.Ask(t.Context(), loaded); err == nil {
			t.Errorf("pid %d on connection %d says what was loaded", peer.PID, peer.Conn)
		}
	}
	if a := h.decide(h.call(nil, "ls")); a.Verdict != proxy.Allow {
		t.Errorf("the monitor: got %s", a.Verdict)
	}
}

func TestASessionSaysTheTruthAboutItsHook(t *testing.T) {
	h := newHooked(t)
	v, err := h.g.Read(t.Context(), proxy.Look{What: proxy.LookSession, ID: h.session})
	if err != nil || v.Session.Hook != "proven" {
		t.Errorf("got %q %v, want proven", v.Session.Hook, err)
	}
	for _, open := range []proxy.Open{
		{Hook: "proven"}, {Hook: "off", Monitor: h.monitor.Process.Pid}, {Monitor: h.monitor.Process.Pid}, {Hook: "sure"}, {Hook: "proven", Monitor: 1 << 30},
	} {
		if _, err := h.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: h.self(8), Open: &open}); err == nil {
			t.Errorf("hook %q with monitor %d opens a session", open.Hook, open.Monitor)
		}
	}
}

func TestWhatWasLoadedIsOnRecordOnceAndForgotten(t *testing.T) {
	h := newHooked(t)
	runs, fails := h.call(nil, "make"), h.call(nil, "ls")
	h.decide(runs)
	h.decide(fails)
	for range 2 { // sent again after a lost connection
		h.tell(proxy.Loaded{Request: runs.ID, PID: 8, Exe: &proxy.File{Path: "/usr/bin/make", Dev: 1, Ino: 1 << 60}, Argv: []string{"gmake"}},
			proxy.Loaded{Request: fails.ID, PID: 9, Error: "exec format error"})
	}
	got := h.types()
	if got[state.CommandStarted] != 1 || got[state.CommandFailed] != 1 {
		t.Errorf("got %d started and %d failed, want 1 of each", got[state.CommandStarted], got[state.CommandFailed])
	}
	h.g.mu.Lock()
	left := len(h.g.state.Sessions[h.session].Requests)
	h.g.mu.Unlock()
	if left != 0 {
		t.Errorf("%d requests are still known", left)
	}
}

func TestNobodySaysHowAHookedExecutionEnds(t *testing.T) {
	h := newHooked(t)
	r := h.call(nil, "make")
	h.decide(r)
	_, err := h.g.Ask(t.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindOutcome, Session: h.session, Peer: h.watcher(),
		Outcome: &proxy.Outcome{Request: r.ID}})
	if err == nil {
		t.Error("an exit status was invented")
	}
}

func TestExecutionsOfAnEndedSessionAreClosedTogether(t *testing.T) {
	h := newHooked(t)
	for range 20 {
		h.decide(h.call(nil, "make"))
	}
	h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: h.session, Peer: h.self(1)})
	got := h.types()
	if got[state.CommandsLost] != 1 || got[state.CommandOrphaned] != 0 || got[state.SessionEnded] != 1 {
		t.Errorf("got %v, want one commands_lost and the end", got)
	}
}

func TestWhatManyLinesCoverIsBounded(t *testing.T) {
	h := newHooked(t)
	first := h.approved(push)
	for i := range 300 {
		r := h.call(nil, "rm", "-rf", fmt.Sprintf("/home/dev/app/node_modules/%d", i))
		r.Command.Argv = []string{"sh", "-c", strings.Join(r.Command.Argv, " ")}
		r.Command.Call.Raw, r.Command.Call.Exe.Path = "/usr/bin/sh", "/usr/bin/sh"
		if a := h.decide(r); a.Verdict != proxy.Allow || len(a.Reliefs) == 0 {
			t.Fatalf("%q: got %s with reliefs %v", r.Command.Argv, a.Verdict, a.Reliefs)
		}
		h.tell(proxy.Loaded{Request: r.ID, PID: 8, Exe: &proxy.File{Path: "/usr/bin/sh"}})
	}
	h.g.mu.Lock()
	s := h.g.state.Sessions[h.session]
	lines, spelled, requests, oldest := len(s.Lines), len(s.Spelled), len(s.Requests), s.Lines[first.ID]
	h.g.mu.Unlock()
	if lines != 256 || spelled != 256 || requests != 1 || oldest != nil {
		t.Errorf("got %d lines, %d in order, %d requests, the oldest %v; want 256, 256, 1, none", lines, spelled, requests, oldest)
	}
}

func TestTheMonitorKeepsASessionWhoseCommandHasEnded(t *testing.T) {
	h := newHooked(t)
	end := func(peer proxy.Peer, keep bool) {
		t.Helper()
		h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: h.session, Peer: peer, End: &proxy.End{Keep: keep}})
	}
	end(h.watcher(), false) // not its to end yet
	if h.types()[state.SessionEnded] != 0 {
		t.Fatal("the monitor ended the session of its guard")
	}
	end(h.self(1), true)
	h.g.Gone(1)
	h.hands.move(time.Hour, time.Hour)
	h.settle()
	roots := h.g.Roots()
	if !slices.ContainsFunc(roots, func(r proxy.Root) bool { return r.Session == h.session && r.PID == h.monitor.Process.Pid }) {
		t.Fatalf("the session hangs from %v, want its monitor", roots)
	}
	if a := h.decide(h.call(nil, "ls")); a.Verdict != proxy.Allow {
		t.Errorf("after the command ended: got %s", a.Verdict)
	}

	if err := h.g.Close(); err != nil {
		t.Fatal(err)
	}
	h.open()
	h.attachMonitor()
	h.hands.move(time.Hour, time.Hour)
	h.settle()
	if a := h.decide(h.call(nil, "ls")); a.Verdict != proxy.Allow {
		t.Errorf("after a restart: got %s", a.Verdict)
	}
	end(h.watcher(), false)
	if h.g.live(h.session) || h.types()[state.SessionKept] != 1 {
		t.Error("the monitor cannot end what it kept, once")
	}
}

func TestAKeptSessionEndsWithItsMonitor(t *testing.T) {
	h := newHooked(t)
	h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: h.session, Peer: h.self(1), End: &proxy.End{Keep: true}})
	h.kill()
	h.g.Gone(2)
	h.settle()
	if got := h.types(); got[state.SessionEnded] != 1 {
		t.Errorf("got %v, want the end", got)
	}
}

func TestASessionIsNotKeptByAMonitorThatIsGone(t *testing.T) {
	h := newHooked(t)
	h.kill()
	h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: h.session, Peer: h.self(1), End: &proxy.End{Keep: true}})
	if got := h.types(); got[state.SessionKept] != 0 || got[state.SessionEnded] != 1 {
		t.Errorf("got %v, want the end", got)
	}
}

func TestOneOfTwoExecutionsThatWaitForOneHoldMayGo(t *testing.T) {
	h := newHooked(t)
	a, b := h.call(nil, pushed()...), h.call(nil, pushed()...)
	first, second := h.decide(a), h.decide(b)
	if first.Hold == nil || second.Hold == nil || first.Hold.ID != second.Hold.ID {
		t.Fatalf("got %+v and %+v, want one hold", first.Hold, second.Hold)
	}
	give := func(r proxy.Request) string {
		got := h.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindCancel, Session: h.session, Peer: h.watcher(),
			Cancel: &proxy.Cancel{Hold: first.Hold.ID, Request: r.ID}})
		return got.Hold.State
	}
	if got := give(a); got != proxy.Pending {
		t.Errorf("after one went: got %s, want pending", got)
	}
	if got := give(b); got != proxy.Cancelled {
		t.Errorf("after both went: got %s, want cancelled", got)
	}
}

func TestAnApprovedExecutionIsExact(t *testing.T) {
	h := newHooked(t)
	r := h.call(nil, pushed()...)
	a := h.decide(r)
	if _, err := h.vote(a.Hold.ID, true, h.person()); err != nil {
		t.Fatal(err)
	}
	if a = h.decide(r); a.Verdict != proxy.Allow || !a.Exact {
		t.Errorf("got %s, exact %v", a.Verdict, a.Exact)
	}
}

func TestAnApprovalIsForTheProgramFileItWasGivenTo(t *testing.T) {
	h := newHooked(t)
	r := h.call(nil, pushed()...)
	a := h.decide(r)
	if _, err := h.vote(a.Hold.ID, true, h.person()); err != nil {
		t.Fatal(err)
	}
	for _, change := range []func(*proxy.Call){
		func(c *proxy.Call) { c.Raw = "/bin/git" },
		func(c *proxy.Call) { c.Exe.Ino++ },
		func(c *proxy.Call) { c.Exe.Ctime++ },
		func(c *proxy.Call) { c.Chain = []proxy.File{{Path: "/bin/sh"}} },
	} {
		other := h.call(nil, pushed()...)
		change(other.Command.Call)
		if a := h.decide(other); a.Verdict == proxy.Allow {
			t.Errorf("%+v: allowed by an approval for another file", other.Command.Call)
		}
	}
}

// BenchmarkHookedExecution decides one execution again and again, with the
// receipts of the decision and of what was loaded. Budget: 60 us.
func BenchmarkHookedExecution(b *testing.B) {
	g, session, monitor := benchGate(b)
	r := proxy.Request{Kind: proxy.KindCommand, Session: session, Peer: monitor, Command: &proxy.Command{
		Kind: "exec", Argv: []string{"cc", "-O2", "-c", "-o", "main.o", "main.c"}, Cwd: "/home/dev/app", Stdin: "null", Code: "code",
		Call: &proxy.Call{PID: 7, Raw: "/usr/bin/cc", Exe: proxy.File{Path: "/usr/bin/x86_64-linux-gnu-gcc-12", Dev: 1, Ino: 2}},
	}}
	var told []proxy.Loaded
	before := processorTime(b)
	b.ResetTimer()
	for i := range b.N {
		r.ID = fmt.Sprintf("r_%024x", i)
		if a, err := g.Ask(b.Context(), r); err != nil || a.Verdict != proxy.Allow {
			b.Fatal(a.Verdict, err)
		}
		told = append(told, proxy.Loaded{Request: r.ID, PID: 7, Exe: &r.Command.Call.Exe})
		if len(told) == 16 || i == b.N-1 { // as the monitor does, in batches
			l := proxy.Request{ID: newID("r_", 12), Kind: proxy.KindLoaded, Session: session, Peer: monitor, Loaded: told}
			if _, err := g.Ask(b.Context(), l); err != nil {
				b.Fatal(err)
			}
			told = nil
		}
	}
	b.ReportMetric(float64((processorTime(b)-before).Microseconds())/float64(b.N), "cpu-us/exec") // what other processes do does not count
}

// processorTime is what this process has used of the processors.
func processorTime(b *testing.B) time.Duration {
	b.Helper()
	var used unix.Rusage
	if err := unix.Getrusage(unix.RUSAGE_SELF, &used); err != nil {
		b.Fatal(err)
	}
	return time.Duration(used.Utime.Nano() + used.Stime.Nano())
}

func benchGate(b *testing.B) (g *Gate, session string, monitor proxy.Peer) {
	b.Helper()
	dir := b.TempDir()
	g, err := Open(b.Context(), Options{Dir: dir, User: filepath.Join(dir, "user-policy"), UID: os.Getuid()})
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { _ = g.Close() })
	self := proxy.Peer{Conn: 1, PID: os.Getpid(), UID: os.Getuid(), Start: startTime(os.Getpid())}
	a, err := g.Ask(b.Context(), proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: self, Open: &proxy.Open{
		Agent: "bot", Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Hook: "proven", Monitor: os.Getpid(),
	}})
	if err != nil {
		b.Fatal(err)
	}
	return g, a.Session.ID, self
}
