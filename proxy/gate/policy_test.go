package gate

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

func TestRevisionsThatComeAndGoAreJoinedOnce(t *testing.T) {
	w := newWorld(t)
	const workspace = "/home/dev/app"
	for i := range 10 {
		c := rego.Change{Workspace: workspace, Revision: "b", Previous: "a", Loosens: []string{"a rule is gone"}}
		if i%2 == 1 {
			c = rego.Change{Workspace: workspace, Revision: "a", Previous: "b"}
		}
		if _, err := w.g.activatePolicy(c); err != nil {
			t.Fatal(err)
		}
		want := map[string][]string{"a": nil, "b": {"a"}}[c.Revision]
		if revision, joined := w.g.knownPolicy(workspace); revision != c.Revision || !slices.Equal(joined, want) {
			t.Fatalf("after %d changes: got %s joined with %q, want %s with %q", i+1, revision, joined, c.Revision, want)
		}
	}
}

func TestTheRevisionsThatCountAreBounded(t *testing.T) {
	w := newWorld(t)
	var err error
	n := 0
	for ; err == nil && n < 1000; n++ {
		c := rego.Change{Workspace: "/w", Revision: fmt.Sprint("r", n+1), Previous: fmt.Sprint("r", n), Loosens: []string{"a rule is gone"}}
		_, err = w.g.activatePolicy(c)
	}
	if _, joined := w.g.knownPolicy("/w"); err == nil || len(joined) != maxJoined {
		t.Errorf("got %d revisions after %d changes (%v), want %d and an error", len(joined), n, err, maxJoined)
	}
}

func TestAcceptingOnePolicyDoesNotAcceptTheNext(t *testing.T) {
	w := newWorld(t)
	const workspace = "/home/dev/app"
	policy, err := w.g.policies.For(t.Context(), workspace)
	if err != nil {
		t.Fatal(err)
	}
	// As the next one is put on record while a person accepts the one in force.
	c := rego.Change{Workspace: workspace, Revision: "next", Previous: policy.Revision(), Loosens: []string{"a rule is gone"}}
	if _, err := w.g.activatePolicy(c); err != nil {
		t.Fatal(err)
	}
	if err := w.g.drop(t.Context(), workspace, policy, "ann"); !errors.Is(err, errMoved) {
		t.Errorf("got %v, want %v", err, errMoved)
	}
	if _, joined := w.g.knownPolicy(workspace); len(joined) != 1 {
		t.Errorf("got %q joined, want the one in force before", joined)
	}
}

func TestAWorkspaceIsNeededWhileSomebodyWorksInIt(t *testing.T) {
	w := newWorld(t)
	if !w.g.worksIn("/home/dev/app") || w.g.worksIn("/home/dev") {
		t.Error("the workspace of the session is needed, and no other")
	}
	w.mustAsk(proxy.Request{ID: newID("r_", 12), Kind: proxy.KindEnd, Session: w.session, Peer: w.self(1)})
	if w.g.worksIn("/home/dev/app") {
		t.Error("after its session the workspace is needed still")
	}
}
