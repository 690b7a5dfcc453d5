package rego

import (
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// TestWhatCouldHold: a no has to be certain. What is not understood could hold.
func TestWhatCouldHold(t *testing.T) {
	const input = `{"cmd": {"names": ["git", "rm"], "stages": [
		{"name": "git", "sub": "stash drop", "flags": ["f"], "operands": ["a", "b/c"], "root": false, "payload": null, "options": [{"name": "c", "value": "x=1"}]},
		{"name": "rm", "sub": "", "flags": [], "operands": [], "root": true, "payload": {"kind": "inline"}, "options": []}
	]}}`
	for _, c := range []struct {
		body string
		want bool
	}{
		{`"git" in input.cmd.names`, true},
		{`"dd" in input.cmd.names`, false},
		{`some s in input.cmd.stages; s.name == "rm"; s.root`, true},
		{`some s in input.cmd.stages; s.name == "git"; s.root`, false},
		{`some s in input.cmd.stages; s.name == "git"; s.root == false`, true},
		{`some s in input.cmd.stages; s.name != "git"; s.name != "rm"`, false},
		{`some s in input.cmd.stages; s.name in {"dd", "cp"}`, false},
		{`some s in input.cmd.stages; s.payload.kind`, true},
		{`some s in input.cmd.stages; s.name == "git"; s.payload.kind`, false},
		{`some s in input.cmd.stages; "x" in s.flags`, false},
		{`some s in input.cmd.stages; some flag in ["x", "f"]; flag in s.flags`, true},
		{`some s in input.cmd.stages; some flag in s.flags; flag in {"x", "y"}`, false},
		{`some s in input.cmd.stages; some i, word in s.operands; i > 0; contains(word, "/")`, true},
		{`some s in input.cmd.stages; some i, word in s.operands; i > 1`, false},
		{`some s in input.cmd.stages; split(s.sub, " ")[0] == "stash"`, true},
		{`some s in input.cmd.stages; s.operands[0] == "b/c"`, false},
		{`some s in input.cmd.stages; regex.match("^a+$", s.operands[0])`, true},
		{`some s in input.cmd.stages; regex.match("^z", s.operands[0])`, false},
		{`some s in input.cmd.stages; regex.match(data.guard.tables.pattern, s.operands[0])`, false},
		{`data.guard.tables.tools[input.cmd.stages[0].name]`, true},
		{`some s in input.cmd.stages; data.guard.tables.tools[s.name] == "no"`, false},
		{`some s in input.cmd.stages; data.guard.tables.off[s.name]`, false},
		{`some s in input.cmd.stages; _tool[s.name]; s.root`, false},
		{`some s in input.cmd.stages; _is(s, "git"); s.root`, false},
		{`some s in input.cmd.stages; _is(s, "rm")`, true},
		{`some s in input.cmd.stages; some word in _words(s); word == "c"`, true},
		{`some s in input.cmd.stages; some word in _words(s); word == "z"`, false},
		{`some s in _asked; s.root`, false},
		{`some s in _by.git; s.root`, false},
		{`some s in _by.rm; s.root`, true},
		{`some word in {input.cmd.stages[0].name, "x"}; word == "git"`, true},
		{`"git" in {input.cmd.stages[0].name, "x"}`, true},
		{`some word in array.concat(["x"], [o.value | some s in input.cmd.stages; some o in s.options]); startswith(word, "x=")`, true},
		{`name := input.cmd.stages[0].name; name == "rm"`, false},
		{`_late`, false},
		// what is not understood
		{`not "git" in input.cmd.names`, true},
		{`count([1 | 1 == 1]) == 2`, true},
		{`input.cmd.stages[_].name == "nothing"`, true},
		{`data.guard.config.preset == "nothing"`, true},
		{`data.guard.rules.x.nothing == "nothing"`, true},
		{`data.guard.rules[input.cmd.names[0]].hit`, true},
		{`every s in input.cmd.stages { s.name == "nothing" }`, true},
		{`some s in input.cmd.stages; s.name == "nothing" with input as {"cmd": {"stages": [{"name": "nothing"}]}}`, true},
		{`_otherwise == 2`, true},
		{`_default`, true},
		{`x := _otherwise; x == 9`, true},
		{`some s in input.cmd.stages; regex.match(s.name, "x")`, true},
		{`some i; input.cmd.stages[i].name == "nothing"`, true},
	} {
		text := "package guard.rules.x\n\nhit contains 1 if { " + c.body + ` }

_tool := {"git": true}

_is(s, name) if s.name == name

_words(s) := {part | some word in s.operands; some part in split(word, "/")} | {s.name}

_asked contains s if {
	some s in input.cmd.stages
	s.name == "git"
}

_by[name] contains s if {
	some s in input.cmd.stages
	name := s.name
}

_late if { input.cmd.names[0] == "rm" }

_otherwise := 1 if { input.cmd.names[0] == "rm" } else := 2

default _default := false

_default if { input.cmd.names[0] == "rm" }
`
		m, err := ast.ParseModuleWithOpts("x.rego", text, ast.ParserOptions{RegoVersion: ast.RegoV1})
		if err != nil {
			t.Fatal(err)
		}
		tables := map[string]any{"guard": map[string]any{
			"tables": map[string]any{"pattern": "^q", "tools": map[string]any{"git": "yes"}, "off": map[string]any{"git": false}},
			"config": map[string]any{"preset": "coding"},
		}}
		a, _, err := newAwake(map[string]*ast.Module{"x.rego": m}, tables)
		if err != nil {
			t.Fatal(err)
		}
		in := a.rouse(ast.MustParseTerm(input).Value)
		got := in.(ast.Object).Get(awakeKey).Value.(*ast.Array).Len() == 1
		if got != c.want {
			t.Errorf("%s: awake %v, want %v", c.body, got, c.want)
		}
	}
}
