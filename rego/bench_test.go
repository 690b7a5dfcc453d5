package rego

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// ordinary lines, as coding agents type them.
var ordinary = []string{
	"ls -la", "git status --short", "go test ./... | tail -1", "cat go.mod && grep -rn TODO src | head -20",
	"cd sub && npm run build 2>&1 | tee build.log", "git diff HEAD~1 -- '*.go'", "find . -name '*.py' -not -path './.venv/*'",
	"rm -rf node_modules && npm ci", "git add -A && git commit -m 'fix: handle empty input'", "python3 -m pytest tests -x -q",
	"sed -i 's/foo/bar/g' src/main.go", "docker compose ps", "curl -s http://localhost:8080/health", "mkdir -p out && cp -r src/assets out/",
}

// BenchmarkDecide judges each ordinary line once for every op, as if it had never
// been asked, facts and join included. DESIGN 10 asks for 200 us a line, that is
// ns/line, flat up to 800 rules; the user rules here are guarded by name, as
// INPUT.md teaches.
func BenchmarkDecide(b *testing.B) {
	e, err := LoadBuiltin()
	if err != nil {
		b.Fatal(err)
	}
	for _, n := range []int{0, 100, 200, 800} {
		b.Run(fmt.Sprintf("user_rules=%d", n), func(b *testing.B) {
			s := mustBuild(b, e, manyRules(n)...)
			b.ReportAllocs()
			before := cpuTime()
			for b.Loop() {
				s.memo.forget()
				for _, line := range ordinary {
					mustDecide(b, s, lineInput(b, line))
				}
			}
			lines := float64(b.N * len(ordinary))
			b.ReportMetric(float64(b.Elapsed())/lines, "ns/line")
			b.ReportMetric(float64(cpuTime()-before)/lines, "cpu-ns/line")
		})
	}
}

// manyRules spreads n rules over files of 20.
func manyRules(n int) []File {
	var files []File
	for i := 0; i < n; i += 20 {
		var lines []string
		for j := i; j < min(n, i+20); j++ {
			lines = append(lines, fmt.Sprintf(`deny contains {"id": "r%d", "msg": "no"} if { "prog%d" in input.cmd.names; some s in input.cmd.stages; s.name == "prog%d"; "x" in s.flags }`, j, j, j))
		}
		files = append(files, rules(fmt.Sprintf("p%d", i/20), lines...))
	}
	return files
}

// BenchmarkLoad is the part of guardd's start (150 ms) that policy takes.
func BenchmarkLoad(b *testing.B) {
	for b.Loop() {
		e, err := LoadBuiltin()
		if err != nil {
			b.Fatal(err)
		}
		mustBuild(b, e)
	}
}

// BenchmarkRebuild is a reload at 100 user rules, one file of which changed,
// without the file system; DESIGN 10 allows 60 ms for all of it.
func BenchmarkRebuild(b *testing.B) {
	e, err := LoadBuiltin()
	if err != nil {
		b.Fatal(err)
	}
	files := append(manyRules(100), file("p0_test.rego", "package user.p0\n\ntest_quiet if count(deny) == 0 with input as {}\n"))
	for _, cached := range []bool{true, false} {
		b.Run(fmt.Sprintf("others_known=%v", cached), func(b *testing.B) {
			prev := mustBuild(b, e, files...)
			if !cached {
				prev = nil
			}
			for i := 0; b.Loop(); i++ {
				changed := append([]File(nil), files...)
				changed[0].Data = append([]byte(strings.TrimSpace(string(changed[0].Data))), fmt.Sprintf("\n# %d\n", i)...)
				if _, err := e.Build(context.Background(), Snapshot{Files: changed}, prev); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// forget makes every command one that was never asked about.
func (m *memo[K]) forget() {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.said, m.order = nil, nil
}

// cpuTime is the processor time this process has used, which a busy machine
// does not stretch as much as the clock.
func cpuTime() time.Duration {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		return 0
	}
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// BenchmarkReload is from the write of a file to the new policy in force, at
// 100 user rules and a test, 20 ms of debounce included; DESIGN 10 allows 60 ms.
func BenchmarkReload(b *testing.B) {
	e, err := LoadBuiltin()
	if err != nil {
		b.Fatal(err)
	}
	dir, activated := b.TempDir(), make(chan string, 1)
	for _, f := range manyRules(100) {
		write(b, filepath.Join(dir, filepath.Base(f.Path)), string(f.Data))
	}
	write(b, filepath.Join(dir, "p0_test.rego"), "package user.p0\n\ntest_quiet if count(deny) == 0 with input as {}\n")
	s, err := open(Options{User: dir, UID: os.Getuid(), Archive: b.TempDir(), Activated: func(w string) { activated <- w }}, e)
	if err != nil {
		b.Fatal(err)
	}
	defer s.Close()
	if _, err := s.For(context.Background(), ""); err != nil {
		b.Fatal(err)
	}
	text := string(manyRules(20)[0].Data)
	for i := 0; b.Loop(); i++ {
		write(b, filepath.Join(dir, "p0.rego"), fmt.Sprintf("%s\n# %d\n", text, i))
		<-activated
	}
}
