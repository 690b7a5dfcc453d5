package trace

import (
	"context"
	"os"
	"path/filepath"
	"testing"

	"golang.org/x/sys/unix"
)

// swap is one way to have something else executed than what was judged: the Judge,
// who looks at a program called decoy, lets it happen before it answers.
type swap struct {
	name string
	role string
	args func(dir string) []string // of the role; the first two are named pipes
	now  func(dir string) error    // while the call waits; nil: the role does it
}

// Programs in dir: decoy and evil are copies of echo under those names.
var swaps = []swap{
	{name: "a path in memory", role: "flip", args: func(dir string) []string {
		return []string{dir + "/decoy", "good", dir + "/evil_", "good"}
	}},
	{name: "a word in memory", role: "flip", args: func(dir string) []string {
		return []string{dir + "/decoy", "good", dir + "/decoy", "evil"}
	}},
	{name: "the file under a descriptor", role: "flip-fd", args: func(dir string) []string {
		return []string{dir + "/decoy", "good", dir + "/evil_", ""}
	}},
	{name: "a file renamed over", args: func(dir string) []string { return []string{dir + "/decoy"} },
		now: func(dir string) error { return os.Rename(dir+"/evil_", dir+"/decoy") }},
	{name: "a file written over", args: func(dir string) []string { return []string{dir + "/decoy"} },
		now: func(dir string) error { return rewrite(dir+"/decoy", dir+"/evil_") }},
	{name: "a link turned", args: func(dir string) []string { return []string{dir + "/link"} },
		now: func(dir string) error {
			if err := os.Symlink("evil_", dir+"/new"); err != nil {
				return err
			}
			return os.Rename(dir+"/new", dir+"/link")
		}},
	{name: "a script's interpreter renamed over", args: func(dir string) []string { return []string{dir + "/script"} },
		now: func(dir string) error { return os.Rename(dir+"/evil_", dir+"/decoy") }},
	{name: "a script's text", args: func(dir string) []string { return []string{dir + "/script"} },
		now: func(dir string) error {
			return os.WriteFile(dir+"/script", []byte("#!"+dir+"/decoy\nevil\n"), 0o755)
		}},
	{name: "a script in the place of another", args: func(dir string) []string { return []string{dir + "/script"} },
		now: func(dir string) error {
			if err := os.WriteFile(dir+"/new", []byte("#!"+dir+"/decoy\n"), 0o755); err != nil {
				return err
			}
			return os.Rename(dir+"/new", dir+"/script")
		}},
	{name: "a script's first line", args: func(dir string) []string { return []string{dir + "/script"} },
		now: func(dir string) error { return os.WriteFile(dir+"/script", []byte("#!"+dir+"/evil_\n"), 0o755) }},
}

// rewrite gives to new contents, by the same inode.
func rewrite(to, from string) error {
	b, err := os.ReadFile(from)
	if err != nil {
		return err
	}
	return os.WriteFile(to, append(b, 0), 0o755)
}

func swapFolder(t *testing.T) string {
	dir := t.TempDir()
	echo, err := os.ReadFile("/bin/echo")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"decoy", "evil_"} {
		if err := os.WriteFile(filepath.Join(dir, name), echo, 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("decoy", dir+"/link"); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(dir+"/script", []byte("#!"+dir+"/decoy\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"go", "done"} {
		if err := unix.Mkfifo(filepath.Join(dir, name), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestWhatWasJudgedIsWhatRuns(t *testing.T) {
	for _, s := range swaps {
		t.Run(s.name, func(t *testing.T) {
			t.Run("judged again, and killed", func(t *testing.T) { s.try(t, false, false) })
			t.Run("judged again, and fine", func(t *testing.T) { s.try(t, false, true) })
			t.Run("killed unasked where exactly this was approved", func(t *testing.T) { s.try(t, true, true) })
		})
	}
}

func (s swap) try(t *testing.T, exact, fine bool) {
	dir := swapFolder(t)
	var asked []Image
	var failed []error
	judge := &fake{
		judge: func(_ context.Context, c *Call) Ruling {
			if filepath.Dir(c.File.Path) != dir {
				return Ruling{}
			}
			if c.Image.Argv[len(c.Image.Argv)-1] == "evil" || filepath.Base(c.File.Path) == "evil_" {
				t.Errorf("the swap came too early: %+v", c.Image)
			}
			if err := s.happen(dir); err != nil {
				t.Error(err)
			}
			return Ruling{Exact: exact}
		},
		loaded: func(_ *Call, i Image) bool { asked = append(asked, i); return fine },
		done: func(c *Call, _ *Image, err error) {
			if filepath.Dir(c.File.Path) == dir {
				failed = append(failed, err)
			}
		},
	}
	args := s.args(dir)
	if s.role != "" {
		args = append([]string{os.Args[0], dir + "/go", dir + "/done"}, args...)
	}
	tr := plant(t, judge, asRole(s.role), args...)
	status, out := tr.end()
	if exact && len(asked) > 0 {
		t.Errorf("asked about %+v", asked)
	}
	if !exact && len(asked) != 1 {
		t.Fatalf("asked about %+v, want one image", asked)
	}
	runs := fine && !exact
	if ran := status.Exited() && status.ExitStatus() == 0; ran != runs {
		t.Errorf("got %v %q; want it to run: %v", status, out, runs)
	}
	if !runs && (out != "" || !status.Signaled() || status.Signal() != unix.SIGKILL) {
		t.Errorf("got %v %q, want it killed before its first instruction", status, out)
	}
	if len(failed) != 1 || (failed[0] == nil) != runs {
		t.Errorf("done was told %v", failed)
	}
}

func (s swap) happen(dir string) error {
	if s.now != nil {
		return s.now(dir)
	}
	if err := signal(dir + "/go"); err != nil {
		return err
	}
	return wait(dir + "/done")
}
