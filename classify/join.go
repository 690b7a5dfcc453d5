package classify

import (
	"maps"
	"slices"
)

// since returns c and the shells between it and what it shares with sh, oldest
// first: what was changed since stands in them.
func (sh *shell) since(c *shell) []*shell {
	var out []*shell
	for ; c != nil && !sh.from(c); c = c.up {
		out = append(out, c)
	}
	slices.Reverse(out)
	return out
}

// from reports whether sh is a fork of origin, at any distance, or origin itself.
func (sh *shell) from(origin *shell) bool {
	for s := sh; s != nil; s = s.up {
		if s == origin {
			return true
		}
	}
	return false
}

// adopt makes sh what its fork c, or a fork of that, became.
func (sh *shell) adopt(c *shell) {
	for _, s := range sh.since(c) {
		for k, v := range s.vars {
			sh.set(k, v)
		}
		for k, f := range s.funcs {
			sh.setFunction(k, f)
		}
		for k, a := range s.aliases {
			sh.setAlias(k, a)
		}
	}
	sh.cwd, sh.old, sh.dirs = c.cwd, c.old, c.dirs
	sh.args, sh.argsOK, sh.ended = c.args, c.argsOK, c.ended
}

// join makes sh what any of its forks may have become: what they agree on
// stays known, the rest does not. Forks that ended are left out.
func (sh *shell) join(forks ...*shell) {
	live := slices.DeleteFunc(slices.Clone(forks), func(f *shell) bool { return f.ended != 0 })
	if len(live) == 0 {
		sh.ended = forks[0].ended
		return
	}
	first := live[0]
	sh.joinVars(live)
	sh.joinCode(live)
	sh.cwd, sh.old, sh.dirs, sh.args, sh.argsOK = first.cwd, first.old, first.dirs, first.args, first.argsOK
	for _, f := range live[1:] {
		if f.cwd != sh.cwd {
			sh.cwd = ""
		}
		if f.old != sh.old {
			sh.old = ""
		}
		if !slices.Equal(f.dirs, sh.dirs) {
			sh.dirs = nil
		}
		if f.argsOK != sh.argsOK || !slices.EqualFunc(f.args, sh.args, field.same) {
			sh.args, sh.argsOK = nil, false
		}
	}
}

func (sh *shell) joinVars(live []*shell) {
	changed := map[string]bool{}
	for _, f := range live {
		for _, s := range sh.since(f) {
			for k := range s.vars {
				changed[k] = true
			}
		}
	}
	for k := range changed {
		v, ok := live[0].lookup(k)
		same := true
		for _, f := range live[1:] {
			u, uok := f.lookup(k)
			same = same && uok == ok && u.same(v)
			v.from = slices.Concat(v.from, u.from)
		}
		if !same {
			v = value{open: "$" + k + " has more than one possible value", from: v.from, env: v.env}
		}
		v.from = ids(v.from)
		sh.set(k, v)
	}
}

func (sh *shell) joinCode(live []*shell) {
	names, aliases := map[string]bool{}, map[string]string{}
	for _, f := range live {
		for _, s := range sh.since(f) {
			for k := range s.funcs {
				names[k] = true
			}
			maps.Copy(aliases, s.aliases)
		}
	}
	for k := range names {
		var all function
		for _, f := range live {
			d, ok := f.function(k)
			all.maybe = all.maybe || !ok || d.maybe
			for _, def := range d.defs {
				if !slices.Contains(all.defs, def) {
					all.defs = append(all.defs, def)
				}
			}
		}
		sh.setFunction(k, all)
	}
	for k, a := range aliases {
		sh.setAlias(k, a)
	}
}

func (v value) same(u value) bool {
	return v.text == u.text && v.open == u.open && v.unset == u.unset && v.array == u.array && slices.Equal(v.list, u.list)
}
