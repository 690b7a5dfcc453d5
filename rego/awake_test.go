package rego

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/classify"
)

// TestARuleThatSleepsWouldHaveFoundNothing compares answers with those of the
// policy in which no rule sleeps: for the corpora, for every example, and for
// commands made at random.
func TestARuleThatSleepsWouldHaveFoundNothing(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	s := mustBuild(t, e)
	restless, err := compileWith(e.newCompiler(), e.modules)
	if err != nil {
		t.Fatal(err)
	}
	pq, err := prepare(t.Context(), restless, newStore(e.data), resultQuery)
	if err != nil {
		t.Fatal(err)
	}
	all := newQuery(t.Context(), pq)
	asleep, asked := 0, 0
	for _, in := range manyInputs(t, e) {
		want, err := all.ask(t.Context(), in.value(), 0, builtinTime)
		if err != nil {
			t.Fatal(err)
		}
		roused := e.awake.rouse(in.value())
		got, err := s.result.ask(t.Context(), roused, 0, builtinTime)
		if err != nil || got.Value.Compare(want.Value) != 0 {
			t.Errorf("%s: %v\ngot  %v\nwant %v", in.Cmd.Raw, err, got, want)
		}
		asked += roused.(ast.Object).Get(awakeKey).Value.(*ast.Array).Len()
		asleep += len(e.Rules())
	}
	if asked*10 > asleep {
		t.Errorf("%d of %d rules were awake; want a tenth at most", asked, asleep)
	}
	t.Logf("%d of %d rules were awake", asked, asleep)
}

// manyInputs are the cases of the corpora, the examples of the rules, and more.
func manyInputs(t *testing.T, e *Engine) []Input {
	t.Helper()
	var all []Input
	for _, r := range e.Rules() {
		for _, x := range []*Example{r.Fires, r.Quiet} {
			if x != nil && x.Kind == "line" {
				all = append(all, lineInput(t, x.Text))
			}
		}
	}
	files, err := filepath.Glob("../test/corpus/*.jsonl")
	if err != nil || len(files) == 0 {
		t.Fatalf("no corpus: %v", err)
	}
	for _, name := range files {
		f, err := os.Open(name)
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for lines := bufio.NewScanner(f); lines.Scan(); {
			var c struct{ Command string }
			if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
				t.Fatal(err)
			}
			all = append(all, lineInput(t, c.Command))
		}
	}
	return append(all, randomInputs(e)...)
}

// randomInputs have stages of programs that some rule names, with words, flags
// and paths that some rule looks at.
func randomInputs(e *Engine) []Input {
	words := map[string]bool{}
	for _, m := range e.modules {
		ast.WalkTerms(m, func(x *ast.Term) bool {
			if s, ok := x.Value.(ast.String); ok && len(s) < 30 {
				words[string(s)] = true
			}
			return false
		})
	}
	r := rand.New(rand.NewPCG(1, 2))
	pool := strings.Fields("workspace home system temporary device null read write delete meta exec unknown yes no ignored tracked")
	pool = append(pool, slices.Sorted(maps.Keys(words))...)
	pick := func() string { return pool[r.IntN(len(pool))] }
	var out []Input
	for range 300 {
		in := command(pick(), pick())
		facts := in.Cmd
		for i := range facts.Stages {
			s := &facts.Stages[i]
			s.Sub, s.Flags, s.Args, s.Operands = pick(), []string{pick(), pick()}, []string{pick()}, []string{pick()}
			s.Root, s.Remote = r.IntN(4) == 0, r.IntN(4) == 0
			s.Options = []classify.Option{{Name: pick(), Value: pick()}}
			s.Paths = []classify.Path{{Raw: "/x", Path: "/" + pick(), Zone: pool[r.IntN(6)], Access: pool[6+r.IntN(6)]}}
		}
		facts.Has = []string{"change", "look", "stage", "host", "payload"}
		out = append(out, in)
	}
	return out
}

// TestWithoutKnowingWhichRulesAreAwakeThereIsNoAnswer: a caller that forgets
// must not get the answer of a policy without rules.
func TestWithoutKnowingWhichRulesAreAwakeThereIsNoAnswer(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	s := mustBuild(t, e)
	if got, err := s.result.ask(context.Background(), lineInput(t, "rm -rf /").value(), 0, builtinTime); err == nil {
		t.Errorf("got %v", got)
	}
}

// TestAHugeCommandWakesEveryRule bounds what is spent on finding out.
func TestAHugeCommandWakesEveryRule(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for i := range 9000 {
		names = append(names, fmt.Sprintf("git%d", i))
	}
	in := command(append(names, "git")...)
	in.Cmd.Has = []string{"stage"}
	awake := e.awake.rouse(in.value()).(ast.Object).Get(awakeKey).Value.(*ast.Array).Len()
	if awake < len(e.awake.rules["git"]) {
		t.Errorf("%d rules are awake", awake)
	}
}
