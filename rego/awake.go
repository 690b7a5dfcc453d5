package rego

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/open-policy-agent/opa/v1/ast"
)

// What the policy says of most commands is worked out from its rules without the
// evaluator, which would take several times as long (see possible). Where that is
// not certain, the evaluator is asked, but only for the rules that could find
// something. Which ones could stands in input.awake then, and each rule is made to
// begin with a look there, which OPA's index answers for all rules of a family at
// once. So a decision costs what the rules cost that are about its command, however
// many others there are.
//
// A rule must never sleep for want of input.awake: without it there is no answer.

const rulesPackage = "data.guard.rules."

// common are the packages that are asked whatever the families are, all of whose
// sets and objects may sleep.
var common = []string{"data.guard.reading", "data.guard.stage", "data.guard.tier"}

// alone are rules of other packages that are asked whatever the families are, and
// for commands only.
var alone = map[string]string{"data.guard.trust": "type", "data.guard.velocity": "carries"}

// awake knows the rules that may sleep.
type awake struct {
	families *domain              // data.guard.tier.family
	rules    map[string][]sleeper // by family; "" for those that are always asked
	result   operand              // data.guard.decision.result
	domains  int                  // how many there are
	values   int                  // of rules that are worked out once for an input
}

// sleeper is a rule that may sleep: one part of a domain, or a body alone.
type sleeper struct {
	name   *ast.Term // its element of input.awake
	domain *domain
	part   int
	body   step // where there is no domain
	size   int
}

var (
	awakeKey = ast.StringTerm("awake")
	awakeRef = ast.NewTerm(ast.MustParseRef("input.awake"))
)

// newAwake finds the rules that may sleep, and returns the modules with those
// rules changed to look at input.awake.
func newAwake(modules map[string]*ast.Module, data map[string]any) (*awake, map[string]*ast.Module, error) {
	tables, err := fixedTables(data)
	if err != nil {
		return nil, nil, err
	}
	all, c := libraries(modules), newCompiler(modules, tables)
	a, changed := &awake{rules: map[string][]sleeper{}, result: notUnderstood}, maps.Clone(modules)
	for name, m := range modules {
		path := m.Package.Path.String()
		switch family, isRules := strings.CutPrefix(path, rulesPackage); {
		case isRules:
			changed[name] = a.putToSleep(c, m, all[path], family, func(r *ast.Rule) bool { return partial(r) && ruleName(r) == "hit" })
		case slices.Contains(common, path):
			changed[name] = a.putToSleep(c, m, all[path], "", partial)
		case alone[path] != "":
			changed[name] = a.putToSleep(c, m, all[path], "", func(r *ast.Rule) bool { return ruleName(r) == alone[path] })
		case path == "data.guard.decision":
			changed[name] = withRules(m)
			for i, r := range m.Rules {
				if ruleName(r) == "result" {
					changed[name].Rules[i] = begin(r, ast.NewExpr(awakeRef))
				}
			}
		}
	}
	if tier := all["data.guard.tier"]; tier != nil {
		a.families = c.domain(tier, tier.rules["family"])
	}
	if decision := all["data.guard.decision"]; decision != nil {
		a.result = c.operand(newScope(decision), ast.Var("result"))
	}
	a.domains, a.values = len(c.domains), len(c.values)
	return a, changed, nil
}

// fixedTables are the tables that no configuration changes.
func fixedTables(data map[string]any) (ast.Value, error) {
	fixed := maps.Clone(data)
	if guard, ok := data["guard"].(map[string]any); ok {
		guard = maps.Clone(guard)
		delete(guard, "config")
		fixed["guard"] = guard
	}
	v, err := ast.InterfaceToValue(fixed)
	if err != nil {
		return nil, fmt.Errorf("read tables: %w", err)
	}
	return v, nil
}

// partial says whether a rule is a part of a set or an object.
func partial(r *ast.Rule) bool { return r.Head.Key != nil || len(r.Head.Ref()) > 1 }

// putToSleep returns the module with those of its rules that may changed to look
// at input.awake.
func (a *awake) putToSleep(c *compiler, m *ast.Module, l *library, family string, may func(*ast.Rule) bool) *ast.Module {
	asleep := withRules(m)
	for i, r := range m.Rules {
		if r.Else != nil || r.Default || len(r.Head.Args) > 0 || !may(r) {
			continue
		}
		s := sleeper{name: ast.StringTerm(fmt.Sprintf("%s %d", m.Package.Path, i))}
		if same := l.rules[ast.Var(ruleName(r))]; partial(r) {
			s.domain, s.part = c.domain(l, same), slices.Index(same, r)
		} else {
			inside := newScope(l)
			s.body, s.size = c.body(inside, r.Body, func(scope) step { return end }), *inside.size
		}
		a.rules[family] = append(a.rules[family], s)
		asleep.Rules[i] = begin(r, ast.Member.Expr(s.name, awakeRef))
	}
	return asleep
}

// withRules is a copy of a module whose rules may be replaced.
func withRules(m *ast.Module) *ast.Module {
	changed := *m
	changed.Rules = slices.Clone(m.Rules)
	return &changed
}

// begin is a rule with an expression before all others. The compiler copies what
// it changes.
func begin(r *ast.Rule, first *ast.Expr) *ast.Rule {
	body := ast.Body{first.SetLocation(r.Location)}
	for i, expr := range r.Body {
		next := *expr
		next.Index = i + 1
		body = append(body, &next)
	}
	changed := *r
	changed.Body = body
	return &changed
}

// look works out what the result for a command is, by its input and the
// configuration. Where that is not certain there is none, and the evaluator has to
// be asked with the input, which then says what rules are awake.
func (a *awake) look(in, config ast.Value) *ast.Term {
	p := a.begin(in, config)
	if v := a.certain(p); v != nil {
		return ast.NewTerm(v)
	}
	a.rouse(p)
	return nil
}

// certain is the result, nil where the evaluator has to be asked. A panic, which
// would take every session down, is an error like any other.
func (a *awake) certain(p *possible) (result ast.Value) {
	defer func() {
		if recover() != nil || p.failed {
			result, p.failed = nil, true
		}
	}()
	if v, k := a.result(p, nil); k == present {
		return v
	}
	return nil
}

func (a *awake) begin(in, config ast.Value) *possible {
	return &possible{
		input: in, config: config, steps: maxSteps, until: time.Now().Add(lookTime), sure: true,
		domains: make([]*extent, a.domains), values: make([]worked, a.values),
	}
}

// rouse adds to an input which rules are awake for it.
func (a *awake) rouse(p *possible) {
	object, ok := p.input.(ast.Object)
	if !ok {
		return
	}
	object.Insert(awakeKey, ast.ArrayTerm(a.names(p)...))
}

// names are the rules that could find anything. Where something failed they are all
// of them, as the evaluator has to find what that was.
func (a *awake) names(p *possible) (names []*ast.Term) {
	defer func() {
		if recover() != nil || p.failed {
			names = a.all()
		}
	}()
	if p.failed {
		return nil
	}
	for _, family := range a.asked(p) {
		for _, s := range a.rules[family] {
			if p.could(s) {
				names = append(names, s.name)
			}
		}
	}
	return names
}

func (a *awake) all() []*ast.Term {
	var names []*ast.Term
	for _, family := range slices.Sorted(maps.Keys(a.rules)) {
		for _, s := range a.rules[family] {
			names = append(names, s.name)
		}
	}
	return names
}

// could says whether a rule could find anything.
func (p *possible) could(s sleeper) bool {
	if s.domain != nil {
		return p.extent(s.domain).occurs(s.part)
	}
	f := p.enter(s.size, nil)
	defer p.leave(f)
	return s.body(p, f) != no
}

// asked are the families that could be asked, in order, and "".
func (a *awake) asked(p *possible) []string {
	asked := map[string]bool{"": true}
	any := a.families == nil
	if !any {
		for _, one := range p.extent(a.families).all {
			name, ok := one.value.(ast.String)
			asked[string(name)] = true
			any = any || !ok
		}
	}
	if any {
		return slices.Sorted(maps.Keys(a.rules))
	}
	return slices.Sorted(maps.Keys(asked))
}
