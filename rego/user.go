package rego

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/storage"

	"github.com/f958ca95/guard/proxy"
)

// userPackage is one "package user.<name>" of one folder, compiled on its own
// against the api only. The same name in two folders is two packages, so that
// a file in a workspace cannot add to the helpers of a file of the system.
type userPackage struct {
	layer, name string
	key         string // digest over everything it was built from
	modules     map[string]*ast.Module
	tests       map[string]*ast.Module
	query       *query       // nil: it says nothing
	wake        wake         // when it could
	timeouts    atomic.Int32 // in a row
}

// parsePackages parses and checks every file and sorts it into its package.
func (e *Engine) parsePackages(files []File) ([]*userPackage, error) {
	packages := map[string]*userPackage{}
	var problems Problems
	rules := 0
	for _, f := range files {
		if !strings.HasSuffix(f.Path, ".rego") {
			continue
		}
		m, err := e.parse(f.Source, f.Data)
		if err != nil {
			problems = append(problems, problemsOf(err, f.Source)...)
			continue
		}
		if rules += len(m.Rules); rules > maxRules {
			return nil, Problems{{File: f.Source, Msg: fmt.Sprintf("more than %d rules in all policy folders", maxRules)}}
		}
		test := strings.HasSuffix(f.Path, "_test.rego")
		name, problem := packageName(m, test)
		if problem != nil {
			problems = append(problems, *problem)
			continue
		}
		problems = append(problems, contract(m, name, test)...)
		layer, _, _ := strings.Cut(f.Path, "/")
		p := packages[layer+"/"+name]
		if p == nil {
			p = &userPackage{layer: layer, name: name, modules: map[string]*ast.Module{}, tests: map[string]*ast.Module{}}
			packages[layer+"/"+name] = p
		}
		p.add(f, m, test)
	}
	if err := problems.err(); err != nil {
		return nil, err
	}
	return sortedPackages(packages), nil
}

func (p *userPackage) add(f File, m *ast.Module, test bool) {
	p.key += digest(f.Data) + " " + f.Source + "\n"
	if test {
		p.tests[f.Source] = m
	} else {
		p.modules[f.Source] = m
	}
}

func sortedPackages(packages map[string]*userPackage) []*userPackage {
	out := make([]*userPackage, 0, len(packages))
	for _, p := range packages {
		out = append(out, p)
	}
	slices.SortFunc(out, func(a, b *userPackage) int {
		return strings.Compare(a.layer+"/"+a.name, b.layer+"/"+b.name)
	})
	return out
}

// compile makes the package ready to be asked and runs its own tests.
func (p *userPackage) compile(ctx context.Context, e *Engine, store storage.Store) error {
	modules := withAPI(e, p.modules)
	c, err := e.compile(modules)
	if err != nil {
		return err
	}
	var problems Problems
	for name := range p.modules {
		problems = append(problems, undefinedAPI(c.Modules[name], e.known)...)
	}
	if err := problems.err(); err != nil {
		return err
	}
	if err := e.passTests(ctx, p, store); err != nil {
		return err
	}
	text := p.queryText(c)
	if text == "" {
		return nil
	}
	pq, err := prepare(ctx, c, store, text)
	if err != nil {
		return fmt.Errorf("package user.%s: %w", p.name, err)
	}
	q := newQuery(ctx, pq)
	p.query, p.wake = &q, wakeOf(p.modules)
	return nil
}

func withAPI(e *Engine, more ...map[string]*ast.Module) map[string]*ast.Module {
	all := map[string]*ast.Module{}
	for _, set := range append(more, e.api) {
		for name, m := range set {
			all[name] = m
		}
	}
	return all
}

// queryText asks for exactly the outputs that the package defines, in one
// object; "" if there are none.
func (p *userPackage) queryText(c *ast.Compiler) string {
	var parts []string
	for _, out := range []string{"deny", "hold", "tier"} {
		ref := ast.MustParseRef("data.user").Append(ast.StringTerm(p.name)).Append(ast.StringTerm(out))
		if len(c.GetRulesExact(ref)) > 0 {
			parts = append(parts, fmt.Sprintf("%q: %s", out, ref))
		}
	}
	if len(parts) == 0 {
		return ""
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

// read turns the answer of the package into findings. What is malformed makes
// the package failed, without taking the rest of what it said away.
func (p *userPackage) read(t *ast.Term) ([]proxy.Finding, error) {
	r := termReader{}
	var out []proxy.Finding
	r.object("answer", t).Foreach(func(k, v *ast.Term) {
		set, ok := v.Value.(ast.Set)
		if !ok {
			r.fail("%v is not a set", k)
			return
		}
		output := string(k.Value.(ast.String))
		set.Foreach(func(e *ast.Term) {
			one := termReader{}
			f := p.finding(&one, output, e)
			if one.err != nil {
				r.fail("%s: %w", output, one.err)
				return
			}
			out = append(out, f)
		})
	})
	return out, r.err
}

func (p *userPackage) finding(r *termReader, output string, t *ast.Term) proxy.Finding {
	f := proxy.Finding{Stage: -1}
	switch output {
	case "deny":
		f.Verdict = proxy.Deny
	case "hold":
		f.Verdict = proxy.Hold
	}
	if s, ok := t.Value.(ast.String); ok && output != "tier" {
		f.ID, f.Msg = p.id(output), string(s)
		return f
	}
	o := r.object("element", t)
	f.ID, f.Msg = p.id(r.text(o, "id")), r.text(o, "msg")
	f.Stage, f.Hint = r.stage(o), r.optionalText(o, "hint")
	if output == "tier" {
		f.Tier = r.tier(o, "tier")
	}
	return f
}

func (p *userPackage) id(id string) string { return userPrefix + p.name + "." + id }

// failed is what a package that cannot be asked says: ask a person.
func (p *userPackage) failed(err error) proxy.Finding {
	return proxy.Finding{
		ID:      p.id("failed"),
		Msg:     fmt.Sprintf("policy user.%s failed: %v", p.name, err),
		Verdict: proxy.Hold,
		Stage:   -1,
		Hint:    "fix the policy file: guard policy check",
	}
}
