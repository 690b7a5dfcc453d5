package rego

import (
	"cmp"
	"slices"
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/proxy"
)

// Rule is a rule of the built-in policy that can show up in a Decision, as its
// METADATA describes it.
type Rule struct {
	ID      string        `json:"id"`
	Family  string        `json:"family"` // its package: git, fs, relief, elsewhere.relief ...
	Title   string        `json:"title"`
	Why     string        `json:"why"`
	Remedy  string        `json:"remedy"`            // what to do instead; "" for reliefs
	Tier    string        `json:"tier"`              // label; "" for reliefs, and where the command decides
	Verdict proxy.Verdict `json:"verdict,omitempty"` // its own, whatever the tier
	Fires   *Example      `json:"fires,omitempty"`   // what it is about; nil where that is no command
	Quiet   *Example      `json:"quiet,omitempty"`   // what it leaves alone, though it looks alike
}

// Example is something to judge.
type Example struct {
	Kind   string `json:"kind"` // line, action, text, exec
	Text   string `json:"text"`
	Path   string `json:"path,omitempty"`   // kind exec: the program file
	Origin string `json:"origin,omitempty"` // kind exec: where it is from; "traced" and "setuid" are of the system's, too

	Session string `json:"session,omitempty"` // what is asked in: "hooked", "raising" (hooked, and guard.json has "sudo": "hold"), "sandboxed"
}

// Rules are the built-in rules, by id.
func (e *Engine) Rules() []Rule { return slices.Clone(e.rules()) }

func readRules(modules map[string]*ast.Module) []Rule {
	var out []Rule
	for _, m := range modules {
		for _, r := range m.Rules {
			for _, a := range r.Annotations {
				if id, _ := a.Custom["id"].(string); id != "" {
					out = append(out, readRule(id, a, r))
				}
			}
		}
	}
	slices.SortFunc(out, func(a, b Rule) int { return cmp.Compare(a.ID, b.ID) })
	return out
}

func readRule(id string, a *ast.Annotations, r *ast.Rule) Rule {
	remedy, _ := a.Custom["remedy"].(string)
	rule := Rule{
		ID:     id,
		Family: familyOf(r.Module.Package.Path),
		Title:  a.Title,
		Why:    strings.Join(strings.Fields(a.Description), " "),
		Remedy: remedy,
		Fires:  readExample(a.Custom["fires"]),
		Quiet:  readExample(a.Custom["quiet"]),
	}
	if r.Head.Key == nil {
		return rule
	}
	if found, ok := r.Head.Key.Value.(ast.Object); ok {
		if t := found.Get(ast.InternedTerm("tier")); t != nil {
			if tier, ok := tierOf(t.Value); ok {
				rule.Tier = tier.String()
			}
		}
		if v := found.Get(ast.InternedTerm("verdict")); v != nil {
			word, _ := v.Value.(ast.String)
			rule.Verdict, _ = proxy.ParseVerdict(string(word))
		}
	}
	return rule
}

// Relieves says whether it is a relief, which takes effect from a finding.
func (r Rule) Relieves() bool { return strings.HasPrefix(r.ID, "relief.") }

func familyOf(path ast.Ref) string {
	return strings.TrimPrefix(strings.TrimPrefix(path.String(), "data.guard."), "rules.")
}

// readExample reads a line, {action: WORD}, {text: WORDS}, or {exec: WORDS, path:
// FILE, origin: WORD}.
func readExample(v any) *Example {
	switch v := v.(type) {
	case string:
		return &Example{Kind: "line", Text: v}
	case map[string]any:
		if words, ok := v["exec"].(string); ok && len(v) == 3 {
			path, _ := v["path"].(string)
			origin, _ := v["origin"].(string)
			return &Example{Kind: "exec", Text: words, Path: path, Origin: origin}
		}
		if line, ok := v["line"].(string); ok && len(v) == 2 {
			session, _ := v["session"].(string)
			return &Example{Kind: "line", Text: line, Session: session}
		}
		for _, kind := range []string{"action", "text"} {
			if text, ok := v[kind].(string); ok && len(v) == 1 {
				return &Example{Kind: kind, Text: text}
			}
		}
	}
	return nil
}
