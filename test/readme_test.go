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
	home  string // the README calls it /home/dev
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
	s := &shell{t: t, home: home, in: in, lines: make(chan string, 1000), known: map[string]string{}}
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
	var got []string
	for end := time.Now().Add(patience); time.Now().Before(end); time.Sleep(50 * time.Millisecond) {
		if got = s.output(command); s.matches(e.output, got) {
			s.settle(command)
			return
		}
		if !looks.MatchString(command) {
			break
		}
	}
	s.t.Errorf("$ %s\ngot\n%s\nREADME\n%s", e.command, strings.Join(got, "\n"), strings.Join(e.output, "\n"))
}

// settle waits for what a person would have seen before the next command: that the
// inbox follows.
func (s *shell) settle(command string) {
	s.t.Helper()
	if strings.HasPrefix(command, "guard inbox --follow >inbox.log") {
		s.output("until grep -qs '^guard: following' inbox.log; do sleep 0.02; done")
	}
}

// looks finds commands that only look, and may be repeated until what a
// background command does, or a policy that is being loaded, can be seen.
var looks = regexp.MustCompile(`^(guard (inbox|log|status|verify|-- date)|head )`)

// output types a command and returns everything it prints.
func (s *shell) output(command string) []string {
	s.t.Helper()
	s.done++
	end := fmt.Sprintf("done-%d", s.done)
	fmt.Fprintf(s.in, "%s\necho %s\n", command, end)
	var got []string
	for {
		select {
		case line, ok := <-s.lines:
			if !ok {
				s.t.Fatalf("$ %s\nthe shell ended", command)
			}
			if line == end {
				return got
			}
			got = append(got, strings.ReplaceAll(line, s.home, "/home/dev"))
		case <-time.After(patience):
			s.t.Fatalf("$ %s\nno end after %v; so far:\n%s", command, patience, strings.Join(got, "\n"))
		}
	}
}

func (s *shell) matches(want, got []string) bool {
	if len(got) != len(want) {
		return false
	}
	for i := range want {
		if !s.same(want[i], got[i]) {
			return false
		}
	}
	return true
}

// varies finds what differs from run to run.
var varies = regexp.MustCompile(`(?:hold|esc)_[0-9a-f]{24}|[sh]_[0-9a-f]{12,16}|\b[0-9a-f]{6}\b|\b[0-9a-f]{12}\b|\d\d:\d\d:\d\d|\d+:\d\d|\d+\.\d+ ms|\d+`)

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
