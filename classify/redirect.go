package classify

import (
	"slices"
	"strconv"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// redirects resolves redirections and says where standard input and output
// then come from and go to.
func (w *walk) redirects(sh *shell, list []*syntax.Redirect) redirection {
	r := redirection{stdin: sh.stdin, stdout: sh.stdout}
	for _, one := range list {
		w.redirect(sh, one, &r)
	}
	return r
}

func (w *walk) redirect(sh *shell, n *syntax.Redirect, r *redirection) {
	switch n.Op {
	case syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		w.here(sh, n, r)
		return
	}
	op := n.Op.String()
	f := w.single(sh, n.Word)
	out := Redirect{FD: descriptor(n), Op: op}
	r.from, r.to = append(r.from, f.from...), append(r.to, f.to...)
	switch {
	case len(f.from)+len(f.to) > 0 && strings.HasPrefix(f.text, "/dev/fd/"): // <(..) or >(..)
		if out.FD == 0 {
			r.stdin = input{kind: "pipe", from: slices.Clone(f.from)}
		}
	case (n.Op == syntax.DplIn || n.Op == syntax.DplOut) && copies(f.text):
		if out.FD == 0 && f.text == "-" {
			r.stdin = input{kind: "null"}
		}
		if out.FD == 1 && f.text != "1" {
			r.stdout = nil
		}
	default:
		w.toFile(sh, n, f, &out, r)
	}
	r.list = append(r.list, out)
}

// toFile resolves a redirection's target and connects standard input or output.
func (w *walk) toFile(sh *shell, n *syntax.Redirect, f field, out *Redirect, r *redirection) {
	access := "write"
	if n.Op == syntax.RdrIn {
		access = "read"
	}
	p := w.path(sh, f, access)
	out.Path = &p
	if f.open != "" {
		r.open = append(r.open, f.open)
	}
	if out.FD == 0 {
		r.stdin = input{kind: "file", path: p.Path}
		if p.Zone == "null" {
			r.stdin.kind = "null"
		}
		return
	}
	if out.FD == 1 || out.FD == -1 {
		r.stdout = nil
	}
}

// here makes the body of a here-document or here-string the standard input.
func (w *walk) here(sh *shell, n *syntax.Redirect, r *redirection) {
	var f field
	op := "<<"
	if n.Op == syntax.WordHdoc {
		f, op = w.single(sh, n.Word), "<<<"
		f.text += "\n"
	} else {
		f = w.document(sh, n.Hdoc, quotedWord(n.Word))
	}
	if n.Op == syntax.DashHdoc {
		f.text = untab(f.text)
	}
	fd := descriptor(n)
	r.from = append(r.from, f.from...)
	r.list = append(r.list, Redirect{FD: fd, Op: op})
	if fd != 0 {
		return
	}
	r.stdin = input{kind: "text", text: f.text, plain: true, whole: f.whole}
	if f.open != "" {
		r.stdin = input{kind: "pipe", text: f.text, plain: true}
	}
}

func untab(s string) string {
	lines := strings.Split(s, "\n")
	for i, l := range lines {
		lines[i] = strings.TrimLeft(l, "\t")
	}
	return strings.Join(lines, "\n")
}

func quotedWord(wd *syntax.Word) bool {
	for _, p := range wd.Parts {
		if l, ok := p.(*syntax.Lit); !ok || strings.Contains(l.Value, `\`) {
			return true
		}
	}
	return false
}

// descriptor returns the number a redirection is for.
func descriptor(n *syntax.Redirect) int {
	if n.N != nil {
		if fd, err := strconv.Atoi(n.N.Value); err == nil {
			return fd
		}
		return 10 // {name}> takes a free one
	}
	switch n.Op {
	case syntax.RdrAll, syntax.AppAll:
		return -1
	case syntax.RdrIn, syntax.RdrInOut, syntax.DplIn, syntax.Hdoc, syntax.DashHdoc, syntax.WordHdoc:
		return 0
	}
	return 1
}

// copies reports whether the target of >& or <& is a descriptor, not a file.
func copies(s string) bool {
	s = strings.TrimSuffix(s, "-")
	_, err := strconv.Atoi(s)
	return s == "" || err == nil
}
