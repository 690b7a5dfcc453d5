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

// TestWhatIsWorkedOutIsWhatTheEvaluatorSays compares what is worked out, and the
// answers of the policy in which rules sleep, with those of the policy in which
// none does: for the corpora, for every example, and for commands made at random,
// in sessions of all kinds.
func TestWhatIsWorkedOutIsWhatTheEvaluatorSays(t *testing.T) {
	e, restless := sleepless(t)
	coding, strict := both(t, e, restless, `{}`), both(t, e, restless, `{"preset": "strict", "sudo": "hold"}`)
	worked, asleep, asked := 0, 0, 0
	all := manyInputs(t, e)
	for i, in := range all {
		s := coding
		if i%4 == 3 {
			s = strict
		}
		vary(&in, i)
		want, err := s.all.ask(t.Context(), in.value(), 0, builtinTime)
		if err != nil {
			t.Fatal(err)
		}
		if got := e.awake.look(in.value(), s.set.tables); got != nil {
			worked++
			if got.Value.Compare(want.Value) != 0 {
				t.Errorf("%s:\nworked out %v\nwant       %v", in.Cmd.Raw, got, want)
			}
		}
		value := roused(e.awake, in.value())
		got, err := s.set.result.ask(t.Context(), value, 0, builtinTime)
		if err != nil || got.Value.Compare(want.Value) != 0 {
			t.Errorf("%s: %v\ngot  %v\nwant %v", in.Cmd.Raw, err, got, want)
		}
		asked += value.(ast.Object).Get(awakeKey).Value.(*ast.Array).Len()
		asleep += len(e.Rules())
	}
	if asked*20 > asleep {
		t.Errorf("%d of %d rules were awake; want a twentieth at most", asked, asleep)
	}
	if worked*10 < len(all)*9 {
		t.Errorf("%d of %d were worked out; want nine tenths", worked, len(all))
	}
	t.Logf("%d of %d were worked out; %d of %d rules were awake", worked, len(all), asked, asleep)
}

// FuzzWhatIsWorkedOut is the same for lines that nobody has written down.
func FuzzWhatIsWorkedOut(f *testing.F) {
	e, restless := sleepless(f)
	s := both(f, e, restless, `{}`)
	for i, line := range ordinary {
		f.Add(line, i)
	}
	f.Fuzz(func(t *testing.T, line string, session int) {
		if _, err := classify.Classify(classify.Command{Kind: "line", Line: line}); err != nil {
			return // refused before any rule is asked
		}
		in := lineInput(t, line)
		vary(&in, max(session, 0))
		want, err := s.all.ask(t.Context(), in.value(), 0, builtinTime)
		got := e.awake.look(in.value(), s.set.tables)
		if err != nil {
			if got != nil {
				t.Errorf("worked out %v\nthe evaluator: %v", got, err)
			}
			return
		}
		if got != nil && got.Value.Compare(want.Value) != 0 {
			t.Errorf("worked out %v\nwant       %v", got, want)
		}
	})
}

// sleepless is the built-in policy, and its rules compiled so that none sleeps.
func sleepless(t testing.TB) (*Engine, *ast.Compiler) {
	t.Helper()
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	restless, err := compileWith(e.newCompiler(), e.modules)
	if err != nil {
		t.Fatal(err)
	}
	return e, restless
}

// twice is a Set, and its policy without sleep.
type twice struct {
	set *Set
	all query
}

func both(t testing.TB, e *Engine, restless *ast.Compiler, config string) twice {
	t.Helper()
	guard := file("guard.json", config)
	set := mustBuild(t, e, guard)
	data, _, err := e.configure(Snapshot{Files: []File{guard}})
	if err != nil {
		t.Fatal(err)
	}
	pq, err := prepare(t.Context(), restless, newStore(data), resultQuery)
	if err != nil {
		t.Fatal(err)
	}
	return twice{set, newQuery(t.Context(), pq)}
}

// vary makes every third request one of another session, by its number.
func vary(in *Input, i int) {
	if i%3 != 0 {
		return
	}
	i /= 3
	in.Session.Profile = []string{"observer", "operator", "guardian", "phoenix"}[i%4]
	in.Agent.Trust = fmt.Sprintf("T%d", i%5)
	in.State.Surge, in.State.Lockout = i%4, i%7 == 0
	in.Session.Hook = []string{"", "proven", "off"}[i%3]
	if i%5 == 0 {
		in.Session.Writable = []string{"/home/dev/app"}
	}
	if facts := *in.Cmd; i%6 == 0 {
		facts.Kind = []string{"exec", "text", "action"}[i/6%3]
		in.Cmd = &facts
	}
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

// TestAPanicIsNoAnswer: what is worked out runs where nothing catches a panic.
func TestAPanicIsNoAnswer(t *testing.T) {
	e := miniEngine(t)
	e.awake.result = func(*possible, *frame) (ast.Value, known) { panic("broken") }
	in := command("wipe").value()
	if got := e.awake.look(in, nil); got != nil {
		t.Errorf("worked out %v", got)
	}
	if got, want := in.(ast.Object).Get(awakeKey).Value.(*ast.Array).Len(), len(e.awake.all()); got != want {
		t.Errorf("%d of %d rules are awake", got, want)
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
	awake := roused(e.awake, in.value()).(ast.Object).Get(awakeKey).Value.(*ast.Array).Len()
	if awake < len(e.awake.rules["git"]) {
		t.Errorf("%d rules are awake", awake)
	}
}

// roused is an input that says which rules are awake for it.
func roused(a *awake, in ast.Value) ast.Value {
	a.rouse(a.begin(in, nil))
	return in
}
