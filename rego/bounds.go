package rego

import (
	"errors"
	"fmt"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// shape is how a rule is built, as far as compiling it may become endless.
type shape struct{ loops, deepestLoop, nest, deepest, refs int }

func (s *shape) enter(x any) bool {
	switch x.(type) {
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension, *ast.Every:
		s.loops++
		s.deepestLoop = max(s.deepestLoop, s.loops)
	case *ast.Term:
		s.nest++
		s.deepest = max(s.deepest, s.nest)
	case ast.Ref:
		s.refs++
	}
	return s.deepest > maxNest // and no further, this walk recurses as well
}

func (s *shape) leave(x any) {
	switch x.(type) {
	case *ast.ArrayComprehension, *ast.SetComprehension, *ast.ObjectComprehension, *ast.Every:
		s.loops--
	case *ast.Term:
		s.nest--
	}
}

// tooComplex says why a rule cannot be given to the compiler, "" if it can.
func tooComplex(r *ast.Rule) string {
	branches := 0
	for b := r; b != nil; b = b.Else {
		if branches++; branches > maxElse {
			return fmt.Sprintf("more than %d branches", maxElse)
		}
	}
	var s shape
	ast.NewBeforeAfterVisitor(s.enter, s.leave).Walk(r)
	switch {
	case s.deepestLoop > maxLoops:
		return fmt.Sprintf("more than %d comprehensions or every inside one another", maxLoops)
	case s.deepest > maxNest:
		return fmt.Sprintf("more than %d expressions inside one another", maxNest)
	case s.refs > maxRefs:
		return fmt.Sprintf("more than %d references in one rule", maxRefs)
	}
	return ""
}

var errCompiling = errors.New("earlier policy files are still being compiled and cannot be stopped; remove them and restart guardd")

// bounded does work that cannot be stopped, and leaves it behind after limit.
func (e *Engine) bounded(limit time.Duration, work func() error) error {
	if e.stuck.Load() >= maxStuck {
		return errCompiling
	}
	done := make(chan error, 1)
	go func() { done <- work() }()
	late := make(chan struct{})
	defer newAlarm(limit, func() { close(late) }).stop()
	select {
	case err := <-done:
		return err
	case <-late:
	}
	e.stuck.Add(1)
	go func() {
		<-done
		e.stuck.Add(-1)
	}()
	return fmt.Errorf("takes more than %v to compile and test; write it in simpler rules", limit)
}
