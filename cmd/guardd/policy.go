package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/rego"
)

func newPolicy() *cobra.Command {
	cmd := &cobra.Command{
		Use: "policy rules|check DIR|test DIR", Short: "List the built-in rules, or try a folder of policies", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return &exit{exitUsage, "guard policy takes show, accept, rules, check DIR or test DIR"}
		},
	}
	cmd.AddCommand(
		newRules(),
		newTry("check", "Load a folder of policies as guardd would and say what is wrong", (*rego.Engine).Check),
		newTry("test", "Run a folder's own tests, with coverage", (*rego.Engine).Test))
	return cmd
}

func newTry(word, short string, try func(*rego.Engine, context.Context, string) (rego.Report, error)) *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: word + " DIR", Short: short, Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &exit{exitUsage, fmt.Sprintf("guard policy %s takes one folder", word)}
			}
			engine, err := rego.LoadBuiltin()
			if err != nil {
				return err
			}
			report, err := try(engine, cmd.Context(), args[0])
			if err != nil {
				return &exit{exitUsage, err.Error()}
			}
			if asJSON {
				err = json.NewEncoder(os.Stdout).Encode(report)
			} else {
				err = printReport(os.Stdout, report)
			}
			if err == nil && !report.OK() {
				err = &exit{code: exitNo}
			}
			return err
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func printReport(w io.Writer, r rego.Report) error {
	for _, p := range r.Problems {
		fmt.Fprintln(w, p)
	}
	passed := 0
	for _, t := range r.Tests {
		switch {
		case t.Pass:
			passed++
			fmt.Fprintf(w, "pass  %s.%s\n", t.Package, t.Name)
		case t.Skip:
			fmt.Fprintf(w, "skip  %s.%s\n", t.Package, t.Name)
		default:
			fmt.Fprintf(w, "FAIL  %s.%s  %s:%d %s\n", t.Package, t.Name, t.File, t.Line, t.Error)
		}
		if t.Output != "" {
			fmt.Fprintf(w, "      %s\n", t.Output)
		}
	}
	if r.Coverage != nil {
		fmt.Fprintf(w, "%d of %d tests pass, %.0f %% of the rules covered\n", passed, len(r.Tests), r.Coverage.Percent)
		for _, missed := range r.Coverage.Missed {
			fmt.Fprintf(w, "not covered: %s\n", missed)
		}
	}
	if r.OK() {
		_, err := fmt.Fprintf(w, "ok: %d file(s), %d package(s)\n", len(r.Files), len(r.Packages))
		return err
	}
	return nil
}
