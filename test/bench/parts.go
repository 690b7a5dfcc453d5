package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
	"github.com/f958ca95/guard/rego"
)

// ordinary lines, as coding agents type them.
var ordinary = []string{
	"ls -la", "git status --short", "go test ./... | tail -1", "cat go.mod && grep -rn TODO src | head -20",
	"cd sub && npm run build 2>&1 | tee build.log", "git diff HEAD~1 -- '*.go'", "find . -name '*.py' -not -path './.venv/*'",
	"rm -rf node_modules && npm ci", "git add -A && git commit -m 'fix: handle empty input'", "python3 -m pytest tests -x -q",
	"sed -i 's/foo/bar/g' src/main.go", "docker compose ps", "curl -s http://localhost:8080/health", "mkdir -p out && cp -r src/assets out/",
}

// decision times facts, Rego and the join in process: for lines that were never
// asked before, and for lines that were.
func (b *bench) decision() ([]result, error) {
	engine, err := rego.LoadBuiltin()
	if err != nil {
		return nil, err
	}
	set, err := engine.Build(context.Background(), rego.Snapshot{}, nil)
	if err != nil {
		return nil, err
	}
	var first, again, facts []time.Duration
	for i := range 2000 {
		line := fmt.Sprintf("%s # %d", ordinary[i%len(ordinary)], i)
		classified, all, err := decide(set, line)
		if err != nil {
			return nil, err
		}
		_, repeated, err := decide(set, line)
		if err != nil {
			return nil, err
		}
		if i >= 200 { // the first ones warm up
			first, again, facts = append(first, all), append(again, repeated), append(facts, classified)
		}
	}
	note := fmt.Sprintf("facts alone %.0f us", median(facts, time.Microsecond))
	return []result{
		{what: "decision: facts, Rego and join, in process, first time", figure: median(first, time.Microsecond), budget: 200, unit: "us", note: note},
		{what: "decision: the same command again", figure: median(again, time.Microsecond), budget: 200, unit: "us"},
	}, nil
}

// decide judges one line as guardd would, and tells how long the facts and all
// of it took.
func decide(set *rego.Set, line string) (facts, all time.Duration, err error) {
	begin := time.Now()
	f, err := classify.Classify(classify.Command{
		Kind: "line", Line: line, Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app", Stdin: "null",
	})
	if err != nil {
		return 0, 0, err
	}
	facts = time.Since(begin)
	in := rego.Input{
		NowNS: begin.UnixNano(), Kind: proxy.KindCommand, Cmd: &f, Votes: []rego.Vote{},
		Session: rego.Session{Profile: "operator", Cwd: "/home/dev/app", Home: "/home/dev", Workspace: "/home/dev/app"},
		Agent:   rego.Agent{Name: "bench", Trust: "T1"},
	}
	_, err = set.Decide(context.Background(), in)
	return facts, time.Since(begin), err
}

// reload times from a written file to the policy in force, with 100 user rules
// and their tests.
func (b *bench) reload() ([]result, error) {
	dir := filepath.Join(b.dir, "policy")
	if err := os.MkdirAll(dir, 0o755); err != nil {
		return nil, err
	}
	for i := range 10 {
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("p%d.rego", i)), userFile(i, 10), 0o644); err != nil {
			return nil, err
		}
		if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("p%d_test.rego", i)), userTest(i), 0o644); err != nil {
			return nil, err
		}
	}
	active := make(chan string, 16)
	store, err := rego.Open(rego.Options{
		User: dir, UID: os.Getuid(), Archive: filepath.Join(b.dir, "archive"),
		Activate:  func(rego.Change) (bool, error) { return false, nil },
		Activated: func(w string) { active <- w },
	})
	if err != nil {
		return nil, err
	}
	defer store.Close()
	if _, err := store.For(context.Background(), ""); err != nil {
		return nil, err
	}
	for len(active) > 0 {
		<-active
	}
	var took []time.Duration
	for i := range 25 {
		begin := time.Now()
		if err := os.WriteFile(filepath.Join(dir, "p0.rego"), append(userFile(0, 10), fmt.Sprintf("\n# %d\n", i)...), 0o644); err != nil {
			return nil, err
		}
		select {
		case <-active:
			took = append(took, time.Since(begin))
		case <-time.After(10 * time.Second):
			return nil, fmt.Errorf("reload %d did not come", i)
		}
	}
	return []result{{what: "file write to new policy in force, 100 user rules and their tests", figure: median(took, time.Millisecond), budget: 60, unit: "ms"}}, nil
}

func userFile(n, rules int) []byte {
	text := fmt.Sprintf("package user.p%d\n", n)
	for i := range rules {
		text += fmt.Sprintf("\ndeny contains {\"id\": \"r%d\", \"msg\": \"not this one\"} if \"program%d_%d\" in input.cmd.names\n", i, n, i)
	}
	return []byte(text)
}

func userTest(n int) []byte {
	return fmt.Appendf(nil, `package user.p%[1]d

test_denies if count(deny) == 1 with input as {"cmd": {"names": ["program%[1]d_3"]}}
`, n)
}

// sample is what one ordinary command leaves behind.
func sample() []receipt.Draft {
	decided := state.Decided{
		Session: "s_0123456789ab", Agent: "bench", Request: "r_0123456789abcdef01234567", Kind: "exec",
		RequestHash: "blake3:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
		Argv:        []string{"go", "test", "./..."}, Display: "go test ./...", Cwd: "/home/dev/app", Exe: "/usr/local/go/bin/go",
		Label: "LOW", Tier: proxy.Low, Effective: proxy.Low, Verdict: proxy.Allow, Profile: "operator", Trust: "T1",
		Findings: []proxy.Finding{{ID: "program.unknown", Tier: proxy.Low, Msg: "runs go, which is not known to only read", Stage: 0}},
		Rows:     []proxy.Row{{ID: "profile", Level: "operator", Verdict: proxy.Allow}}, Revision: "5e01c9a0b1c2",
	}
	started := state.Started{Session: "s_0123456789ab", Agent: "bench", Argv: []string{"go"}, Cwd: "/home/dev/app", Home: "/home/dev"}
	ended := state.Ended{Session: "s_0123456789ab", Reason: "the command ended"}
	outcome := state.Outcome{Session: "s_0123456789ab", Request: "r_0123456789abcdef01234567", DurationMS: 412}
	return []receipt.Draft{
		{Type: state.SessionStarted, Scroll: "execution", Body: started}, {Type: state.CommandDecision, Scroll: "execution", Body: decided},
		{Type: state.CommandOutcome, Scroll: "execution", Body: outcome}, {Type: state.SessionEnded, Scroll: "execution", Body: ended},
	}
}

// receipts times appending, with and without waiting for the disk, and verifying.
func (b *bench) receipts() ([]result, error) {
	dir := filepath.Join(b.dir, "receipts")
	log, err := receipt.Open(dir, receipt.Options{})
	if err != nil {
		return nil, err
	}
	var plain, synced []time.Duration
	for range 2000 {
		begin := time.Now()
		if _, err := log.Append(nil, sample()[1]); err != nil {
			return nil, err
		}
		plain = append(plain, time.Since(begin))
	}
	for range 500 {
		begin := time.Now()
		written, err := log.Append(nil, sample()[1])
		if err == nil {
			err = log.Sync(context.Background(), written[0].Chain.JSeq)
		}
		if err != nil {
			return nil, err
		}
		synced = append(synced, time.Since(begin))
	}
	if err := log.Close(); err != nil {
		return nil, err
	}
	if err := fill(dir, 60_000); err != nil {
		return nil, err
	}
	begin := time.Now()
	report, err := receipt.Verify(dir)
	if err != nil {
		return nil, err
	}
	rate := float64(report.Receipts) / time.Since(begin).Seconds()
	return []result{
		{what: "append one receipt", figure: median(plain, time.Microsecond), unit: "us"},
		{what: "append one receipt and wait for the disk", figure: median(synced, time.Microsecond), unit: "us"},
		{what: "verify receipts, one core", figure: rate, budget: 30_000, unit: "/s", more: true},
	}, nil
}
