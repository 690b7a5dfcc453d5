package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/rego"
)

func newRules() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "rules [RULE|FAMILY]", Short: "List the built-in rules; of one rule, why it is there and what to do instead", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) > 1 {
				return &exit{exitUsage, "guard policy rules takes one rule or family, or nothing"}
			}
			engine, err := rego.LoadBuiltin()
			if err != nil {
				return err
			}
			rules := engine.Rules()
			if len(args) == 1 {
				if rules = named(rules, args[0]); len(rules) == 0 {
					return &exit{exitNo, fmt.Sprintf("no built-in rule or family is called %s; guard policy rules lists them", args[0])}
				}
			}
			return printRules(os.Stdout, rules, asJSON)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as JSON Lines, with everything that is known of each rule")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// named are the rules with this id, or of this family: of its package, or with
// names that begin with it, for a family can have several packages.
func named(rules []rego.Rule, name string) []rego.Rule {
	var out []rego.Rule
	for _, r := range rules {
		if r.ID == name || r.Family == name || strings.HasPrefix(r.ID, name+".") {
			out = append(out, r)
		}
	}
	return out
}

func printRules(w io.Writer, rules []rego.Rule, asJSON bool) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	for _, r := range rules {
		var err error
		switch {
		case asJSON:
			err = enc.Encode(r)
		case len(rules) == 1:
			err = printRule(w, r)
		default:
			_, err = fmt.Fprintf(w, "%-26s %-10s %-5s %s\n", r.ID, weight(r), ownVerdict(r), r.Title)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

func printRule(w io.Writer, r rego.Rule) error {
	_, err := fmt.Fprintf(w, "%-11s %s\n", r.ID, r.Title)
	for _, part := range []struct{ name, text string }{
		{"tier", strings.TrimSpace(weight(r) + " " + ownVerdict(r))}, {"why", r.Why}, {"instead", r.Remedy}, {"fires", shown(r.Fires)}, {"not", shown(r.Quiet)},
	} {
		if part.text != "" && err == nil {
			_, err = fmt.Fprintf(w, "%-11s %s\n", part.name, part.text)
		}
	}
	return err
}

// weight is the rule's tier, or what stands for it.
func weight(r rego.Rule) string {
	if r.Relieves() {
		return "relief"
	}
	return cmp.Or(r.Tier, "by command")
}

func ownVerdict(r rego.Rule) string {
	if r.Verdict == 0 {
		return ""
	}
	return r.Verdict.String()
}

// shown is an example as the pages show it: what is no line says what it is.
func shown(e *rego.Example) string {
	switch {
	case e == nil:
		return ""
	case e.Kind == "line":
		return e.Text
	default:
		return e.Kind + ": " + e.Text
	}
}
