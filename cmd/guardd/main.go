// Command guardd is guard's sidecar: it classifies and judges commands, owns the
// log, the state, the policy folders and the inbox. guard starts it; people call
// it through guard.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	_ "time/tzdata" // policies name time zones, also where the system has none installed

	"github.com/spf13/cobra"
)

const (
	exitNo     = 1
	exitUsage  = 2
	exitFailed = 125
)

// exit is an error that carries an exit code. An empty text prints nothing.
type exit struct {
	code int
	text string
}

func (e *exit) Error() string { return e.text }

func main() { os.Exit(run(os.Args)) }

func run(args []string) int {
	root := &cobra.Command{
		Use:           filepath.Base(args[0]), // guard runs it in its own name
		Short:         "guard's sidecar; guard starts it and speaks for it",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &exit{exitUsage, "guardd is started by guard; see guard --help, or guardd serve --help"}
			}
			return &exit{exitUsage, fmt.Sprintf("unknown word %q; try guard --help", args[0])}
		},
	}
	root.SetFlagErrorFunc(usageError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newServe(), newExplain(), newPolicy(), newDrill())
	root.SetArgs(args[1:])
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return 0
	}
	code := exitFailed
	var e *exit
	if errors.As(err, &e) {
		code = e.code
	}
	for _, line := range strings.Split(strings.TrimRight(err.Error(), "\n"), "\n") {
		if line != "" {
			fmt.Fprintf(os.Stderr, "guard: %s\n", line)
		}
	}
	return code
}

func usageError(cmd *cobra.Command, err error) error {
	return &exit{exitUsage, fmt.Sprintf("%v; try: guard %s --help", err, cmd.Name())}
}
