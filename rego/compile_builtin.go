package rego

import (
	"regexp"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// pure are the builtins whose answer is worked out: cheap ones that need nothing
// but their operands. Patterns have to be literals or in tables.
var pure = map[string]bool{
	"array.concat": true, "concat": true, "contains": true, "count": true, "endswith": true, "gt": true, "gte": true, "lower": true, "lt": true, "lte": true, "minus": true, "plus": true, "regex.match": true,
	"indexof": true, "regex.split": true, "replace": true, "split": true, "sprintf": true, "startswith": true, "strings.any_prefix_match": true,
	"strings.any_suffix_match": true, "substring": true, "trim": true, "trim_left": true, "trim_prefix": true, "trim_right": true, "trim_suffix": true, "upper": true,
}

func (c *compiler) builtin(s scope, call ast.Call) operand {
	name := call[0].String()
	if !pure[name] {
		return notUnderstood
	}
	if name == "regex.match" || name == "regex.split" {
		return c.pattern(s, name, call)
	}
	run, args := topdown.GetBuiltin(name), c.operands(s, call[1:])
	full := func(p *possible, f *frame) (ast.Value, known) {
		values, k := evaluate(p, f, args)
		if k != present {
			return nil, k
		}
		var answer ast.Value
		if err := run(topdown.BuiltinContext{}, values, func(t *ast.Term) error {
			answer = t.Value
			return nil
		}); err != nil {
			return nil, unknown // the evaluator will find it, too, and say so
		}
		return found(answer)
	}
	if does := wordly[name]; does != nil {
		return ofWords(does, args[0], args[1], full)
	}
	return full
}

// pattern compiles a builtin of regular expressions. OPA gives them to package
// regexp, too.
func (c *compiler) pattern(s scope, name string, call ast.Call) operand {
	pattern := call[1].Value
	if ref, ok := pattern.(ast.Ref); ok && ref.HasPrefix(ast.DefaultRootRef) {
		if table, rest := c.table(ref); len(rest) == 0 {
			pattern = table
		}
	}
	text, ok := pattern.(ast.String)
	re, err := regexp.Compile(string(text))
	if !ok || err != nil {
		return notUnderstood
	}
	subject := c.operand(s, call[2].Value)
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := subject(p, f)
		word, isText := v.(ast.String)
		switch {
		case k != present:
			return nil, k
		case !isText:
			return nil, unknown
		case name == "regex.match":
			return ast.Boolean(re.MatchString(string(word))), present
		}
		var parts []*ast.Term
		for _, part := range re.Split(string(word), -1) {
			parts = append(parts, ast.StringTerm(part))
		}
		return ast.NewArray(parts...), present
	}
}
