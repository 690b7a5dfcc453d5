package rego

import (
	"context"
	"fmt"
	"maps"
	"os"
	"slices"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
)

// Report is what Check or Test found in one policy folder.
type Report struct {
	Folder   string       `json:"folder"`
	Files    []string     `json:"files"`
	Packages []string     `json:"packages"`           // user.<name>
	Problems []Problem    `json:"problems,omitempty"` // why the folder cannot take effect
	Tests    []TestResult `json:"tests,omitempty"`    // of Test
	Coverage *Coverage    `json:"coverage,omitempty"` // of Test
}

// Coverage says how much of the rules the tests reached.
type Coverage struct {
	Percent float64  `json:"percent"`
	Missed  []string `json:"missed,omitempty"` // file:line of what no test reached
}

// OK says whether the folder would take effect.
func (r Report) OK() bool {
	return len(r.Problems) == 0 && !slices.ContainsFunc(r.Tests, func(t TestResult) bool { return !t.Pass && !t.Skip })
}

// Check looks at a policy folder as a reload would, its own tests included. An
// error means that there is no such folder.
func (e *Engine) Check(ctx context.Context, dir string) (Report, error) {
	r, snap, packages, err := e.look(dir)
	if err != nil || packages == nil {
		return r, err
	}
	_, err = e.Build(ctx, snap, nil)
	r.note(err)
	return r, nil
}

// Test runs every test of a policy folder and measures what they reach.
func (e *Engine) Test(ctx context.Context, dir string) (Report, error) {
	r, snap, packages, err := e.look(dir)
	if err != nil || packages == nil {
		return r, err
	}
	data, _, err := e.configure(snap)
	if err != nil {
		r.note(err)
		return r, nil
	}
	store := newStore(data)
	cov := cover.New()
	rules := map[string]*ast.Module{}
	for _, p := range packages {
		results, err := e.runTests(ctx, withAPI(e, p.modules, p.tests), store, testTime, cov)
		r.note(err)
		r.Tests = append(r.Tests, results...)
		maps.Copy(rules, p.modules)
	}
	r.Coverage = coverage(cov, rules)
	return r, nil
}

// look reads and parses a folder; packages is nil where there is nothing to go
// on with.
func (e *Engine) look(dir string) (r Report, snap Snapshot, packages []*userPackage, err error) {
	r = Report{Folder: dir, Files: []string{}, Packages: []string{}}
	if info, err := os.Stat(dir); err != nil {
		return r, snap, nil, fmt.Errorf("read policy folder: %w", err)
	} else if !info.IsDir() {
		return r, snap, nil, fmt.Errorf("read policy folder: %s is not a folder", dir)
	}
	if snap, err = Read([]Folder{{"user", dir}}, os.Getuid()); err != nil {
		r.note(err)
		return r, snap, nil, nil
	}
	for _, f := range snap.Files {
		r.Files = append(r.Files, f.Source)
	}
	if packages, err = e.parsePackages(snap.Files); err != nil {
		r.note(err)
		return r, snap, nil, nil
	}
	for _, p := range packages {
		r.Packages = append(r.Packages, userPrefix+p.name)
	}
	return r, snap, packages, nil
}

func (r *Report) note(err error) {
	if err != nil {
		r.Problems = append(r.Problems, problemsOf(err, r.Folder)...)
	}
}

func coverage(cov *cover.Cover, modules map[string]*ast.Module) *Coverage {
	report := cov.Report(modules)
	c := &Coverage{Percent: report.Coverage}
	for _, name := range slices.Sorted(maps.Keys(report.Files)) {
		for _, missed := range report.Files[name].NotCovered {
			if at := fmt.Sprintf("%s:%d", name, missed.Start.Row); !slices.Contains(c.Missed, at) {
				c.Missed = append(c.Missed, at)
			}
		}
	}
	return c
}
