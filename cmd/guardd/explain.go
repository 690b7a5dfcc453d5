package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"runtime/debug"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/scene"
	"github.com/f958ca95/guard/proxy/sock"
	"github.com/f958ca95/guard/rego"
)

type explainOptions struct {
	asJSON  bool
	stdin   bool
	trace   bool
	profile string
	trust   string
}

func newExplain() *cobra.Command {
	opt := explainOptions{}
	cmd := &cobra.Command{
		Use:   "explain [flags] -- COMMAND [ARG...] | 'LINE' | RECEIPT",
		Short: "Show how a command would be judged, and why; runs nothing and writes no receipt",
		Args:  cobra.ArbitraryArgs,
		RunE: func(cmd *cobra.Command, args []string) error {
			return explain(cmd.Context(), os.Stdin, os.Stdout, args, cmd.ArgsLenAtDash(), opt)
		},
	}
	f := cmd.Flags()
	f.BoolVar(&opt.asJSON, "json", false, "as JSON")
	f.BoolVar(&opt.stdin, "stdin", false, "with --json: read JSON Lines, answer each with one line; takes no look at files")
	f.BoolVar(&opt.trace, "trace", false, "show why rules did or did not fire")
	f.StringVar(&opt.profile, "profile", "", "judge as at this profile (default: the preset's)")
	f.StringVar(&opt.trust, "trust", "", "judge as at this trust level (default: the preset's)")
	cmd.SetFlagErrorFunc(usageError)
	return cmd
}

func explain(ctx context.Context, in io.Reader, out io.Writer, args []string, dash int, opt explainOptions) error {
	if err := opt.check(); err != nil {
		return err
	}
	x, err := newExplainer(opt)
	if err != nil {
		return err
	}
	switch {
	case opt.stdin && len(args) > 0, opt.stdin && !opt.asJSON, opt.stdin && opt.trace:
		return &exit{exitUsage, "--stdin goes with --json, and with nothing to explain on the command line"}
	case opt.stdin:
		return x.stream(ctx, in, out)
	case len(args) == 0:
		return &exit{exitUsage, "nothing to explain; try: guard explain 'LINE', or guard explain -- COMMAND [ARG...]"}
	case dash != 0 && len(args) == 1 && isNumber(args[0]):
		return explainReceipt(out, args[0], opt.asJSON)
	}
	c := x.here()
	if dash == 0 {
		c.Kind, c.Argv = "exec", args
	} else {
		c.Kind, c.Line = "line", strings.Join(args, " ")
	}
	return x.one(ctx, out, c)
}

// check finds words that no profile and no level of trust has. Judged by them, a
// command would be denied, as if that were its fault.
func (opt explainOptions) check() error {
	profiles, levels := proxy.Profiles(), proxy.TrustLevels()
	switch {
	case opt.profile != "" && !slices.Contains(profiles, opt.profile):
		return &exit{exitUsage, fmt.Sprintf("unknown profile %q; there are %s", opt.profile, strings.Join(profiles, ", "))}
	case opt.trust != "" && !slices.Contains(levels, opt.trust):
		return &exit{exitUsage, fmt.Sprintf("unknown trust %q; there are %s", opt.trust, strings.Join(levels, ", "))}
	}
	return nil
}

func isNumber(s string) bool {
	_, err := strconv.ParseUint(s, 10, 64)
	return err == nil
}

// explainer judges without a daemon, by the policy files as they are now.
type explainer struct {
	opt    explainOptions
	engine *rego.Engine

	mu   sync.Mutex
	sets map[string]*rego.Set // guarded by mu; by workspace
}

func newExplainer(opt explainOptions) (*explainer, error) {
	debug.SetGCPercent(400) // for a process that ends soon, time is worth more than memory
	engine, err := rego.LoadBuiltin()
	if err != nil {
		return nil, err
	}
	return &explainer{opt: opt, engine: engine, sets: map[string]*rego.Set{}}, nil
}

// set is the policy of a workspace. Its folders are read once.
func (x *explainer) set(ctx context.Context, workspace string) (*rego.Set, error) {
	x.mu.Lock()
	defer x.mu.Unlock()
	if set := x.sets[workspace]; set != nil {
		return set, nil
	}
	snapshot, err := rego.Read(rego.Folders(systemPolicy, userPolicy(), workspace), os.Getuid())
	if err != nil {
		return nil, err
	}
	set, err := x.engine.Build(ctx, snapshot, nil)
	if err != nil {
		return nil, err
	}
	x.sets[workspace] = set
	return set, nil
}

// here is an empty command in the present surroundings.
func (x *explainer) here() classify.Command {
	cwd, err := os.Getwd()
	if err != nil {
		cwd = "/"
	}
	home, err := os.UserHomeDir()
	if err != nil {
		home = "/"
	}
	vars := map[string]string{}
	for _, name := range []string{"HOME", "USER", "LOGNAME", "PWD", "TMPDIR", "SHELL"} {
		if v := os.Getenv(name); v != "" {
			vars[name] = v
		}
	}
	return classify.Command{Cwd: cwd, Home: home, Workspace: scene.Workspace(cwd, home), Own: own(), Vars: vars, Stdin: "terminal"}
}

// own lists the folders that only guard and people may write, as guardd has them.
func own() []string {
	folders := []string{systemPolicy}
	if state, err := sock.StatePath(); err == nil {
		folders = append(folders, state)
	}
	if policy := userPolicy(); policy != "" {
		folders = append(folders, policy)
	}
	return folders
}

// judge classifies and decides.
func (x *explainer) judge(ctx context.Context, c classify.Command) (*judged, error) {
	set, err := x.set(ctx, c.Workspace)
	if err != nil {
		return nil, err
	}
	begin := time.Now()
	facts, err := classify.Classify(c)
	if err != nil {
		return nil, err
	}
	in := x.input(set, c, &facts)
	d, err := set.Decide(ctx, in)
	return &judged{facts: facts, decision: d, took: time.Since(begin), set: set, input: in}, err
}

// judged is a command, judged.
type judged struct {
	facts    classify.Facts
	decision rego.Decision
	took     time.Duration
	set      *rego.Set
	input    rego.Input
}

func (x *explainer) input(set *rego.Set, c classify.Command, facts *classify.Facts) rego.Input {
	defaults := set.Defaults()
	return rego.Input{
		NowNS: time.Now().UnixNano(), Kind: proxy.KindCommand, Cmd: facts, Votes: []rego.Vote{},
		Session: rego.Session{
			Profile: cmp.Or(x.opt.profile, defaults.Profile), Cwd: c.Cwd, Home: c.Home, Workspace: c.Workspace, Terminal: true,
		},
		Agent: rego.Agent{Name: "explain", Trust: cmp.Or(x.opt.trust, defaults.Trust)},
		Peer:  rego.Peer{UID: os.Getuid()},
	}
}

// one explains one command, looking at files where the facts want it.
func (x *explainer) one(ctx context.Context, out io.Writer, c classify.Command) error {
	j, err := x.judge(ctx, c)
	for range 3 {
		if err != nil || len(j.facts.Wants) == 0 {
			break
		}
		c.Scene = append(c.Scene, observe(ctx, j.facts.Wants)...)
		j, err = x.judge(ctx, c)
	}
	if err != nil {
		return err
	}
	var traced []rego.RuleTrace
	if x.opt.trace {
		if traced, err = j.set.Trace(ctx, j.input); err != nil {
			return err
		}
	}
	if x.opt.asJSON {
		return json.NewEncoder(out).Encode(full(j, traced))
	}
	return render(out, j, traced)
}

func observe(ctx context.Context, wants []classify.Query) []classify.Observation {
	queries := make([]proxy.Query, len(wants))
	for i, q := range wants {
		queries[i] = proxy.Query(q)
	}
	var seen []classify.Observation
	for _, o := range scene.Observe(ctx, scene.Limits{}, queries) {
		seen = append(seen, classify.Observation{
			Query: classify.Query(o.Query), Exists: o.Exists, Type: o.Type, Real: o.Real, UID: o.UID, Mode: o.Mode,
			Text: o.Text, Digest: o.Digest, Git: o.Git, Branch: o.Branch, Error: o.Error,
		})
	}
	return seen
}
