package gate

import (
	"fmt"
	"sync"
	"testing"

	"github.com/f958ca95/guard/proxy"
)

func TestManyHeldAtOnceAllWait(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for i := range 512 {
		r := w.command(fmt.Sprintf("git push --force origin b%d", i))
		all.Go(func() {
			if a, err := w.g.Ask(t.Context(), r); err != nil || a.Verdict != proxy.Hold {
				t.Errorf("%d: got %s %v, want hold", i, a.Verdict, err)
			}
		})
	}
	all.Wait()
}
