package rego

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

// The memo leaves these two out of its key.
func TestNoBuiltInRuleReadsTheTimeOrTheSessionsName(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range e.modules {
		if m.Package.Path.String() == apiPackage {
			continue // for files of users, and the built-in rules do without it
		}
		if m.Package.Path.String() == "data.guard.budget" {
			continue // about requests that are never remembered
		}
		ast.WalkRefs(m, func(r ast.Ref) bool {
			s := r.String()
			for _, read := range []string{"input.now_ns", "input.session.id", "input.state.budgets", apiPackage} {
				if strings.HasPrefix(s, read) || strings.HasPrefix(read, s+".") && s != "data" && s != "data.guard" {
					t.Errorf("%s reads %s", name, s)
				}
			}
			return false
		})
	}
}

// standingKey has no more than this; the rest is about holds, which have no key.
func TestTheStandingFollowsFromItsKey(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	known := []string{
		"input.kind", "input.session.profile", "input.agent.trust", "input.state.surge", "input.state.lockout",
		"input.hold.", "input.vote.", "input.votes",
	}
	seen, read := map[*ast.Rule]bool{}, map[string]bool{}
	var walk func(*ast.Rule)
	walk = func(r *ast.Rule) {
		if seen[r] {
			return
		}
		seen[r] = true
		ast.WalkRefs(r, func(ref ast.Ref) bool {
			if s := ref.String(); ref.HasPrefix(ast.InputRootRef) {
				read[s] = true
				if !slices.ContainsFunc(known, func(k string) bool { return strings.HasPrefix(s, k) }) {
					t.Errorf("%s reads %s", r.Location, s)
				}
			}
			return false
		})
		for other := range e.compiler.Graph.Dependencies(r) {
			walk(other.(*ast.Rule))
		}
	}
	for _, r := range e.compiler.GetRulesExact(ast.MustParseRef(standingQuery)) {
		walk(r)
	}
	for _, want := range known[:5] {
		if !read[want] {
			t.Errorf("%s is not read; the test has lost its way", want)
		}
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
func lineInput(t testing.TB, line string) Input {
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
	var m memo[memoKey]
	for i := range memoSize + 3 {
		m.keep(memoKey{cmd: uint64(i)}, contribution{})
	}
	if _, ok := m.recall(memoKey{cmd: 2}); ok || len(m.said) != memoSize || len(m.order) != memoSize {
		t.Errorf("%d answers and %d keys are kept, want %d, without the oldest", len(m.said), len(m.order), memoSize)
	}
}
