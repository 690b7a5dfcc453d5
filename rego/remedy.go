package rego

import (
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// remedies is what to do instead, by id of the finding. A remedy that begins
// with "none" is no hint.
func remedies(rules []Rule) map[string]string {
	out := map[string]string{}
	for _, r := range rules {
		if r.Remedy != "" && !strings.HasPrefix(r.Remedy, "none") {
			out[r.ID] = r.Remedy
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
