package rego

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"
)

func TestWorkspacesThatNobodyWorksInAreNotKept(t *testing.T) {
	o := newOffice(t)
	top := t.TempDir()
	place := func(i int) string {
		dir := filepath.Join(top, fmt.Sprint("w", i))
		if err := os.MkdirAll(filepath.Join(dir, ".guard", "policy"), 0o700); err != nil {
			t.Fatal(err)
		}
		return dir
	}
	worked := place(0)
	o.Store.opt.Needed = func(workspace string) bool { return workspace == worked }
	first, err := o.For(t.Context(), worked)
	if err != nil {
		t.Fatal(err)
	}
	const many = 3 * keptPolicies
	for i := range many {
		if _, err := o.For(t.Context(), place(i+1)); err != nil {
			t.Fatal(err)
		}
		if i%2 == 0 { // as a test's folder goes
			if err := os.RemoveAll(place(i + 1)); err != nil {
				t.Fatal(err)
			}
		}
	}
	if n := len(o.all()); n > keptPolicies+1 || n < keptPolicies/2 {
		t.Errorf("%d workspaces are loaded, want at most %d", n, keptPolicies+1)
	}
	if again, err := o.For(t.Context(), worked); err != nil || again != first {
		t.Errorf("the one that is worked in was loaded anew: %v", err)
	}
	if _, err := o.For(t.Context(), place(1)); err != nil {
		t.Errorf("one that was forgotten: %v", err)
	}
	o.watch.mu.Lock()
	defer o.watch.mu.Unlock()
	// A workspace, its .guard and its policy folder are watched, and what is above.
	if n := len(o.watch.inside); n > 3*(keptPolicies+2)+10 {
		t.Errorf("%d folders are watched, of %d workspaces", n, many)
	}
	if o.watch.events != nil && len(o.watch.events.WatchList()) > len(o.watch.inside) {
		t.Errorf("%d folders have a watch of the system, want at most %d", len(o.watch.events.WatchList()), len(o.watch.inside))
	}
	if !o.watch.roots[filepath.Join(worked, ".guard", "policy")] || !o.watch.roots[o.user] {
		t.Error("a folder that counts is not watched any more")
	}
}
