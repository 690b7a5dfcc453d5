package gate

import (
	"fmt"
	"testing"

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
		r.Command.Call.PID, r.Command.Call.Start, r.Command.Call.Raw = pid, uint64(pid), folder+"/"+argv[0]
		if a := h.decide(r); a.Verdict == proxy.Allow {
			h.t.Fatalf("%s %v may run", folder, argv)
		}
	}
	return h.counted("denied", 5) - before
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

func TestASearchForWhatIsHeldIsOneAction(t *testing.T) {
	h := newHooked(t)
	h.tries(h.begins("claude"), 100, folders, "docker", "rm", "web")
	if n := h.counted("medium", 5); n != 1 {
		t.Errorf("counted %d, want 1", n)
	}
}
