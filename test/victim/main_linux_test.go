// Package victim attacks guard from within: programs below the real exec hook, as
// an ordinary user, try to have something executed that policy denies. An attack
// has succeeded if the denied program has left its trace, whatever it was told.
//
// # An attack that cannot succeed proves nothing
//
// Every attack is first made without the hook, where it has to succeed.
package victim

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// Built once: guard and guardd, the attacks, and the programs they want to run.
var (
	bin     string
	missing string // why there are none
)

func TestMain(m *testing.M) {
	dir, err := os.MkdirTemp("", "guard-victim-")
	if err == nil {
		bin = dir
		err = build(dir)
	}
	code := 1
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
	} else {
		code = m.Run()
	}
	os.RemoveAll(dir)
	os.Exit(code)
}

func build(dir string) error {
	syscall.Umask(0o022) // the victims are another user's, and so are guard and guardd
	if err := os.Chmod(dir, 0o755); err != nil {
		return err
	}
	if _, err := exec.LookPath("cc"); err != nil {
		if os.Getenv("CI") == "true" {
			return errors.New("cc is missing, and CI runs everything")
		}
		missing = "needs cc"
		return nil
	}
	guard := exec.Command("go", "build", "-buildvcs=false", "-o", dir+string(filepath.Separator), "./cmd/...")
	guard.Dir, guard.Env = "../..", append(os.Environ(), "CGO_ENABLED=0")
	parts, err := filepath.Glob("testdata/*.c")
	if err != nil {
		return err
	}
	cc := func(args ...string) *exec.Cmd {
		return exec.Command("cc", append([]string{"-std=gnu11", "-O1", "-Wall", "-pthread", "-o"}, args...)...)
	}
	for _, cmd := range []*exec.Cmd{
		guard,
		cc(append([]string{dir + "/victim"}, parts...)...),
		cc(dir+"/good", "-static", "-DDOOM=0", "testdata/program/program.c"),
		cc(dir+"/doom", "-static", "-DDOOM=1", "testdata/program/program.c"),
		cc(dir+"/dynamic", "-DDOOM=1", "testdata/program/program.c"),
	} {
		if out, err := cmd.CombinedOutput(); err != nil {
			return fmt.Errorf("%s: %w\n%s", strings.Join(cmd.Args, " "), err, out)
		}
	}
	return nil
}

// What is built here the test cache does not see: it would call a result good
// after any change. It does see what this process looks at.
func TestTheTestCacheKnowsEverySource(t *testing.T) {
	seen := map[string]int{}
	err := filepath.WalkDir("../..", func(path string, entry fs.DirEntry, err error) error {
		if err == nil && !entry.IsDir() {
			seen[filepath.Ext(path)]++
			_, err = os.Stat(path)
		}
		if err == nil && entry.IsDir() && entry.Name() == ".git" {
			return fs.SkipDir
		}
		return err
	})
	if err != nil || seen[".go"] < 100 || seen[".rego"] == 0 || seen[".c"] == 0 {
		t.Errorf("saw %v, %v", seen, err)
	}
}
