package main

import (
	"path/filepath"
	"testing"

	"github.com/f958ca95/guard/proxy/drill"
)

// hold runs drills in a lab that was changed first.
func hold(t *testing.T, change func(*drill.Lab), wanted ...int) map[int]drill.Result {
	t.Helper()
	dir := filepath.Join(t.TempDir(), "lab")
	lab, g, err := openLab(t.Context(), "DRILL-2026-11-21-001", dir, "/nowhere", false)
	if err != nil {
		t.Fatal(err)
	}
	defer func() {
		if err := g.Close(); err != nil {
			t.Error(err)
		}
	}()
	change(lab)
	results, err := drill.Run(t.Context(), lab, wanted)
	if err != nil {
		t.Fatal(err)
	}
	out := map[int]drill.Result{}
	for _, r := range results {
		out[r.Drill] = r
	}
	return out
}

func TestEveryDrillPasses(t *testing.T) {
	for n, r := range hold(t, func(*drill.Lab) {}) {
		if !r.Pass {
			t.Errorf("drill %d failed: %+v", n, r.Failed())
		}
	}
}
