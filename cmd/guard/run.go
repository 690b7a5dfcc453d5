package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/scene"
	"github.com/f958ca95/guard/proxy/spawn"
)

// sessionVar is the one variable guard adds to the environment of what it runs.
const sessionVar = "GUARD_SESSION"

type runOptions struct {
	agent string
	tty   string
	wait  time.Duration
}

// job is one command to judge and run.
type job struct {
	path    string // program file
	argv    []string
	command proxy.Command
}

// runArgv judges and runs the words after "--".
func runArgv(ctx context.Context, argv []string, opt runOptions) error {
	if len(argv) == 0 {
		return &exit{exitUsage, "no command given; try: guard -- COMMAND [ARG...]"}
	}
	path, err := lookPath(argv[0])
	if err != nil {
		return err
	}
	return runJob(ctx, job{path: path, argv: argv, command: proxy.Command{Kind: "exec", Argv: argv}}, opt)
}

// lookPath finds a program as a shell would.
func lookPath(name string) (string, error) {
	path, err := exec.LookPath(name)
	switch {
	case err == nil || errors.Is(err, exec.ErrDot):
		return filepath.Abs(path)
	case errors.Is(err, os.ErrPermission):
		return "", &exit{exitNotFound, fmt.Sprintf("%s is not executable", name)}
	default:
		return "", &exit{exitNotFound, fmt.Sprintf("no such program: %s", name)}
	}
}

// runJob takes one command through the whole flow: session, decision, act,
// outcome.
func runJob(ctx context.Context, j job, opt runOptions) error {
	mode, ok := map[string]spawn.Mode{"auto": spawn.Auto, "inherit": spawn.Inherit}[opt.tty]
	if !ok {
		return &exit{exitUsage, fmt.Sprintf("--tty takes auto or inherit, not %q", opt.tty)}
	}
	if opt.wait < 0 || opt.wait > askerPatience {
		return &exit{exitUsage, fmt.Sprintf("--wait takes 0s to %v, not %v", askerPatience, opt.wait)}
	}
	surroundings, err := look()
	if err != nil {
		return err
	}
	surroundings.complete(&j)
	s, err := openSession(ctx, j, surroundings, opt)
	if err != nil {
		return err
	}
	defer s.close()
	id, err := s.permit(ctx, j.command)
	if err != nil {
		return err
	}
	return s.run(ctx, id, j, mode)
}

// permit returns the id of the command's request once it may run; every other
// answer is said and comes back as the exit it means.
func (s *session) permit(ctx context.Context, c proxy.Command) (string, error) {
	ctx, stop := interruptible(ctx)
	defer stop()
	r := request(proxy.KindCommand, s.state.ID)
	r.Command = &c
	for {
		a, err := s.ask(ctx, r)
		if ctx.Err() != nil {
			return "", context.Cause(ctx)
		}
		if err != nil {
			return "", err
		}
		switch a.Verdict {
		case proxy.Allow:
			return r.ID, nil
		case proxy.Hold:
			if err := s.waitHold(ctx, a); err != nil {
				return "", err
			}
		case proxy.Crisis:
			return "", sayHelp(a)
		default:
			return "", sayBlocked(a)
		}
	}
}

// interruptible returns a context that ends with the first signal that asks
// guard to end, and with the exit that this means. Signals that guard was
// started to ignore stay ignored.
func interruptible(ctx context.Context) (context.Context, func()) {
	ctx, cancel := context.WithCancelCause(ctx)
	sent := make(chan os.Signal, 1)
	for _, s := range []os.Signal{syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP} {
		if !signal.Ignored(s) {
			signal.Notify(sent, s)
		}
	}
	go func() {
		select {
		case s := <-sent:
			number, _ := s.(syscall.Signal)
			cancel(&exit{128 + int(number), "cancelled; nothing ran"})
		case <-ctx.Done():
		}
	}()
	return ctx, func() {
		signal.Stop(sent)
		cancel(nil)
	}
}

// rounds bounds how often an answer may ask for another look around.
const rounds = 4

// ask asks once, looking around as often as the answer depends on it.
func (s *session) ask(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	for range rounds {
		a, err := s.client.Ask(ctx, r)
		if err != nil || len(a.Scene) == 0 {
			return a, err
		}
		seen := scene.Observe(ctx, scene.Limits{}, a.Scene)
		c := *r.Command
		c.Scene = append(c.Scene[:len(c.Scene):len(c.Scene)], seen...)
		r.Command = &c
	}
	return proxy.Answer{}, errors.New("guardd keeps asking to look around; nothing runs")
}

// run runs the permitted command and reports how it ended.
func (s *session) run(ctx context.Context, id string, j job, mode spawn.Mode) error {
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.watch(ctx, cancel)
	}()
	status, err := spawn.Run(ctx, spawn.Command{
		Path: j.path, Argv: j.argv, Env: s.environ(), TTY: mode, Terminal: s.terminal, Spare: s.client.Daemon,
	})
	cancel()
	<-watched
	outcome := proxy.Outcome{Request: id, Status: status.Code, Signal: status.Signal, DurationMS: status.Duration.Milliseconds()}
	if err != nil {
		outcome.Status, outcome.Error = exitFailed, err.Error()
	}
	r := request(proxy.KindOutcome, s.state.ID)
	r.Outcome = &outcome
	if _, reportErr := s.client.Ask(context.WithoutCancel(ctx), r); reportErr != nil {
		say("the command ended with %d, but its receipt could not be written: %v", outcome.Status, reportErr)
	}
	if err != nil {
		return startError(j, err)
	}
	return ended(status.Code)
}

// startError says why a permitted program could not be started.
func startError(j job, err error) error {
	if errors.Is(err, os.ErrNotExist) {
		return &exit{exitNotFound, fmt.Sprintf("no such program: %s (or its interpreter is missing)", j.argv[0])}
	}
	return &exit{exitFailed, fmt.Sprintf("start %s: %v", j.argv[0], err)}
}
