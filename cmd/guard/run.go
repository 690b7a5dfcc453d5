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
	agent   string
	tty     string
	wait    time.Duration
	hook    string // on, off
	sandbox string // off, workspace
	key     string // idempotency key, with keyed
	keyed   bool

	allowWrite []string // folders besides, with sandbox
}

// defaults are the options of somebody who gives none.
func defaults() runOptions {
	return runOptions{tty: "auto", wait: askerPatience, hook: "on", sandbox: "off"}
}

// mode is what the command gets as its terminal.
func (o runOptions) mode() spawn.Mode {
	if o.tty == "inherit" {
		return spawn.Inherit
	}
	return spawn.Auto
}

// check says what is wrong with the options.
func (o runOptions) check() error {
	for _, c := range []struct {
		flag, value string
		takes       []string
	}{
		{"--tty", o.tty, []string{"auto", "inherit"}},
		{"--exec-hook", o.hook, []string{"on", "off"}},
		{"--sandbox", o.sandbox, []string{"off", "workspace"}},
	} {
		if c.value != c.takes[0] && c.value != c.takes[1] {
			return &exit{exitUsage, fmt.Sprintf("%s takes %s or %s, not %q", c.flag, c.takes[0], c.takes[1], c.value)}
		}
	}
	if o.hook == "off" && o.sandbox != "off" {
		return &exit{exitUsage, "--sandbox needs the exec hook; leave out --exec-hook=off"}
	}
	if o.sandbox == "off" && len(o.allowWrite) > 0 {
		return &exit{exitUsage, "--allow-write widens a sandbox; add --sandbox=workspace"}
	}
	if o.keyed && !proxy.IsKey(o.key) {
		return &exit{exitUsage, "--idempotency-key takes 1 to 200 printable characters"}
	}
	if o.wait < 0 || o.wait > askerPatience {
		return &exit{exitUsage, fmt.Sprintf("--wait takes 0s to %v, not %v", askerPatience, o.wait)}
	}
	return nil
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
// outcome. The exec hook is put up first, while guardd is being reached: a
// session is opened with the proof that it holds.
func runJob(ctx context.Context, j job, opt runOptions) error {
	if err := opt.check(); err != nil {
		return err
	}
	at, err := look()
	if err != nil {
		return err
	}
	at.complete(&j)
	j.command.Key = opt.key
	s := newSession(opt)
	defer s.close()
	hooked := opt.hook == "on" && !s.nested
	prepared := make(chan preparation, 1)
	if hooked {
		go func() { prepared <- prepare(ctx, s, j, at, opt) }()
	}
	err = s.dial(ctx)
	p := preparation{}
	if hooked {
		p = <-prepared
		defer p.close()
	}
	if err = errors.Join(err, p.err); err != nil {
		return err
	}
	if err := s.open(ctx, j, at, opt, p); err != nil {
		return err
	}
	if s.nested && s.state.Hook == hookProven && opt.key == "" {
		return turnInto(j)
	}
	if !hooked {
		if !s.nested {
			say("exec hook off: ADVISORY ONLY: what %s starts by itself is not judged", filepath.Base(j.path))
		}
		if p = prepare(ctx, s, j, at, opt); p.err != nil {
			return p.err
		}
	}
	a, id, err := s.permit(ctx, j.command)
	if err != nil {
		return err
	}
	return s.run(ctx, p, j, permission{Session: s.state.ID, Request: id, Exact: a.Exact, Outside: a.Outside}, opt.mode())
}

// turnInto makes guard the command: inside a session that has the exec hook,
// that asks, and once.
func turnInto(j job) error {
	err := syscall.Exec(j.path, j.argv, os.Environ())
	if errors.Is(err, syscall.EPERM) {
		return ended(exitBlocked) // the hook has said why
	}
	return startError(j, err)
}

// permit returns the answer that lets a command run, and the id of its request;
// every other answer is said and comes back as the exit it means.
func (s *session) permit(ctx context.Context, c proxy.Command) (proxy.Answer, string, error) {
	ctx, stop := interruptible(ctx)
	defer stop()
	r := request(proxy.KindCommand, s.state.ID)
	r.Command = &c
	a, err := s.settle(ctx, r)
	return a, r.ID, err
}

// settle asks until the answer stands, through a hold if there is one.
func (s *session) settle(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	for {
		a, err := s.ask(ctx, r)
		if ctx.Err() != nil {
			return a, context.Cause(ctx)
		}
		if err != nil {
			return a, err
		}
		switch {
		case a.Done != nil:
			if err := s.waitKey(ctx, *a.Done); err != nil {
				return a, err
			}
		case len(a.Scene) > 0:
			return a, errors.New("guardd keeps asking to look around; nothing runs")
		case a.Verdict == proxy.Allow:
			return a, nil
		case a.Verdict == proxy.Hold:
			if s.held != nil {
				s.held()
			}
			if err := s.waitHold(ctx, r.ID, a); err != nil {
				return a, err
			}
		case a.Verdict == proxy.Crisis:
			return a, sayHelp(s.say, a)
		default:
			return a, s.blocked(s.say, a)
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

// rounds bounds how often guard looks around for one answer: scripts that run
// scripts are read one after the other. What is asked for beyond stays unseen,
// and unseen is opaque.
const rounds = 8

// ask asks once, looking around as often as the answer depends on it.
func (s *session) ask(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	for round := range rounds + 1 {
		a, err := s.client.Ask(ctx, r)
		if err != nil || len(a.Scene) == 0 {
			return a, err
		}
		var seen []proxy.Observation
		if round < rounds {
			seen = scene.Observe(ctx, scene.Limits{}, a.Scene)
		} else {
			for _, q := range a.Scene {
				seen = append(seen, proxy.Observation{Query: q, Error: "too deep"})
			}
		}
		c := *r.Command
		c.Scene = append(c.Scene[:len(c.Scene):len(c.Scene)], seen...)
		r.Command = &c
		if s.seen != nil {
			s.seen(c.Scene)
		}
	}
	return s.client.Ask(ctx, r)
}

// run runs the permitted command and reports how it ended.
func (s *session) run(ctx context.Context, p preparation, j job, may permission, mode spawn.Mode) error {
	ctx, cancel := context.WithCancel(ctx)
	watched := make(chan struct{})
	go func() {
		defer close(watched)
		s.watch(ctx, cancel)
	}()
	status, err := p.Run(ctx, s.order(may, j, mode))
	cancel()
	<-watched
	s.kept = status.Kept
	outcome := proxy.Outcome{Request: may.Request, Status: status.Code, Signal: status.Signal, DurationMS: status.Duration.Milliseconds()}
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
