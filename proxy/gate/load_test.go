package gate

import (
	"fmt"
	"sync"
	"testing"

	"github.com/f958ca95/guard/proxy"
)

// No agent of them asks for so much that its speed would lock it out.
func TestManyHeldAtOnceAllWait(t *testing.T) {
	w := newWorld(t)
	var all sync.WaitGroup
	for agent := range 64 {
		conn := uint64(100 + agent)
		s := w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindSession, Peer: w.self(conn), Open: &proxy.Open{
			Agent: fmt.Sprintf("agent%d", agent), Argv: []string{"test"}, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Terminal: true,
		}})
		for i := range 8 {
			r := w.command(fmt.Sprintf("git push --force origin b%d", i))
			r.Session, r.Peer = s.Session.ID, w.self(conn)
			all.Go(func() {
				if a, err := w.g.Ask(t.Context(), r); err != nil || a.Verdict != proxy.Hold {
					t.Errorf("%d: got %s %v, want hold", i, a.Verdict, err)
				}
			})
		}
	}
	all.Wait()
}
