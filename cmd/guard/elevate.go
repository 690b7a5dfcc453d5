package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
)

func newElevate() *cobra.Command {
	var part proxy.Elevate
	var ttl, wait time.Duration
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "elevate PROFILE --reason TEXT [--ttl TIME] [--incident] [--session ID]",
		Short: "Raise a session by one profile: observer, operator, guardian, phoenix, sovereign",
		Long: `guard elevate raises a session by one step of the ladder observer, operator,
guardian, phoenix, sovereign, for a time. What an agent asks for waits for a
person: 75 still held, 124 nobody answered, 126 denied.`,
		Args: words(1, 1, "one profile"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := request(proxy.KindElevate, "")
			part.To = args[0]
			if cmd.Flags().Changed("ttl") {
				n := int(ttl / time.Second)
				part.TTL = &n
			}
			r.Elevate = &part
			a, err := askDeed(cmd.Context(), r, wait)
			if asJSON {
				return elevateJSON(a, err)
			}
			if err != nil {
				return err
			}
			for _, e := range a.Elevations {
				fmt.Println(sayRaised(e))
			}
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&part.Reason, "reason", "", "why; goes into the receipt (at most 4096 bytes)")
	f.DurationVar(&ttl, "ttl", 0, "for how long (default: as the policy has it; longer needs an approval)")
	f.BoolVar(&part.Incident, "incident", false, "declare a system crisis; with phoenix")
	f.StringVar(&part.Condition, "until", "", "what else ends it: no_active_threats_1h, no_active_alerts_24h, crisis_resolved")
	f.StringVar(&part.Session, "session", "", "the session (default: the one this runs in, or the only one)")
	f.DurationVar(&wait, "wait", askerPatience, "how long to wait for an answer; then the request stays open and guard ends with 75")
	f.BoolVar(&asJSON, "json", false, "as one JSON object")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// sayRaised is an elevation in one line.
func sayRaised(e proxy.Elevation) string {
	time := "until it is revoked"
	switch {
	case e.Ends != nil && (e.Expires == nil || e.Ends.Before(*e.Expires)):
		time = fmt.Sprintf("for %s, when %s ends", roughly(e.Ends.Sub(e.Created)), e.From)
	case e.Expires != nil:
		time = "for " + roughly(e.Expires.Sub(e.Created))
	}
	return fmt.Sprintf("raised: session %s %s -> %s, %s   %s", e.Session, e.From, e.To, time, e.ID)
}

// roughly is a time in its largest unit, rounded up: whole hours, minutes or
// seconds.
func roughly(d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch d = max(d, 0).Round(time.Second); {
	case d >= 2*time.Hour && d%time.Hour == 0:
		return fmt.Sprintf("%d h", d/time.Hour)
	case d >= 10*time.Hour:
		return fmt.Sprintf("%d h", up(time.Hour))
	case d >= 2*time.Minute:
		return fmt.Sprintf("%d min", up(time.Minute))
	}
	return fmt.Sprintf("%d s", up(time.Second))
}

func elevateJSON(a proxy.Answer, err error) error {
	out := struct {
		Success          bool `json:"success"`
		*proxy.Elevation `json:",omitempty"`
		Error            string `json:"error,omitempty"`
		ApprovalRequired bool   `json:"approval_required,omitempty"`
		Hold             string `json:"hold,omitempty"`
	}{Success: err == nil}
	if len(a.Elevations) > 0 {
		out.Elevation = &a.Elevations[0]
	}
	if a.Hold != nil {
		out.Hold, out.ApprovalRequired = a.Hold.ID, true
	}
	if err != nil {
		out.Error = errorText(a, err)
	}
	if werr := json.NewEncoder(os.Stdout).Encode(out); werr != nil {
		return werr
	}
	return err
}

// errorText is what stands against a request, in the policy's words.
func errorText(a proxy.Answer, err error) string {
	if len(a.Findings) > 0 {
		return a.Findings[0].Msg
	}
	return err.Error()
}

// askDeed asks for a change of authority and waits, if it is held, until people
// have answered or patience ends.
func askDeed(ctx context.Context, r proxy.Request, patience time.Duration) (proxy.Answer, error) {
	client, err := dial(ctx)
	if err != nil {
		return proxy.Answer{}, err
	}
	defer client.Close()
	a, err := client.Ask(ctx, r)
	if err != nil {
		return a, &exit{exitNo, err.Error()}
	}
	if a.Verdict == proxy.Hold && a.Hold != nil {
		if a, err = waitDeed(ctx, client, r, a, patience); err != nil {
			return a, err
		}
	}
	switch {
	case a.Verdict == proxy.Allow:
		return a, nil
	case a.Hold != nil:
		return a, sayEnded(say, *a.Hold)
	}
	sayRefused(a)
	if r.Kind == proxy.KindElevate {
		return a, ended(exitBlocked)
	}
	return a, ended(exitNo)
}

// asker asks and looks: a connection to guardd.
type asker interface {
	proxy.Authority
	proxy.Reader
}

// waitDeed waits for the hold of a request and asks again once it is over: the
// answer is then what came of it.
func waitDeed(ctx context.Context, client asker, r proxy.Request, a proxy.Answer, patience time.Duration) (proxy.Answer, error) {
	a.Display = a.Hold.Display
	sayHeld(say, a, min(patience, time.Until(a.Hold.Ends)))
	waiting, cancel := context.WithTimeout(ctx, patience)
	defer cancel()
	over, err := followHold(waiting, client, *a.Hold, func(h proxy.HoldState) {
		say("nobody answered in time: now %s, %d s left", h.Label, seconds(time.Until(h.StepEnds)))
	})
	switch {
	case err != nil && errors.Is(waiting.Err(), context.DeadlineExceeded) && ctx.Err() == nil:
		return a, &exit{exitHeld, fmt.Sprintf("still held. %s It takes effect with the approval: guard approve %s", silence, proxy.Short(over.ID))}
	case err != nil:
		return a, err
	case over.State != proxy.Approved:
		a.Hold, a.Verdict = &over, proxy.Deny
		return a, nil
	}
	after, err := client.Ask(ctx, r)
	if err != nil {
		return a, &exit{exitNo, err.Error()}
	}
	return after, nil
}
