package rego

import (
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/open-policy-agent/opa/v1/ast"
)

// freeText is what regular expressions are asked of, by rule and operand, and why
// it is no word or path of a known form. For those there are tables and form.fits.
var freeText = map[string]string{
	"elsewhere.reveal._names s.operands[0]":                    "a pattern for grep, a program for awk or sed: code",
	"local.relief.hit s.payload.text":                          "code given to an interpreter",
	"loopback.address text":                                    "an address with scheme, user, port and path",
	"naming.production name":                                   "people choose names of hosts, databases and environments",
	"naming.sample path":                                       "people choose names of files",
	"naming.tests name":                                        "people choose names of databases, containers and files",
	"naming.trial name":                                        "people choose names of hosts",
	"rules.db._reaches_out q.name":                             "what follows psql's \\copy: a table, a query or a program",
	"rules.dbtool.hit code":                                    "code given to an application's console, among its words",
	"rules.env._harmless_value v.value":                        "a script for sed, in a variable that names an editor",
	"rules.environ._prints_environment text":                   "text to be printed, with variables in it",
	"rules.environ._prints_environment s.payload.text":         "code given to an interpreter",
	"rules.environ._prints_environment _shown(s.payload.text)": "code given to an interpreter",
	"rules.environ._shown text":                                "code given to an interpreter",
	"rules.environ.hit pattern":                                "a pattern for grep, a program for awk or jq: what is searched for",
	"rules.machine._rewriting code":                            "commands in a programmer's own language",
	"rules.net._drops o.value":                                 "the body of a request: SQL, or JSON around it",
	"rules.net._drops url":                                     "an address with a query in it",
	"rules.leak._leaks url":                                    "an address with variables in it",
	"rules.net._removes_data url":                              "an address with port, path and query",
	"rules.own._names_guard name":                              "the pattern is pkill's, which would match the name",
	"rules.own._names_guard word":                              "a pattern for pkill, which may not be one",
	"rules.infra._keeps_names filter":                          "a program for jq: code",
	"emptying.whole script":                                    "a script for sed or perl: code",
	"elsewhere.database._tests place":                          "an address with a path and a query",
	"rules.persist._names_source concat(\" \", s.args)":        "lines as they are written to a file of modules",
	"rules.persist._names_source text":                         "settings as they are written to a file",
	"rules.secret._hunts s.operands[0]":                        "a pattern for grep: what is searched for",
	"rules.text._at_risk text":                                 "what somebody wrote",
	"rules.tool._starts_program code":                          "commands of a debugger, an editor or a pager, and settings in TOML",
	"rules.tool.hit command":                                   "commands of a debugger",
	"task.parts lower(word)":                                   "people choose names of tasks and scripts",
}

// subject says which operand of a builtin is what it is asked of.
var subject = map[string]int{
	"regex.find_all_string_submatch_n": 1, "regex.is_valid": 0, "regex.match": 1, "regex.replace": 0, "regex.split": 1,
}

func TestRegularExpressionsAreForFreeText(t *testing.T) {
	e, err := load(builtin)
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for _, m := range e.modules {
		path := strings.TrimPrefix(m.Package.Path.String(), "data.guard.")
		for _, r := range m.Rules {
			eachRegex(r, func(name string, operands []*ast.Term) {
				i, ok := subject[name]
				if !ok || i >= len(operands) {
					t.Errorf("%s: this test does not know %s", r.Location, name)
					return
				}
				fact := fmt.Sprintf("%s.%s %s", path, ruleName(r), operands[i])
				if freeText[fact] == "" {
					t.Errorf("%s: %s is asked of a word; a table, form.fits or split would do. If it is free text, list %q with the reason", r.Location, name, fact)
				}
				met[fact] = true
			})
		}
	}
	for fact := range freeText {
		if !met[fact] {
			t.Errorf("no regular expression is asked of %q any more", fact)
		}
	}
}

// eachRegex calls back with every call of a builtin for regular expressions.
func eachRegex(r *ast.Rule, do func(name string, operands []*ast.Term)) {
	found := func(name string, operands []*ast.Term) {
		if strings.HasPrefix(name, "regex.") {
			do(name, operands)
		}
	}
	ast.WalkExprs(r, func(x *ast.Expr) bool {
		if x.IsCall() {
			found(x.Operator().String(), x.Operands())
		}
		return false
	})
	ast.WalkTerms(r, func(x *ast.Term) bool {
		if call, ok := x.Value.(ast.Call); ok {
			found(call[0].String(), slices.Clone(call[1:]))
		}
		return false
	})
}
