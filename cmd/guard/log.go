package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy/drill"
	"github.com/f958ca95/guard/proxy/sock"
	"github.com/f958ca95/guard/receipt"
)

// scrolls are the logical logs in which receipts stand.
var scrolls = []string{"identity", "cognitive", "treasury", "execution", "approvals", "trust", "velocity", "policy", "log", "drill"}

type logOptions struct {
	follow  bool
	asJSON  bool
	scroll  string
	session string
	since   string
	last    count // 0: all
	drill   bool
}

func newLog() *cobra.Command {
	opt := logOptions{}
	cmd := &cobra.Command{
		Use:   "log",
		Short: "Read the receipts: one line each, oldest first",
		Args:  words(0, 0, "no words"),
		RunE:  func(cmd *cobra.Command, args []string) error { return readLog(cmd.Context(), os.Stdout, opt) },
	}
	f := cmd.Flags()
	f.BoolVarP(&opt.follow, "follow", "f", false, "go on with new receipts as they come")
	f.BoolVar(&opt.asJSON, "json", false, "the receipts themselves, one JSON object a line")
	f.StringVar(&opt.scroll, "scroll", "", "only one scroll: "+strings.Join(scrolls, ", "))
	f.StringVar(&opt.session, "session", "", "only one session")
	f.StringVar(&opt.since, "since", "", "only from then on: a duration (10m, 2h) or a time (2026-11-21T07:00:00Z, 2026-11-21)")
	f.BoolVar(&opt.drill, "drill", false, "those of the last drill, which has a log of its own")
	f.VarP(&opt.last, "lines", "n", "only the last so many")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func receiptsDir() (string, error) {
	dir, err := sock.StateDir()
	return filepath.Join(dir, "receipts"), err
}

func readLog(ctx context.Context, w io.Writer, opt logOptions) error {
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	if opt.scroll != "" && !slices.Contains(scrolls, opt.scroll) {
		return &exit{exitUsage, fmt.Sprintf("unknown scroll %q; there are %s", opt.scroll, strings.Join(scrolls, ", "))}
	}
	since, err := parseSince(opt.since, time.Now())
	if err != nil {
		return err
	}
	dir, err := receiptsDir()
	if err == nil && opt.drill {
		dir, err = lastDrill(filepath.Dir(dir))
	}
	if err != nil {
		return err
	}
	if _, err := os.Stat(dir); errors.Is(err, os.ErrNotExist) && !opt.follow {
		say("no receipts yet")
		return nil
	}
	print := printer(w, opt.asJSON)
	wanted := func(r receipt.Receipt) bool {
		return (opt.scroll == "" || r.Scroll == opt.scroll) && !r.Time.Before(since) &&
			(opt.session == "" || bodySession(r) == opt.session) && (opt.asJSON || !untold(r))
	}
	from, err := firstNeeded(dir, opt)
	if err != nil {
		return err
	}
	next, err := printPast(receipt.Read(dir, from), wanted, int(opt.last), print)
	if err != nil || !opt.follow {
		return err
	}
	for r, err := range receipt.Follow(ctx, dir, next) {
		if err == nil && wanted(r) {
			err = print(r)
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// firstNeeded is where reading begins: without a filter the last few lines need
// no receipts but as many, and those that are told with them.
func firstNeeded(dir string, opt logOptions) (uint64, error) {
	if opt.last <= 0 || opt.scroll != "" || opt.session != "" || opt.since != "" {
		return 0, nil
	}
	next, err := receipt.Next(dir)
	return next - min(next, 2*uint64(opt.last)), err
}

// printPast prints what is there, all of it or the last few, and returns the
// number that comes next.
func printPast(all iter.Seq2[receipt.Receipt, error], wanted func(receipt.Receipt) bool, last int, print func(receipt.Receipt) error) (uint64, error) {
	var next uint64
	var kept []receipt.Receipt
	for r, err := range all {
		if err != nil {
			return next, badLine(err)
		}
		next = r.Chain.JSeq + 1
		if !wanted(r) {
			continue
		}
		if last <= 0 {
			if err := print(r); err != nil {
				return next, err
			}
			continue
		}
		if kept = append(kept, r); len(kept) > last {
			kept = slices.Delete(kept, 0, 1)
		}
	}
	for _, r := range kept {
		if err := print(r); err != nil {
			return next, err
		}
	}
	return next, nil
}

// badLine turns damage into the answer no and points to what names it.
func badLine(err error) error {
	var damage *receipt.Damage
	if errors.As(err, &damage) {
		return &exit{exitNo, fmt.Sprintf("%v; guard verify says more", damage)}
	}
	return err
}

func bodySession(r receipt.Receipt) string {
	var body struct {
		Session string `json:"session"`
	}
	if json.Unmarshal(r.Body, &body) != nil {
		return ""
	}
	return body.Session
}

func parseSince(s string, now time.Time) (time.Time, error) {
	if s == "" {
		return time.Time{}, nil
	}
	if d, err := time.ParseDuration(s); err == nil {
		return now.Add(-d), nil
	}
	for _, layout := range []string{time.RFC3339, time.DateTime, time.DateOnly} {
		if t, err := time.ParseInLocation(layout, s, time.Local); err == nil {
			return t, nil
		}
	}
	return time.Time{}, &exit{exitUsage, fmt.Sprintf("--since takes a duration (10m) or a time (2026-11-21T07:00:00Z), not %q", s)}
}

func newVerify() *cobra.Command {
	return &cobra.Command{
		Use:   "verify [FILE|PACK]",
		Short: "Check the receipts: every hash, every chain, no gap; names the first bad line",
		Args:  words(0, 1, "at most one file or folder"),
		RunE: func(cmd *cobra.Command, args []string) error {
			path, err := receiptsDir()
			if err != nil && len(args) == 0 {
				return err
			}
			if len(args) == 1 {
				path = args[0]
			}
			return verify(path)
		},
	}
}

// verify checks a log, a file of one, or the pack of a drill.
func verify(path string) error {
	check := receipt.Verify
	if _, err := os.Stat(filepath.Join(path, "pack.json")); err == nil {
		check = drill.Verify
	}
	report, err := check(path)
	var damage *receipt.Damage
	if errors.As(err, &damage) {
		return &exit{exitNo, fmt.Sprintf("not sound: %v", damage)}
	}
	if err != nil {
		return &exit{exitNo, err.Error()}
	}
	fmt.Printf("sound: %d receipts in %d file(s), host %s\n", report.Receipts, report.Segments, report.Host)
	return nil
}
