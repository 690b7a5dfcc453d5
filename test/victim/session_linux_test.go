package victim

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
)

func TestWhatIsApprovedRunsOrNothing(t *testing.T) {
	w := newWorld(t)
	w.inbox(t)
	t.Run("while it is held", func(t *testing.T) {
		for _, c := range []struct {
			name, what, want string // want is "" where the program or nothing may run
			again            bool   // it is another question, which a person is asked anew
		}{
			{name: "nothing changes", what: "nothing", want: "ran 1 killed 0 refused 0"},
			{name: "nothing of a script changes", what: "script", want: "ran 1 killed 0 refused 0"},
			{name: "the path is rewritten", what: "path"},
			{name: "a word is rewritten", what: "word"},
			{name: "a link is turned", what: "link", want: "ran 0 killed 1"},
			{name: "another file gets its name", what: "file", want: "ran 0 killed 1"},
			{name: "a script's interpreter is another file", what: "interpreter", want: "ran 0 killed 0 refused 1", again: true},
		} {
			t.Run(c.name, func(t *testing.T) {
				t.Parallel()
				p := w.plot(t)
				r := p.start(t, "--agent="+c.what, "--", "./victim", "held", c.what)
				id := p.held(t, r, c.what)
				p.order(t, "change it")
				p.answer(t)
				if out, err := w.at(w.dir, "guard", "approve", id).CombinedOutput(); err != nil {
					t.Fatalf("approve: %v\n%s", err, out)
				}
				if c.again {
					if out, err := w.at(w.dir, "guard", "deny", p.held(t, r, c.what, id)).CombinedOutput(); err != nil {
						t.Fatalf("deny: %v\n%s", err, out)
					}
				}
				out, status := r.end(t)
				if p.ran() != "" {
					t.Errorf("ran something else than was approved:\n%s", out)
				}
				if got := tallyOf(t, out); status != 0 || got.sum() != 1 || !strings.Contains(out, c.want) {
					t.Errorf("got %+v, status %d, want %s\n%s", got, status, c.want, out)
				}
			})
		}
	})
}

func TestNothingReachesIntoGuard(t *testing.T) {
	w := newWorld(t)
	p := w.plot(t)
	out, status := p.guard(t, nil, "powers", strconv.Itoa(w.status(t).PID))
	lines := 0
	for line := range strings.Lines(out) {
		what, result, ok := strings.Cut(strings.TrimSpace(line), ": ")
		if !ok {
			continue
		}
		lines++
		if result != "EPERM" && result != "EACCES" {
			t.Errorf("%s: %s", what, result)
		}
	}
	if got := tallyOf(t, out); status != 0 || lines < 90 || got.ran != 3 {
		t.Errorf("%d attempts, then %+v, status %d\n%s", lines, got, status, out)
	}
}

func TestNobodyTypesIntoTheTerminal(t *testing.T) {
	p := newWorld(t).plot(t)
	if out, _ := p.guard(t, []string{"--exec-hook=off"}, "typing"); strings.Contains(out, "EPERM") {
		t.Errorf("refused without the hook, too:\n%s", out)
	}
	out, status := p.guard(t, nil, "typing")
	if n := strings.Count(out, ": EPERM\n"); status != 0 || n < 3 || n != strings.Count(out, "TIOC") {
		t.Errorf("status %d\n%s", status, out)
	}
}

func TestWhoOutlivesTheCommandStaysUnderTheHook(t *testing.T) {
	w := newWorld(t)
	p := w.plot(t)
	if out, status := p.guard(t, nil, "survive"); status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	for _, c := range []struct{ program, want string }{{"doom", "EPERM"}, {"good", "0"}} {
		p.order(t, c.program)
		if got := p.answer(t); got != c.want {
			t.Errorf("%s after the command ended: got %s, want %s", c.program, got, c.want)
		}
	}
	sessions := w.status(t).Sessions
	if len(sessions) != 1 {
		t.Fatalf("%d sessions are left, want the one that was kept: %+v", len(sessions), sessions)
	}
	fd, err := unix.PidfdOpen(sessions[0].PID, 0)
	must(t, err)
	defer unix.Close(fd)
	must(t, unix.PidfdSendSignal(fd, unix.SIGKILL, nil, 0))
	gone := []unix.PollFd{{Fd: int32(fd), Events: unix.POLLIN}}
	if n, err := unix.Poll(gone, int(patience.Milliseconds())); n != 1 {
		t.Fatalf("the one that watches did not end: %v", err)
	}
	for _, program := range []string{"doom", "good"} {
		p.order(t, program)
		if got := p.answer(t); got != "ENOSYS" {
			t.Errorf("%s after guard was killed: got %s, want ENOSYS", program, got)
		}
	}
	p.order(t, "end")
	if p.ran() != "" {
		t.Error("what is denied ran")
	}
}

func TestNestedGuardsLetNothingOut(t *testing.T) {
	w := newWorld(t)
	p := w.plot(t)
	out, status := p.guard(t, nil, "nested")
	if p.ran() != "" || status != 0 || strings.Count(out, "nested ") != 12 || strings.Contains(out, ": 0\n") || strings.Contains(out, ": 66\n") {
		t.Errorf("status %d\n%s", status, out)
	}
}

func TestAnImpostorOfGuarddAllowsNothing(t *testing.T) {
	w := newWorld(t)
	p, guardd := w.plot(t), w.status(t).PID
	r := p.start(t, "--", "./victim", "impostor")
	p.order(t, "good")
	if got := p.answer(t); got != "0" {
		t.Errorf("good with another socket in place: %s", got)
	}
	p.order(t, "doom")
	if got := p.answer(t); got != "EPERM" {
		t.Errorf("doom with another socket in place: %s", got)
	}
	must(t, unix.Kill(guardd, unix.SIGKILL))
	for _, program := range []string{"doom", "good"} {
		p.order(t, program)
		t.Logf("%s when guardd was killed: %s", program, p.answer(t))
	}
	p.order(t, "end")
	out, _ := r.end(t)
	if p.ran() != "" || strings.Count(out, "nested ") != 12 || strings.Contains(out, ": 0\n") {
		t.Errorf("what is denied ran, or not all was tried:\n%s", out)
	}
}

func TestADetachedChildDoesNotVote(t *testing.T) {
	w := newWorld(t)
	w.inbox(t)
	p := w.plot(t)
	b, err := os.ReadFile(filepath.Join(bin, "guard"))
	must(t, err)
	must(t, writeProgram(p.dir+"/copied", b))
	if out, status := p.guard(t, nil, "voter"); status != 0 {
		t.Fatalf("status %d\n%s", status, out)
	}
	asker := p.start(t, "--agent=asker", "--", "./good", "ask")
	id := p.held(t, asker, "asker")
	p.order(t, id)
	answer := p.answer(t)
	t.Logf("votes: %s", answer)
	if words := strings.Fields(answer); len(words) != 5 || strings.Contains(" "+answer+" ", " 0 ") {
		t.Errorf("a vote counted: %s", answer)
	}
	if again := p.held(t, asker, "asker"); again != id { // still
		t.Errorf("the hold is not what it was: %s", again)
	}
	p.order(t, "end")
	if out, err := w.at(w.dir, "guard", "deny", id).CombinedOutput(); err != nil {
		t.Errorf("a person cannot answer: %v\n%s", err, out)
	}
	if out, status := asker.end(t); status != 126 {
		t.Errorf("status %d\n%s", status, out)
	}
}

// status is what guardd, which is started if need be, says of itself.
func (w *world) status(t *testing.T) proxy.Status {
	t.Helper()
	if out, err := w.at(w.dir, "guard", "--exec-hook=off", "--", "true").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	out, err := w.at(w.dir, "guard", "daemon", "status", "--json").Output()
	must(t, err)
	var s proxy.Status
	must(t, json.Unmarshal(out, &s))
	return s
}
