// guard waits for others. How many processors a control group leaves it is not
// worth reading four files at each of its starts.
//
//go:debug containermaxprocs=0
//go:debug updatemaxprocs=0

// Command guard runs an agent's commands under policy. It is the small program
// that people and agents touch: it asks guardd, runs what may run, shows what is
// held, and reads the receipts.
package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/spawn"
	"github.com/f958ca95/guard/proxy/trace"
)

// Exit codes besides the command's own (DESIGN 9).
const (
	exitNo       = 1   // the answer is no: verify, test
	exitUsage    = 2   // called wrong
	exitHeld     = 75  // still held; retry after approval
	exitUnheard  = 124 // held, and nobody answered
	exitFailed   = 125 // guard itself failed; nothing ran
	exitBlocked  = 126 // denied
	exitNotFound = 127 // no such program
)

// exit is an error that carries guard's exit code. An empty text prints nothing.
type exit struct {
	code int
	text string
}

func (e *exit) Error() string { return e.text }

// ended ends guard with a code after everything was said.
func ended(code int) error {
	if code == 0 {
		return nil
	}
	return &exit{code: code}
}

func main() {
	if len(os.Args) > 1 && os.Args[1] == spawn.MonitorArg {
		os.Exit(spawn.Monitor(os.Args[2:], newHook))
	}
	if len(os.Args) > 1 && os.Args[1] == spawn.ElsewhereArg {
		os.Exit(spawn.InStead(os.Args[2:], trace.EndWith))
	}
	if len(os.Args) > 1 && os.Args[1] == probeArg {
		os.Exit(probe())
	}
	os.Exit(run(os.Args))
}

func run(args []string) int {
	root := newRoot()
	root.SetArgs(args[1:])
	if name := filepath.Base(args[0]); name == "guard-sh" || name == "-guard-sh" {
		root.SetArgs(append([]string{"sh"}, args[1:]...))
	}
	err := root.ExecuteContext(context.Background())
	if err == nil {
		return 0
	}
	code := exitFailed
	var e *exit
	if errors.As(err, &e) {
		code = e.code
	}
	if err.Error() != "" {
		say("%v", err)
	}
	return code
}

func newRoot() *cobra.Command {
	opt := defaults()
	root := &cobra.Command{
		Use:   "guard [flags] -- COMMAND [ARG...]",
		Short: "Run a command under policy: judged, then run, held for a person, or blocked",
		Long: `guard stands between an AI agent and everything it tries to run.

  guard -- COMMAND [ARG...]   judge the command, then run it, hold it or block it
  guard sh -c LINE            the same for a shell line; usable as an agent's $SHELL

Exit codes: the command's own if it ran; 75 still held, retry after approval;
124 held and nobody answered; 125 guard itself failed and nothing ran;
126 blocked; 127 no such program; 2 called wrong; 1 the answer is no.`,
		Version:       version(),
		Args:          cobra.ArbitraryArgs,
		SilenceErrors: true,
		SilenceUsage:  true,
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.ArgsLenAtDash() != 0 {
				return misused(cmd, args)
			}
			opt.keyed = cmd.Flags().Changed("idempotency-key")
			return runArgv(cmd.Context(), args, opt)
		},
	}
	root.Flags().StringVar(&opt.agent, "agent", "", "name of the agent identity (default: the wrapped program)")
	root.Flags().StringVar(&opt.key, "idempotency-key", "", "run the command once under this key: where it succeeded or runs, its outcome is the answer")
	root.Flags().StringVar(&opt.tty, "tty", opt.tty, "auto: an own terminal for the command where guard has one; inherit: none")
	root.Flags().DurationVar(&opt.wait, "wait", opt.wait, "without a prompt, how long to wait for an answer; then the hold stays open and guard ends with 75")
	root.Flags().StringVar(&opt.hook, "exec-hook", opt.hook, "on: judge everything the command executes; off: judge the command alone (ADVISORY ONLY)")
	root.Flags().StringVar(&opt.sandbox, "sandbox", opt.sandbox, "workspace: the command's processes may write only there, in temporary folders and where --allow-write says")
	root.Flags().StringArrayVar(&opt.allowWrite, "allow-write", nil, "with --sandbox: a folder or file that may be written, too (repeatable)")
	root.SetFlagErrorFunc(usageError)
	root.CompletionOptions.DisableDefaultCmd = true
	root.AddCommand(newSh(), newInbox(), newVote(true), newVote(false), newWait(), newLog(), newVerify(),
		newElevate(), newRelease(), newThreat(), newTem(), newStatus(), newHistory(), newDaemon(), newStop(), newPolicy(), newExplain(), newDoctor(), newBudget(), newTrust(), newDrill(), newVelocity(), newLockout())
	return root
}

// misused answers words that are not after "--": most often a command that
// somebody forgot to put there.
func misused(cmd *cobra.Command, args []string) error {
	if len(args) == 0 || cmd.ArgsLenAtDash() == len(args) {
		return &exit{exitUsage, "no command given; try: guard -- COMMAND [ARG...], or guard --help"}
	}
	return &exit{exitUsage, fmt.Sprintf("unknown word %q; to run it: guard -- %s", args[0], strings.Join(args, " "))}
}

func usageError(cmd *cobra.Command, err error) error {
	return &exit{exitUsage, fmt.Sprintf("%v; try: %s --help", err, cmd.CommandPath())}
}

// family is a command that only has subcommands; takes lists them for people.
func family(name, takes, short string, subs ...*cobra.Command) *cobra.Command {
	cmd := &cobra.Command{
		Use:   name + " " + strings.NewReplacer(", ", "|", " or ", "|").Replace(takes),
		Short: short,
		Args:  words(1, 1, takes),
		RunE: func(cmd *cobra.Command, args []string) error {
			return &exit{exitUsage, fmt.Sprintf("unknown word %q; %s takes %s", args[0], cmd.CommandPath(), takes)}
		},
	}
	cmd.AddCommand(subs...)
	return cmd
}

// words checks a subcommand's number of words.
func words(least, most int, what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) >= least && (most < 0 || len(args) <= most) {
			return nil
		}
		return &exit{exitUsage, fmt.Sprintf("%s takes %s; try: %s --help", cmd.CommandPath(), what, cmd.CommandPath())}
	}
}

// say tells the person something, on stderr, in guard's name. What it quotes
// cannot act on the terminal.
func say(format string, args ...any) {
	for _, line := range strings.Split(strings.TrimRight(fmt.Sprintf(format, args...), "\n"), "\n") {
		fmt.Fprintf(os.Stderr, "guard: %s\n", proxy.Visible(line))
	}
}
