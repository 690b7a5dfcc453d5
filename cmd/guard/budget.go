package main

import (
	"cmp"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strconv"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

func newBudget() *cobra.Command {
	return family("budget", "create, debit or show",
		"Give agents units to spend, spend some, see what is left",
		newBudgetCreate(), newBudgetDebit(), newBudgetShow())
}

func newBudgetCreate() *cobra.Command {
	var b proxy.Budget
	cmd := &cobra.Command{
		Use:   "create NAME --units N",
		Short: "Create a budget, or give one another size; what was spent stays spent",
		Args:  words(1, 1, "the name of the budget"),
		RunE: func(cmd *cobra.Command, args []string) error {
			b.Op, b.ID = proxy.BudgetCreate, args[0]
			r := request(proxy.KindBudget, "")
			r.Budget = &b
			return order(cmd.Context(), r)
		},
	}
	cmd.Flags().Int64Var(&b.Units, "units", 0, "how many units there are")
	cmd.Flags().StringVar(&b.Unit, "unit", "units", "what is counted, for people")
	cmd.Flags().StringVar(&b.Per, "per", "", "session, agent or day: each has so many units; without it all share them")
	cmd.Flags().StringVar(&b.Agent, "agent", "", "the agent it binds (default: every agent)")
	cmd.Flags().StringVar(&b.Title, "title", "", "what it is for, for people")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func newBudgetDebit() *cobra.Command {
	var b proxy.Budget
	cmd := &cobra.Command{
		Use:   "debit NAME UNITS",
		Short: "Spend units of a budget; refused whole where too few are left",
		Args:  words(2, 2, "the name of the budget and a number of units"),
		RunE: func(cmd *cobra.Command, args []string) error {
			units, err := strconv.ParseInt(args[1], 10, 64)
			if err != nil || units < 1 {
				return &exit{exitUsage, fmt.Sprintf("%q is not a number of units from 1", args[1])}
			}
			b.Op, b.ID, b.Units = proxy.BudgetDebit, args[0], units
			r := request(proxy.KindBudget, "")
			r.Budget = &b
			return order(cmd.Context(), r)
		},
	}
	cmd.Flags().StringVar(&b.Reason, "reason", "", "what for")
	cmd.Flags().StringVar(&b.Agent, "agent", "", "with a budget per agent: whose units")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func newBudgetShow() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "show [NAME]", Short: "List budgets, or one, with what was spent, is reserved and is left", Args: words(0, 1, "at most the name of a budget"),
		RunE: func(cmd *cobra.Command, args []string) error {
			view, err := see(cmd.Context(), proxy.Look{What: proxy.LookBudgets})
			if err != nil {
				return err
			}
			if len(args) == 1 {
				view.Budgets = slices.DeleteFunc(view.Budgets, func(b proxy.BudgetState) bool { return b.ID != args[0] })
				if len(view.Budgets) == 0 {
					return &exit{exitNo, fmt.Sprintf("Budget %s not found; guard budget show lists those there are", args[0])}
				}
			}
			if asJSON {
				if view.Budgets == nil {
					view.Budgets = []proxy.BudgetState{}
				}
				return json.NewEncoder(os.Stdout).Encode(view.Budgets)
			}
			for _, b := range view.Budgets {
				showBudget(b)
			}
			if len(view.Budgets) == 0 {
				say("no budgets; guard budget create makes one")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON list")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func showBudget(b proxy.BudgetState) {
	whose := "every agent"
	if b.Agent != "" {
		whose = "agent " + proxy.Visible(b.Agent)
	}
	fmt.Printf("%s  %d %s per %s, for %s\n", b.ID, b.Allocated, proxy.Visible(b.Unit), cmp.Or(b.Per, "budget"), whose)
	for _, s := range b.Scopes {
		fmt.Printf("  %-12s %s  %d spent, %d reserved, %s\n", proxy.Visible(s.Scope), gauge(s.Spent+s.Reserved, b.Allocated), s.Spent, s.Reserved, toSpend(s))
	}
}

// toSpend is what is left, and why there may be nothing.
func toSpend(b proxy.Balance) string {
	if b.Overdrawn == 0 {
		return fmt.Sprintf("%d left", b.Left)
	}
	return fmt.Sprintf("%d left, overdrawn by %d since it was made smaller", b.Left, b.Overdrawn)
}

func tellBudget(b state.Allocated) (string, string, string) {
	return "budget", "", fmt.Sprintf("%s: %d %s per %s, by %s", b.Budget, b.Units, b.Unit, cmp.Or(b.Per, "budget"), b.By)
}

func tellLease(b state.Lease) (string, string, string) {
	return "reserved", "", fmt.Sprintf("%d of %s %s", b.Units, b.Budget, b.Scope)
}

func tellDebit(b state.Debit) (string, string, string) {
	if b.Back > 0 {
		return "returned", "", fmt.Sprintf("%d to %s, %d left%s", b.Back, b.Budget, b.Balance, because(b.Reason))
	}
	return "spent", "", fmt.Sprintf("%d of %s by %s, %d left%s", b.Units, b.Budget, b.By, b.Balance, because(b.Reason))
}

func tellDenial(b state.Denial) (string, string, string) {
	return "unpaid", "", fmt.Sprintf("%s   costs %d of %s, %d left", b.Action, b.Cost, b.Budget, b.Balance)
}

// gauge draws how much of a whole is used up, in ten steps.
func gauge(used, whole int64) string {
	const steps = 10
	n := 0
	if whole > 0 {
		n = int(min(max(used, 0)*steps/whole, steps))
	}
	bar := make([]byte, steps)
	for i := range bar {
		bar[i] = '.'
		if i < n {
			bar[i] = '#'
		}
	}
	return "[" + string(bar) + "]"
}
