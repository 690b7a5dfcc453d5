package rego

import (
	"strings"

	"github.com/open-policy-agent/opa/v1/ast"

	"github.com/f958ca95/guard/proxy"
)

// remedies is what to do instead, by id of the finding, as the METADATA of the
// built-in rules says. A remedy that begins with "none" is no hint.
func remedies(modules map[string]*ast.Module) map[string]string {
	out := map[string]string{}
	for _, m := range modules {
		for _, a := range m.Annotations {
			id, _ := a.Custom["id"].(string)
			remedy, _ := a.Custom["remedy"].(string)
			if id != "" && remedy != "" && !strings.HasPrefix(remedy, "none") {
				out[id] = remedy
			}
		}
	}
	return out
}

// hint gives findings that bring no hint of their own the remedy of their rule.
func (e *Engine) hint(findings []proxy.Finding) {
	for i, f := range findings {
		if f.Hint == "" {
			findings[i].Hint = e.remedies[f.ID]
		}
	}
}
