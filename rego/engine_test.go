package rego

import (
	"context"
	"testing"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

func builtinEngine(t testing.TB) *Engine {
	t.Helper()
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	return e
}

func builtinSet(t testing.TB, files ...File) *Set {
	t.Helper()
	s, err := builtinEngine(t).Build(context.Background(), Snapshot{Files: files}, nil)
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// command is an input as a session of the default profile would ask it.
func command(names ...string) Input {
	facts := &classify.Facts{Kind: "exec", Names: names}
	for i, name := range names {
		facts.Stages = append(facts.Stages, classify.Stage{ID: i, Parent: -1, Name: name})
	}
	return Input{
		NowNS:   1,
		Kind:    proxy.KindCommand,
		Cmd:     facts,
		Session: Session{ID: "s_000000000001", Profile: "operator", Cwd: "/w", Home: "/home/ann", Workspace: "/w"},
		Agent:   Agent{Name: "agent", Trust: "T1"},
	}
}

func TestBuiltinAnswers(t *testing.T) {
	s := builtinSet(t)
	d, err := s.Decide(context.Background(), command("true"))
	if err != nil {
		t.Fatal(err)
	}
	if d.Verdict == 0 || len(d.Rows) != 4 {
		t.Errorf("got %+v", d)
	}
	t.Logf("%+v %+v", d, d.Terms)
}
