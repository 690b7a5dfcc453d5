package main

import (
	"errors"
	"fmt"
	"strings"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
)

func newThreat() *cobra.Command {
	return family("threat", "report or resolve",
		"Report a threat, which may raise a session until a person agrees, or say that it is over",
		newThreatReport(), newThreatResolve())
}

func newThreatReport() *cobra.Command {
	var part proxy.Threat
	var confidence string
	cmd := &cobra.Command{
		Use:   "report ID --type TYPE --confidence 0.92 [--session ID] [--alerts N]",
		Short: "Report a threat, or more of one",
		Args:  words(1, 1, "the threat's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			ppm, err := partsPerMillion(confidence)
			if err != nil {
				return &exit{exitUsage, err.Error()}
			}
			r := request(proxy.KindThreat, "")
			part.ID, part.ConfidencePPM = args[0], ppm
			r.Threat = &part
			a, err := askDeed(cmd.Context(), r, 0)
			if err != nil {
				return err
			}
			sayThreat(a)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&part.Type, "type", "", "what kind of threat")
	f.StringVar(&confidence, "confidence", "", "how sure that is, from 0 to 1")
	f.StringVar(&part.Session, "session", "", "the session it is about; without it none is raised")
	f.IntVar(&part.Alerts, "alerts", 0, "alerts that are open")
	f.StringVar(&part.Reason, "reason", "", "more about it; goes into the receipt")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// sayThreat says what a report has brought about.
func sayThreat(a proxy.Answer) {
	fmt.Println("reported")
	for _, e := range a.Elevations {
		fmt.Printf("%s   unconfirmed: what it may run does not change\n", sayRaised(e))
	}
	switch {
	case a.Hold != nil:
		fmt.Printf("held: a person runs: guard approve %s\n", proxy.Short(a.Hold.ID))
	case a.Note != "":
		fmt.Printf("nothing raised: %s\n", proxy.Visible(a.Note))
	}
}

func newThreatResolve() *cobra.Command {
	var part proxy.Threat
	cmd := &cobra.Command{
		Use:   "resolve ID [--reason TEXT]",
		Short: "Say that a threat is over; what it raised ends an hour after the last one",
		Args:  words(1, 1, "the threat's id"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := request(proxy.KindThreat, "")
			part.ID, part.Resolve = args[0], true
			r.Threat = &part
			if _, err := askDeed(cmd.Context(), r, 0); err != nil {
				return err
			}
			fmt.Println("resolved")
			return nil
		},
	}
	cmd.Flags().StringVar(&part.Reason, "reason", "", "why; goes into the receipt")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// partsPerMillion reads a decimal from 0 to 1. What is finer is cut off, so that
// nothing is rounded up over a threshold.
func partsPerMillion(s string) (int, error) {
	whole, part, _ := strings.Cut(s, ".")
	digits := whole + part
	if digits == "" || strings.Trim(digits, "0123456789") != "" || len(whole) > 1 {
		return 0, errors.New("--confidence takes a decimal from 0 to 1, such as 0.92")
	}
	n := 0
	for _, d := range whole + (part + "000000")[:6] {
		n = n*10 + int(d-'0')
	}
	if n > 1_000_000 || n == 1_000_000 && strings.Trim(part, "0") != "" {
		return 0, errors.New("--confidence is at most 1")
	}
	return n, nil
}

func newTem() *cobra.Command {
	var part proxy.Tem
	cmd := &cobra.Command{
		Use:   "tem [--threat ID] [--reason TEXT] [--session ID]",
		Short: "Weigh a threat with a guardian's authority, for the record",
		Args:  words(0, 0, "no words"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := request(proxy.KindTem, "")
			r.Tem = &part
			a, err := askDeed(cmd.Context(), r, 0)
			if err != nil {
				return err
			}
			fmt.Printf("weighed: receipt %d\n", a.Receipt)
			return nil
		},
	}
	f := cmd.Flags()
	f.StringVar(&part.Threat, "threat", "", "an active threat (default: the session's latest)")
	f.StringVar(&part.Reason, "reason", "", "what was thought; goes into the receipt")
	f.StringVar(&part.Session, "session", "", "the session (default: the one this runs in, or the only one)")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}
