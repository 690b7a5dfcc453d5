package gate

import (
	"fmt"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// tries has a process of the agent's own try a program in folder after folder, as
// CPython does, and returns how many denied attempts that makes.
func (h *hooked) tries(first proxy.Request, pid int, in []string, argv ...string) int {
	h.t.Helper()
	before := h.counted("denied", 5)
	for _, folder := range in {
		r := h.below(true, []string{first.ID}, argv...)
		if a := h.decide(from(r, pid, folder)); a.Verdict == proxy.Allow {
			h.t.Fatalf("%s %v may run", folder, argv)
		}
	}
	return h.counted("denied", 5) - before
}

// from has a process execute the program of that name in a folder.
func from(r proxy.Request, pid int, folder string) proxy.Request {
	r.Command.Call.PID, r.Command.Call.Start, r.Command.Call.Raw = pid, uint64(pid), folder+"/"+r.Command.Argv[0]
	return r
}

// folders are those of a PATH.
var folders = []string{"/usr/local/bin", "/usr/bin", "/bin"}

func TestOneProcessThatSearchesItsPathMakesOneAttempt_S3_25(t *testing.T) {
	h := newHooked(t)
	first := h.begins("claude")
	for i := range 9 {
		if n := h.tries(first, 100+i, folders, "mkfs", fmt.Sprintf("/dev/sd%c", 'a'+i)); n != 1 {
			t.Fatalf("the search %d: counted %d, want 1", i+1, n)
		}
	}
	if n := h.counted("low", 5); n != 10 {
		t.Errorf("counted %d actions, want claude and 9", n)
	}
	h.wantTypes(map[string]int{state.LockoutEnabled: 0})
	h.reopen()
	h.attachMonitor()
	h.tries(first, 109, folders, "mkfs", "/dev/sdx")
	h.wantTypes(map[string]int{state.LockoutEnabled: 1})
}

func TestWhoInsistsMakesManyAttempts_S3_25(t *testing.T) {
	many := make([]string, 20)
	for i := range many {
		many[i] = fmt.Sprintf("/opt/%d", i)
	}
	for name, c := range map[string]struct {
		try  func(*hooked, proxy.Request) int
		want int
	}{
		"the same file again": {func(h *hooked, first proxy.Request) int {
			return h.tries(first, 100, []string{"/bin", "/bin", "/bin"}, "mkfs", "/dev/sda")
		}, 3},
		"the same search again": {func(h *hooked, first proxy.Request) int {
			return h.tries(first, 100, append(folders, folders...), "mkfs", "/dev/sda")
		}, 2},
		"two files in turn": {func(h *hooked, first proxy.Request) int {
			return h.tries(first, 100, []string{"/bin", "/usr/bin", "/usr/bin", "/bin", "/bin"}, "mkfs", "/dev/sda")
		}, 3},
		"in another process": {func(h *hooked, first proxy.Request) int {
			return h.tries(first, 100, folders, "mkfs", "/dev/sda") + h.tries(first, 101, folders, "mkfs", "/dev/sda")
		}, 2},
		"with other words": {func(h *hooked, first proxy.Request) int {
			return h.tries(first, 100, folders, "mkfs", "/dev/sda") + h.tries(first, 100, folders, "mkfs", "/dev/sdb")
		}, 2},
		"more folders than a PATH has": {func(h *hooked, first proxy.Request) int {
			return h.tries(first, 100, many, "mkfs", "/dev/sda")
		}, 3},
	} {
		t.Run(name, func(t *testing.T) {
			h := newHooked(t)
			if n := c.try(h, h.begins("claude")); n != c.want {
				t.Errorf("counted %d, want %d", n, c.want)
			}
		})
	}
}

// What is said of the first file holds for the others, whoever the process belongs to.
func TestOneSearchAsksPeopleOnce(t *testing.T) {
	for name, c := range map[string]struct {
		answer func(*hooked, string) error
		want   proxy.Verdict
	}{
		"not answered yet": {func(*hooked, string) error { return nil }, proxy.Deny},
		"denied":           {func(h *hooked, id string) error { _, err := h.vote(id, false, h.person()); return err }, proxy.Deny},
		"expired": {func(h *hooked, _ string) error {
			h.hands.move(time.Hour, time.Hour)
			h.settle()
			return nil
		}, proxy.Deny},
		"approved, but another file": {func(h *hooked, id string) error { _, err := h.vote(id, true, h.person()); return err }, proxy.Hold},
	} {
		for whose, main := range map[string]bool{"the agent's": true, "a tool's": false} {
			t.Run(name+", "+whose, func(t *testing.T) {
				h := newHooked(t)
				first := h.begins("claude")
				remove := func(folder string) proxy.Answer {
					return h.decide(from(h.below(main, []string{first.ID}, "docker", "rm", "web"), 100, folder))
				}
				a := remove("/usr/local/bin")
				if a.Verdict != proxy.Hold {
					t.Fatalf("got %s, want hold", a.Verdict)
				}
				if err := c.answer(h, a.Hold.ID); err != nil {
					t.Fatal(err)
				}
				h.reopen()
				h.attachMonitor()
				if a := remove("/usr/bin"); a.Verdict != c.want {
					t.Errorf("the next folder: got %s %q, want %s", a.Verdict, a.Note, c.want)
				}
				if a := remove("/bin"); a.Verdict != proxy.Deny {
					t.Errorf("the one after that: got %s %q, want deny", a.Verdict, a.Note)
				}
				if c.want == proxy.Deny {
					h.wantTypes(map[string]int{state.HoldOpened: 1})
				}
				if n := h.counted("medium", 15); main && n > 1 {
					t.Errorf("counted %d actions, want 1", n)
				}
				if a := h.decide(from(h.below(main, []string{first.ID}, "docker", "rm", "web"), 101, "/bin")); a.Verdict != proxy.Hold {
					t.Errorf("another process, later: got %s %q, want hold", a.Verdict, a.Note)
				}
			})
		}
	}
}
