package rego

import "github.com/open-policy-agent/opa/v1/ast"

// wake says for which program names a package has to be asked at all. A rule
// that begins with `"rm" in input.cmd.names` cannot fire for a command without
// rm; where every output of a package is like that, most commands need not
// start its query. OPA's own index does the same within a query, but starting
// one costs more than a decision's share of 200 us allows for 40 packages.
type wake struct {
	always bool
	names  map[string]bool
}

var namesRef = ast.MustParseRef("input.cmd.names")

// wakeOf reads the conditions of every output of the modules.
func wakeOf(modules map[string]*ast.Module) wake {
	w := wake{names: map[string]bool{}}
	for _, m := range modules {
		for _, r := range m.Rules {
			if _, output := outputs[ruleName(r)]; !output {
				continue
			}
			if name, ok := guardName(r.Body); ok {
				w.names[name] = true
			} else {
				w.always = true
			}
		}
	}
	return w
}

// guardName returns the program without which the body cannot hold.
func guardName(body ast.Body) (string, bool) {
	for _, e := range body {
		if e.Negated || len(e.With) > 0 || !e.IsCall() || !e.Operator().Equal(ast.Member.Ref()) {
			continue
		}
		name, isString := e.Operand(0).Value.(ast.String)
		set, isRef := e.Operand(1).Value.(ast.Ref)
		if isString && isRef && set.Equal(namesRef) {
			return string(name), true
		}
	}
	return "", false
}

// needed says whether the package could have something to say.
func (w wake) needed(in Input) bool {
	if w.always {
		return true
	}
	if in.Cmd == nil {
		return false
	}
	for _, name := range in.Cmd.Names {
		if w.names[name] {
			return true
		}
	}
	return false
}
