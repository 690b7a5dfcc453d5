package main

import (
	"bufio"
	"os"
	"os/user"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/proxy"
)

func newSh() *cobra.Command {
	return &cobra.Command{
		Use:   "sh [-c LINE [NAME [ARG...]]]",
		Short: "A shell that judges each line it is given; usable as $SHELL or as an agent's shell prefix",
		Long: `guard sh [--idempotency-key K] -c LINE judges the line as a whole and runs it with the user's shell.
With anything else it is guard -- $SHELL and those words. A link named guard-sh to guard can stand in
$SHELL, where a program wants a single path.`,
		DisableFlagParsing: true, // the words are the shell's
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 1 && (args[0] == "--help" || args[0] == "-h") {
				return cmd.Help()
			}
			shell, err := lookPath(userShell())
			if err != nil {
				return err
			}
			opt := defaults()
			args, opt.key, opt.keyed = cutKey(args)
			argv := append([]string{shell}, args...)
			line, ok := shellLine(args)
			if !ok || !listed(shell) {
				return runArgv(cmd.Context(), argv, opt)
			}
			return runJob(cmd.Context(), job{path: shell, argv: argv, command: proxy.Command{Kind: "line", Line: line}}, opt)
		},
	}
}

// cutKey takes an idempotency key off the words, before which no shell has one.
func cutKey(args []string) (rest []string, key string, ok bool) {
	const flag = "--idempotency-key"
	if len(args) > 1 && args[0] == flag {
		return args[2:], args[1], true
	}
	if len(args) > 0 && strings.HasPrefix(args[0], flag+"=") {
		return args[1:], strings.TrimPrefix(args[0], flag+"="), true
	}
	return args, "", false
}

// shellLine returns the line of -c where the line is all that the shell is given
// to run: what may stand before it are options in clusters (-lc, -ec) and -o
// with its value. Long options can name files that run (--rcfile), and words
// behind the line become its $1, so a shell with either is judged by all of them.
func shellLine(args []string) (string, bool) {
	isLine := false
	for i := 0; i < len(args); i++ {
		arg := args[i]
		switch {
		case strings.HasPrefix(arg, "--"):
			return "", false
		case len(arg) > 1 && (arg[0] == '-' || arg[0] == '+'):
			isLine = isLine || arg[0] == '-' && strings.Contains(arg, "c")
			if last := arg[len(arg)-1]; last == 'o' || last == 'O' {
				i++
			}
		default:
			return arg, isLine && i == len(args)-1
		}
	}
	return "", false
}

// listed says whether shell is one of the machine's (shells(5)) that read a line
// as guard does. Any other program in $SHELL is judged as what it is.
func listed(shell string) bool {
	known := []string{"sh", "bash", "dash", "zsh", "ksh", "mksh", "ash"}
	if !slices.Contains(known, filepath.Base(shell)) {
		return false
	}
	list, err := os.ReadFile("/etc/shells")
	return err == nil && slices.Contains(strings.Fields(string(list)), shell)
}

// userShell is the user's own shell: $SHELL, or the one in the password file
// where $SHELL is guard itself.
func userShell() string {
	if shell := os.Getenv("SHELL"); shell != "" && !isGuard(shell) {
		return shell
	}
	if shell := loginShell(); shell != "" && !isGuard(shell) {
		return shell
	}
	return "/bin/sh"
}

func isGuard(path string) bool {
	self, err := os.Executable()
	if err != nil {
		return true // cannot tell: the other candidates do as well
	}
	a, errA := os.Stat(path)
	b, errB := os.Stat(self)
	return errA == nil && errB == nil && os.SameFile(a, b) || strings.HasPrefix(filepath.Base(path), "guard")
}

// loginShell reads the shell from /etc/passwd; os/user does not tell it.
func loginShell() string {
	me, err := user.Current()
	if err != nil {
		return ""
	}
	f, err := os.Open("/etc/passwd")
	if err != nil {
		return ""
	}
	defer f.Close()
	for lines := bufio.NewScanner(f); lines.Scan(); {
		if fields := strings.Split(lines.Text(), ":"); len(fields) == 7 && fields[0] == me.Username {
			return fields[6]
		}
	}
	return ""
}
