package classify

import (
	"slices"
	"strings"

	"mvdan.cc/sh/v3/syntax"
)

// declare walks export, declare, local, readonly and typeset.
func (w *walk) declare(sh *shell, c *syntax.DeclClause) {
	name := c.Variant.Value
	cmd := command{words: []field{literal(name)}, redir: redirection{stdin: sh.stdin, stdout: sh.stdout}}
	export, functions := name == "export", false
	for _, a := range c.Args {
		if a.Name == nil {
			f := w.single(sh, a.Value)
			export = export || strings.HasPrefix(f.text, "-") && strings.Contains(f.text, "x")
			functions = functions || strings.HasPrefix(f.text, "-") && strings.Contains(f.text, "f")
			cmd.words = append(cmd.words, f)
			continue
		}
		if a.Naked {
			if f, ok := sh.function(a.Name.Value); ok && export && functions {
				f.env = true
				sh.setFunction(a.Name.Value, f)
			} else if v, ok := sh.lookup(a.Name.Value); ok && export {
				v.env, v.line = true, true
				sh.set(a.Name.Value, v)
				cmd.env = append(cmd.env, Assign{a.Name.Value, v.text, v.open == ""})
			}
			cmd.words = append(cmd.words, literal(a.Name.Value))
			continue
		}
		env, f := w.assign(sh, a, export)
		cmd.env = append(cmd.env, env)
		f.text, f.plain = a.Name.Value+"="+f.text, false
		cmd.words = append(cmd.words, f)
	}
	w.program(sh, cmd)
	for _, a := range c.Args {
		if a.Name != nil && refers(cmd.words[1:]) {
			sh.forget(a.Name.Value, "$"+a.Name.Value+" stands for another variable")
		}
	}
}

// refers reports whether declare makes names for other variables: -n.
func refers(words []field) bool {
	return len(words) > 0 && dashed(words[0]) && strings.Contains(words[0].text, "n")
}

// assign carries out one assignment in sh.
func (w *walk) assign(sh *shell, a *syntax.Assign, export bool) (Assign, field) {
	name := a.Name.Value
	if a.Array != nil || a.Index != nil {
		v := w.array(sh, a)
		v.env, v.line = export, true
		sh.set(name, v)
		return Assign{Name: name, Value: strings.Join(v.list, " "), Literal: v.open == ""}, field{text: strings.Join(v.list, " "), open: v.open, from: v.from}
	}
	f := w.single(sh, a.Value)
	v := value{text: f.text, open: f.open, env: export, line: true, from: f.from}
	if a.Append {
		old := sh.value(name)
		v.text, v.from = old.text+f.text, append(v.from, old.from...)
		v.open = worse(old.open, v.open)
		w.spend(len(v.text))
	}
	w.spend(len(v.from))
	v.from = ids(slices.Clone(v.from))
	full := v.text
	if v.open != "" && !f.guess {
		v.text, v.raw = "", full
	}
	sh.set(name, v)
	return Assign{Name: name, Value: full, Literal: v.open == ""}, f
}

func (w *walk) array(sh *shell, a *syntax.Assign) value {
	if a.Index != nil {
		w.expand(sh, a.Index)
	}
	v := value{array: true}
	if a.Append {
		v, _ = sh.lookup(a.Name.Value)
		v.array, v.list, v.from = true, slices.Clone(v.list), slices.Clone(v.from)
		w.spend(16 * len(v.list))
	}
	if a.Array == nil { // a[i]=x
		f := w.single(sh, a.Value)
		return value{array: true, open: "$" + a.Name.Value + " is an array filled piece by piece", from: f.from}
	}
	for _, e := range a.Array.Elems {
		if e.Index != nil || e.Value == nil {
			v.open = "$" + a.Name.Value + " is an array with named elements"
			if e.Index != nil {
				w.expand(sh, e.Index)
			}
			if e.Value != nil {
				w.single(sh, e.Value)
			}
			continue
		}
		for _, f := range w.fields(sh, []*syntax.Word{e.Value}) {
			if f.open != "" {
				v.open = f.open
			}
			w.spend(len(f.from))
			v.list, v.from = append(v.list, f.text), append(v.from, f.from...)
		}
	}
	v.list, v.from = slices.Clip(v.list), ids(slices.Clone(v.from))
	return v
}

func assigned(a Assign) value {
	if !a.Literal {
		return value{open: "$" + a.Name + " has no literal value"}
	}
	return value{text: a.Value}
}
