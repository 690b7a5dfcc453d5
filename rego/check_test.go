package rego

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func TestCheckSaysWhatAReloadWould(t *testing.T) {
	e := miniEngine(t)
	dir := filepath.Join(t.TempDir(), "policy")
	write(t, filepath.Join(dir, "a.rego"), denyRule("a", "no_low", "low"))
	r, err := e.Check(context.Background(), dir)
	if err != nil || !r.OK() || len(r.Files) != 1 || len(r.Packages) != 1 || r.Packages[0] != "user.a" {
		t.Errorf("got %+v, %v", r, err)
	}
	write(t, filepath.Join(dir, "b.rego"), "package user.b\n\ndeny if true\n\nhold if true\n")
	write(t, filepath.Join(dir, "c.rego"), "package guard.c\n")
	r, err = e.Check(context.Background(), dir)
	if err != nil || r.OK() || len(r.Problems) != 3 || r.Problems[1].Line != 5 {
		t.Errorf("got %+v, %v; want every problem", r, err)
	}
	if err := os.Chmod(dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if r, err = e.Check(context.Background(), dir); err != nil || r.OK() || !strings.Contains(r.Problems[0].Msg, "can be written by others") {
		t.Errorf("got %+v, %v", r, err)
	}
	if _, err = e.Check(context.Background(), filepath.Join(dir, "none")); err == nil {
		t.Error("a folder that does not exist was checked")
	}
}

func TestTestReportsResultsAndCoverage(t *testing.T) {
	e := miniEngine(t)
	dir := filepath.Join(t.TempDir(), "policy")
	write(t, filepath.Join(dir, "a.rego"), denyRule("a", "no_low", "low")+"\nhold contains \"x\" if \"y\" in input.cmd.names\n")
	write(t, filepath.Join(dir, "a_test.rego"), "package user.a\n\ntest_good if count(deny) == 1 with input as {\"cmd\": {\"names\": [\"low\"]}}\n\ntest_bad if { print(\"seen\"); count(deny) == 5 }\n")
	r, err := e.Test(context.Background(), dir)
	if err != nil || r.OK() || len(r.Tests) != 2 {
		t.Fatalf("got %+v, %v", r, err)
	}
	if good, bad := r.Tests[0], r.Tests[1]; !good.Pass || bad.Pass || bad.Line != 5 || bad.Output != "seen\n" {
		t.Errorf("got %+v and %+v", good, bad)
	}
	// Neither head nor body of line 5 is reached; it is named once.
	if c := r.Coverage; c.Percent <= 0 || c.Percent >= 100 || len(c.Missed) != 1 || !strings.HasSuffix(c.Missed[0], "a.rego:5") {
		t.Errorf("coverage: %+v", c)
	}
}

func TestTraceTellsWhatFiredAndWhatDidNot(t *testing.T) {
	s := mustBuild(t, miniEngine(t), rules("a",
		`deny contains {"id": "x", "msg": "x"} if {`,
		`	"low" in input.cmd.names`,
		`	input.state.surge > 2`,
		`}`,
		`hold contains "y" if "low" in input.cmd.names`,
		`hold contains "z" if "other" in input.cmd.names`))
	lines, err := s.Trace(context.Background(), command("low"))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, l := range lines {
		if strings.HasPrefix(l.Rule, "data.user") {
			got = append(got, l.Rule, map[bool]string{true: "fired", false: "at " + l.Expr}[l.Fired])
		}
	}
	want := "data.user.a.deny at input.state.surge > 2 data.user.a.hold fired"
	if strings.Join(got, " ") != want {
		t.Errorf("got  %s\nwant %s", strings.Join(got, " "), want)
	}
	if len(lines) < 4 {
		t.Errorf("built-in rules are missing: %+v", lines)
	}
}
