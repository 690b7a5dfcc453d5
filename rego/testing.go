package rego

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/cover"
	"github.com/open-policy-agent/opa/v1/storage"
	"github.com/open-policy-agent/opa/v1/tester"
)

// TestResult is one test rule of a policy file.
type TestResult struct {
	Package string  `json:"package"`
	Name    string  `json:"name"`
	Pass    bool    `json:"pass"`
	Skip    bool    `json:"skip,omitempty"`
	File    string  `json:"file"`
	Line    int     `json:"line"`
	Millis  float64 `json:"ms"`
	Error   string  `json:"error,omitempty"`
	Output  string  `json:"output,omitempty"` // what print wrote
}

// passTests runs the package's tests; the first that fails is the error.
func (e *Engine) passTests(ctx context.Context, p *userPackage, store storage.Store) error {
	if len(p.tests) == 0 {
		return nil
	}
	results, err := e.runTests(ctx, withAPI(e, p.modules, p.tests), store, testTime, nil)
	if err != nil {
		return err
	}
	var problems Problems
	for _, r := range results {
		if !r.Pass && !r.Skip {
			problems = append(problems, Problem{File: r.File, Line: r.Line, Msg: r.reason()})
		}
	}
	return problems.err()
}

func (r TestResult) reason() string {
	if r.Error != "" {
		return "test " + r.Name + " did not finish: " + r.Error
	}
	return "test " + r.Name + " failed; run: guard policy test"
}

// runTests compiles modules anew, because the runner rewrites what it
// compiles, and runs the tests among them. No test may take longer than each.
func (e *Engine) runTests(ctx context.Context, modules map[string]*ast.Module, store storage.Store, each time.Duration, cov *cover.Cover) ([]TestResult, error) {
	runner := tester.NewRunner().
		SetCompiler(e.newCompiler().WithEnablePrintStatements(true)).
		SetStore(store).
		SetModules(modules).
		SetTimeout(each).
		RaiseBuiltinErrors(true).
		CapturePrintOutput(true)
	if cov != nil {
		runner = runner.SetCoverageQueryTracer(cov)
	}
	txn, err := store.NewTransaction(ctx)
	if err != nil {
		return nil, err
	}
	defer store.Abort(ctx, txn)
	ch, err := runner.RunTests(ctx, txn)
	if err != nil {
		return nil, problemsOf(err, "tests")
	}
	var out []TestResult
	for r := range ch {
		out = append(out, testResult(r))
	}
	slices.SortFunc(out, func(a, b TestResult) int {
		return cmp.Or(cmp.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Name, b.Name))
	})
	return out, nil
}

func testResult(r *tester.Result) TestResult {
	t := TestResult{
		Package: r.Package,
		Name:    r.Name,
		Pass:    r.Pass(),
		Skip:    r.Skip,
		Millis:  float64(r.Duration.Microseconds()) / 1000,
		Output:  string(r.Output),
	}
	if r.Location != nil {
		t.File, t.Line = r.Location.File, r.Location.Row
	}
	if r.Error != nil {
		t.Error = r.Error.Error()
	}
	return t
}
