package main

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"strings"
	"testing"
)

// questions are lines of every kind that --stdin may get, errors among them.
func questions() string {
	kinds := []string{
		`{"command": "rm -rf build %d"}`, `{"command": "git push --force origin b%d"}`, `{"argv": ["ls", "-la", "%d"]}`, `not JSON %d`, `{"kind": "wrong %d"}`,
		``, `{"command": "for i in $(seq %d); do echo $i; done | sort -u"}` + "\r", `{"kind": "text", "text": "hello %d"}`, `{"command": "", "cwd": "/home/%d"}`,
		`{"command": "cat <<EOF | bash\nrm -rf ~/x%d\nEOF", "workspace": "/nowhere"}`,
	}
	var b strings.Builder
	for i := range 400 {
		if kind := kinds[i%len(kinds)]; strings.Contains(kind, "%d") {
			fmt.Fprintf(&b, kind+"\n", i)
		} else {
			b.WriteString(kind + "\n")
		}
		if i == 200 {
			b.WriteString(strings.Repeat("x", maxExplained+1) + "\n")
		}
	}
	return b.String() + `{"command": "true"}` // without an end of line
}

// TestAnswersComeAsIfOneWereGivenAfterTheOther: however many are judged at once.
func TestAnswersComeAsIfOneWereGivenAfterTheOther(t *testing.T) {
	x, err := newExplainer(explainOptions{asJSON: true, stdin: true})
	if err != nil {
		t.Fatal(err)
	}
	var want, got bytes.Buffer
	here, r := x.here(), bufio.NewReader(strings.NewReader(questions()))
	for err = nil; err == nil; {
		var line []byte
		var tooLong bool
		line, tooLong, err = readLine(r)
		want.Write(encoded(x.answerLine(t.Context(), here, line, tooLong)))
	}
	if err := x.stream(t.Context(), strings.NewReader(questions()), &got); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(got.Bytes(), want.Bytes()) {
		a, b := strings.Split(got.String(), "\n"), strings.Split(want.String(), "\n")
		for i := range min(len(a), len(b)) {
			if a[i] != b[i] {
				t.Fatalf("answer %d: got %s, want %s", i+1, a[i], b[i])
			}
		}
		t.Fatalf("got %d answers, want %d", len(a), len(b))
	}
}

// TestAnswersDoNotWaitForMoreQuestions: who asks one thing at a time gets each
// answer before the next question.
func TestAnswersDoNotWaitForMoreQuestions(t *testing.T) {
	x, err := newExplainer(explainOptions{asJSON: true, stdin: true})
	if err != nil {
		t.Fatal(err)
	}
	in, ask := io.Pipe()
	answers, out := io.Pipe()
	done := make(chan error, 1)
	go func() {
		done <- x.stream(t.Context(), in, out)
		out.Close()
	}()
	r := bufio.NewReader(answers)
	for range 3 {
		if _, err := io.WriteString(ask, `{"command": "ls"}`+"\n"); err != nil {
			t.Fatal(err)
		}
		if line, err := r.ReadString('\n'); err != nil || !strings.Contains(line, `"verdict":"allow"`) {
			t.Fatalf("got %q, %v", line, err)
		}
	}
	ask.Close()
	if err := <-done; err != nil {
		t.Errorf("at the end: %v", err)
	}
}

var errBroken = errors.New("broken")

type brokenPipe struct{}

func (brokenPipe) Read([]byte) (int, error)  { return 0, errBroken }
func (brokenPipe) Write([]byte) (int, error) { return 0, errBroken }

func TestABrokenInputOrOutputIsSaid(t *testing.T) {
	x, err := newExplainer(explainOptions{asJSON: true, stdin: true})
	if err != nil {
		t.Fatal(err)
	}
	var got bytes.Buffer
	asked := io.MultiReader(strings.NewReader(`{"command": "ls"}`+"\n"), brokenPipe{})
	if err := x.stream(t.Context(), asked, &got); !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), "read standard input: ") {
		t.Errorf("a broken input: got %v", err)
	}
	if n := strings.Count(got.String(), "\n"); n != 1 {
		t.Errorf("got %d answers before the input broke, want 1: %s", n, got.String())
	}
	if err := x.stream(t.Context(), strings.NewReader(questions()), brokenPipe{}); !errors.Is(err, errBroken) || !strings.HasPrefix(err.Error(), "write answer: ") {
		t.Errorf("a broken output: got %v", err)
	}
}
