package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/signal"
	"syscall"
	"text/tabwriter"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
)

func newInbox() *cobra.Command {
	var follow, asJSON bool
	cmd := &cobra.Command{
		Use:   "inbox",
		Short: "List what is held; with --follow, wait for it and count as somebody who can answer",
		Args:  words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			return inbox(cmd.Context(), follow, asJSON)
		},
	}
	cmd.Flags().BoolVarP(&follow, "follow", "f", false, "stay connected and print each hold as it comes and goes")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func inbox(ctx context.Context, follow, asJSON bool) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM, syscall.SIGHUP)
	defer stop()
	client, err := dial(ctx)
	if err != nil {
		return err
	}
	defer client.Close()
	if follow {
		err := followInbox(ctx, client, os.Stdout, asJSON)
		if ctx.Err() != nil {
			return nil
		}
		return err
	}
	view, err := client.Read(ctx, proxy.Look{What: proxy.LookInbox})
	if err != nil {
		return err
	}
	return printHolds(os.Stdout, view.Holds, asJSON)
}

func printHolds(w io.Writer, holds []proxy.HoldState, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		for _, h := range holds {
			if err := enc.Encode(h); err != nil {
				return err
			}
		}
		return nil
	}
	if len(holds) == 0 {
		say("nothing is held")
		return nil
	}
	table := tabwriter.NewWriter(w, 0, 8, 3, ' ', 0)
	fmt.Fprintln(table, "ID\tLEFT\tTIER\tAGENT\tCOMMAND\tWHY")
	for _, h := range holds {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\t%s\t%s\n", proxy.Short(h.ID), left(h), h.Label, h.Agent, h.Display, whyHeld(h))
	}
	return table.Flush()
}

func whyHeld(h proxy.HoldState) string {
	if h.Needed > 1 {
		return h.Why + "; " + approvals(h)
	}
	return h.Why
}

// left is the time a hold has left, as 1:47.
func left(h proxy.HoldState) string {
	s := seconds(time.Until(h.Ends))
	return fmt.Sprintf("%d:%02d", s/60, s%60)
}

// followInbox prints a line for each hold that opens, steps up or ends.
func followInbox(ctx context.Context, r proxy.Reader, w io.Writer, asJSON bool) error {
	known := map[string]proxy.HoldState{}
	look := proxy.Look{What: proxy.LookInbox, Follow: true}
	for first := true; ; first = false {
		view, err := r.Read(ctx, look)
		if err != nil {
			return err
		}
		if first {
			say("following; a held command now waits for you. Answer with guard approve ID or guard deny ID; ^C to leave")
		}
		look.Since, look.Follow = view.Change, true
		open := map[string]proxy.HoldState{}
		for _, h := range view.Holds {
			open[h.ID] = h
			if before, ok := known[h.ID]; !ok || before.Tier != h.Tier || before.Votes != h.Votes {
				if err := printEvent(w, h, asJSON); err != nil {
					return err
				}
			}
		}
		for id := range known {
			if _, ok := open[id]; ok {
				continue
			}
			over, err := r.Read(ctx, proxy.Look{What: proxy.LookHold, ID: id})
			if err == nil && len(over.Holds) == 1 {
				err = printEvent(w, over.Holds[0], asJSON)
			}
			if err != nil {
				return err
			}
		}
		known = open
	}
}

func printEvent(w io.Writer, h proxy.HoldState, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(h)
	}
	var err error
	if h.State == proxy.Pending {
		_, err = fmt.Fprintf(w, "%s  held      %-8s %s  %s  %s (%s)  %s left\n", time.Now().Format(time.TimeOnly), h.Label, proxy.Short(h.ID), h.Agent, h.Display, whyHeld(h), left(h))
	} else {
		_, err = fmt.Fprintf(w, "%s  %-9s %-8s %s  by %s%s\n", time.Now().Format(time.TimeOnly), h.State, h.Label, proxy.Short(h.ID), h.By, because(h.Reason))
	}
	return err
}
