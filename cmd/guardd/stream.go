package main

import (
	"bufio"
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/f958ca95/guard/classify"
)

// maxExplained bounds one line of --stdin; a command of 1 MiB fits with its
// quotes escaped.
const maxExplained = 8 << 20

// asked is one line of --stdin.
type asked struct {
	Command   given    `json:"command"`
	Argv      []string `json:"argv"`
	Kind      string   `json:"kind"`
	Text      given    `json:"text"`
	Action    *string  `json:"action"`
	Cwd       string   `json:"cwd"`
	Home      string   `json:"home"`
	Workspace string   `json:"workspace"`
	Stdin     string   `json:"stdin"`
}

// given is a text that was named; null is an empty one (REQUIREMENTS S1-27).
type given struct {
	is   bool
	text string
}

func (g *given) UnmarshalJSON(b []byte) error {
	g.is = true
	return json.Unmarshal(b, &g.text)
}

// stream answers JSON Lines in order, judging as many at a time as there are
// processors. A line that cannot be read or judged gets an error of its own; only
// a broken input or output ends the run.
func (x *explainer) stream(ctx context.Context, in io.Reader, out io.Writer) error {
	answers := make(chan chan []byte, 4*runtime.GOMAXPROCS(0))
	var broken error
	go func() {
		broken = x.read(ctx, in, answers)
		close(answers)
	}()
	w := bufio.NewWriter(out)
	for answer := range answers {
		if _, err := w.Write(<-answer); err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
		if len(answers) > 0 {
			continue // more is on its way; else somebody may be waiting for what there is
		}
		if err := w.Flush(); err != nil {
			return fmt.Errorf("write answer: %w", err)
		}
	}
	if err := w.Flush(); err != nil {
		return fmt.Errorf("write answer: %w", err)
	}
	return broken
}

// read has each line judged, and sends where its answer will be, in order.
func (x *explainer) read(ctx context.Context, in io.Reader, answers chan<- chan []byte) error {
	here, turns := x.here(), make(chan struct{}, runtime.GOMAXPROCS(0))
	r := bufio.NewReaderSize(in, 1<<16)
	for {
		line, tooLong, err := readLine(r)
		if err == nil || len(line) > 0 || tooLong {
			answer := make(chan []byte, 1)
			answers <- answer
			turns <- struct{}{}
			go func() {
				defer func() { <-turns }()
				answer <- encoded(x.answerLine(ctx, here, line, tooLong))
			}()
		}
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read standard input: %w", err)
		}
	}
}

// encoded is a value as a JSON line.
func encoded(v any) []byte {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	if err := enc.Encode(v); err != nil {
		return []byte(fmt.Sprintf("{\"error\":%q}\n", err))
	}
	return b.Bytes()
}

// readLine reads one line without its end. A line over the limit is read to its
// end and dropped.
func readLine(r *bufio.Reader) (line []byte, tooLong bool, err error) {
	for {
		part, err := r.ReadSlice('\n')
		if tooLong = tooLong || len(line)+len(part) > maxExplained; !tooLong {
			line = append(line, part...)
		}
		if errors.Is(err, bufio.ErrBufferFull) {
			continue
		}
		if tooLong {
			line = nil
		}
		return []byte(strings.TrimRight(string(line), "\r\n")), tooLong, err
	}
}

func (x *explainer) answerLine(ctx context.Context, here classify.Command, line []byte, tooLong bool) any {
	type fault struct {
		Error string `json:"error"`
	}
	if tooLong {
		return fault{fmt.Sprintf("the line is longer than %d bytes", maxExplained)}
	}
	var a asked
	if err := json.Unmarshal(line, &a); err != nil {
		return fault{fmt.Sprintf("not a JSON object: %v", err)}
	}
	c, err := a.command(here)
	if err != nil {
		return fault{err.Error()}
	}
	j, err := x.judge(ctx, c)
	if err != nil {
		return fault{err.Error()}
	}
	return short(j)
}

// command turns a line of --stdin into what is asked about.
func (a asked) command(here classify.Command) (classify.Command, error) {
	c := here
	c.Stdin = a.Stdin
	c.Cwd, c.Home = cmp.Or(a.Cwd, here.Cwd), cmp.Or(a.Home, here.Home)
	c.Vars = map[string]string{"HOME": c.Home, "PWD": c.Cwd}
	if c.Home != here.Home { // somebody else's: where guard keeps its folders by default
		c.Own = []string{systemPolicy, filepath.Join(c.Home, ".config/guard/policy"), filepath.Join(c.Home, ".local/state/guard")}
	}
	c.Workspace = a.Workspace
	if c.Workspace == "" && a.Cwd == "" {
		c.Workspace = here.Workspace
	}
	switch {
	case a.Kind == "text" && a.Text.is:
		c.Kind, c.Line = "text", a.Text.text
	case a.Kind == "action" && a.Action != nil:
		c.Kind, c.Action, c.Line = "action", *a.Action, a.Command.text
	case a.Kind != "" && a.Kind != "line" && a.Kind != "exec":
		return c, fmt.Errorf("kind %q needs its part; kinds are line (command), exec (argv), text (text) and action (action, command)", a.Kind)
	case a.Command.is && a.Argv == nil:
		c.Kind, c.Line = "line", a.Command.text
	case len(a.Argv) > 0 && !a.Command.is:
		c.Kind, c.Argv = "exec", a.Argv
	default:
		return c, errors.New(`give one of "command" (a line), "argv", or "kind" with "text" or "action"`)
	}
	return c, nil
}
