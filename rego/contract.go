package rego

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
)

// userPrefix begins the id of every finding of a dropped file.
const userPrefix = "user."

// outputs are the sets a dropped file may contribute to, and the keys that an
// element of each must and may have.
var outputs = map[string]struct{ must, may []string }{
	"tier": {[]string{"id", "tier", "msg"}, []string{"stage", "hint"}},
	"hold": {[]string{"id", "msg"}, []string{"stage", "hint"}},
	"deny": {[]string{"id", "msg"}, []string{"stage", "hint"}},
}

// names with a meaning of their own that a user file cannot have.
var reserved = map[string]string{
	"relax":     "loosening needs a signed folder; relax is not accepted here",
	"allow":     "a dropped file can only make the policy stricter; use tier, hold or deny",
	"result":    "use the sets tier, hold and deny",
	"hit":       "use the sets tier, hold and deny",
	"violation": "use deny contains {\"id\": ..., \"msg\": ...}",
	"warn":      "use hold contains {\"id\": ..., \"msg\": ...}",
}

var (
	apiRef   = ast.MustParseRef(apiPackage)
	guardRef = ast.MustParseRef("data.guard")
)

// packageName is the name in "package user.<name>", or the problem. Tests may
// live in user.<name>_test as well.
func packageName(m *ast.Module, test bool) (string, *Problem) {
	p := m.Package.Path
	if len(p) == 3 && p[1].Equal(ast.InternedTerm("user")) {
		name := string(p[2].Value.(ast.String))
		if test {
			name = strings.TrimSuffix(name, "_test")
		}
		return name, nil
	}
	problem := problemAt(m.Package.Location, "package %s: a dropped file is package user.<name>, one name", strings.TrimPrefix(p.String(), "data."))
	return "", &problem
}

// contract checks one module of a dropped file before anything is compiled.
// It says everything that is wrong, not just the first thing.
func contract(m *ast.Module, name string, test bool) Problems {
	c := checker{self: ast.MustParseRef("data.user").Append(ast.StringTerm(name)), test: test}
	for _, imp := range m.Imports {
		c.imported(imp)
	}
	for _, r := range m.Rules {
		if why := tooComplex(r); why != "" {
			c.add(r.Location, "%s: %s; split it up", ruleName(r), why)
			continue
		}
		c.rule(r)
		c.body(r)
	}
	return c.problems
}

type checker struct {
	self     ast.Ref
	test     bool
	problems Problems
}

func (c *checker) add(loc *ast.Location, format string, args ...any) {
	if p := problemAt(loc, format, args...); !slices.Contains(c.problems, p) {
		c.problems = append(c.problems, p)
	}
}

func (c *checker) imported(imp *ast.Import) {
	r, ok := imp.Path.Value.(ast.Ref)
	if ok && r[0].Equal(ast.DefaultRootDocument) && !r.HasPrefix(apiRef) && !(c.test && r.HasPrefix(c.self)) {
		c.add(imp.Location, "import %s: a dropped file may import data.guard.api and input, nothing else", r)
	}
}

// rule checks a definition: outputs are sets of the documented shape.
func (c *checker) rule(r *ast.Rule) {
	name := ruleName(r)
	if why, ok := reserved[name]; ok {
		c.add(r.Location, "%s: %s", name, why)
		return
	}
	shape, ok := outputs[name]
	if !ok {
		return
	}
	if c.test {
		c.add(r.Location, "%s: a test file may not define what the policy says", name)
		return
	}
	if r.Default || len(r.Head.Args) > 0 || len(r.Head.Ref()) != 1 || r.Head.RuleKind() != ast.MultiValue {
		c.add(r.Location, "%s must be a set: %s contains {%s} if { ... }", name, name, wantKeys(shape.must))
		return
	}
	c.element(name, r.Head.Key)
}

// body checks everything a rule refers to and calls, wherever it is nested.
func (c *checker) body(r *ast.Rule) {
	ast.WalkRefs(r, func(ref ast.Ref) bool { c.ref(ref); return false })
	ast.WalkExprs(r, func(e *ast.Expr) bool {
		if e.IsCall() {
			c.call(e.Operator(), e.Operands(), e.Location)
		}
		return false
	})
	ast.WalkTerms(r, func(t *ast.Term) bool {
		if call, ok := t.Value.(ast.Call); ok {
			if op, ok := call[0].Value.(ast.Ref); ok {
				c.call(op, call[1:], t.Location)
			}
		}
		return false
	})
}

// element checks an output's element as far as it is literal; the rest is
// checked whenever the rule fires.
func (c *checker) element(name string, key *ast.Term) {
	shape := outputs[name]
	want := fmt.Sprintf("want %s contains {%s}", name, wantKeys(shape.must))
	switch v := key.Value.(type) {
	case ast.Object:
		c.keys(name, v, want)
	case ast.String:
		if name == "tier" {
			c.add(key.Location, "tier: a string has no tier; %s", want)
		}
	case ast.Number, ast.Boolean, ast.Null, *ast.Array, ast.Set:
		c.add(key.Location, "%s: %v is no finding; %s", name, key, want)
	}
}

func (c *checker) keys(name string, o ast.Object, want string) {
	shape := outputs[name]
	for _, k := range shape.must {
		if o.Get(ast.InternedTerm(k)) == nil {
			c.add(keyLocation(o), "%s: %q is missing; %s", name, k, want)
		}
	}
	o.Foreach(func(k, v *ast.Term) {
		s, ok := k.Value.(ast.String)
		if ok && !slices.Contains(shape.must, string(s)) && !slices.Contains(shape.may, string(s)) {
			c.add(k.Location, "%s: unknown key %q; %s, and %s if needed", name, string(s), want, wantKeys(shape.may))
		}
		switch v.Value.(type) {
		case ast.Number, ast.String:
			if _, fine := tierOf(v.Value); string(s) == "tier" && !fine {
				c.add(v.Location, "tier: %v is no tier; want 0 (SAFE) to 4 (CRITICAL)", v)
			}
		}
	})
}

func keyLocation(o ast.Object) *ast.Location {
	for _, k := range o.Keys() {
		return k.Location
	}
	return nil
}

func wantKeys(keys []string) string {
	quoted := make([]string, len(keys))
	for i, k := range keys {
		quoted[i] = fmt.Sprintf("%q: ...", k)
	}
	return strings.Join(quoted, ", ")
}

// ref refuses forbidden builtins, called or passed on, and every way to reach
// past data.guard.api and the file's own package. Package-local names are not refs to data before compiling, and
// imports were checked by themselves.
func (c *checker) ref(r ast.Ref) {
	if why, bad := forbidden[r.String()]; bad {
		c.add(r[0].Location, "%s: %s", r, why)
	}
	if !r[0].Equal(ast.DefaultRootDocument) || r.HasPrefix(apiRef) {
		return
	}
	loc := r[0].Location
	switch {
	case r.HasPrefix(c.self) || c.test && r.HasPrefix(testPackage(c.self)):
		if len(r) == len(c.self) || !constant(r[len(c.self)]) {
			c.add(loc, "%s: name one rule of the package", r)
		}
	case len(r) < 2 || !constant(r[1]):
		c.add(loc, "%s: a dropped file may not look into data as a whole; it may use data.guard.api, input and its own rules", r)
	case r.HasPrefix(guardRef):
		c.add(loc, "%s: only data.guard.api can be used, see INPUT.md; the rest of the built-in policy may change", r)
	default:
		c.add(loc, "%s: a dropped file may use data.guard.api, input and its own rules, nothing else", r)
	}
}

func constant(t *ast.Term) bool {
	_, ok := t.Value.(ast.String)
	return ok
}

// testPackage is user.<name>_test, where the tests of user.<name> may also live.
func testPackage(self ast.Ref) ast.Ref {
	last := len(self) - 1
	return self[:last:last].Append(ast.StringTerm(string(self[last].Value.(ast.String)) + "_test"))
}

// call checks the literal pattern of a builtin that takes one.
func (c *checker) call(op ast.Ref, args []*ast.Term, loc *ast.Location) {
	name := op.String()
	i, ok := patternArg[name]
	if !ok || i >= len(args) {
		return
	}
	pattern, ok := args[i].Value.(ast.String)
	if !ok {
		return
	}
	if _, err := regexp.Compile(string(pattern)); err != nil {
		c.add(loc, "%s: %v", name, err)
	}
}

// patternArg says which argument of a builtin is a regular expression. A bad
// literal is no compile error in OPA, it only fails when the rule is reached.
var patternArg = map[string]int{
	"regex.match": 0, "regex.find_n": 0, "regex.split": 0, "regex.replace": 1,
	"regex.find_all_string_submatch_n": 0,
}

// undefinedAPI finds refs to parts of data.guard.api that do not exist. It
// needs a compiled module, in which imports are resolved.
func undefinedAPI(m *ast.Module, api *ast.Compiler) Problems {
	var out Problems
	ast.WalkRefs(m, func(r ast.Ref) bool {
		if !r.HasPrefix(apiRef) || len(api.GetRules(r)) > 0 || len(api.GetRulesForVirtualDocument(r)) > 0 {
			return false
		}
		out = append(out, problemAt(r[0].Location, "%s does not exist; data.guard.api has %s", r, strings.Join(apiNames(api), ", ")))
		return false
	})
	return out
}

func apiNames(api *ast.Compiler) []string {
	var names []string
	for _, r := range api.GetRulesWithPrefix(apiRef) {
		name := ruleName(r)
		if !strings.HasPrefix(name, "_") && !slices.Contains(names, name) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}
