package rego

import (
	"context"
	"errors"
	"io/fs"
	"maps"
	"runtime"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

func TestTheEmbeddedPolicyLoadsAndAnswers(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	d := mustDecide(t, mustBuild(t, e), command("ls"))
	if d.Verdict == 0 || len(d.Rows) == 0 || d.Defaults.Profile == "" || d.Revision == "" {
		t.Errorf("got %+v", d)
	}
}

// TestTheEmbeddedPolicyIsTyped does what loading leaves out.
func TestTheEmbeddedPolicyIsTyped(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	all := maps.Clone(e.modules)
	err = fs.WalkDir(builtin, ".", func(name string, _ fs.DirEntry, err error) error {
		if strings.HasSuffix(name, "_test.rego") {
			text, _ := fs.ReadFile(builtin, name)
			all[name], err = e.parse(name, text)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := e.compile(all); err != nil {
		for _, p := range problemsOf(err, "policy") {
			t.Error(p)
		}
	}
}

func TestABuiltinErrorDecidesNothing(t *testing.T) {
	s := mustBuild(t, miniEngine(t))
	d, err := s.Decide(context.Background(), command("hot"))
	if err == nil || d.Verdict != 0 {
		t.Errorf("got %v, %v; want an error and no verdict", d.Verdict, err)
	}
}

func TestACommandWithoutFactsDecidesNothing(t *testing.T) {
	in := command("safe")
	in.Cmd = nil
	if d, err := mustBuild(t, miniEngine(t)).Decide(context.Background(), in); err == nil || d.Verdict != 0 {
		t.Errorf("got %v, %v; want an error and no verdict", d.Verdict, err)
	}
}

// TestAnAnswerWithoutAPartIsNoAnswer takes each key out of the result in turn.
func TestAnAnswerWithoutAPartIsNoAnswer(t *testing.T) {
	text := string(mini["guard/decision/decision.rego"].Data)
	for _, key := range []string{"findings", "reliefs", "limits", "approval", "rows", "steps", "resources", "defaults"} {
		t.Run(key, func(t *testing.T) {
			broken := fstest.MapFS{}
			for name, f := range mini {
				broken[name] = f
			}
			changed := strings.Replace(text, `	"`+key+`":`, `	"not_`+key+`":`, 1)
			broken["guard/decision/decision.rego"] = &fstest.MapFile{Data: []byte(changed)}
			e, err := load(broken)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := build(e); err == nil || !strings.Contains(err.Error(), key+" is missing") {
				t.Errorf("got %v; want %s is missing", err, key)
			}
		})
	}
}

func TestAKeySetTwiceInADataFileIsALoadError_X20(t *testing.T) {
	for name, text := range map[string]string{
		"at the top":  `{"format": 1, "format": 4}`,
		"nested":      `{"a": [{"b": {"c": 1, "c": 1}}]}`,
		"two objects": `{} {}`,
	} {
		t.Run(name, func(t *testing.T) {
			_, err := load(fstest.MapFS{"guard/x/data.json": {Data: []byte(text)}})
			if err == nil {
				t.Error("loaded")
			}
		})
	}
}

func TestTwoDataFilesThatMeetAreALoadError(t *testing.T) {
	_, err := load(fstest.MapFS{
		"guard/data.json":   {Data: []byte(`{"x": {"a": 1}}`)},
		"guard/x/data.json": {Data: []byte(`{"a": 2}`)},
	})
	if err == nil || !strings.Contains(err.Error(), "data.guard.x.a is defined in two files") {
		t.Errorf("got %v", err)
	}
}

func TestALevelTheTableDoesNotKnowIsDeniedEverything(t *testing.T) {
	s := mustBuild(t, miniEngine(t))
	in := command("safe")
	in.Session.Profile = "emperor"
	if d := mustDecide(t, s, in); d.Verdict.String() != "deny" || d.Rows[0].Level != "emperor" {
		t.Errorf("unknown profile: got %s, %v", d.Verdict, d.Rows)
	}
	term, err := s.standing.ask(context.Background(), ast.MustParseTerm(`{"kind": "command", "cmd": {"stages": [], "names": []}}`).Value, 0, time.Second)
	if err != nil {
		t.Fatal(err)
	}
	c, err := readStanding(term, s.fixed, "command")
	if d := join(c, nil, nil); err != nil || d.Verdict.String() != "deny" || d.Rows[0].Level != "unknown" {
		t.Errorf("no profile: got %v, %s, %v", err, d.Verdict, d.Rows)
	}
}

// bombs never end by themselves.
var bombs = map[string]string{
	"nested loops": `deny contains {"id": "x", "msg": "x"} if {
	some a in numbers.range(1, 3000)
	some b in numbers.range(1, 3000)
	some c in numbers.range(1, 3000)
	(a * b) + c < 0
}`,
	"a huge range": `deny contains {"id": "x", "msg": "x"} if count(numbers.range(1, 2000000000)) == 1`,
	"hashes": `deny contains {"id": "x", "msg": "x"} if {
	some i in numbers.range(1, 3000)
	some j in numbers.range(1, 3000)
	crypto.sha256(sprintf("%d %d", [i, j])) == ""
}`,
}

func TestAPackageThatLoopsAsksForAHoldAndHarmsNoOther(t *testing.T) {
	for name, bomb := range bombs {
		t.Run(name, func(t *testing.T) {
			e := miniEngine(t)
			e.limits.user = 200 * time.Millisecond
			s := mustBuild(t, e, rules("bomb", bomb), file("b.rego", denyRule("other", "no_low", "low")))
			d := mustDecide(t, s, command("safe"))
			if got := ids(d); !strings.Contains(got, "user.bomb.failed") || d.Verdict.String() != "hold" {
				t.Errorf("got %s, %s; want user.bomb.failed and hold", got, d.Verdict)
			}
			d = mustDecide(t, s, command("low"))
			if got := ids(d); !strings.Contains(got, "user.other.no_low") || d.Verdict.String() != "deny" {
				t.Errorf("got %s, %s; want user.other.no_low and deny", got, d.Verdict)
			}
			mustDecide(t, s, command("safe"))
			d = mustDecide(t, s, command("safe"))
			if !strings.Contains(d.Findings[0].Msg, "not asked any more") {
				t.Errorf("got %q; want the package to be left alone after %d time-outs", d.Findings[0].Msg, maxTimeouts)
			}
		})
	}
}

func TestAPackageWhoseBuiltinFailsAsksForAHold(t *testing.T) {
	for name, rule := range map[string]string{
		"type":     `deny contains "x" if to_number(input.cmd.raw) > 0`,
		"division": `deny contains "x" if 1 / input.state.surge > 0`,
		"regex":    `deny contains "x" if regex.match(input.cmd.raw, "x")`,
		"shape":    `deny contains input.cmd.names`,
		"no msg":   `deny contains x if x := {"id": input.cmd.raw}`,
		"tier 7":   `tier contains {"id": "x", "msg": "x", "tier": 7 + input.state.surge}`,
		"conflict": "_f := 1\n_f := 2 if input.cmd.raw\ndeny contains \"x\" if _f == 1",
	} {
		t.Run(name, func(t *testing.T) {
			in := command("safe")
			in.Cmd.Raw = "rm ("
			s := mustBuild(t, miniEngine(t), rules("bad", rule), file("b.rego", denyRule("other", "no_low", "low")))
			d := mustDecide(t, s, in)
			if got := ids(d); got != "user.bad.failed mini.safe" || d.Verdict.String() != "hold" || d.Terms == nil {
				t.Errorf("got %s, %s, %v; want user.bad.failed, hold with terms", got, d.Verdict, d.Terms)
			}
			in.Cmd.Names, in.Cmd.Stages[0].Name = []string{"low"}, "low"
			if d := mustDecide(t, s, in); d.Verdict.String() != "deny" {
				t.Errorf("other package: got %s; want deny", d.Verdict)
			}
		})
	}
}

func TestAJobThatCannotBeStoppedIsLeftBehind(t *testing.T) {
	forever := make(chan struct{})
	defer close(forever)
	fine := job{limit: time.Second, ask: func() (*term, error) { return emptyArray, nil }}
	hung := job{limit: time.Millisecond, ask: func() (*term, error) { <-forever; return emptyArray, nil }}
	panics := job{limit: time.Second, ask: func() (*term, error) { panic("boom") }}
	got := run([]job{fine, hung, panics, hung, fine}, time.Millisecond)
	for i, want := range []string{"", "could not be stopped", "boom", "could not be stopped", ""} {
		if text := errText(got[i].err); want == "" && text != "" || !strings.Contains(text, want) {
			t.Errorf("job %d: got %q; want %q", i, text, want)
		}
	}
}

func TestACompilationThatDoesNotEndIsLeftBehind(t *testing.T) {
	e := miniEngine(t)
	forever := make(chan struct{})
	hang := func() error { <-forever; return nil }
	for range maxStuck {
		if err := e.bounded(time.Millisecond, hang); !strings.Contains(errText(err), "takes more than 1ms to compile and test") {
			t.Fatalf("got %v", err)
		}
	}
	if err := e.bounded(time.Minute, func() error { return nil }); !errors.Is(err, errCompiling) {
		t.Errorf("got %v; want no further compilation", err)
	}
	close(forever)
	for e.stuck.Load() > 0 {
		runtime.Gosched()
	}
	if err := e.bounded(time.Minute, func() error { return nil }); err != nil {
		t.Errorf("got %v after they ended", err)
	}
}

func TestACancelledAskerGetsAnError(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	if d, err := mustBuild(t, miniEngine(t)).Decide(ctx, command("safe")); err == nil || d.Verdict != 0 {
		t.Errorf("got %v, %v; want an error", d.Verdict, err)
	}
}

type term = ast.Term

func errText(err error) string {
	if err == nil {
		return ""
	}
	return err.Error()
}

// FuzzDroppedFile: whatever a file holds, it takes effect or is refused with a
// place, and no rule in it can lower a decision.
func FuzzDroppedFile(f *testing.F) {
	f.Add(denyRule("a", "x", "low"))
	f.Add(watched)
	for _, rule := range bombs {
		f.Add("package user.a\n\n" + rule)
	}
	for _, text := range []string{
		"package user.a\n\ntier contains {\"id\": \"x\", \"tier\": 2, \"msg\": \"m\"} if not data.user.a.y",
		"package user.a\n\nimport data.guard.api as q\n\nhold contains s if { some s in q.stage }",
		"package user.a\n\ndefault _f(_) := 1\n\n_f(x) := 2 if x == 1\n\ndeny contains \"x\" if _f(1) == 2",
		"package user[\"a\"]\n\na.b.c contains 1 if { every x in input.cmd.names { x != \"\" } }",
		"# METADATA\n# scope: package\n# schemas:\n# - input: {}\npackage user.a\n\ndeny contains input if input.x",
	} {
		f.Add(text)
	}
	e, err := load(mini)
	if err != nil {
		f.Fatal(err)
	}
	e.limits = limits{time.Second, 20 * time.Millisecond, time.Second, time.Minute}
	plain, err := build(e)
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		s, err := build(e, file("a.rego", text))
		if err != nil {
			return
		}
		for _, name := range []string{"safe", "build", "critical"} {
			was, is := mustDecide(t, plain, command(name)), mustDecide(t, s, command(name))
			if is.Tier < was.Tier || is.Verdict < was.Verdict {
				t.Errorf("%v %v became %v %v", was.Tier, was.Verdict, is.Tier, is.Verdict)
			}
		}
	})
}
