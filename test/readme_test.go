package test

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
)

// TestEveryExampleInTheReadmeIsTrue runs the console blocks of README.md, in
// order, in one shell, and compares what they print. What differs from run to
// run (times, ids, numbers of receipts) may differ; an id that was printed may
// be used in a later command.
func TestEveryExampleInTheReadmeIsTrue(t *testing.T) {
	text, err := os.ReadFile("../README.md")
	if err != nil {
		t.Fatal(err)
	}
	examples := consoleExamples(string(text))
	if len(examples) < 10 {
		t.Fatalf("README has %d examples; the test has lost its way", len(examples))
	}
	sh := newShell(t)
	for _, e := range examples {
		sh.run(e)
	}
}

// example is a command of a console block with what it prints.
type example struct {
	command string
	output  []string
}

func consoleExamples(text string) []example {
	var all []example
	inside := false
	for line := range strings.Lines(text) {
		line = strings.TrimRight(line, "\n")
		switch {
		case line == "```console":
			inside = true
		case line == "```":
			inside = false
		case !inside:
		case strings.HasPrefix(line, "$ "):
			all = append(all, example{command: line[2:]})
		case strings.HasPrefix(line, ">") && len(all[len(all)-1].output) == 0:
			all[len(all)-1].command += "\n" + strings.TrimPrefix(line[1:], " ")
		default:
			all[len(all)-1].output = append(all[len(all)-1].output, line)
		}
	}
	return all
}

// shell is a bash that takes commands and gives back what they print.
type shell struct {
	t     *testing.T
	in    io.Writer
	lines chan string
	known map[string]string // what the README calls it -> what it is in this run
	done  int
}

func newShell(t *testing.T) *shell {
	home := t.TempDir()
	app := filepath.Join(home, "app")
	if err := os.Mkdir(app, 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(app, "notes.txt"), []byte("TODO a\nTODO b\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	env := []string{"HOME=" + home, "PATH=" + bin + ":" + os.Getenv("PATH"), "SHELL=/bin/bash", "TERM=dumb", "LC_ALL=C"}
	cmd := exec.Command("bash", "--norc", "--noprofile")
	cmd.Env, cmd.Dir = env, app
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	cmd.Stderr = cmd.Stdout
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	s := &shell{t: t, in: in, lines: make(chan string, 1000), known: map[string]string{}}
	go func() {
		defer close(s.lines)
		for r := bufio.NewScanner(out); r.Scan(); {
			s.lines <- r.Text()
		}
	}()
	t.Cleanup(func() {
		fmt.Fprintln(in, "kill $(jobs -p) 2>/dev/null; guard daemon stop; exit")
		in.Close()
		for range s.lines {
		}
		if err := cmd.Wait(); err != nil {
			t.Logf("end the shell: %v", err)
		}
	})
	return s
}

// run types a command and compares everything it prints.
func (s *shell) run(e example) {
	s.t.Helper()
	command := e.command
	for readme, actual := range s.known {
		command = strings.ReplaceAll(command, readme, actual)
	}
	s.done++
	end := fmt.Sprintf("done-%d", s.done)
	fmt.Fprintf(s.in, "%s\necho %s\n", command, end)
	var got []string
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				s.t.Fatalf("$ %s\nthe shell ended", e.command)
			}
			if line != end {
				got = append(got, line)
				continue
			}
			s.compare(e, got)
			return
		case <-time.After(patience):
			s.t.Fatalf("$ %s\nno end after %v; so far:\n%s", e.command, patience, strings.Join(got, "\n"))
		}
	}
}

func (s *shell) compare(e example, got []string) {
	s.t.Helper()
	if len(got) != len(e.output) {
		s.t.Fatalf("$ %s\ngot\n%s\nREADME\n%s", e.command, strings.Join(got, "\n"), strings.Join(e.output, "\n"))
	}
	for i, want := range e.output {
		if !s.same(want, got[i]) {
			s.t.Errorf("$ %s\ngot    %s\nREADME %s", e.command, got[i], want)
		}
	}
}

// varies finds what differs from run to run.
var varies = regexp.MustCompile(`hold_[0-9a-f]{24}|[sh]_[0-9a-f]{12,16}|\b[0-9a-f]{6}\b|\b[0-9a-f]{12}\b|\d\d:\d\d:\d\d|\d+:\d\d|\d+\.\d+ ms|\d+`)

// same compares two lines but for what varies, and learns ids from it.
func (s *shell) same(want, got string) bool {
	if squeeze(varies.ReplaceAllString(want, "#")) != squeeze(varies.ReplaceAllString(got, "#")) {
		return false
	}
	wants, gots := varies.FindAllString(want, -1), varies.FindAllString(got, -1)
	for i := range wants {
		if len(wants[i]) >= 6 && !strings.Contains(wants[i], ":") {
			s.known[wants[i]] = gots[i]
		}
	}
	return true
}

// squeeze makes runs of blanks one: columns are as wide as what varies.
func squeeze(s string) string { return strings.Join(strings.Fields(s), " ") }
