package rego

import (
	"errors"
	"fmt"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// Problem is one reason why policy files cannot take effect.
type Problem struct {
	File string `json:"file"`
	Line int    `json:"line,omitempty"` // 0: the file as a whole
	Msg  string `json:"msg"`            // what is wrong, and what is wanted instead
}

// String puts the place before the message, as compilers do.
func (p Problem) String() string {
	if p.Line == 0 {
		return p.File + ": " + p.Msg
	}
	return fmt.Sprintf("%s:%d: %s", p.File, p.Line, p.Msg)
}

// Problems is the error for policy files that were read but refused.
type Problems []Problem

// Error tells the first problem and how many more there are.
func (ps Problems) Error() string {
	if len(ps) == 1 {
		return ps[0].String()
	}
	return fmt.Sprintf("%s (and %d more)", ps[0], len(ps)-1)
}

func (ps Problems) err() error {
	if len(ps) == 0 {
		return nil
	}
	return ps
}

// problemAt places a message at a piece of Rego.
func problemAt(loc *ast.Location, format string, args ...any) Problem {
	p := Problem{Msg: fmt.Sprintf(format, args...)}
	if loc != nil {
		p.File, p.Line = loc.File, loc.Row
	}
	return p
}

// problemsOf turns what the parser or compiler said about files into Problems;
// where it names no place, it is about file.
func problemsOf(err error, file string) Problems {
	var known Problems
	if errors.As(err, &known) {
		return known
	}
	var list ast.Errors
	if !errors.As(err, &list) {
		return Problems{{File: file, Msg: err.Error()}}
	}
	var out Problems
	for _, e := range list {
		p := problemAt(e.Location, "%s", e.Message)
		if e.Details != nil {
			p.Msg += detail(e.Details.Lines())
		}
		out = append(out, p)
	}
	return out
}

// detail keeps the have and want lines of a type error, without the caret.
func detail(lines []string) string {
	var kept []string
	for _, l := range lines {
		l = strings.TrimSpace(l)
		if strings.HasPrefix(l, "have") || strings.HasPrefix(l, "want") {
			kept = append(kept, l)
		}
	}
	if len(kept) == 0 {
		return ""
	}
	return "; " + strings.Join(kept, ", ")
}
