package main

import (
	"encoding/json"
	"fmt"
	"os"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
)

func newRelease() *cobra.Command {
	var part proxy.Release
	var asJSON bool
	cmd := &cobra.Command{
		Use:   "release [ID] [--reason TEXT] [--session ID]",
		Short: "Lower a session again: end an elevation, the latest if none is named, and all built on it",
		Args:  words(0, 1, "at most one elevation (see: guard status)"),
		RunE: func(cmd *cobra.Command, args []string) error {
			r := request(proxy.KindRelease, "")
			if len(args) == 1 {
				part.ID = args[0]
			}
			r.Release = &part
			a, err := askDeed(cmd.Context(), r, 0)
			if err != nil {
				return err
			}
			for _, e := range a.Released {
				if err := printReleased(e, asJSON); err != nil {
					return err
				}
			}
			return nil
		},
	}
	cmd.Flags().StringVar(&part.Reason, "reason", "", "why; goes into the receipt")
	cmd.Flags().StringVar(&part.Session, "session", "", "the session (default: the one this runs in, or the only one that is raised)")
	cmd.Flags().BoolVar(&asJSON, "json", false, "one JSON object a line")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func printReleased(e proxy.Released, asJSON bool) error {
	after := time.Duration(e.DurationMS) * time.Millisecond
	if asJSON {
		return json.NewEncoder(os.Stdout).Encode(struct {
			proxy.Released
			Seconds int64 `json:"duration_seconds"`
		}{e, int64(after / time.Second)})
	}
	_, err := fmt.Printf("released: session %s %s -> %s after %s (%s)   %s\n", e.Session, e.From, e.To, roughly(after), e.Type, e.ID)
	return err
}
