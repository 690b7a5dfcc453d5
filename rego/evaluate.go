package rego

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/rego"
	"github.com/open-policy-agent/opa/v1/topdown"
	"github.com/open-policy-agent/opa/v1/topdown/cache"
)

// query is something that can be asked many times: a prepared query with the
// compiled regexes and globs of earlier answers.
type query struct {
	prepared rego.PreparedEvalQuery
	values   cache.InterQueryValueCache
}

func newQuery(ctx context.Context, pq rego.PreparedEvalQuery) query {
	return query{pq, cache.NewInterQueryValueCache(ctx, nil)}
}

var errTimeout = errors.New("took too long")

// ask evaluates the query and returns its one value as a term. It asks the
// evaluator to stop after limit (see meter); whether it does is the caller's worry.
func (q query) ask(ctx context.Context, in ast.Value, now int64, limit time.Duration) (*ast.Term, error) {
	return q.eval(ctx, in, now, limit)
}

func (q query) eval(ctx context.Context, in ast.Value, now int64, limit time.Duration, more ...rego.EvalOption) (*ast.Term, error) {
	cancel := topdown.NewCancel()
	defer newAlarm(limit, cancel.Cancel).stop()
	stop := context.AfterFunc(ctx, cancel.Cancel)
	defer stop()

	results, err := q.prepared.Eval(ctx, append(more,
		rego.EvalParsedInput(in),
		rego.EvalTime(time.Unix(0, now)),
		rego.EvalExternalCancel(cancel),
		rego.EvalInterQueryBuiltinValueCache(q.values),
		rego.EvalGenerateJSON(keepTerm))...)
	switch {
	case topdown.IsCancel(err) && ctx.Err() != nil:
		return nil, ctx.Err()
	case topdown.IsCancel(err):
		return nil, fmt.Errorf("%w (more than %v)", errTimeout, limit)
	case err != nil:
		return nil, err
	case len(results) != 1 || len(results[0].Expressions) != 1:
		return nil, errUndefined
	}
	return results[0].Expressions[0].Value.(*ast.Term), nil
}

func keepTerm(t *ast.Term, _ *rego.EvalContext) (any, error) { return t, nil }
