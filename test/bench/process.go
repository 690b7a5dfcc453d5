package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"time"

	"github.com/f958ca95/guard/receipt"
)

func (b *bench) build() error {
	cmd := exec.Command("go", "build", "-o", b.bin+string(filepath.Separator), "./cmd/...")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0") // as the README builds them
	if out, err := cmd.CombinedOutput(); err != nil {
		return fmt.Errorf("build (run this from the module's root): %w\n%s", err, out)
	}
	return nil
}

// environ is an environment with a home and a state folder of its own.
func (b *bench) environ(name string) ([]string, string, error) {
	home := filepath.Join(b.dir, name)
	app := filepath.Join(home, "app")
	if err := os.MkdirAll(filepath.Join(app, ".git"), 0o755); err != nil {
		return nil, "", err
	}
	env := []string{"HOME=" + home, "GUARD_HOME=" + filepath.Join(home, "state"), "PATH=" + b.bin + ":" + os.Getenv("PATH"), "SHELL=/bin/bash"}
	return env, app, nil
}

func timed(env []string, dir string, argv ...string) (time.Duration, error) {
	path, err := exec.LookPath(argv[0])
	if err != nil {
		return 0, err
	}
	var stderr bytes.Buffer
	cmd := exec.Cmd{Path: path, Args: argv, Env: env, Dir: dir, Stderr: &stderr}
	begin := time.Now()
	if err := cmd.Run(); err != nil {
		return 0, fmt.Errorf("%s: %w: %s", strings.Join(argv, " "), err, stderr.String())
	}
	return time.Since(begin), nil
}

// process times guard -- true against true, with guardd running.
func (b *bench) process() ([]result, error) {
	env, app, err := b.environ("process")
	if err != nil {
		return nil, err
	}
	guard := filepath.Join(b.bin, "guard")
	if _, err := timed(env, app, guard, "--", "true"); err != nil { // starts guardd
		return nil, err
	}
	defer timed(env, app, guard, "daemon", "stop")
	var over, bare, outer []time.Duration
	for range b.runs {
		a, err := timed(env, app, guard, "--exec-hook=off", "--", "true")
		if err != nil {
			return nil, err
		}
		c, err := timed(env, app, "true")
		if err != nil {
			return nil, err
		}
		over, bare, outer = append(over, a-c), append(bare, c), append(outer, a)
	}
	note := fmt.Sprintf("guard %.2f ms, true %.2f ms, %d pairs", median(outer, time.Millisecond), median(bare, time.Millisecond), b.runs)
	return []result{{what: "guard -- true over true, guardd running, no exec hook", figure: median(over, time.Millisecond), budget: 10, unit: "ms", note: note}}, nil
}

// explain times guard explain --stdin --json over many lines.
func (b *bench) explain() ([]result, error) {
	env, app, err := b.environ("explain")
	if err != nil {
		return nil, err
	}
	const lines = 10_000
	var in bytes.Buffer
	for i := range lines {
		line := fmt.Sprintf("%s # %d", ordinary[i%len(ordinary)], i) // none is asked twice
		fmt.Fprintf(&in, `{"command": %q, "cwd": %q, "home": "/home/dev", "workspace": %q}`+"\n", line, "/home/dev/app", "/home/dev/app")
	}
	cmd := exec.Cmd{Path: filepath.Join(b.bin, "guard"), Args: []string{"guard", "explain", "--stdin", "--json"}, Env: env, Dir: app, Stdin: &in, Stderr: os.Stderr}
	begin := time.Now()
	out, err := cmd.Output()
	if err != nil {
		return nil, fmt.Errorf("guard explain --stdin: %w", err)
	}
	took := time.Since(begin)
	if n := bytes.Count(out, []byte("\n")); n != lines {
		return nil, fmt.Errorf("guard explain --stdin gave %d answers to %d lines", n, lines)
	}
	return []result{{what: "guard explain --stdin --json, whole process", figure: lines / took.Seconds(), budget: 2000, unit: "/s", more: true}}, nil
}

// daemon measures guardd's start, memory and idle time on a log of 100,000 receipts.
func (b *bench) daemon() ([]result, error) {
	env, app, err := b.environ("daemon")
	if err != nil {
		return nil, err
	}
	guard := filepath.Join(b.bin, "guard")
	if err := os.MkdirAll(filepath.Join(b.dir, "daemon", "state"), 0o700); err != nil {
		return nil, err
	}
	if err := fill(filepath.Join(b.dir, "daemon", "state", "receipts"), 100_000); err != nil {
		return nil, err
	}
	for range 2 { // the first start folds everything and leaves a snapshot
		if _, err := timed(env, app, guard, "inbox"); err != nil {
			return nil, err
		}
		if _, err := timed(env, app, guard, "daemon", "stop"); err != nil {
			return nil, err
		}
	}
	var ready []time.Duration
	for range 5 {
		d, err := timed(env, app, guard, "inbox")
		if err != nil {
			return nil, err
		}
		ready = append(ready, d)
		if _, err := timed(env, app, guard, "daemon", "stop"); err != nil {
			return nil, err
		}
	}
	if _, err := timed(env, app, guard, "--", "true"); err != nil {
		return nil, err
	}
	defer timed(env, app, guard, "daemon", "stop")
	rss, idle, err := b.idle(env, app)
	if err != nil {
		return nil, err
	}
	return []result{
		{what: "guardd ready with 100,000 receipts (guard inbox that starts it)", figure: median(ready, time.Millisecond), budget: 150, unit: "ms"},
		{what: "guardd resident memory with 100,000 receipts", figure: rss, budget: 40, unit: "MB"},
		{what: "guardd processor time in 10 idle seconds", figure: idle, unit: "ms", note: "budget 0"},
	}, nil
}

// idle reads guardd's memory and how much processor time ten idle seconds cost.
func (b *bench) idle(env []string, app string) (rss, cpu float64, err error) {
	cmd := exec.Cmd{Path: filepath.Join(b.bin, "guard"), Args: []string{"guard", "daemon", "status", "--json"}, Env: env, Dir: app}
	out, err := cmd.Output()
	if err != nil {
		return 0, 0, err
	}
	_, rest, _ := strings.Cut(string(out), `"pid":`)
	pid := rest[:strings.IndexAny(rest, ",}")]
	time.Sleep(2 * time.Second) // let the background verification end
	before, err := ticks(pid)
	if err != nil {
		return 0, 0, err
	}
	time.Sleep(10 * time.Second)
	after, err := ticks(pid)
	if err != nil {
		return 0, 0, err
	}
	statm, err := os.ReadFile("/proc/" + pid + "/statm")
	if err != nil {
		return 0, 0, err
	}
	pages, err := strconv.Atoi(strings.Fields(string(statm))[1])
	return float64(pages*os.Getpagesize()) / 1e6, float64(after-before) * 10, err
}

// ticks is a process's processor time in hundredths of a second.
func ticks(pid string) (int, error) {
	stat, err := os.ReadFile("/proc/" + pid + "/stat")
	if err != nil {
		return 0, err
	}
	fields := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	user, errUser := strconv.Atoi(fields[11])
	system, errSystem := strconv.Atoi(fields[12])
	if errUser != nil || errSystem != nil {
		return 0, fmt.Errorf("read /proc/%s/stat", pid)
	}
	return user + system, nil
}

// fill writes a log of n receipts as guardd would.
func fill(dir string, n int) error {
	log, err := receipt.Open(dir, receipt.Options{})
	if err != nil {
		return err
	}
	for range n / 4 {
		if _, err := log.Append(nil, sample()...); err != nil {
			return err
		}
	}
	return log.Close()
}
