package test

import (
	"io/fs"
	"os"
	"path/filepath"
	"slices"
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
