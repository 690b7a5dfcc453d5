package main

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

func newVelocity() *cobra.Command {
	return family("velocity", "status or history",
		"How fast agents act, and what came of it",
		newVelocityStatus(), newVelocityHistory())
}

func newVelocityStatus() *cobra.Command {
	var agent string
	var asJSON bool
	cmd := &cobra.Command{
		Use: "status", Short: "Actions in each window against the thresholds", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			view, err := see(cmd.Context(), proxy.Look{What: proxy.LookVelocity, ID: agent})
			if err != nil {
				return err
			}
			if asJSON {
				if view.Velocity == nil {
					view.Velocity = []proxy.VelocityState{}
				}
				return json.NewEncoder(os.Stdout).Encode(view.Velocity)
			}
			still := 0
			for _, v := range view.Velocity {
				if agent == "" && rests(v) {
					still++
					continue
				}
				showVelocity(os.Stdout, v)
			}
			switch {
			case len(view.Velocity) == 0:
				say("nothing has been counted yet")
			case still > 0:
				say("of %d other(s) nothing counts at this moment", still)
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&agent, "agent", "", "only the agents of this name")
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON list")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// rests says of an agent that there is nothing to show.
func rests(v proxy.VelocityState) bool {
	return v.Level == 0 && !v.LockedOut && !slices.ContainsFunc(v.Windows, func(w proxy.VelocityWindow) bool { return w.Actions > 0 })
}

func showVelocity(w io.Writer, v proxy.VelocityState) {
	fmt.Fprintf(w, "%s  surge %d", proxy.Visible(v.Agent), v.Level)
	if v.LockedOut {
		fmt.Fprintf(w, "  LOCKED OUT since %s by %s%s", v.Since.Local().Format("15:04:05"), proxy.Visible(v.By), because(proxy.Visible(v.Reason)))
	}
	fmt.Fprintln(w)
	for _, win := range v.Windows {
		fmt.Fprintf(w, "  %-14s %s  %d of %d in %d min  (level %d)\n", counterWords[win.Counter], gauge(int64(win.Actions), int64(win.Threshold)),
			win.Actions, win.Threshold, win.Minutes, win.Level)
	}
	if v.LockedOut {
		fmt.Fprintf(w, "  to let it go on, at a terminal outside every session: guard lockout reset --agent %s --reason TEXT\n", proxy.Visible(v.Agent))
	}
}

var counterWords = map[string]string{"low": "LOW and up", "medium": "MEDIUM and up", "denied": "denied"}

// shownHistory is how much of the history is shown if nobody says (REQUIREMENTS S3-15).
const shownHistory = 100

func newVelocityHistory() *cobra.Command {
	var agent string
	var asJSON bool
	limit := count(shownHistory)
	cmd := &cobra.Command{
		Use: "history", Short: "The last surges and lockouts, oldest first", Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return velocityHistory(os.Stdout, agent, int(limit), asJSON)
		},
	}
	cmd.Flags().StringVar(&agent, "agent", "", "only the agents of this name")
	cmd.Flags().VarP(&limit, "limit", "n", "how many")
	cmd.Flags().BoolVar(&asJSON, "json", false, "the receipts themselves, one JSON object a line")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func velocityHistory(w io.Writer, agent string, limit int, asJSON bool) error {
	dir, err := receiptsDir()
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		say("no receipts yet")
		return nil
	}
	_, err = printPast(receipt.Read(dir, 0), func(r receipt.Receipt) bool {
		var body struct {
			Agent string `json:"agent"`
		}
		return r.Scroll == "velocity" && (agent == "" || json.Unmarshal(r.Body, &body) == nil && body.Agent == agent)
	}, limit, printer(w, asJSON))
	return err
}

func newLockout() *cobra.Command {
	return family("lockout", "reset or enable",
		"Let a locked out agent go on, or lock one out",
		newLockoutChange(true), newLockoutChange(false))
}

func newLockoutChange(reset bool) *cobra.Command {
	use, short, whom := "enable --agent NAME --reason TEXT", "Lock an agent out: nothing of it runs but what only reads", "the agent"
	if reset {
		use, short, whom = "reset --reason TEXT", "Let a locked out agent go on; takes a person at a terminal outside every session", "the agent (default: the one that is locked out)"
	}
	l := proxy.Lockout{Reset: reset}
	cmd := &cobra.Command{
		Use: use, Short: short, Args: words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(l.Reason) == "" {
				return &exit{exitUsage, fmt.Sprintf("a reason is required; try: %s --reason TEXT", cmd.CommandPath())}
			}
			return changeLockout(cmd.Context(), l)
		},
	}
	cmd.Flags().StringVar(&l.Agent, "agent", "", whom)
	cmd.Flags().StringVar(&l.Reason, "reason", "", "why; goes into the receipt (at most 4096 bytes)")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func changeLockout(ctx context.Context, l proxy.Lockout) error {
	client, err := dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	r := request(proxy.KindLockout, "")
	r.Lockout = &l
	a, err := client.Ask(ctx, r)
	if err != nil {
		return &exit{exitNo, err.Error()}
	}
	if a.Verdict == proxy.Hold && a.Hold != nil {
		say("%s; another person runs: guard approve %s", approvals(*a.Hold), proxy.Short(a.Hold.ID))
		h, err := followHold(ctx, client, *a.Hold, func(proxy.HoldState) {})
		if err != nil {
			return err
		}
		if h.State != proxy.Approved {
			return sayEnded(say, h)
		}
	} else if a.Verdict != proxy.Allow {
		sayRefused(a)
		return ended(exitNo)
	}
	if l.Reset {
		fmt.Printf("%s may go on; what led to the lockout does not count again\n", proxy.Visible(cmp.Or(l.Agent, "the agent")))
	} else {
		fmt.Printf("%s is locked out: nothing of it runs but what only reads, until guard lockout reset\n", proxy.Visible(l.Agent))
	}
	return nil
}
