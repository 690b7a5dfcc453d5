package rego

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/rego"

	"github.com/f958ca95/guard/proxy"
)

func TestJoin(t *testing.T) {
	for _, c := range []struct {
		name      string
		stages    []string
		user      []string
		tier      proxy.Tier
		effective proxy.Tier
		verdict   proxy.Verdict
		steps     int
	}{
		{"nothing seen is SAFE and allowed", []string{"quiet"}, nil, proxy.Safe, proxy.Safe, proxy.Allow, 0},
		{"the worst stage counts", []string{"low", "medium", "safe"}, nil, proxy.Medium, proxy.Medium, proxy.Hold, 2},
		{"the row is read at the tier", []string{"critical"}, nil, proxy.Critical, proxy.Critical, proxy.Deny, 0},
		{"a finding's own verdict counts whatever the row", []string{"wipe"}, nil, proxy.Critical, proxy.Critical, proxy.Deny, 0},
		{"a relief cancels the verdict, not the tier", []string{"build"}, nil, proxy.High, proxy.Safe, proxy.Allow, 0},
		{"a relief leaves other findings alone", []string{"build", "medium"}, nil, proxy.High, proxy.Medium, proxy.Hold, 2},
		{"a relief cannot cancel opacity", []string{"fog"}, nil, proxy.Medium, proxy.Medium, proxy.Hold, 2},
		{"crisis comes before everything", []string{"sorrow", "wipe"}, nil, proxy.Critical, proxy.Critical, proxy.Crisis, 0},
		{"a user hold leaves the tier", []string{"safe"}, []string{`hold contains {"id": "h", "msg": "h"}`}, proxy.Safe, proxy.Safe, proxy.Hold, 2},
		{"a user denial leaves the tier", []string{"safe"}, []string{`deny contains "no"`}, proxy.Safe, proxy.Safe, proxy.Deny, 0},
		{"a user tier raises tier and row", []string{"safe"}, []string{`tier contains {"id": "t", "msg": "t", "tier": "HIGH"}`}, proxy.High, proxy.High, proxy.Hold, 1},
		{"a user tier cannot lower", []string{"critical"}, []string{`tier contains {"id": "t", "msg": "t", "tier": 0}`}, proxy.Critical, proxy.Critical, proxy.Deny, 0},
		{"a user finding is not relieved", []string{"build"}, []string{`tier contains {"id": "build", "msg": "t", "tier": 3, "stage": 0}`}, proxy.High, proxy.High, proxy.Hold, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			var files []File
			if c.user != nil {
				files = append(files, rules("mini", c.user...))
			}
			d := mustDecide(t, mustBuild(t, miniEngine(t), files...), command(c.stages...))
			steps := 0
			if d.Terms != nil {
				steps = len(d.Terms.Steps)
			}
			if d.Tier != c.tier || d.Effective != c.effective || d.Verdict != c.verdict || steps != c.steps {
				t.Errorf("got %v, %v, %v, %d steps; want %v, %v, %v, %d (%s)", d.Tier, d.Effective, d.Verdict, steps, c.tier, c.effective, c.verdict, c.steps, ids(d))
			}
			if (len(d.Resources) > 0) != (c.verdict == proxy.Crisis) {
				t.Errorf("resources: %v", d.Resources)
			}
		})
	}
}

// TestAReliefCannotNameWhatItMayNotCancel is about a built-in rule that tries.
func TestAReliefCannotNameWhatItMayNotCancel(t *testing.T) {
	for _, f := range []proxy.Finding{
		{ID: "user.a.x", Tier: proxy.High}, {ID: "user.a.x", Verdict: proxy.Deny},
		{ID: "opaque.program", Tier: proxy.High}, {ID: "text.crisis", Verdict: proxy.Crisis},
	} {
		own := contribution{reliefs: []proxy.Relief{{ID: "relief.all", Finding: f.ID, Stage: f.Stage}}}
		plain := join(contribution{}, []proxy.Finding{f}, nil)
		if d := join(own, []proxy.Finding{f}, nil); d.Verdict != plain.Verdict || d.Effective != f.Tier || len(d.Reliefs) > 0 {
			t.Errorf("%+v as user finding: got %v %v %v", f, d.Verdict, d.Effective, d.Reliefs)
		}
		own.findings = []proxy.Finding{f}
		if d := join(own, nil, nil); d.Verdict != plain.Verdict || d.Effective != f.Tier || len(d.Reliefs) > 0 {
			t.Errorf("%+v as built-in finding: got %v %v %v", f, d.Verdict, d.Effective, d.Reliefs)
		}
	}
}

func TestUserFindingsCarryTheirPackage(t *testing.T) {
	s := mustBuild(t, miniEngine(t), rules("pay",
		`deny contains {"id": "psql", "msg": "no direct psql", "hint": "use the tool", "stage": 0} if "psql" in input.cmd.names`,
		`hold contains "ask first" if "psql" in input.cmd.names`))
	got := mustDecide(t, s, command("psql")).Findings
	want := []proxy.Finding{
		{ID: "user.pay.psql", Msg: "no direct psql", Hint: "use the tool", Verdict: proxy.Deny},
		{ID: "user.pay.hold", Msg: "ask first", Verdict: proxy.Hold, Stage: -1},
	}
	if !slices.Equal(got, want) {
		t.Errorf("got  %+v\nwant %+v", got, want)
	}
}

// randomFile writes a user file of random, valid rules; some of them fail when
// they are reached.
func randomFile(r *rand.Rand, name string) File {
	conditions := []string{
		`"low" in input.cmd.names`, `"medium" in input.cmd.names`, `not "high" in input.cmd.names`,
		`count(input.cmd.stages) > 1`, `input.session.profile == "operator"`, `true`, `false`,
		`some s in input.cmd.stages; s.name == "build"`, `to_number(input.cmd.raw) > 1`, `1 / input.state.surge > 0`,
	}
	var lines []string
	for i := range 1 + r.IntN(5) {
		condition := conditions[r.IntN(len(conditions))]
		switch r.IntN(3) {
		case 0:
			lines = append(lines, fmt.Sprintf(`tier contains {"id": "r%d", "msg": "m", "tier": %d} if { %s }`, i, r.IntN(5), condition))
		case 1:
			lines = append(lines, fmt.Sprintf(`hold contains {"id": "r%d", "msg": "m"} if { %s }`, i, condition))
		default:
			lines = append(lines, fmt.Sprintf(`deny contains {"id": "r%d", "msg": "m"} if { %s }`, i, condition))
		}
	}
	return rules(name, lines...)
}

// TestAddingAUserFileNeverLowersAnything is the invariant of DESIGN 11.
func TestAddingAUserFileNeverLowersAnything(t *testing.T) {
	e := miniEngine(t)
	r := rand.New(rand.NewPCG(1, 2))
	inputs := []Input{
		command("safe"), command("low"), command("medium", "low"), command("high"), command("critical"),
		command("build"), command("build", "build"), command("fog"), command("wipe"), command("sorrow"),
	}
	raised, failed := 0, 0
	for range 60 {
		var files []File
		before := mustBuild(t, e)
		for i := range 3 {
			files = append(files, randomFile(r, fmt.Sprintf("u%d", i)))
			after, err := e.Build(context.Background(), Snapshot{Files: files}, before)
			if err != nil {
				t.Fatalf("%v\n%s", err, files[i].Data)
			}
			for _, in := range inputs {
				was, is := mustDecide(t, before, in), mustDecide(t, after, in)
				if is.Tier < was.Tier || is.Effective < was.Effective || is.Verdict < was.Verdict || is.Verdict == proxy.Hold && is.Terms == nil {
					t.Fatalf("%s: %v %v became %v %v by\n%s", in.Cmd.Raw, was.Tier, was.Verdict, is.Tier, is.Verdict, files[i].Data)
				}
				if is.Verdict > was.Verdict {
					raised++
				}
				if strings.Contains(ids(is), ".failed") {
					failed++
				}
			}
			before = after
		}
	}
	if raised == 0 || failed == 0 {
		t.Errorf("%d decisions were raised and %d packages failed; the test proves nothing", raised, failed)
	}
}

// TestAPackageIsOnlyLeftOutWhereItHadNothingToSay compares with asking always.
func TestAPackageIsOnlyLeftOutWhereItHadNothingToSay(t *testing.T) {
	e := miniEngine(t)
	r := rand.New(rand.NewPCG(7, 8))
	left := 0
	for i := range 100 {
		f := randomFile(r, "u")
		if i%4 == 0 {
			f = rules("u", `deny contains "a" if { input.cmd.raw != ""; "low" in input.cmd.names }`,
				`hold contains "b" if { "high" in input.cmd.names; input.kind == "command" }`)
		}
		s := mustBuild(t, e, f)
		for _, in := range []Input{command("low"), command("safe"), command("safe", "high"), command(), {Kind: proxy.KindVote}} {
			if s.users[0].wake.needed(in) {
				continue
			}
			left++
			answer, err := s.users[0].query.ask(context.Background(), roused(s.engine.awake, in.value()), 0, packageTime)
			if err != nil {
				t.Fatalf("%v\n%s", err, f.Data)
			}
			if said, err := s.users[0].read(answer); err != nil || len(said) > 0 {
				t.Errorf("%s would have said %v, %v\n%s", in.Cmd.Raw, said, err, f.Data)
			}
		}
	}
	if left == 0 {
		t.Error("no package was ever left out; the test proves nothing")
	}
}

func TestWhatKeepsAPackageAwake(t *testing.T) {
	for rule, always := range map[string]bool{
		`deny contains "x" if "rm" in input.cmd.names`:                                false,
		`deny contains "x" if { input.cmd.raw != ""; "rm" in input.cmd.names }`:       false,
		"_h if true\n\ndeny contains \"x\" if { \"rm\" in input.cmd.names; _h }":      false,
		`deny contains "x" if not "rm" in input.cmd.names`:                            true,
		`deny contains "x" if "rm" in input.cmd.names with input.cmd.names as ["rm"]`: true,
		`deny contains "x" if input.cmd.raw`:                                          true,
		`deny contains "x" if "rm" in input.cmd.stages[0].flags`:                      true,
		`deny contains "x" if "x" == input.cmd.names[0]`:                              true,
		`deny contains "x" if { some n in ["rm", "mv"]; n in input.cmd.names }`:       true,
		`deny contains "x"`: true,
	} {
		if got := mustBuild(t, miniEngine(t), rules("a", rule)).users[0].wake.always; got != always {
			t.Errorf("%s: always %v; want %v", rule, got, always)
		}
	}
}

// TestStricterOnlyEverRaises joins random decisions as an older and a newer
// revision would be.
func TestStricterOnlyEverRaises(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	random := func() Decision {
		d := Decision{
			Tier: proxy.Tier(r.IntN(5)), Effective: proxy.Tier(r.IntN(5)), Verdict: proxy.Verdict(1 + r.IntN(4)),
			Unpaid: proxy.Verdict(1 + r.IntN(4)), Cost: r.Int64N(3), Carries: r.IntN(2) == 0,
			Findings: []proxy.Finding{{ID: fmt.Sprint(r.IntN(3))}},
			Rows:     []proxy.Row{{ID: fmt.Sprint(r.IntN(2)), Verdict: proxy.Verdict(1 + r.IntN(3))}},
			Approval: []string{proxy.Pending, proxy.Approved, proxy.Denied}[r.IntN(3)],
			Defaults: Defaults{[]string{"observer", "operator", "guardian"}[r.IntN(3)], []string{"T0", "T1"}[r.IntN(2)], "coding"},
		}
		if d.Verdict == proxy.Hold {
			d.Terms = &proxy.Terms{}
			for range 1 + r.IntN(3) {
				d.Terms.Steps = append(d.Terms.Steps, proxy.Step{Tier: proxy.Tier(2 + r.IntN(3)), Seconds: 1 + r.IntN(9), Approvers: 1 + r.IntN(2), Assurance: []string{"tty", "peercred"}[r.IntN(2)]})
			}
		}
		return d
	}
	for range 5000 {
		a, b := random(), random()
		d := stricter(a, b)
		for _, o := range []Decision{a, b} {
			if d.Tier < o.Tier || d.Effective < o.Effective || d.Verdict < o.Verdict ||
				d.Unpaid < o.Unpaid || d.Cost < o.Cost || d.Carries && !o.Carries {
				t.Fatalf("%+v and %+v gave %+v", a, b, d)
			}
			for _, f := range o.Findings {
				if !slices.Contains(d.Findings, f) {
					t.Fatalf("finding %s was lost", f.ID)
				}
			}
			for _, row := range o.Rows {
				if !slices.ContainsFunc(d.Rows, func(x proxy.Row) bool { return x.ID == row.ID && x.Verdict >= row.Verdict }) {
					t.Fatalf("row %v was lost in %v", row, d.Rows)
				}
			}
			if o.Approval != proxy.Approved && d.Approval == proxy.Approved || o.Approval == proxy.Denied && d.Approval != proxy.Denied {
				t.Fatalf("approval %s and %s gave %s", a.Approval, b.Approval, d.Approval)
			}
			if d.Verdict == proxy.Hold && o.Terms != nil && !termsHold(*d.Terms, *o.Terms) {
				t.Fatalf("terms %v and %v gave %v", a.Terms, b.Terms, d.Terms)
			}
			profile, _ := knobAt([]string{"presets", "x", "profile"}).rank(d.Defaults.Profile)
			other, _ := knobAt([]string{"presets", "x", "profile"}).rank(o.Defaults.Profile)
			if profile < other {
				t.Fatalf("profiles %s and %s gave %s", a.Defaults.Profile, b.Defaults.Profile, d.Defaults.Profile)
			}
		}
	}
}

// termsHold says whether d asks for at least what o does.
func termsHold(d, o proxy.Terms) bool {
	if len(d.Steps) == 0 || len(d.Steps) > len(o.Steps) {
		return false
	}
	for i, s := range d.Steps {
		x := o.Steps[i]
		if s.Seconds > x.Seconds || s.Approvers < x.Approvers || s.Tier < x.Tier || assuranceRank[s.Assurance] < assuranceRank[x.Assurance] {
			return false
		}
	}
	return true
}

// TestIndexedAndPlainEvaluationAgree guards against a rule index that prunes a
// rule which would have fired.
func TestIndexedAndPlainEvaluationAgree(t *testing.T) {
	e, err := LoadBuiltin()
	if err != nil {
		t.Fatal(err)
	}
	s := mustBuild(t, e)
	names := []string{"rm", "git", "curl", "bash", "sudo", "ls", "docker", "dd", "kill", "chmod", "psql", "python3", "npm", "kubectl", "nothing"}
	flags := []string{"r", "f", "force", "hard", "delete", "recursive", "c", "e", "9"}
	subs := []string{"", "push", "reset", "clean", "status", "rm", "run", "publish", "delete"}
	r := rand.New(rand.NewPCG(5, 6))
	for range 300 {
		in := command(names[r.IntN(len(names))], names[r.IntN(len(names))])
		for i := range in.Cmd.Stages {
			in.Cmd.Stages[i].Flags = []string{flags[r.IntN(len(flags))]}
			in.Cmd.Stages[i].Sub = subs[r.IntN(len(subs))]
			in.Cmd.Stages[i].Root = r.IntN(4) == 0
		}
		fast, err1 := s.result.eval(context.Background(), roused(s.engine.awake, in.value()), 0, builtinTime, rego.EvalRuleIndexing(true))
		plain, err2 := s.result.eval(context.Background(), roused(s.engine.awake, in.value()), 0, builtinTime, rego.EvalRuleIndexing(false))
		if err1 != nil || err2 != nil || fast.Value.Compare(plain.Value) != 0 {
			t.Fatalf("%+v: %v, %v\nindexed %v\nplain   %v", in.Cmd.Stages, err1, err2, fast, plain)
		}
	}
}
