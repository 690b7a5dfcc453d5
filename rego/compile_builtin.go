package rego

import (
	"regexp"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"
	"github.com/open-policy-agent/opa/v1/topdown"
)

// pure are the builtins whose answer is worked out: those that rules about commands
// use and that need nothing but their operands. What they cost is bounded by these.
var pure = wordSet(`and array.concat array.flatten array.reverse array.slice bits.and concat contains count div endswith
	format_int graph.reachable gt gte hex.encode indexof is_array is_null is_object is_string lower lt lte max min minus
	mul object.get object.keys object.remove object.union object.union_n or plus regex.find_all_string_submatch_n
	regex.is_valid regex.match regex.replace regex.split rem replace
	sort split sprintf startswith strings.any_prefix_match strings.any_suffix_match substring sum to_number trim
	trim_left trim_prefix trim_right trim_space trim_suffix union upper`)

func wordSet(text string) map[string]bool {
	words := map[string]bool{}
	for word := range strings.FieldsSeq(text) {
		words[word] = true
	}
	return words
}

func (c *compiler) builtin(s scope, call ast.Call) operand {
	name := call[0].String()
	if !pure[name] {
		return notUnderstood
	}
	if name == "regex.match" || name == "regex.split" {
		if re := c.pattern(call[1].Value); re != nil {
			return matching(name, re, c.operand(s, call[2].Value))
		}
	}
	run, args := topdown.GetBuiltin(name), c.operands(s, call[1:])
	full := func(p *possible, f *frame) (ast.Value, known) {
		values, k := evaluate(p, f, args)
		if k < likely {
			return nil, k
		}
		var answer ast.Value
		if err := run(topdown.BuiltinContext{}, values, func(t *ast.Term) error {
			answer = t.Value
			return nil
		}); err != nil {
			p.failed = true
			return nil, unknown
		}
		return found(answer, k)
	}
	if does := wordly[name]; does != nil {
		return ofWords(does, args[0], args[1], full)
	}
	return full
}

// pattern is a regular expression that is a literal or stands in a table; nil for
// others. OPA gives them to package regexp, too.
func (c *compiler) pattern(v ast.Value) *regexp.Regexp {
	if ref, ok := v.(ast.Ref); ok && ref.HasPrefix(ast.DefaultRootRef) {
		if table, rest := c.table(ref); len(rest) == 0 {
			v = table
		}
	}
	text, ok := v.(ast.String)
	if !ok {
		return nil
	}
	if re, ok := c.patterns[string(text)]; ok {
		return re
	}
	re, _ := regexp.Compile(string(text))
	c.patterns[string(text)] = re
	return re
}

func matching(name string, re *regexp.Regexp, subject operand) operand {
	return func(p *possible, f *frame) (ast.Value, known) {
		v, k := subject(p, f)
		word, isText := v.(ast.String)
		switch {
		case k < likely:
			return nil, k
		case !isText:
			p.failed = true
			return nil, unknown
		case name == "regex.match":
			return ast.Boolean(re.MatchString(string(word))), k
		}
		var parts []*ast.Term
		for _, part := range re.Split(string(word), -1) {
			parts = append(parts, ast.StringTerm(part))
		}
		return ast.NewArray(parts...), k
	}
}
