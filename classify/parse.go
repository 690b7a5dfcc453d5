package classify

import (
	"errors"
	"io"
	"runtime"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// uncontinued returns text as it reads if a backslash at the end of a comment
// does not continue it: so do shells, but not the parser, which would hide the
// next line in the one before. Where the mark is quoted, the text as it stands
// is the right reading; so both are walked.
func uncontinued(text string) (string, bool) {
	if !strings.Contains(text, "\\\n") || !strings.Contains(text, "#") {
		return "", false
	}
	lines := strings.SplitAfter(text, "\n")
	found := false
	for i, l := range lines {
		if j := strings.IndexByte(l, '#'); j >= 0 && strings.HasSuffix(l, "\\\n") && (j == 0 || strings.IndexByte(" \t;&|()", l[j-1]) >= 0) {
			lines[i], found = l[:len(l)-2]+"\n", true
		}
	}
	return strings.Join(lines, ""), found
}

// parse returns the statements before the first error, and the error. What
// bash does not accept may be another shell's language.
func (w *walk) parse(text string) ([]*syntax.Stmt, error) {
	stmts, err := w.parseAs(text, syntax.LangBash)
	if err == nil || len(text) > maxRetry {
		return stmts, err
	}
	for _, lang := range []syntax.LangVariant{syntax.LangZsh, syntax.LangPOSIX, syntax.LangMirBSDKorn} {
		if other, err := w.parseAs(text, lang); err == nil {
			return other, nil
		}
	}
	return stmts, err
}

func (w *walk) parseAs(text string, lang syntax.LangVariant) (stmts []*syntax.Stmt, err error) {
	in := &shallow{r: strings.NewReader(text)}
	p := w.parser
	if p == nil || lang != syntax.LangBash {
		p = syntax.NewParser(syntax.Variant(lang))
	}
	if lang == syntax.LangBash {
		w.parser = p
	}
	for s, e := range p.StmtsSeq(in) {
		if err = e; err != nil || len(stmts) > maxStages {
			break
		}
		stmts = append(stmts, s)
	}
	switch {
	case in.deep:
		panic(refusal{ErrTooDeep})
	case len(stmts) > maxStages:
		panic(refusal{ErrTooMuch})
	}
	for _, s := range stmts {
		if !within(s) {
			panic(refusal{ErrTooDeep})
		}
	}
	return stmts, err
}

// shallow ends a text whose parser has recursed too far. The parser has no
// bound of its own and would exhaust the stack, which nothing can recover
// from. It is far above maxDepth, so that the exact bound decides.
type shallow struct {
	r    io.Reader
	deep bool
}

func (s *shallow) Read(p []byte) (int, error) {
	const frames = 60 * maxDepth
	if runtime.Callers(frames, make([]uintptr, 1)) > 0 {
		s.deep = true
		return 0, errors.New("nested too deeply")
	}
	return s.r.Read(p)
}

// within reports whether no node of s lies too deep. Chains of && and | lean to
// one side: they count by length, as stages do.
func within(s *syntax.Stmt) bool {
	const chain, nest = 1, 1 << 16
	depth, weights := 0, []int{}
	ok := true
	syntax.Walk(s, func(n syntax.Node) bool {
		if n == nil {
			last := len(weights) - 1
			depth -= weights[last]
			weights = weights[:last]
			return true
		}
		weight := nest
		switch n.(type) {
		case *syntax.BinaryCmd:
			weight = chain
		case *syntax.Stmt, *syntax.Word, *syntax.Lit:
			weight = 0
		}
		depth += weight
		weights = append(weights, weight)
		ok = ok && depth/nest <= 3*maxDepth && depth%nest <= maxStages
		return ok
	})
	return ok
}

func parseReason(err error) string {
	var pe syntax.ParseError
	if errors.As(err, &pe) {
		return pe.Text
	}
	return err.Error()
}

// rest looks at what follows the last statement of a text that does not parse:
// each piece between separators that parses by itself is walked, of others at
// least the words are shown.
func (w *walk) rest(sh *shell, text string, done []*syntax.Stmt) {
	if n := len(done); n > 0 {
		end := int(done[n-1].End().Offset())
		text = text[min(end, len(text)):]
	}
	pieces := strings.FieldsFunc(text, func(r rune) bool { return strings.ContainsRune("\n;|&(){}`", r) })
	for _, piece := range pieces {
		if piece = strings.TrimSpace(piece); piece == "" {
			continue
		}
		in := sh.fork()
		in.src, in.filled = piece, true
		w.spend(64 * len(piece))
		if stmts, err := w.parseAs(piece, syntax.LangBash); err == nil {
			w.stmts(in, stmts)
			continue
		}
		words := strings.Fields(strings.NewReplacer(`"`, "", `'`, "", `\`, "", "$", " ").Replace(piece))
		for len(words) > 1 && syntax.IsKeyword(words[0]) {
			words = words[1:]
		}
		if len(words) > 0 {
			w.exec(in, command{words: literals(words)})
		}
	}
}
