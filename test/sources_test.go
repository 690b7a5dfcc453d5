package test

import (
	"io"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// The tests here run binaries that go build made of every package, which the test
// cache does not see: it would call a result good after any change. It does see
// what this process looks at.
func TestTheTestCacheKnowsEverySource(t *testing.T) {
	var seen []string
	err := filepath.WalkDir("..", func(path string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			if entry != nil && entry.Name() == ".git" {
				return fs.SkipDir
			}
			return err
		}
		if slices.Contains([]string{".go", ".rego", ".json", ".mod", ".image"}, filepath.Ext(path)) {
			seen = append(seen, path)
			_, err = os.Stat(path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if !slices.Contains(seen, "../cmd/guard/main.go") {
		t.Errorf("saw %d files, but not cmd/guard/main.go", len(seen))
	}
}

// What was built is nobody's source, and stays in every clone's history for ever.
func TestNoProgramIsKeptAmongTheSources(t *testing.T) {
	list := exec.Command("git", "ls-files", "-z")
	list.Dir = ".."
	out, err := list.Output()
	if err != nil {
		t.Skip("not in a clone, or no git that would read it: ", err)
	}
	for name := range strings.SplitSeq(strings.TrimSuffix(string(out), "\x00"), "\x00") {
		f, err := os.Open(filepath.Join("..", name))
		if err != nil {
			continue // removed, and not committed yet
		}
		start := make([]byte, 4)
		_, err = io.ReadFull(f, start)
		f.Close()
		if err == nil && string(start) == "\x7fELF" {
			t.Errorf("%s is a program", name)
		}
	}
}
