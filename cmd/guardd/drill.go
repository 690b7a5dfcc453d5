package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"os/signal"
	"path/filepath"
	"slices"
	"strconv"
	"syscall"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy/drill"
	"github.com/f958ca95/guard/proxy/sock"
)

func newDrill() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "drill list|run|report",
		Short: "Prove that authority is raised, refused and given back as it should be; runs nothing",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &exit{exitUsage, "guard drill takes list, run or report; try: guard drill --help"}
			}
			return &exit{exitUsage, fmt.Sprintf("unknown word %q; guard drill takes list, run or report", args[0])}
		},
	}
	cmd.AddCommand(newDrillList(), newDrillRun(), newDrillReport())
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func newDrillList() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "list", Short: "List the drills in the order in which they run", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if asJSON {
				return json.NewEncoder(os.Stdout).Encode(drill.All())
			}
			for _, d := range drill.All() {
				fmt.Printf("%d  %-13s %s\n", d.Number, d.Name, d.What)
			}
			return nil
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "as one JSON list")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func newDrillRun() *cobra.Command {
	var asJSON, realTime bool
	cmd := &cobra.Command{
		Use: "run [0-4|all]...", Short: "Run drills; the gates (0) always come first, and no drill starts without them", Args: cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			wanted, err := numbers(args)
			if err != nil {
				return err
			}
			ctx, stop := signal.NotifyContext(cmd.Context(), os.Interrupt, syscall.SIGTERM)
			defer stop()
			pack, dir, err := runDrills(ctx, wanted, realTime)
			if err != nil {
				return err
			}
			if err := report(os.Stdout, pack, dir, asJSON); err != nil {
				return err
			}
			return verdict(pack)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the index of the pack, as JSON")
	cmd.Flags().BoolVar(&realTime, "real-time", false, "on the machine's own clock, with an authority that lasts seconds")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

// numbers reads which drills are wanted; nil is all of them.
func numbers(args []string) (wanted []int, err error) {
	for _, word := range args {
		n, err := strconv.Atoi(word)
		switch {
		case word == "all":
			return nil, nil
		case err != nil || !slices.ContainsFunc(drill.All(), func(d drill.Drill) bool { return d.Number == n }):
			return nil, &exit{exitUsage, fmt.Sprintf("there is no drill %q; guard drill list shows them", word)}
		}
		wanted = append(wanted, n)
	}
	return wanted, nil
}

// drillsDir is where packs are kept, outside the log of those who work.
func drillsDir() (state, dir string, err error) {
	state, err = sock.StateDir()
	return state, filepath.Join(state, "drills"), err
}

// runDrills holds drills in a folder of their own and makes it a pack.
func runDrills(ctx context.Context, wanted []int, realTime bool) (drill.Pack, string, error) {
	if id := os.Getenv("GUARD_SESSION"); id != "" {
		return drill.Pack{}, "", fmt.Errorf("drills are held outside every guard session (this is %s)", id)
	}
	state, drills, err := drillsDir()
	if err != nil {
		return drill.Pack{}, "", err
	}
	id, dir, err := newDrillDir(drills)
	if err != nil {
		return drill.Pack{}, "", err
	}
	pack, err := holdDrills(ctx, id, dir, state, wanted, time.Now(), realTime)
	if err != nil {
		return pack, dir, fmt.Errorf("%s in %s: %w", id, dir, err)
	}
	return pack, dir, nil
}

func newDrillDir(drills string) (id, dir string, err error) {
	if err := os.MkdirAll(drills, 0o700); err != nil {
		return "", "", err
	}
	for n := 1; n < 1000; n++ {
		id = fmt.Sprintf("DRILL-%s-%03d", time.Now().UTC().Format(time.DateOnly), n)
		dir = filepath.Join(drills, id)
		if err = os.Mkdir(dir, 0o700); !errors.Is(err, fs.ErrExist) {
			return id, dir, err
		}
	}
	return "", "", fmt.Errorf("there are 999 drills of today in %s; remove some", drills)
}

func holdDrills(ctx context.Context, id, dir, state string, wanted []int, start time.Time, realTime bool) (drill.Pack, error) {
	room := filepath.Join(dir, "lab")
	lab, g, err := openLab(ctx, id, room, state, start, realTime)
	if err != nil {
		return drill.Pack{}, err
	}
	results, err := drill.Run(ctx, lab, wanted)
	baseline, failed := drill.Settle(ctx, lab)
	if err = errors.Join(err, failed, g.Close()); err != nil {
		return drill.Pack{}, err
	}
	if err := os.Rename(filepath.Join(room, "receipts"), filepath.Join(dir, "receipts")); err != nil {
		return drill.Pack{}, err
	}
	if err := errors.Join(os.RemoveAll(room), tidy(filepath.Join(dir, "receipts"))); err != nil {
		return drill.Pack{}, err
	}
	return drill.Write(dir, lab, results, baseline)
}

// tidy removes what only a log in use needs.
func tidy(receipts string) error {
	var errs []error
	for _, pattern := range []string{"snapshot-*", "reserve", "lock"} {
		found, err := filepath.Glob(filepath.Join(receipts, pattern))
		errs = append(errs, err)
		for _, name := range found {
			errs = append(errs, os.Remove(name))
		}
	}
	return errors.Join(errs...)
}

func newDrillReport() *cobra.Command {
	var asJSON bool
	cmd := &cobra.Command{
		Use: "report [DRILL-ID]", Short: "Show how the last drills ended, or those of an id", Args: cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			_, drills, err := drillsDir()
			if err != nil {
				return err
			}
			found, err := filepath.Glob(filepath.Join(drills, "DRILL-*", "pack.json"))
			if err != nil || len(found) == 0 {
				return errors.Join(err, &exit{exitNo, "no drill was held yet; guard drill run holds them all"})
			}
			dir := filepath.Dir(slices.Max(found))
			if len(args) == 1 {
				dir = filepath.Join(drills, filepath.Base(args[0]))
			}
			pack, err := drill.Read(dir)
			if errors.Is(err, fs.ErrNotExist) {
				return &exit{exitNo, fmt.Sprintf("there is no drill %s", filepath.Base(dir))}
			}
			if err != nil {
				return err
			}
			if err := report(os.Stdout, pack, dir, asJSON); err != nil {
				return err
			}
			return verdict(pack)
		},
	}
	cmd.Flags().BoolVar(&asJSON, "json", false, "the index of the pack, as JSON")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func report(w io.Writer, p drill.Pack, dir string, asJSON bool) error {
	if asJSON {
		return json.NewEncoder(w).Encode(p)
	}
	fmt.Fprintf(w, "%s  %s time, %d receipts\n", p.ID, p.Clock, p.Receipts)
	for _, r := range p.Results {
		word := "passed"
		switch {
		case !r.Ran:
			word = "not started"
		case !r.Pass:
			word = "FAILED"
		}
		fmt.Fprintf(w, " %d  %-13s %s, %d of %d conditions met\n", r.Drill, r.Name, word, len(r.Conditions)-len(r.Failed()), len(r.Conditions))
	}
	_, err := fmt.Fprintf(w, "pack %s (guard verify checks it)\n", dir)
	return err
}

// verdict is no if a condition was not met, and names each.
func verdict(p drill.Pack) error {
	text, bad := "", false
	for _, r := range p.Results {
		bad = bad || !r.Pass
		for _, c := range r.Failed() {
			text += fmt.Sprintf("drill %d: not met: %s: %s\n", r.Drill, c.Text, c.Why)
		}
	}
	if !bad {
		return nil
	}
	return &exit{exitNo, text}
}
