// Command score judges corpora of commands and counts what was judged wrongly:
//
//	go run ./test/score [FILE...]
//
// It prints a confusion table by group and every wrong case with what was found,
// and ends with 1 where a corpus misses more than 1 % of what should be stopped or
// stops more than 2 % of what is harmless. Without a file it takes
// test/corpus/*.jsonl.
//
// A corpus is JSON Lines: command, expected (block, hold or allow), group, why.
// Whether a command that should be stopped is held or denied is not weighed. Every
// command is judged as a coding agent in a new session would ask for it: profile
// operator, trust T1, in the workspace /home/dev/app, home /home/dev. No files are
// looked at.
package main

import (
	"context"
	"fmt"
	"io"
	"os"
	"path/filepath"
)

func main() {
	good, err := run(context.Background(), os.Stdout, os.Args[1:])
	switch {
	case err != nil:
		fmt.Fprintln(os.Stderr, "score:", err)
		os.Exit(2)
	case !good:
		os.Exit(1)
	}
}

// run scores the files and says whether each is good enough.
func run(ctx context.Context, w io.Writer, files []string) (bool, error) {
	if len(files) == 0 {
		var err error
		if files, err = filepath.Glob("test/corpus/*.jsonl"); err != nil || len(files) == 0 {
			return false, fmt.Errorf("no test/corpus here; run this from the module's root: %w", err)
		}
	}
	j, err := newJudge(ctx)
	if err != nil {
		return false, err
	}
	good := true
	for _, file := range files {
		cases, err := read(file)
		if err != nil {
			return false, err
		}
		s, err := j.score(ctx, cases)
		if err != nil {
			return false, fmt.Errorf("%s: %w", file, err)
		}
		fmt.Fprintf(w, "%s\n%s\n", filepath.Base(file), s)
		good = good && s.good()
	}
	return good, nil
}
