package rego_test

import (
	"context"
	"os"
	"path/filepath"
	"regexp"
	"testing"

	"github.com/f958ca95/guard/rego"
)

// TestTheExamplePoliciesDoWhatTheirREADMEsSay drops each example into a policy
// folder, runs its tests, and judges every command of its README.
func TestTheExamplePoliciesDoWhatTheirREADMEsSay(t *testing.T) {
	engine, err := embedded()
	if err != nil {
		t.Fatal(err)
	}
	dirs, err := filepath.Glob("../examples/policies/*")
	if err != nil || len(dirs) < 3 {
		t.Fatalf("examples: %v, %v", dirs, err)
	}
	for _, dir := range dirs {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			folder := dropped(t, dir)
			report, err := engine.Test(context.Background(), folder)
			if err != nil || !report.OK() || len(report.Tests) == 0 {
				t.Fatalf("its own tests: %v %+v", err, report)
			}
			if report.Coverage == nil || report.Coverage.Percent < 100 {
				t.Errorf("coverage: %+v", report.Coverage)
			}
			set := build(t, engine, folder)
			checkTable(t, set, filepath.Join(dir, "README.md"))
		})
	}
}

// dropped copies a folder to where only this user can write, as guard demands
// of policies.
func dropped(t *testing.T, dir string) string {
	t.Helper()
	to := filepath.Join(t.TempDir(), "policy")
	if err := os.Mkdir(to, 0o700); err != nil {
		t.Fatal(err)
	}
	files, err := filepath.Glob(dir + "/*.rego")
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		text, err := os.ReadFile(f)
		if err == nil {
			err = os.WriteFile(filepath.Join(to, filepath.Base(f)), text, 0o600)
		}
		if err != nil {
			t.Fatal(err)
		}
	}
	return to
}

func build(t *testing.T, engine *rego.Engine, folder string) *rego.Set {
	t.Helper()
	snap, err := rego.Read([]rego.Folder{{Layer: "user", Dir: folder}}, os.Getuid())
	if err != nil {
		t.Fatal(err)
	}
	set, err := engine.Build(context.Background(), snap, nil)
	if err != nil {
		t.Fatal(err)
	}
	return set
}

var tableRow = regexp.MustCompile("(?m)^\\| `(.+)` \\| (allow|hold|deny) \\|$")

// checkTable judges the commands of a document's | `command` | verdict | rows.
func checkTable(t *testing.T, set *rego.Set, file string) {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	rows := tableRow.FindAllStringSubmatch(string(text), -1)
	if len(rows) == 0 {
		t.Fatalf("%s has no commands", file)
	}
	checkRows(t, set, rows)
}

func checkRows(t *testing.T, set *rego.Set, rows [][]string) {
	t.Helper()
	for _, row := range rows {
		d := decide(t, set, input(t, dev("line", row[1])))
		if d.Verdict.String() != row[2] {
			t.Errorf("%q: got %s, want %s; findings %v", row[1], d.Verdict, row[2], d.Findings)
		}
	}
}
