package rego

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/fsnotify/fsnotify"

	"github.com/f958ca95/guard/proxy"
)

// office is a Store over temporary folders, with everything it reports.
type office struct {
	*Store
	t         *testing.T
	workspace string
	user      string
	opt       Options
	activated chan string
	rejected  chan Change

	mu      sync.Mutex
	changes []Change // guarded by mu
	joined  []string // guarded by mu; what receipts would have
	current string   // guarded by mu
	live    bool     // guarded by mu; a session lives
	full    error    // guarded by mu; receipts cannot be written
}

func newOffice(t *testing.T) *office {
	t.Helper()
	o := &office{
		t:         t,
		workspace: t.TempDir(),
		user:      filepath.Join(t.TempDir(), "config", "policy"),
		activated: make(chan string, 100),
		rejected:  make(chan Change, 100),
	}
	o.opt = Options{
		System:    filepath.Join(t.TempDir(), "none"),
		User:      o.user,
		UID:       os.Getuid(),
		Archive:   filepath.Join(t.TempDir(), "archive"),
		Activated: func(w string) { o.activated <- w },
		Reject:    func(c Change) { o.rejected <- c },
		Known: func(string) (string, []string) {
			o.mu.Lock()
			defer o.mu.Unlock()
			return o.current, slices.Clone(o.joined)
		},
		Activate: o.activate,
		rescan:   time.Hour, // so that only events and look can be what notices
	}
	o.start()
	return o
}

func (o *office) activate(c Change) (bool, error) {
	o.mu.Lock()
	defer o.mu.Unlock()
	if o.full != nil {
		return false, o.full
	}
	keep := o.live && len(c.Loosens) > 0
	if keep {
		o.joined = append(o.joined, c.Previous)
	}
	o.current = c.Revision
	o.changes = append(o.changes, c)
	return keep, nil
}

func (o *office) start() {
	o.t.Helper()
	s, err := open(o.opt, miniEngine(o.t))
	if err != nil {
		o.t.Fatal(err)
	}
	o.Store = s
	o.t.Cleanup(func() { s.Close() })
}

func (o *office) restart() {
	o.t.Helper()
	if err := o.Close(); err != nil {
		o.t.Fatal(err)
	}
	o.start()
}

func (o *office) policy() *Policy {
	o.t.Helper()
	p, err := o.For(context.Background(), o.workspace)
	if err != nil {
		o.t.Fatal(err)
	}
	return p
}

// dir is the workspace's policy folder.
func (o *office) dir() string { return filepath.Join(o.workspace, ".guard", "policy") }

func (o *office) waitActive() {
	o.t.Helper()
	select {
	case <-o.activated:
	case c := <-o.rejected:
		o.t.Fatalf("rejected: %s", c.Err)
	case <-time.After(2 * time.Minute):
		o.t.Fatal("nothing was activated")
	}
}

func (o *office) waitNews() {
	o.t.Helper()
	select {
	case <-o.activated:
	case <-o.rejected:
	case <-time.After(2 * time.Minute):
		o.t.Fatal("nothing was noticed")
	}
}

func (o *office) waitRejected() Change {
	o.t.Helper()
	select {
	case c := <-o.rejected:
		return c
	case w := <-o.activated:
		o.t.Fatalf("activated for %s", w)
	case <-time.After(2 * time.Minute):
		o.t.Fatal("nothing was rejected")
	}
	return Change{}
}

// verdict is what the policy says now about a command of that name.
func (o *office) verdict(name string) string {
	o.t.Helper()
	return mustDecide(o.t, o.policy(), command(name)).Verdict.String()
}

func (o *office) want(name, verdict string) {
	o.t.Helper()
	if got := o.verdict(name); got != verdict {
		o.t.Errorf("%s: got %s; want %s", name, got, verdict)
	}
}

func (o *office) setLive(live bool) {
	o.mu.Lock()
	defer o.mu.Unlock()
	o.live = live
}

// TestEveryWayAFileAppearsIsNoticed is research/opa.md section 3, one by one.
func TestEveryWayAFileAppearsIsNoticed(t *testing.T) {
	low := denyRule("a", "no_low", "low")
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for _, c := range []struct {
		name   string
		before func(t *testing.T, o *office)
		change func(t *testing.T, o *office)
	}{
		{"a file in the folder", func(t *testing.T, o *office) { must(t, os.MkdirAll(o.dir(), 0o755)) },
			func(t *testing.T, o *office) { write(t, filepath.Join(o.dir(), "a.rego"), low) }},
		{"a folder that did not exist", nil,
			func(t *testing.T, o *office) { write(t, filepath.Join(o.dir(), "a.rego"), low) }},
		{"a user folder that did not exist, two levels", nil,
			func(t *testing.T, o *office) { write(t, filepath.Join(o.user, "a.rego"), low) }},
		{"a file in a new folder inside", func(t *testing.T, o *office) { must(t, os.MkdirAll(o.dir(), 0o755)) },
			func(t *testing.T, o *office) { write(t, filepath.Join(o.dir(), "x", "y", "a.rego"), low) }},
		{"a file written in place", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_x", "x"))
		}, func(t *testing.T, o *office) {
			must(t, os.WriteFile(filepath.Join(o.dir(), "a.rego"), []byte(low), 0o644))
		}},
		{"a file renamed over another", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_x", "x"))
		}, func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), ".a.rego.tmp"), low)
			must(t, os.Rename(filepath.Join(o.dir(), ".a.rego.tmp"), filepath.Join(o.dir(), "a.rego")))
		}},
		{"a save by way of a backup", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_x", "x"))
		}, func(t *testing.T, o *office) {
			must(t, os.Rename(filepath.Join(o.dir(), "a.rego"), filepath.Join(o.dir(), "a.rego~")))
			write(t, filepath.Join(o.dir(), "a.rego"), low)
			must(t, os.Remove(filepath.Join(o.dir(), "a.rego~")))
		}},
		{"the whole folder replaced", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_x", "x"))
		}, func(t *testing.T, o *office) {
			write(t, filepath.Join(o.workspace, "new", "a.rego"), low)
			must(t, os.Rename(o.dir(), filepath.Join(o.workspace, "old")))
			must(t, os.Rename(filepath.Join(o.workspace, "new"), o.dir()))
		}},
		{"the folder removed and made again", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_x", "x"))
		}, func(t *testing.T, o *office) {
			must(t, os.RemoveAll(o.dir()))
			write(t, filepath.Join(o.dir(), "a.rego"), low)
		}},
		{"the folder above replaced", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_x", "x"))
		}, func(t *testing.T, o *office) {
			write(t, filepath.Join(o.workspace, "new", "policy", "a.rego"), low)
			must(t, os.Rename(filepath.Join(o.workspace, ".guard"), filepath.Join(o.workspace, "old")))
			must(t, os.Rename(filepath.Join(o.workspace, "new"), filepath.Join(o.workspace, ".guard")))
		}},
		{"a symbolic link to the folder turned", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.workspace, "v1", "a.rego"), denyRule("a", "no_x", "x"))
			write(t, filepath.Join(o.workspace, "v2", "a.rego"), low)
			must(t, os.Mkdir(filepath.Join(o.workspace, ".guard"), 0o755))
			must(t, os.Symlink(filepath.Join(o.workspace, "v1"), o.dir()))
		}, func(t *testing.T, o *office) {
			must(t, os.Symlink(filepath.Join(o.workspace, "v2"), o.dir()+".new"))
			must(t, os.Rename(o.dir()+".new", o.dir()))
		}},
		{"a symbolic link above the folder turned", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.workspace, "v1", "policy", "a.rego"), denyRule("a", "no_x", "x"))
			write(t, filepath.Join(o.workspace, "v2", "policy", "a.rego"), low)
			must(t, os.Symlink("v1", filepath.Join(o.workspace, ".guard")))
		}, func(t *testing.T, o *office) {
			must(t, os.Symlink("v2", filepath.Join(o.workspace, "next")))
			must(t, os.Rename(filepath.Join(o.workspace, "next"), filepath.Join(o.workspace, ".guard")))
		}},
		{"a file in a folder inside that was there", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "x", "y", "b.rego"), denyRule("b", "no_x", "x"))
		}, func(t *testing.T, o *office) { write(t, filepath.Join(o.dir(), "x", "y", "a.rego"), low) }},
		{"a ConfigMap swapped", func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "..v1", "a.rego"), denyRule("a", "no_x", "x"))
			must(t, os.Symlink("..v1", filepath.Join(o.dir(), "..data")))
			must(t, os.Symlink("..data/a.rego", filepath.Join(o.dir(), "a.rego")))
		}, func(t *testing.T, o *office) {
			write(t, filepath.Join(o.dir(), "..v2", "a.rego"), low)
			must(t, os.Symlink("..v2", filepath.Join(o.dir(), "..data_tmp")))
			must(t, os.Rename(filepath.Join(o.dir(), "..data_tmp"), filepath.Join(o.dir(), "..data")))
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			o := newOffice(t)
			if c.before != nil {
				c.before(t, o)
			}
			o.want("low", "allow")
			c.change(t, o)
			for o.verdict("low") != "deny" { // steps in between may be seen, and refused
				o.waitNews()
			}
		})
	}
}

func TestLostEventsMakeTheFoldersBeReadAgain(t *testing.T) {
	o := newOffice(t)
	o.want("low", "allow")
	if err := o.watch.events.Remove(o.workspace); err != nil {
		t.Fatal(err)
	}
	write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_low", "low"))
	o.watch.events.Errors <- errors.New("something else went wrong")
	o.watch.events.Errors <- fsnotify.ErrEventOverflow
	o.waitActive()
	o.want("low", "deny")
}

func TestAChangeWithoutAnyEventIsNoticedByLooking(t *testing.T) {
	o := newOffice(t)
	o.watch.close()
	o.want("low", "allow")
	write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_low", "low"))
	o.look()
	o.want("low", "deny")
	changed := len(o.changes)
	o.look()
	if len(o.changes) != changed {
		t.Error("looking at unchanged folders changed something")
	}
}

func TestTheLastGoodPolicyStays(t *testing.T) {
	good := denyRule("a", "no_low", "low")
	for name, c := range map[string]struct{ file, text, want string }{
		"a parse error":        {"b.rego", "package user.b\n\ndeny contains {", "b.rego:3"},
		"an empty file":        {"a.rego", "", "a.rego"},
		"another package":      {"b.rego", "package guard.decision\n\nresult := {}", "b.rego:1: package guard.decision"},
		"a forbidden builtin":  {"b.rego", "package user.b\n\ndeny contains \"x\" if http.send({})", "b.rego:3: http.send"},
		"an unsafe variable":   {"b.rego", "package user.b\n\ndeny contains x if true", "b.rego:3"},
		"Rego of another time": {"b.rego", "package user.b\n\nimport rego.v2\n\ndeny contains \"x\"", "b.rego"},
		"a failing test":       {"a_test.rego", "package user.a\n\ntest_no if false", "a_test.rego:3: test test_no failed"},
		"a bad guard.json":     {"guard.json", `{"preset": "lax"}`, "guard.json: preset: lax"},
		"a data file":          {"data.json", `{}`, "data.json: data files are not read here"},
		"a file too large":     {"b.rego", strings.Repeat("#", maxFileBytes+1), "b.rego is larger than 1 MiB"},
	} {
		t.Run(name, func(t *testing.T) {
			o := newOffice(t)
			write(t, filepath.Join(o.dir(), "a.rego"), good)
			o.want("low", "deny")
			revision := o.policy().Revision()
			write(t, filepath.Join(o.dir(), c.file), c.text)
			if got := o.waitRejected(); !strings.Contains(got.Err, c.want) || got.Previous != revision {
				t.Errorf("got %q after %q; want %s", got.Err, got.Previous, c.want)
			}
			o.want("low", "deny")
			if st := o.policy().State(); st.Revision != revision || !strings.Contains(st.Error, c.want) {
				t.Errorf("state: revision %s, error %q", st.Revision, st.Error)
			}
			o.watch.changed() // the same content again is not news
			write(t, filepath.Join(o.dir(), "a.rego"), good+"\n# mended\n")
			if err := os.Remove(filepath.Join(o.dir(), c.file)); err != nil && c.file != "a.rego" {
				t.Fatal(err)
			}
			if c.file == "a.rego" {
				write(t, filepath.Join(o.dir(), "a.rego"), good+"\n# mended\n")
			}
			for o.policy().State().Error != "" {
				o.waitNews()
			}
		})
	}
}

func TestAPolicyOthersCanWriteIsRefused(t *testing.T) {
	o := newOffice(t)
	path := filepath.Join(o.dir(), "a.rego")
	write(t, path, denyRule("a", "no_low", "low"))
	o.want("low", "deny")
	if err := os.Chmod(path, 0o666); err != nil {
		t.Fatal(err)
	}
	if got := o.waitRejected(); !strings.Contains(got.Err, "can be written by others (mode 0666); run: chmod go-w "+path) {
		t.Errorf("got %q", got.Err)
	}
	o.want("low", "deny")
}

func TestWithoutAGoodPolicyNothingDecides(t *testing.T) {
	o := newOffice(t)
	write(t, filepath.Join(o.dir(), "a.rego"), "package user.a\n\ndeny if true\n")
	for range 2 {
		if p, err := o.For(context.Background(), o.workspace); err == nil || p != nil || !strings.Contains(err.Error(), "a.rego:3: deny must be a set") {
			t.Fatalf("got %v, %v", p, err)
		}
	}
	if n := len(o.rejected); n != 1 {
		t.Errorf("rejected %d times; want once", n)
	}
	if st := o.States(); len(st) != 1 || !strings.Contains(st[0].Error, "a.rego:3") {
		t.Errorf("states: %+v", st)
	}
	write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_low", "low"))
	o.want("low", "deny")
}

func TestARestartFallsBackToTheArchive(t *testing.T) {
	o := newOffice(t)
	path := filepath.Join(o.dir(), "a.rego")
	write(t, path, denyRule("a", "no_low", "low"))
	o.want("low", "deny")
	revision := o.policy().Revision()
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, "package user.a\n\ndeny contains {\n")
	o.start()
	o.want("low", "deny")
	st := o.policy().State()
	if st.Revision != revision || !strings.Contains(st.Error, "a.rego:4") {
		t.Errorf("got revision %s, error %q; want %s and the reason", st.Revision, st.Error, revision)
	}
}

func TestAnArchiveThatWasChangedIsNotUsed(t *testing.T) {
	o := newOffice(t)
	path := filepath.Join(o.dir(), "a.rego")
	write(t, path, denyRule("a", "no_low", "low"))
	revision := o.policy().Revision()
	if err := o.Close(); err != nil {
		t.Fatal(err)
	}
	write(t, path, "package user.a\n\ndeny contains {\n")
	stored := filepath.Join(o.opt.Archive, revision, "workspace", "a.rego")
	if err := os.WriteFile(stored, []byte("package user.a\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	o.start()
	if _, err := o.For(context.Background(), o.workspace); err == nil {
		t.Error("a changed archive was used")
	}
}

func TestTighteningTakesEffectAtOnceAndLooseningWaits(t *testing.T) {
	o := newOffice(t)
	path := filepath.Join(o.dir(), "a.rego")
	write(t, path, denyRule("a", "no_low", "low"))
	o.want("low", "deny")
	first := o.policy().Revision()
	o.setLive(true)

	write(t, filepath.Join(o.dir(), "b.rego"), denyRule("b", "no_medium", "medium"))
	o.waitActive()
	o.want("medium", "deny")
	if st := o.policy().State(); len(st.Joined) != 0 || len(st.Loosens) != 0 {
		t.Errorf("a new file waits: %+v", st)
	}
	second := o.policy().Revision()

	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	o.waitActive()
	o.want("low", "deny")
	o.want("medium", "deny")
	st := o.policy().State()
	if !slices.Equal(st.Joined, []string{second}) || len(st.Loosens) != 1 || !strings.Contains(st.Loosens[0], "package user.a") || st.Revision == first {
		t.Errorf("state after removal: %+v", st)
	}

	o.restart()
	o.want("low", "deny")
	if st := o.policy().State(); !slices.Equal(st.Joined, []string{second}) {
		t.Errorf("after a restart: %+v", st)
	}

	if dropped := o.policy().Accept(); len(dropped) != 0 {
		t.Errorf("accepted %v, which no receipt says", dropped)
	}
	o.mu.Lock()
	o.joined = nil
	o.mu.Unlock()
	if dropped := o.policy().Accept(); !slices.Equal(dropped, []string{second}) {
		t.Errorf("dropped %v; want %s", dropped, second)
	}
	o.want("low", "allow")
	o.want("medium", "deny")
}

func TestWithoutSessionsLooseningTakesEffect(t *testing.T) {
	o := newOffice(t)
	path := filepath.Join(o.dir(), "a.rego")
	write(t, path, denyRule("a", "no_low", "low"))
	o.want("low", "deny")
	if err := os.Remove(path); err != nil {
		t.Fatal(err)
	}
	o.waitActive()
	o.want("low", "allow")
}

func TestAnOlderRevisionThatIsLostAsksForAPerson(t *testing.T) {
	o := newOffice(t)
	o.mu.Lock()
	o.current, o.joined = strings.Repeat("ab", 32), []string{strings.Repeat("cd", 32)}
	o.live = true
	o.mu.Unlock()
	d := mustDecide(t, o.policy(), command("safe"))
	if d.Verdict != proxy.Hold || d.Terms == nil || !strings.Contains(ids(d), "policy.older_revision") {
		t.Errorf("got %v %v %s", d.Verdict, d.Terms, ids(d))
	}
	if st := o.policy().State(); len(st.Joined) != 2 {
		t.Errorf("joined: %v", st.Joined)
	}
	o.mu.Lock()
	o.joined = nil
	o.mu.Unlock()
	o.policy().Accept()
	o.want("safe", "allow")
}

func TestWithoutAReceiptNothingChanges(t *testing.T) {
	o := newOffice(t)
	o.want("low", "allow")
	o.mu.Lock()
	o.full = errors.New("disk full")
	o.mu.Unlock()
	write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_low", "low"))
	o.look()
	o.want("low", "allow")
	if st := o.policy().State(); !strings.Contains(st.Error, "disk full") {
		t.Errorf("state: %+v", st)
	}
	o.mu.Lock()
	o.full = nil
	o.mu.Unlock()
	o.look()
	o.want("low", "deny")
}

func TestTwoWorkspacesHaveTheirOwnPolicy(t *testing.T) {
	o := newOffice(t)
	write(t, filepath.Join(o.dir(), "a.rego"), denyRule("a", "no_low", "low"))
	write(t, filepath.Join(o.user, "b.rego"), denyRule("b", "no_medium", "medium"))
	other, err := o.For(context.Background(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	o.want("low", "deny")
	o.want("medium", "deny")
	if d := mustDecide(t, other, command("low")); d.Verdict != proxy.Allow {
		t.Errorf("the other workspace: %v", d.Verdict)
	}
	if d := mustDecide(t, other, command("medium")); d.Verdict != proxy.Deny {
		t.Errorf("the user's policy in the other workspace: %v", d.Verdict)
	}
}

// TestDecidingWhileFilesChange is for the race detector, and for the promise
// that there is no moment without a policy.
func TestDecidingWhileFilesChange(t *testing.T) {
	o := newOffice(t)
	path := filepath.Join(o.dir(), "a.rego")
	write(t, path, denyRule("a", "no_low", "low"))
	o.want("low", "deny")
	done := make(chan struct{})
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for {
				select {
				case <-done:
					return
				default:
				}
				d, err := o.policy().Decide(context.Background(), command("low"))
				if err != nil || d.Verdict != proxy.Deny {
					t.Errorf("got %v, %v", d.Verdict, err)
					return
				}
				o.States()
			}
		})
	}
	for i := range 5 {
		write(t, filepath.Join(o.dir(), "b.rego"), denyRule("b", "x"+strings.Repeat("y", i), "z"))
		o.waitActive()
	}
	close(done)
	all.Wait()
}
