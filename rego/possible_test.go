package rego

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// TestWhatHolds: a no and a yes have to be certain. Of what is not understood the
// answer is maybe. That both agree with the evaluator is
// TestWhatIsWorkedOutIsWhatTheEvaluatorSays.
func TestWhatHolds(t *testing.T) {
	for _, c := range []struct {
		body string
		want odds
	}{
		{`"git" in input.cmd.names`, yes},
		{`"dd" in input.cmd.names`, no},
		{`some s in input.cmd.stages; s.name == "rm"; s.root`, yes},
		{`some s in input.cmd.stages; s.name == "git"; s.root`, no},
		{`some s in input.cmd.stages; s.name == "git"; s.root == false`, yes},
		{`some s in input.cmd.stages; s.name != "git"; s.name != "rm"`, no},
		{`some s in input.cmd.stages; s.name in {"dd", "cp"}`, no},
		{`some s in input.cmd.stages; s.payload.kind`, yes},
		{`some s in input.cmd.stages; s.name == "git"; s.payload.kind`, no},
		{`some s in input.cmd.stages; "x" in s.flags`, no},
		{`some s in input.cmd.stages; some flag in ["x", "f"]; flag in s.flags`, yes},
		{`some s in input.cmd.stages; some flag in s.flags; flag in {"x", "y"}`, no},
		{`some s in input.cmd.stages; some i, word in s.operands; i > 0; contains(word, "/")`, yes},
		{`some s in input.cmd.stages; some i, word in s.operands; i > 1`, no},
		{`some s in input.cmd.stages; split(s.sub, " ")[0] == "stash"`, yes},
		{`some s in input.cmd.stages; s.operands[0] == "b/c"`, no},
		{`some s in input.cmd.stages; regex.match("^a+$", s.operands[0])`, yes},
		{`some s in input.cmd.stages; regex.match("^z", s.operands[0])`, no},
		{`some s in input.cmd.stages; regex.match(data.guard.tables.pattern, s.operands[0])`, no},
		{`some s in input.cmd.stages; regex.match(s.name, "git")`, yes},
		{`data.guard.tables.tools[input.cmd.stages[0].name]`, yes},
		{`some s in input.cmd.stages; data.guard.tables.tools[s.name] == "no"`, no},
		{`some s in input.cmd.stages; data.guard.tables.off[s.name]`, no},
		{`some s in input.cmd.stages; _tool[s.name]; s.root`, no},
		{`some s in input.cmd.stages; _is(s, "git"); s.root`, no},
		{`some s in input.cmd.stages; _is(s, "rm")`, yes},
		{`some s in input.cmd.stages; some word in _words(s); word == "c"`, yes},
		{`some s in input.cmd.stages; some word in _words(s); word == "z"`, no},
		{`some s in _asked; s.root`, no},
		{`some s in _by.git; s.root`, no},
		{`some s in _by.rm; s.root`, yes},
		{`some name in ["rm", "dd"]; some s in _by[name]; s.root`, yes},
		{`some name in ["git", "dd"]; some s in _by[name]; s.root`, no},
		{`_roots.rm == true`, yes},
		{`_roots[input.cmd.names[0]] == true`, no},
		{`some word in {input.cmd.stages[0].name, "x"}; word == "git"`, yes},
		{`"git" in {input.cmd.stages[0].name, "x"}`, yes},
		{`"x" in {input.cmd.stages[0].nothing, "x"}`, no},
		{`some word in array.concat(["x"], [o.value | some s in input.cmd.stages; some o in s.options]); startswith(word, "x=")`, yes},
		{`name := input.cmd.stages[0].name; name == "rm"`, no},
		{`[a, b] := [1, input.cmd.names[0]]; b == "git"; a == 1`, yes},
		{`[a, b] := array.concat(["x"], input.cmd.names); a == "x"; b == "git"`, no},
		{`some [name, 1] in [[n, i] | some i, n in input.cmd.names]; name == "rm"`, yes},
		{`some [name, 1] in [[n, i] | some i, n in input.cmd.names]; name == "git"`, no},
		{`_late`, no},
		{`_default`, no},
		{`_default == false`, yes},
		{`count({n | some n in input.cmd.names}) == 2`, yes},
		{`concat(" ", [n | some n in input.cmd.names]) == "git rm"`, yes},
		{`concat(" ", [n | some n in _names]) == "git rm"`, yes},
		{`{"a": input.cmd.names[0]} == {"a": "git"}`, yes},
		{`{s.name: s.root | some s in input.cmd.stages} == {"git": false, "rm": true}`, yes},
		{`data.guard.rules.x._late`, no},
		{`data.guard.rules.y.other == "rm"`, yes},
		{`"rm" in data.guard.rules[input.cmd.letter].hit`, yes},
		{`"git" in data.guard.rules[input.cmd.letter].hit`, no},
		{`"more" in data.guard.rules[input.cmd.letter].hit`, yes},
		{`"more" in data.guard.rules.y.hit`, yes},
		// a set has each element once, and a rule one value, however often it holds
		{`count([n | some n in _letters]) == 1`, yes},
		{`[n | some n in _letters] == ["y"]`, yes},
		{`count([n | some n in data.guard.rules.x._letters]) == 2`, no},
		{`count([s | some s in _named.all]) == 2`, yes},
		{`count([w | some w in _listed]) == 2`, maybe},
		{`some w in _listed; w == "z"`, no},
		{`count([w | some w in _parts("p,q")]) == 4`, maybe},
		{`some w in _parts("p,q"); w == "z"`, no},
		// what an object of sets does not have
		{`count(_by.dd) == 0`, no},
		{`not _by.dd`, yes},
		{`not _by[input.cmd.letter]`, yes},
		{`not _by.rm`, no},
		{`_by.dd == set()`, no},
		{`every s in _by.dd { s.root }`, no},
		{`some s in _by; s.rm`, maybe},
		{`not "rm" in _by`, maybe},
		{`some [name, _] in _by; name == "rm"`, maybe},
		{`not _named.dd`, maybe},
		// what is joined with nothing
		{`some w in array.concat(input.cmd.nothing, [n | some n in input.cmd.names]); w == "git"`, no},
		{`some w in array.concat([n | some n in input.cmd.names], _none); w == "git"`, no},
		{`not "git" in array.concat(_none, [n | some n in input.cmd.names])`, no},
		{`some w in ({"git"} | _by.dd); w == "git"`, no},
		{`some w in ({"git"} | _words(input.cmd.nothing)); w == "git"`, no},
		{`"git" in ({n | some n in input.cmd.names} | _words(input.cmd.stages[1]))`, yes},
		{`some w in array.concat(input.cmd.letter, [n | some n in input.cmd.names]); w == "git"`, maybe},
		{`some w in ({"git"} | input.cmd.names); w == "git"`, maybe},
		{`some w in ({"git"} | _unsure); w == "git"`, yes},
		// errors: two values, a builtin that fails
		{`_two`, maybe},
		{`not _two`, maybe},
		{`some w in _lists; w == "a"`, maybe},
		{`_either("git")`, maybe},
		{`not _either("git")`, maybe},
		{`_either("rm")`, no},
		{`not _either("rm")`, yes},
		{`some w in _many("git"); w == "a"`, maybe},
		{`every w in _many("git") { w == "a" }`, maybe},
		{`{s.name: i | some s in input.cmd.stages; some i in [1, 2]}.git == 1`, maybe},
		{`not to_number(input.cmd.letter) == 1`, maybe},
		// values
		{`1.0 in {1, 2}`, yes},
		{`{1: "a"}[1.0] == "a"`, yes},
		{`input.cmd.names[1.0] == "rm"`, yes},
		{`not input.cmd.names[5]`, yes},
		{`input.cmd.names[-1]`, no},
		{`not input.cmd.letter.x.z`, yes},
		{`some x in [false, null]; not x`, yes},
		{`some x in [false]; x`, no},
		{`some x in [null]; x == null`, yes},
		{`"y" in input.cmd.letter`, no},
		{`not "y" in input.cmd.letter`, yes},
		{`not "rm" in {"rm": input.cmd.letter}`, yes},
		{`every x in input.cmd.stages[1].operands { x == 1 }`, yes},
		{`some "git", v in {"git": input.cmd.letter}; v == "y"`, yes},
		{`x := {input.cmd.letter: 1, "y": 2}; x == {"y": 2}`, maybe},
		{`not {"a": input.cmd.nothing} == {"a": 1}`, no},
		{`not [input.cmd.nothing] == [1]`, no},
		{`not {input.cmd.nothing} == {1}`, no},
		{`not [1, 2] == input.cmd.nothing`, yes},
		{`not object.get(input.cmd, input.cmd.nothing, false)`, no},
		{`object.get(input, ["cmd", "names", 7], "x") == "x"`, yes},
		{`count("h\u00e9") == 2`, yes},
		{`substring("abc", 1, -1) == "bc"`, yes},
		{`sprintf("%v", [{input.cmd.letter, "a"}]) == "{\"a\", \"y\"}"`, yes},
		{`_words(input.cmd.stages[0]).git`, yes},
		{`not _words(input.cmd.stages[0]).rm`, yes},
		// negation
		{`not "git" in input.cmd.names`, no},
		{`not "dd" in input.cmd.names`, yes},
		{`not _late`, yes},
		{`not input.cmd.nothing`, yes},
		{`not input.cmd.nothing == "x"`, yes},
		{`not input.cmd.nothing != "x"`, no},
		{`not startswith(input.cmd.nothing, "x")`, no},
		{`not "x" in input.cmd.nothing`, no},
		{`some s in input.cmd.stages; not _is(s, s.nothing)`, no},
		{`not count(input.cmd.nothing) == 1`, no},
		{`not split(input.cmd.nothing, "x")[0]`, no},
		{`not data.guard.tables.tools[input.cmd.nothing]`, no},
		{`not data.guard.tables.tools[input.cmd.letter]`, yes},
		// every
		{`every s in input.cmd.stages { s.name == "nothing" }`, no},
		{`every s in input.cmd.stages { s.name in {"git", "rm"} }`, yes},
		{`every s in input.cmd.nothing { s.name == "git" }`, no},
		{`every s in input.cmd.letter { s.name == "git" }`, no},
		{`every n in _names { n in input.cmd.names }`, yes},
		{`every flag in input.cmd.stages[1].flags { flag == "x" }`, yes},
		// what is not understood
		{`input.cmd.stages[_].name == "nothing"`, maybe},
		{`data.guard.config.preset == "nothing"`, maybe},
		{`not data.guard.config.preset == "nothing"`, maybe},
		{`every s in input.cmd.stages { s.name == data.guard.config.preset }`, maybe},
		{`count({n | some n in input.cmd.names; n != data.guard.config.preset}) == 2`, maybe},
		{`data.guard.rules.x.nothing == "nothing"`, maybe},
		{`some s in input.cmd.stages; s.name == "nothing" with input as {"cmd": {"stages": [{"name": "nothing"}]}}`, maybe},
		{`input.cmd.letter == "z" with input as {"cmd": {"letter": "z"}}`, maybe},
		{`not data.guard.tables.tools.dd`, maybe},
		{`_otherwise == 2`, maybe},
		{`not _otherwise == 2`, maybe},
		{`x := _otherwise; x == 9`, maybe},
		{`some n in _unsure; n == "git"`, maybe},
		{`some n in _unsure; n == "dd"`, no},
		{`not "dd" in _unsure`, yes},
		{`not "git" in _unsure`, maybe},
		{`some s in input.cmd.stages; regex.match(s.name, input.cmd.names)`, maybe},
		{`some i; input.cmd.stages[i].name == "nothing"`, maybe},
		{`_same("git", "rm")`, maybe},
		{`to_number("x") == 1`, maybe},
	} {
		in := ast.MustParseTerm(someInput).Value
		modules := somePolicy(t, c.body)
		if c.want != maybe {
			if said := evaluated(t, modules, in); said != c.want {
				t.Errorf("%s: the evaluator says %d, want %d", c.body, said, c.want)
			}
		}
		a, _, err := newAwake(modules, someTables)
		if err != nil {
			t.Fatal(err)
		}
		p := a.begin(in, nil)
		got := no
		for _, c := range p.extent(a.rules["x"][0].domain).all {
			if got = maybe; c.sure {
				got = yes
			}
		}
		if p.failed {
			got = maybe
		}
		if got != c.want {
			t.Errorf("%s: got %d, want %d", c.body, got, c.want)
		}
	}
}

const someInput = `{"cmd": {"names": ["git", "rm"], "letter": "y", "stages": [
	{"name": "git", "sub": "stash drop", "flags": ["f"], "operands": ["a", "b/c"], "root": false, "payload": null, "options": [{"name": "c", "value": "x=1"}]},
	{"name": "rm", "sub": "", "flags": [], "operands": [], "root": true, "payload": {"kind": "inline"}, "options": []}
]}}`

// evaluated is what the evaluator says of the rule; maybe for an error.
func evaluated(t *testing.T, modules map[string]*ast.Module, in ast.Value) odds {
	t.Helper()
	compiler, err := compileWith(ast.NewCompiler().WithSkipStages(ast.StageCheckRecursion), modules) // hit may ask for hit
	if err != nil {
		t.Error(err)
		return maybe
	}
	pq, err := prepare(t.Context(), compiler, newStore(someTables), "data.guard.rules.x.hit")
	if err != nil {
		t.Fatal(err)
	}
	hits, err := newQuery(t.Context(), pq).ask(t.Context(), in, 0, builtinTime)
	switch {
	case err != nil:
		t.Logf("%v", err)
		return maybe
	case hits.Value.(ast.Set).Len() > 0:
		return yes
	}
	return no
}

var someTables = map[string]any{"guard": map[string]any{
	"tables": map[string]any{"pattern": "^q", "tools": map[string]any{"git": "yes"}, "off": map[string]any{"git": false}},
	"config": map[string]any{"preset": "coding"},
}}

// somePolicy has one rule with the body, and others for it to use.
func somePolicy(t *testing.T, body string) map[string]*ast.Module {
	t.Helper()
	modules := map[string]*ast.Module{}
	for name, text := range map[string]string{
		"y.rego": "package guard.rules.y\n\nhit contains other\n\nother := input.cmd.names[1]\n",
		"z.rego": "package guard.rules.y\n\nhit contains \"more\"\n", // of the same package
		"x.rego": "package guard.rules.x\n\nhit contains 1 if { " + body + ` }

_tool := {"git": true}

_is(s, name) if s.name == name

_same(a, a)

_words(s) := {part | some word in s.operands; some part in split(word, "/")} | {s.name}

_names contains name if some name in ["rm", "git"]

_asked contains s if {
	some s in input.cmd.stages
	s.name == "git"
}

_unsure contains name if {
	some name in input.cmd.names
	name != data.guard.config.preset
}

_by[name] contains s if {
	some s in input.cmd.stages
	name := s.name
}

_named.all contains s if some s in input.cmd.stages

_named[name] contains s if {
	some s in input.cmd.stages
	name := s.name
}

_none := ["x"] if { input.cmd.letter == "x" }

_letters contains input.cmd.letter if some s in input.cmd.stages

_listed := ["p", "q"] if some s in input.cmd.stages

_parts(w) := split(w, ",") if some s in input.cmd.stages

_two := "a" if { input.cmd.names[0] == "git" }

_two := "b" if { input.cmd.names[1] == "rm" }

_lists := ["a"] if { input.cmd.names[0] == "git" }

_lists := ["b"] if { input.cmd.names[1] == "rm" }

_many(w) := ["a"] if { w == "git" }

_many(w) := ["b"] if { w in input.cmd.names }

_either(w) if { w == "git" }

_either(w) := false if { w in input.cmd.names }

_roots[s.name] := s.root if some s in input.cmd.stages

_late if { input.cmd.names[0] == "rm" }

_otherwise := 1 if { input.cmd.names[0] == "rm" } else := 2

default _default := false

_default if { input.cmd.names[0] == "rm" }
`} {
		m, err := ast.ParseModuleWithOpts(name, text, ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatal(err)
		}
		modules[name] = m
	}
	return modules
}
