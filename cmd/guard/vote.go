package main

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
)

func newVote(approve bool) *cobra.Command {
	verb, past := "deny", "denied"
	short := "Deny a held command"
	if approve {
		verb, past, short = "approve", "approved once", "Let a held command run, once"
	}
	var reason string
	var violation bool
	cmd := &cobra.Command{
		Use:   verb + " ID [--reason TEXT]",
		Short: short,
		Args:  words(1, 1, "one id (see: guard inbox)"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return vote(cmd.Context(), proxy.Vote{Hold: args[0], Approve: approve, Reason: reason, Violation: violation}, past)
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why; goes into the receipt (at most 4096 bytes)")
	if !approve {
		cmd.Flags().BoolVar(&violation, "violation", false, "the agent should never have asked: it costs it trust")
	}
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func vote(ctx context.Context, v proxy.Vote, past string) error {
	client, err := dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	r := request(proxy.KindVote, "")
	r.Vote = &v
	a, err := client.Ask(ctx, r)
	if err != nil {
		return &exit{exitNo, err.Error()}
	}
	if a.Verdict != proxy.Allow {
		if len(a.Findings) == 0 {
			return &exit{exitNo, "refused"}
		}
		say("%s", a.Findings[0].Msg)
		if hint := a.Findings[0].Hint; hint != "" {
			say("do instead: %s", hint)
		}
		return ended(exitNo)
	}
	h := a.Hold
	if h.State == proxy.Pending {
		fmt.Printf("counted: %s has %s\n", proxy.Short(h.ID), approvals(*h))
		return nil
	}
	if h.Kind != "" { // it changes authority, and has by now
		fmt.Printf("%s: %s\n", strings.TrimSuffix(past, " once"), h.Display)
		if a.Note != "" {
			return &exit{exitNo, a.Note}
		}
		return nil
	}
	fmt.Printf("%s: %s in %s (session %s, agent %s)\n", past, h.Display, h.Cwd, h.Session, h.Agent)
	if v.Approve && h.Detached {
		fmt.Println("nobody waits for it any more: it runs when the agent asks again, once")
	}
	return nil
}

func newWait() *cobra.Command {
	return &cobra.Command{
		Use:   "wait ID",
		Short: "Wait until a hold is answered: 0 approved, 126 denied, 124 nobody answered",
		Args:  words(1, 1, "one id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			client, err := dial(cmd.Context())
			if err != nil {
				return err
			}
			defer client.Close()
			view, err := client.Read(cmd.Context(), proxy.Look{What: proxy.LookHold, ID: args[0]})
			if err != nil {
				return &exit{exitNo, err.Error()}
			}
			if len(view.Holds) == 0 {
				return errors.New("guardd answered without a hold")
			}
			h, err := followHold(cmd.Context(), client, view.Holds[0], func(proxy.HoldState) {})
			if err != nil {
				return err
			}
			if h.State != proxy.Approved {
				return sayEnded(say, h)
			}
			fmt.Printf("approved by %s (%s)\n", h.By, h.Assurance)
			return nil
		},
	}
}
