package rego

import (
	"fmt"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

// The memo leaves these two out of its key.
func TestNoBuiltInRuleReadsTheTimeOrTheSessionsName(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range e.modules {
		if m.Package.Path.String() == apiPackage {
			continue // for files of users, and the built-in rules do without it
		}
		ast.WalkRefs(m, func(r ast.Ref) bool {
			s := r.String()
			for _, read := range []string{"input.now_ns", "input.session.id", apiPackage} {
				if strings.HasPrefix(s, read) || strings.HasPrefix(read, s+".") && s != "data" && s != "data.guard" {
					t.Errorf("%s reads %s", name, s)
				}
			}
			return false
		})
	}
}

func TestADecisionThatIsRememberedIsTheOneThatWasTaken(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	set, err := e.Build(t.Context(), Snapshot{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range []string{"ls", "git push --force origin main", "rm -rf /tmp/build", "rm -rf /"} {
		in := lineInput(t, line)
		first, err := set.Decide(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		in.NowNS, in.Session.ID = in.NowNS+1, "s_another"
		again, err := set.Decide(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if a, b := describe(first), describe(again); a != b {
			t.Errorf("%s:\nfirst %s\nagain %s", line, a, b)
		}
		in.Session.Profile = "observer"
		other, err := set.Decide(t.Context(), in)
		if err != nil {
			t.Fatal(err)
		}
		if line != "ls" && other.Verdict != proxy.Deny {
			t.Errorf("%s as observer: got %s, want deny", line, other.Verdict)
		}
	}
	if n := len(set.memo.said); n != 8 {
		t.Errorf("%d answers are remembered, want 8", n)
	}
}

// lineInput is what an operator's session asks about a line.
func lineInput(t *testing.T, line string) Input {
	t.Helper()
	facts, err := classify.Classify(classify.Command{
		Kind: "line", Line: line, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Stdin: "null",
	})
	if err != nil {
		t.Fatal(err)
	}
	return Input{
		NowNS: 1, Kind: proxy.KindCommand, Cmd: &facts, Votes: []Vote{}, Agent: Agent{Name: "tester", Trust: "T1"},
		Session: Session{ID: "s_1", Profile: "operator", Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app"},
	}
}

func describe(d Decision) string {
	return strings.ReplaceAll(fmt.Sprintf("%+v", d), fmt.Sprintf("%p", d.Terms), fmt.Sprintf("%+v", d.Terms))
}

func TestTheMemoForgetsTheOldest(t *testing.T) {
	var m memo
	for i := range memoSize + 3 {
		m.keep(memoKey{byte(i), byte(i >> 8)}, contribution{})
	}
	if _, ok := m.recall(memoKey{2}); ok || len(m.said) != memoSize || len(m.order) != memoSize {
		t.Errorf("%d answers and %d keys are kept, want %d, without the oldest", len(m.said), len(m.order), memoSize)
	}
}
