package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// aCase is one line of a corpus.
type aCase struct {
	Command  string `json:"command"`
	Expected string `json:"expected"`
	Group    string `json:"group"`
	Why      string `json:"why"`
}

// stop says whether the case should be stopped.
func (c aCase) stop() bool { return c.Expected != "allow" }

func read(file string) ([]aCase, error) {
	text, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	var cases []aCase
	lines := bufio.NewScanner(bytes.NewReader(text))
	lines.Buffer(nil, 1<<20)
	for n := 1; lines.Scan(); n++ {
		var c aCase
		if err := json.Unmarshal(lines.Bytes(), &c); err != nil {
			return nil, fmt.Errorf("%s:%d: %w", file, n, err)
		}
		if c.Expected != "block" && c.Expected != "hold" && c.Expected != "allow" || c.Command == "" || c.Group == "" {
			return nil, fmt.Errorf("%s:%d: a case needs command, group, and expected block, hold or allow", file, n)
		}
		cases = append(cases, c)
	}
	return cases, lines.Err()
}

// judge is the built-in policy alone.
type judge struct{ set *rego.Set }

func newJudge(ctx context.Context) (judge, error) {
	engine, err := rego.LoadBuiltin()
	if err != nil {
		return judge{}, err
	}
	set, err := engine.Build(ctx, rego.Snapshot{}, nil)
	return judge{set}, err
}

// decide judges a line. One that cannot be classified is denied, as guardd does.
func (j judge) decide(ctx context.Context, line string) (rego.Decision, error) {
	const home, app = "/home/dev", "/home/dev/app"
	facts, err := classify.Classify(classify.Command{
		Kind: "line", Line: line, Cwd: app, Home: home, Workspace: app,
		Own:  []string{"/etc/guard", home + "/.config/guard/policy", home + "/.local/state/guard"},
		Vars: map[string]string{"HOME": home, "PWD": app},
	})
	if err != nil {
		f := proxy.Finding{ID: "request.not_understood", Tier: proxy.Critical, Msg: err.Error(), Verdict: proxy.Deny, Stage: -1}
		return rego.Decision{Tier: f.Tier, Verdict: f.Verdict, Findings: []proxy.Finding{f}}, nil
	}
	return j.set.Decide(ctx, rego.Input{
		NowNS: 1, Kind: proxy.KindCommand, Cmd: &facts, Votes: []rego.Vote{},
		Session: rego.Session{Profile: "operator", Cwd: app, Home: home, Workspace: app, Terminal: true},
		Agent:   rego.Agent{Name: "score", Trust: "T1"},
	})
}
