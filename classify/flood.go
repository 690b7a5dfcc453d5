package classify

import "mvdan.cc/sh/v3/syntax"

// floods notes that the stages from n on stand in a loop that never ends and
// waits for none of what it starts in the background.
func (w *walk) floods(n int, so bool) {
	for _, s := range w.stages[n:] {
		s.Recursive = s.Recursive || so && s.Background
	}
}

// endless reports whether a loop's condition always holds.
func endless(c *syntax.WhileClause) bool {
	if len(c.Cond) != 1 || c.Cond[0].Negated {
		return false
	}
	switch cond := c.Cond[0].Cmd.(type) {
	case *syntax.CallExpr:
		if len(cond.Args) == 0 {
			return false
		}
		name := cond.Args[0].Lit()
		if c.Until {
			return name == "false"
		}
		return name == "true" || name == ":" || (name == "[" || name == "test") && len(cond.Args) > 1 && len(cond.Args) < 4 && cond.Args[1].Lit() != ""
	case *syntax.ArithmCmd:
		word, ok := cond.X.(*syntax.Word)
		return ok && !c.Until && word.Lit() != "" && word.Lit() != "0"
	}
	return false
}

// onlyStarts reports whether a loop's body does nothing but start programs in
// the background, and so never waits.
func onlyStarts(body []*syntax.Stmt) bool {
	starts := false
	for _, s := range body {
		switch c := s.Cmd.(type) {
		case *syntax.Subshell:
			if !s.Background && !onlyStarts(c.Stmts) {
				return false
			}
			starts = true
		case *syntax.Block:
			if !s.Background && !onlyStarts(c.Stmts) {
				return false
			}
			starts = true
		case *syntax.CallExpr:
			idle := len(c.Args) == 0 || isBuiltin(c.Args[0].Lit()) && c.Args[0].Lit() != "wait" && c.Args[0].Lit() != "read" && c.Args[0].Lit() != "break"
			if !s.Background && !idle {
				return false
			}
			starts = starts || s.Background
		default:
			if !s.Background {
				return false
			}
			starts = true
		}
	}
	return starts
}
