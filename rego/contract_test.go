package rego

import (
	"strings"
	"testing"
)

func TestADroppedFileKeepsTheContract(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"another package", "package guard.decision\n\ndeny contains \"x\"", "user.rego:1: package guard.decision: a dropped file is package user.<name>"},
		{"no name", "package user\n\ndeny contains \"x\"", "user.rego:1: package user: a dropped file is package user.<name>"},
		{"two names", "package user.a.b\n\ndeny contains \"x\"", "user.rego:1: package user.a.b"},
		{"a complete rule as output", "package user.a\n\ndeny if \"rm\" in input.cmd.names", `user.rego:3: deny must be a set: deny contains {"id": ..., "msg": ...} if { ... }`},
		{"a default for an output", "package user.a\n\ndefault deny := false", "user.rego:3: deny must be a set"},
		{"an object as output", "package user.a\n\nhold[\"x\"] := 1", "user.rego:3: hold must be a set"},
		{"a nested output", "package user.a\n\ntier.x contains 1", "user.rego:3: tier must be a set"},
		{"a function as output", "package user.a\n\ndeny(x) := x", "user.rego:3: deny must be a set"},
		{"relax", "package user.a\n\nrelax contains {\"rule\": \"x\"}", "user.rego:3: relax: loosening needs a signed folder"},
		{"allow", "package user.a\n\nallow if true", "user.rego:3: allow: a dropped file can only make the policy stricter"},
		{"a missing key", "package user.a\n\ndeny contains {\"id\": \"x\"}", `user.rego:3: deny: "msg" is missing`},
		{"an unknown key", "package user.a\n\ndeny contains {\"id\": \"x\", \"msg\": \"x\", \"tear\": 1}", `user.rego:3: deny: unknown key "tear"`},
		{"a tier that is none", "package user.a\n\ntier contains {\"id\": \"x\", \"msg\": \"x\", \"tier\": 5}", "user.rego:3: tier: 5 is no tier"},
		{"a tier label that is none", "package user.a\n\ntier contains {\"id\": \"x\", \"msg\": \"x\", \"tier\": \"HUGE\"}", `user.rego:3: tier: "HUGE" is no tier`},
		{"a bare number", "package user.a\n\ntier contains 3", "user.rego:3: tier: 3 is no finding"},
		{"the built-in decision", "package user.a\n\ndeny contains \"x\" if not data.guard.decision.result", "user.rego:3: data.guard.decision.result: only data.guard.api can be used"},
		{"the built-in decision in a comprehension in a function", "package user.a\n\n_f(x) := [y | some y in data.guard.tier.hit; y.id == x]\n\ndeny contains \"x\" if _f(\"y\")", "user.rego:3: data.guard.tier.hit: only data.guard.api"},
		{"the built-in decision behind else", "package user.a\n\n_f := 1 if {\n\tinput.cmd\n} else := data.guard.config.preset\n\ndeny contains \"x\" if _f == 1", "user.rego:5: data.guard.config.preset: only data.guard.api"},
		{"an import of the built-in", "package user.a\n\nimport data.guard.tier\n\ndeny contains \"x\" if tier.hit", "user.rego:3: import data.guard.tier: a dropped file may import data.guard.api and input"},
		{"with on the built-in", "package user.a\n\ndeny contains \"x\" if input.cmd with data.guard.config as {}", "user.rego:3: data.guard.config: only data.guard.api"},
		{"a name that begins like the api", "package user.a\n\ndeny contains \"x\" if data.guard.apix", "user.rego:3: data.guard.apix: only data.guard.api"},
		{"another user package", "package user.a\n\ndeny contains \"x\" if data.user.ab.x", "user.rego:3: data.user.ab.x: a dropped file may use data.guard.api, input and its own rules"},
		{"a computed name", "package user.a\n\ndeny contains \"x\" if data[input.kind]", "user.rego:3: data[input.kind]: a dropped file may not look into data as a whole"},
		{"all of data", "package user.a\n\ndeny contains \"x\" if walk(data, [_, 1])", "user.rego:3: data: a dropped file may not look into data as a whole"},
		{"all of its own package", "package user.a\n\ndeny contains \"x\" if count(data.user.a) > 3", "user.rego:3: data.user.a: name one rule of the package"},
		{"the network", "package user.a\n\ndeny contains \"x\" if http.send({\"method\": \"GET\", \"url\": \"http://x\"})", "user.rego:3: http.send: a decision may not use the network"},
		{"the clock", "package user.a\n\ndeny contains \"x\" if time.now_ns() > 0", "user.rego:3: time.now_ns: use input.now_ns"},
		{"an uncancellable builtin", "package user.a\n\ndeny contains \"x\" if { x := bits.lsh(1, 4); x > 0 }", "user.rego:3: bits.lsh: not available"},
		{"a clock passed as value", "package user.a\n\ndeny contains \"x\" if count([1]) > 0 with count as time.now_ns", "user.rego:3: time.now_ns: use input.now_ns"},
		{"a bad pattern", "package user.a\n\ndeny contains \"x\" if regex.match(\"a(\", input.cmd.raw)", "user.rego:3: regex.match: error parsing regexp"},
		{"a bad pattern deep inside", "package user.a\n\ndeny contains \"x\" if count([1 | regex.replace(\"x\", \"[\", \"y\") == \"\"]) > 0", "user.rego:3: regex.replace: error parsing regexp"},
		{"a misspelt field", "package user.a\n\ndeny contains \"x\" if input.cmd.nmaes", `user.rego:3: undefined ref: input.cmd.nmaes; have: "nmaes", want (one of):`},
		{"a misspelt field of a loop variable", "package user.a\n\ndeny contains \"x\" if { some s in input.cmd.stages; s.nmae == \"rm\" }", `have: "nmae"`},
		{"a misspelt part of the api", "package user.a\n\ndeny contains \"x\" if data.guard.api.in_workspce", "user.rego:3: data.guard.api.in_workspce does not exist; data.guard.api has in_workspace, stage"},
		{"a misspelt part of the api by import", "package user.a\n\nimport data.guard.api\n\ndeny contains \"x\" if api.in_workspce", "data.guard.api.in_workspce does not exist"},
		{"not Rego", "package user.a\n\ndeny contains {", "user.rego:3:"},
		{"Rego of the old version", "package user.a\n\ndeny[x] { x := 1 }", "user.rego:3:"},
		{"empty", "", "empty module"},
		{"an unused import", "package user.a\n\nimport data.guard.api\n\ndeny contains \"x\"", "user.rego:3: import data.guard.api unused"},
		{"comprehensions without end", "package user.a\n\ndeny contains \"x\" if count(" + strings.Repeat("[1|", 20) + "true" + strings.Repeat("]", 20) + ") == 5", "user.rego:3: deny: more than 5 comprehensions or every inside one another; split it up"},
		{"nesting without end", "package user.a\n\ndeny contains \"x\" if count(" + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + ") == 5", "user.rego:3: deny: more than 64 expressions inside one another"},
		{"sums without end", "package user.a\n\ndeny contains \"x\" if 5 == 1" + strings.Repeat("+1", 9000), "user.rego:3: deny: more than 64 expressions inside one another"},
		{"branches without end", "package user.a\n\n_f := 1 if input.kind" + strings.Repeat(" else := 2 if input.kind", 100) + "\n\ndeny contains \"x\" if _f == 3", "user.rego:3: _f: more than 64 branches"},
		{"references without end", "package user.a\n\ndeny contains \"x\" if input.cmd" + strings.Repeat("[input.kind]", 3000), "user.rego:3: deny: more than 2000 references in one rule"},
		{"rules without end", "package user.a\n\n" + strings.Repeat("_r if input.kind\n\n", 5001), "user.rego: more than 5000 rules in all policy folders"},
		{"a conflict of types", "package user.a\n\ndeny contains \"x\" if input.state.surge == \"1\"", "user.rego:3: match error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := file("user.rego", c.text)
			f.Source = "user.rego"
			_, err := build(miniEngine(t), f)
			if err == nil {
				t.Fatalf("accepted; want %s", c.want)
			}
			if !strings.Contains(err.Error(), c.want) {
				t.Errorf("got  %v\nwant %s", err, c.want)
			}
		})
	}
}

func TestWhatADroppedFileMayDo(t *testing.T) {
	for name, text := range map[string]string{
		"sets with conditions": `deny contains {"id": "x", "msg": sprintf("no %s", [n])} if some n in input.cmd.names`,
		"a string":             `hold contains "ask first" if "rm" in input.cmd.names`,
		"helpers":              "_names := input.cmd.names\n\ndefault _on := false\n\n_on if \"x\" in _names\n\ndeny contains \"x\" if _on",
		"its own full path":    "_x := 1\n\ndeny contains \"x\" if data.user.a._x == 2",
		"the api":              "deny contains \"x\" if { some s in data.guard.api.stage; s.name == \"rm\" }",
		"pure time":            "deny contains \"x\" if time.clock(input.now_ns)[0] > 25",
		"a good pattern":       "deny contains \"x\" if regex.match(`^a+$`, input.cmd.raw)",
		"with on input":        "_x if input.cmd.names[0] == \"rm\"\n\ndeny contains \"x\" if _x with input.cmd.names as [\"rm\"]",
		"labels for tiers":     `tier contains {"id": "x", "msg": "x", "tier": "LOW"} if input.cmd.raw`,
		"print":                `deny contains "x" if { print(input.cmd.raw); false }`,
	} {
		t.Run(name, func(t *testing.T) {
			s, err := build(miniEngine(t), file("a.rego", "package user.a\n\n"+text))
			if err != nil {
				t.Fatal(err)
			}
			if got := ids(mustDecide(t, s, command("rm"))); strings.Contains(got, "failed") {
				t.Errorf("got %s", got)
			}
		})
	}
}

func TestTestsOfADroppedFileRunBeforeItCounts(t *testing.T) {
	rule := file("a.rego", denyRule("a", "no_rm", "rm"))
	for _, c := range []struct{ name, file, text, want string }{
		{"a passing test", "a_test.rego", "package user.a\n\ntest_x if count(deny) == 1 with input as {\"cmd\": {\"names\": [\"rm\"]}}", ""},
		{"a passing test in its own package", "a_test.rego", "package user.a_test\n\nimport data.user.a\n\ntest_x if count(a.deny) == 1 with input as {\"cmd\": {\"names\": [\"rm\"]}}", ""},
		{"a failing test", "a_test.rego", "package user.a\n\ntest_x if count(deny) == 2 with input as {\"cmd\": {\"names\": [\"rm\"]}}", "a_test.rego:3: test test_x failed"},
		{"a test that errs", "a_test.rego", "package user.a\n\ntest_x if 1 / count(deny) == 2 with input as {}", "a_test.rego:3: test test_x did not finish"},
		{"a test that loops", "a_test.rego", "package user.a\n\ntest_x if count(numbers.range(1, 2000000000)) == 1", "a_test.rego:3: test test_x did not finish"},
		{"a test that defines an output", "a_test.rego", "package user.a\n\ndeny contains \"x\"", "a_test.rego:3: deny: a test file may not define"},
		{"a test of the built-in", "a_test.rego", "package user.a\n\ntest_x if data.guard.decision.result", "a_test.rego:3: data.guard.decision.result: only data.guard.api"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := file(c.file, c.text)
			f.Source = c.file
			_, err := build(miniEngine(t), rule, f)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v; want %q", err, c.want)
			}
		})
	}
}

func TestFilesOfOnePackageInTwoFoldersAreStrangers(t *testing.T) {
	system := File{Path: "system/a.rego", Source: "/etc/a.rego", Data: []byte("package user.a\n\ndeny contains {\"id\": \"all\", \"msg\": \"no\"} if not _exempt\n\n_exempt if \"low\" in input.cmd.names\n")}
	workspace := File{Path: "workspace/a.rego", Source: "/w/a.rego", Data: []byte("package user.a\n\n_exempt if true\n\nhold contains {\"id\": \"h\", \"msg\": \"h\"} if _exempt\n")}
	d := mustDecide(t, mustBuild(t, miniEngine(t), system, workspace), command("safe"))
	if got := ids(d); got != "user.a.all user.a.h mini.safe" {
		t.Errorf("got %s; the helper of the workspace must not reach the rule of the system", got)
	}
}

func TestGuardJSONOnlyTightens(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"strict preset", `{"preset": "strict"}`, ""},
		{"the same again", `{"preset": "coding", "votes": {"MEDIUM": {"approvers": 1}}}`, ""},
		{"a harder row", `{"rows": {"profile": {"operator": {"MEDIUM": "deny"}}}}`, ""},
		{"less time and two people", `{"presets": {"coding": {"seconds": {"MEDIUM": 30}}}, "votes": {"MEDIUM": {"approvers": 2, "assurance": "peercred"}}}`, ""},
		{"no reliefs", `{"presets": {"coding": {"reliefs": false}}}`, ""},
		{"a softer row", `{"rows": {"profile": {"operator": {"MEDIUM": "allow"}}}}`, "guard.json: rows.profile.operator.MEDIUM: allow would loosen hold; loosening needs a signed folder"},
		{"more time", `{"presets": {"coding": {"seconds": {"MEDIUM": 61}}}}`, "presets.coding.seconds.MEDIUM: 61 would loosen 60"},
		{"nobody", `{"votes": {"MEDIUM": {"approvers": 0}}}`, "votes.MEDIUM.approvers: 0 is not accepted; want a whole number from 1"},
		{"no time", `{"presets": {"coding": {"seconds": {"MEDIUM": 0}}}}`, "presets.coding.seconds.MEDIUM: 0 is not accepted"},
		{"a higher profile", `{"presets": {"coding": {"profile": "guardian"}}}`, "presets.coding.profile: guardian would loosen operator"},
		{"an unknown preset", `{"preset": "loose"}`, "preset: loose is not accepted; want coding or strict"},
		{"an unknown key", `{"row": {}}`, "row is unknown; want one of: locale, preset, presets, reason_bytes, rows, votes"},
		{"an unknown tier", `{"rows": {"profile": {"operator": {"MEDUIM": "deny"}}}}`, "rows.profile.operator.MEDUIM is unknown; want one of: CRITICAL, HIGH, LOW, MEDIUM, SAFE"},
		{"a fixed value", `{"locale": "de"}`, "locale cannot be changed here"},
		{"a word for an object", `{"rows": "deny"}`, "rows: want an object"},
		{"a key twice", `{"preset": "strict", "preset": "coding"}`, "preset is set twice"},
		{"not JSON", "{\n\"preset\": strict\n}", "guard.json:2: read JSON"},
		{"a list", `[]`, "want one JSON object"},
		{"a wrong type", `{"preset": ["strict"]}`, "preset: [strict] is not accepted"},
		{"a fraction", `{"votes": {"MEDIUM": {"approvers": 1.5}}}`, "approvers: 1.5 is not accepted"},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := file("guard.json", c.text)
			f.Source = "guard.json"
			_, err := build(miniEngine(t), f)
			if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
				t.Errorf("got %v; want %q", err, c.want)
			}
		})
	}
}

func TestGuardJSONTakesEffectInTheOrderOfTheFolders(t *testing.T) {
	e := miniEngine(t)
	system := File{Path: "system/guard.json", Source: "system", Data: []byte(`{"preset": "strict"}`)}
	back := File{Path: "workspace/guard.json", Source: "workspace", Data: []byte(`{"preset": "coding"}`)}
	if _, err := build(e, system, back); err == nil || !strings.Contains(err.Error(), "preset: coding would loosen strict") {
		t.Errorf("got %v", err)
	}
	s := mustBuild(t, e, system)
	d := mustDecide(t, s, command("high"))
	if d.Terms.Steps[0].Seconds != 30 || d.Defaults.Trust != "T0" || d.Defaults.Preset != "strict" {
		t.Errorf("got %+v %+v; want the strict preset", d.Terms, d.Defaults)
	}
	if d := mustDecide(t, s, command("build")); d.Verdict.String() != "hold" {
		t.Errorf("got %v; strict has no reliefs", d.Verdict)
	}
	if d := mustDecide(t, mustBuild(t, e), command("high")); d.Terms.Steps[0].Seconds != 120 {
		t.Errorf("got %v; another Set must not see the change", d.Terms)
	}
}
