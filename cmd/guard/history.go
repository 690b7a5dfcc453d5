package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"
	"golang.org/x/term"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

type historyOptions struct {
	timeline bool
	asJSON   bool
	profile  string
	session  string
	limit    count
}

func newHistory() *cobra.Command {
	opt := historyOptions{limit: 100}
	cmd := &cobra.Command{
		Use:   "history",
		Short: "List when sessions were raised and lowered, newest first, or draw it with --timeline",
		Args:  words(0, 0, "no words"),
		RunE:  func(cmd *cobra.Command, args []string) error { return history(os.Stdout, opt) },
	}
	f := cmd.Flags()
	f.BoolVar(&opt.timeline, "timeline", false, "draw the ladder over time, of one session")
	f.BoolVar(&opt.asJSON, "json", false, "as one JSON object")
	f.StringVar(&opt.profile, "profile", "", "only from or to this profile")
	f.StringVar(&opt.session, "session", "", "only one session; with --timeline the last that changed by default")
	f.Var(&opt.limit, "limit", "at most so many")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// transition is one change of a session's profile (REQUIREMENTS S0-91).
type transition struct {
	ID       string   `json:"escalation_id"`
	Event    string   `json:"event_type"`
	From     string   `json:"from_profile"`
	To       string   `json:"to_profile"`
	Time     string   `json:"timestamp"`
	Receipt  string   `json:"receipt_hash"`
	Session  string   `json:"session"`
	Type     string   `json:"type"` // what raised it, or what lowered it
	ThreatID *string  `json:"threat_id"`
	Tags     []string `json:"tags"`
	Reason   string   `json:"reason"`

	at time.Time
}

func history(w io.Writer, opt historyOptions) error {
	if profiles := proxy.Profiles(); opt.profile != "" && !slices.Contains(profiles, opt.profile) {
		return &exit{exitUsage, fmt.Sprintf("unknown profile %q; there are %s", opt.profile, strings.Join(profiles, ", "))}
	}
	dir, err := receiptsDir()
	if err != nil {
		return err
	}
	past, err := readPast(dir)
	if err != nil {
		return err
	}
	if opt.timeline {
		return printTimeline(w, past, opt)
	}
	wanted := slices.DeleteFunc(past.transitions, func(t transition) bool {
		return opt.profile != "" && t.From != opt.profile && t.To != opt.profile || opt.session != "" && t.Session != opt.session
	})
	slices.Reverse(wanted)
	total := len(wanted)
	wanted = wanted[:min(total, int(opt.limit))]
	if opt.asJSON {
		return json.NewEncoder(w).Encode(struct {
			History []transition `json:"history"`
			Count   int          `json:"count"` // before the limit
		}{append([]transition{}, wanted...), total})
	}
	if total == 0 {
		say("no session was raised or lowered")
	}
	for _, t := range wanted {
		if _, err := fmt.Fprintln(w, proxy.Visible(transitionText(t))); err != nil {
			return err
		}
	}
	return nil
}

func transitionText(t transition) string {
	what := "raised"
	if t.Event == "deescalation" {
		what = "lowered"
	}
	text := fmt.Sprintf("%s  %-7s  %s  %s -> %s  %s", t.at.Local().Format(time.DateTime), what, t.Session, t.From, t.To, t.Type)
	if t.Reason != "" {
		text += ": " + t.Reason
	}
	return text
}

// past is what the receipts say about profiles.
type past struct {
	transitions []transition // oldest first
	climbs      map[string]*climb
}

// readPast reads what there is. Lines that are no receipts are left out here;
// guard verify names them.
func readPast(dir string) (past, error) {
	p := past{climbs: map[string]*climb{}}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) {
		return p, nil
	}
	for r, err := range receipt.Read(dir, 0) {
		var damage *receipt.Damage
		if errors.As(err, &damage) {
			continue
		}
		if err == nil {
			err = p.add(r)
		}
		if err != nil {
			return p, err
		}
	}
	return p, nil
}

// add notes one receipt.
func (p *past) add(r receipt.Receipt) error {
	switch r.Type {
	case state.ProfileEscalation:
		var b state.Escalation
		if err := r.Decode(&b); err != nil {
			return err
		}
		p.note(r, transition{ID: b.ID, Event: b.EventType, From: b.From, To: b.To, Session: b.Session, Type: b.Type, ThreatID: b.Context.ThreatID, Reason: b.Reason})
	case state.ProfileDeescalation:
		var b state.Deescalation
		if err := r.Decode(&b); err != nil {
			return err
		}
		p.note(r, transition{ID: b.ID, Event: b.EventType, From: b.From, To: b.To, Session: b.Session, Type: b.By, ThreatID: b.Context.ThreatID, Reason: b.Reason})
	}
	return p.climb(r)
}

func (p *past) note(r receipt.Receipt, t transition) {
	t.Time, t.at, t.Receipt, t.Tags = r.Time.UTC().Format("2006-01-02T15:04:05.000000Z"), r.Time, r.Root, r.Tags
	p.transitions = append(p.transitions, t)
}

// termWidth is how wide the terminal on standard output is; 80 elsewhere.
func termWidth() int {
	if n, _, err := term.GetSize(1); err == nil && n > 0 {
		return n
	}
	return 80
}
