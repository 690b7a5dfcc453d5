package victim

import (
	"strconv"
	"strings"
	"testing"
	"time"
)

// tries is how often a race is run; fewer are enough where nobody is in the way.
const (
	tries     = 300
	freeTries = 30
)

// races change what is executed while it is being judged.
var races = []struct {
	name   string
	role   []string // tries are added
	fails  bool     // every try fails, and with another errno than EPERM
	always bool     // every try runs: what is denied is not in the way of what is allowed
}{
	{name: "a thread exchanges the path", role: []string{"thread", "path"}},
	{name: "a thread exchanges a word", role: []string{"thread", "word"}},
	{name: "a process in the same memory exchanges the path", role: []string{"vm", "path"}},
	{name: "a process in the same memory exchanges a word", role: []string{"vm", "word"}},
	{name: "a process that shares a page exchanges the path", role: []string{"shared", "path"}},
	{name: "the parent writes the path through /proc/PID/mem", role: []string{"mem", "path"}},
	{name: "the parent writes a word through /proc/PID/mem", role: []string{"mem", "word"}},
	{name: "the parent writes the path with process_vm_writev", role: []string{"vm_writev", "path"}},
	{name: "links are exchanged", role: []string{"swap", "links"}},
	{name: "files are renamed", role: []string{"swap", "renames"}},
	{name: "folders are renamed", role: []string{"swap", "folders"}},
	{name: "scripts with other interpreters are exchanged", role: []string{"swap", "interpreters"}},
	{name: "a script's interpreter is a link that turns", role: []string{"swap", "linked-interpreter"}},
	{name: "scripts with other texts are exchanged", role: []string{"swap", "texts"}},
	{name: "a script's text is written over", role: []string{"rewrite"}},
	{name: "a descriptor is exchanged (AT_EMPTY_PATH)", role: []string{"turn", "empty"}},
	{name: "the folder of a relative name is exchanged", role: []string{"turn", "below"}},
	{name: "what /proc/self/fd names is exchanged", role: []string{"turn", "proc"}},
	{name: "what a link to /proc/self/fd leads to is exchanged", role: []string{"turn", "link"}, fails: true},
	{name: "signals, stops and continuations rain", role: []string{"storm"}},
	{name: "six threads execute at once", role: []string{"threads"}, always: true},
}

func TestNoRaceIsWon(t *testing.T) {
	w := newWorld(t)
	t.Run("races", func(t *testing.T) {
		for _, race := range races {
			t.Run(race.name, func(t *testing.T) {
				t.Parallel()
				role := func(n int) []string { return append(race.role[:len(race.role):len(race.role)], strconv.Itoa(n)) }
				won, free := "", ""
				for late := time.Now().Add(patience); won == "" && time.Now().Before(late); { // it is won by chance
					p := w.plot(t)
					free, _ = p.guard(t, []string{"--exec-hook=off"}, role(freeTries)...)
					won = p.ran()
				}
				if won == "" {
					t.Errorf("is not won without the hook either:\n%s", free)
				}
				q := w.plot(t)
				out, status := q.below(t, role(tries)...)
				if trace := q.ran(); trace != "" {
					t.Errorf("ran what is denied %d times in %d tries", strings.Count(trace, "\n"), tries)
				}
				got := tallyOf(t, out)
				t.Logf("%d tries: %+v", tries, got)
				if status != 0 || got.sum() != tries || got.other > 0 && !race.fails {
					t.Errorf("got %+v, status %d\n%s", got, status, out)
				}
				if race.always && got.ran != tries {
					t.Errorf("%d of %d ran, and all might", got.ran, tries)
				}
			})
		}
	})
}

// ways are other ways to execute than the plain one. The kernel's answer to each
// is EPERM, unless another is named.
var ways = []struct {
	name  string
	want  string
	never bool // not even without the hook
}{
	{name: "plain"}, {name: "relative"}, {name: "below"}, {name: "empty"}, {name: "proc"}, {name: "dev"}, {name: "link"},
	{name: "own-link", want: "ELOOP"}, {name: "cwd-of-another"}, {name: "vfork"}, {name: "posix-spawn"}, {name: "from-thread"},
	{name: "memfd"}, {name: "memfd-proc"}, {name: "deleted"},
	{name: "shebang"}, {name: "shebang-of-shebang"}, {name: "shebang-env"}, {name: "known-name"},
	{name: "loader"}, {name: "loader-link"},
	{name: "bind-mount"}, {name: "other-root"}, {name: "pid-namespace"}, {name: "pid-namespace-proc"}, {name: "binfmt", want: "SIGKILL"},
	{name: "undumpable"}, {name: "untraced"}, {name: "own-tracer"},
	{name: "own-filter-and-tracer"}, {name: "allowing-filter"}, {name: "own-listener"},
	{name: "unheard-question", want: "ENOSYS", never: true},
	{name: "int80"}, {name: "int80-at"}, {name: "x32", want: "ENOSYS", never: true}, {name: "another-call"},
}

func TestNoOtherWayLeadsToAnExecution(t *testing.T) {
	w := newWorld(t)
	t.Run("ways", func(t *testing.T) {
		for _, way := range ways {
			t.Run(way.name, func(t *testing.T) {
				t.Parallel()
				p := w.plot(t)
				out, _ := p.guard(t, []string{"--exec-hook=off"}, "way", way.name)
				if strings.Contains(out, "way: not here") {
					t.Skip("another kind of machine")
				}
				forbidden := strings.Contains(out, "forbidden: ")
				if forbidden {
					t.Logf("the kernel forbids it to everybody: %s", out)
				}
				done := func(p *plot, out string) bool { return p.ran() != "" || strings.Contains(out, "way: done") }
				if !done(p, out) && !way.never && !forbidden {
					t.Errorf("does not lead anywhere without the hook either:\n%s", out)
				}
				q := w.plot(t)
				out, status := q.guard(t, nil, "way", way.name)
				if done(q, out) {
					t.Errorf("led to an execution that is denied:\n%s", out)
				}
				want := "EPERM"
				if way.want != "" {
					want = way.want
				}
				if status != 0 || !strings.Contains(out, "way: "+want+"\n") && !forbidden {
					t.Errorf("status %d, want %s:\n%s", status, want, out)
				}
			})
		}
	})
}
