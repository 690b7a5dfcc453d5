package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

func newTrust() *cobra.Command {
	return family("trust", "evaluate, promote, revoke, review, eligible, history or requirements",
		"See what agents are trusted with, give more, take it back",
		newTrustEvaluate(), newTrustChange(proxy.TrustPromote, "Raise an agent by one level; who has to agree, the policy says"),
		newTrustChange(proxy.TrustRevoke, "Lower an agent, by one level or to one"),
		newTrustChange(proxy.TrustReview, "Put on record what you have checked of an agent"),
		newTrustEligible(), newTrustHistory(), newTrustRequirements())
}

// asksTrust asks for one thing about an agent.
func asksTrust(ctx context.Context, t proxy.Trust) (proxy.Answer, error) {
	client, err := dial(ctx)
	if err != nil {
		return proxy.Answer{}, err
	}
	defer client.Close()
	r := request(proxy.KindTrust, "")
	r.Trust = &t
	return client.Ask(ctx, r)
}

func newTrustEvaluate() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "evaluate AGENT", Short: "Say what an agent has shown, and what is missing for its next level", Args: words(1, 1, "an agent"),
		RunE: func(cmd *cobra.Command, args []string) error {
			a, err := asksTrust(cmd.Context(), proxy.Trust{Op: proxy.TrustEvaluate, Agent: args[0]})
			if err != nil {
				return err
			}
			if a.Evaluation == nil {
				sayRefused(a)
				return ended(exitNo)
			}
			if asJSON {
				return plainJSON(a.Evaluation)
			}
			showEvaluation(*a.Evaluation)
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// plainJSON prints a value with > as it is: these texts have it.
func plainJSON(v any) error {
	e := json.NewEncoder(os.Stdout)
	e.SetEscapeHTML(false)
	return e.Encode(v)
}

func showEvaluation(e proxy.Evaluation) {
	fmt.Printf("%s  T%d to T%d: %s\n", proxy.Visible(e.Agent), e.Current, e.Target, e.Status)
	for _, key := range slices.Sorted(maps.Keys(e.Met)) {
		fmt.Printf("  met      %-22s %s\n", key, e.Met[key])
	}
	for _, missing := range e.Missing {
		fmt.Printf("  missing  %s\n", missing)
	}
	fmt.Println(e.Recommendation)
}

// newTrustChange makes one of the commands that change something.
func newTrustChange(op, short string) *cobra.Command {
	t := proxy.Trust{Op: op}
	var asJSON bool
	cmd := &cobra.Command{
		Use: op + " AGENT", Short: short, Args: words(1, 1, "an agent"),
		RunE: func(cmd *cobra.Command, args []string) error {
			t.Agent = args[0]
			a, err := asksTrust(cmd.Context(), t)
			if err != nil {
				return &exit{exitNo, err.Error()}
			}
			if asJSON {
				if err := plainJSON(a); err != nil {
					return err
				}
			}
			return sayTrust(a, asJSON)
		},
	}
	cmd.Flags().StringVar(&t.Reason, "reason", "", "why; goes into the receipt")
	cmd.Flags().StringVar(&t.Reason, "rationale", "", "the same as --reason")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON object")
	if op == proxy.TrustRevoke {
		cmd.Flags().StringVar(&t.To, "to", "", "the level to fall to (default: one down)")
	}
	if op == proxy.TrustReview {
		cmd.Flags().StringSliceVar(&t.Items, "checked", nil, "what was checked, as guard trust requirements names it (repeatable)")
	}
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func sayTrust(a proxy.Answer, quiet bool) error {
	switch {
	case a.Verdict == proxy.Allow:
		if a.Note != "" && !quiet {
			fmt.Println(a.Note)
		}
		return nil
	case a.Verdict == proxy.Hold && a.Hold != nil:
		return &exit{exitHeld, fmt.Sprintf("held: %s; another person runs: guard approve %s", approvals(*a.Hold), proxy.Short(a.Hold.ID))}
	}
	sayRefused(a)
	return ended(exitNo)
}

func newTrustEligible() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "eligible", Short: "List agents that could be promoted", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			view, err := see(cmd.Context(), proxy.Look{What: proxy.LookTrust})
			if err != nil {
				return err
			}
			ready := []proxy.Evaluation{}
			for _, a := range view.Agents {
				if a.Evaluation.Status != "NOT_ELIGIBLE" {
					ready = append(ready, a.Evaluation)
				}
			}
			if asJSON {
				return plainJSON(ready)
			}
			for _, e := range ready {
				mark := map[string]string{"ELIGIBLE": "[READY]", "PENDING_REVIEW": "[REVIEW]"}[e.Status]
				fmt.Printf("%-8s %s  T%d to T%d: %s\n", mark, proxy.Visible(e.Agent), e.Current, e.Target, e.Recommendation)
			}
			if len(ready) == 0 {
				fmt.Println("No agents currently eligible for promotion")
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON list")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// trustEvent is a change of trust on record.
type trustEvent struct {
	Time       time.Time `json:"timestamp"`
	Agent      string    `json:"agent_id"`
	From       string    `json:"from_tier"`
	To         string    `json:"to_tier"`
	Cause      string    `json:"cause"`
	ApprovedBy []string  `json:"approved_by"`
	Reason     string    `json:"reason"`
	Receipt    uint64    `json:"receipt"`
}

func newTrustRequirements() *cobra.Command {
	var asJSON bool
	var tier int
	cmd := &cobra.Command{
		Use: "requirements", Short: "List what each level asks for", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			view, err := see(cmd.Context(), proxy.Look{What: proxy.LookTrust})
			if err != nil {
				return err
			}
			all := view.Requirements
			if cmd.Flags().Changed("tier") {
				all = slices.DeleteFunc(all, func(r proxy.Requirement) bool { return r.From != tier })
			}
			if len(all) == 0 {
				return &exit{exitUsage, fmt.Sprintf("nothing follows tier %d; tiers 0 to 3 have requirements", tier)}
			}
			if asJSON {
				return plainJSON(all)
			}
			for _, r := range all {
				showRequirement(r)
			}
			return nil
		},
	}
	cmd.Flags().IntVar(&tier, "tier", 0, "of one tier, 0 to 3 (default: all)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON list")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func showRequirement(r proxy.Requirement) {
	fmt.Printf("T%d to T%d  %s\n", r.From, r.From+1, r.Text)
	fmt.Printf("  compliant runs %d, consecutive %d, successful modifications %d, violations in 30 days at most %d\n",
		r.Compliant, r.Consecutive, r.Modifications, r.Violations)
	if len(r.Types) > 0 {
		fmt.Printf("  kinds of action: %s\n", strings.Join(r.Types, ", "))
	}
	if r.Review {
		fmt.Printf("  a reviewer checks: %s\n", strings.Join(r.Checks, ", "))
	}
}

func newTrustHistory() *cobra.Command {
	var agent string
	var asJSON bool
	limit := count(20)
	cmd := &cobra.Command{
		Use: "history", Short: "List changes of trust, newest first", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			events, err := trustEvents(agent)
			if err != nil {
				return err
			}
			events = events[:min(len(events), int(limit))]
			if asJSON {
				return plainJSON(events)
			}
			for _, e := range events {
				fmt.Printf("%s  %-16s %s to %s  %s  %s\n", e.Time.Local().Format(time.DateTime), proxy.Visible(e.Agent), e.From, e.To, e.Cause,
					proxy.Visible(strings.Join(append(slices.Clone(e.ApprovedBy), e.Reason), ": ")))
			}
			if len(events) == 0 {
				fmt.Println("No promotion history found")
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&agent, "agent-id", "", "of one agent")
	cmd.Flags().Var(&limit, "limit", "at most so many")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON list")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// trustEvents reads the changes of trust, newest first.
func trustEvents(agent string) ([]trustEvent, error) {
	dir, err := receiptsDir()
	if err != nil {
		return nil, err
	}
	events := []trustEvent{}
	for r, err := range receipt.Read(dir, 0) {
		if errors.Is(err, os.ErrNotExist) {
			break
		}
		if err != nil {
			return nil, err
		}
		if r.Type != "trust_promoted" && r.Type != "trust_revoked" {
			continue
		}
		var b struct {
			Agent, Cause, Reason, Rationale, By string
			From                                string   `json:"from_tier"`
			To                                  string   `json:"to_tier"`
			ApprovedBy                          []string `json:"approved_by"`
		}
		if err := r.Decode(&b); err != nil {
			return nil, err
		}
		if agent != "" && b.Agent != agent {
			continue
		}
		if b.ApprovedBy == nil {
			b.ApprovedBy = []string{b.By}
		}
		events = append(events, trustEvent{
			Time: r.Time, Agent: b.Agent, From: b.From, To: b.To, Cause: cmp.Or(b.Cause, "promotion"), ApprovedBy: b.ApprovedBy,
			Reason: cmp.Or(b.Reason, b.Rationale), Receipt: r.Chain.JSeq,
		})
	}
	slices.Reverse(events)
	return events, nil
}
