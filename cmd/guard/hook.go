package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"runtime"
	"sync/atomic"
	"time"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
	"github.com/f958ca95/guard/proxy/spawn"
	"github.com/f958ca95/guard/proxy/trace"
)

// What watches a session's process tree.
const (
	hookProven = "proven"
	hookOff    = "off"
)

// preparation is a command that only has to be let go.
type preparation struct {
	*spawn.Prepared
	err error
}

func (p preparation) close() {
	if p.Prepared != nil {
		p.Close()
	}
}

// limits are what the hook's processes are told of the session before there is
// one, as the one word that spawn passes on.
type limits struct {
	Sandbox []string `json:"sandbox"` // where the tree may write; null: anywhere
}

// prepare makes the command ready, with the exec hook if it is wanted here.
func prepare(ctx context.Context, s *session, j job, at surroundings, opt runOptions) preparation {
	c := spawn.Command{Path: j.path, Argv: j.argv, Env: s.environ(), TTY: opt.mode(), Terminal: s.terminal, Spare: s.daemon}
	if opt.hook == "on" && !s.nested {
		arg, err := json.Marshal(limits{Sandbox: at.writable(opt)})
		if err != nil {
			return preparation{err: fmt.Errorf("tell the exec hook its limits: %w", err)}
		}
		c.Hook, c.HookArg = true, string(arg)
	}
	if s.nested && s.state.Hook == hookProven {
		c.Below, c.TTY = true, spawn.Inherit // the terminal is the session's own
	}
	p, err := spawn.Prepare(ctx, c)
	if errors.Is(err, spawn.ErrHook) {
		err = &exit{exitFailed, fmt.Sprintf("%v; nothing ran\nto run it where only this first command is judged (ADVISORY ONLY): guard --exec-hook=off -- %s", err, j.argv[0])}
	}
	return preparation{p, err}
}

// permission is what guard tells the monitor of the command that may run.
type permission struct {
	Session  string        `json:"session"`
	Request  string        `json:"request"` // command request that was allowed
	Exact    bool          `json:"exact"`   // because people approved exactly it
	Outside  bool          `json:"outside"` // what they approved is that it runs outside of the session
	Path     string        `json:"path"`    // program file
	Digest   string        `json:"digest"`  // its identity when it was judged
	Argv     []string      `json:"argv"`
	Patience time.Duration `json:"patience"` // how long what is held inside waits for an answer
	Prompts  bool          `json:"prompts"`  // a person is asked at guard's terminal
}

// order completes the permission, and writes it as spawn carries it.
func (s *session) order(may permission, j job, mode spawn.Mode) []byte {
	may.Path, may.Digest, may.Argv = j.path, j.command.Digest, j.argv
	may.Patience, may.Prompts = s.patience, s.terminal != nil && mode == spawn.Auto && spawn.OnTerminal()
	order, err := json.Marshal(may)
	if err != nil { // strings, numbers and truths always marshal
		panic(err)
	}
	return order
}

// hook is the exec hook of one session, in its monitor and in what becomes its
// command.
type hook struct {
	limits limits
	tracer trace.Tracer
	judge  *judge
	front  int               // process of the guard that talks to the person
	early  chan *sock.Client // gives a connection, or nil where none could be had yet
	joined atomic.Pointer[session]
}

// newHook is the hook as spawn starts it.
func newHook(arg string) (spawn.Hook, error) {
	h := &hook{judge: newJudge(), front: os.Getppid(), early: make(chan *sock.Client, 1)}
	if err := json.Unmarshal([]byte(arg), &h.limits); err != nil {
		return nil, fmt.Errorf("read the limits of the exec hook: %w", err)
	}
	h.tracer.Judge = h.judge
	return h, nil
}

// Enter restricts this process and what it becomes.
func (h *hook) Enter() (int, error) {
	fd, _, err := trace.Enter(trace.Limits{Sandbox: h.limits.Sandbox})
	return fd, err
}

// Prove lets a reserved execution be refused.
func (h *hook) Prove() error { return trace.Prove() }

// Serve answers executions until nothing is left that could make one.
func (h *hook) Serve(fd int) error { return h.tracer.Serve(fd) }

// processors is how many of Go's a monitor has. What it does is wait, in eight places
// of the kernel, and a thread that waits there keeps its processor for a while: with
// fewer, others would wait with it.
const processors = 8

// Begin connects to guardd, if there is one by now.
func (h *hook) Begin() {
	runtime.GOMAXPROCS(processors)
	go func() {
		client, _ := h.dial(context.Background()) // Open tries again
		h.early <- client
	}()
}

// dial reaches guardd. As long as the session's guard is there, that one alone
// brings back a guardd that has died.
func (h *hook) dial(ctx context.Context) (*sock.Client, error) {
	dir, err := sock.StateDir()
	if err != nil {
		return nil, err
	}
	alone := func() bool { return os.Getppid() != h.front }
	return sock.Dial(ctx, sock.Options{Dir: dir, MayStart: alone, Reattach: h.reattach})
}

func (h *hook) reattach(ctx context.Context, ask sock.Asker) error {
	if s := h.joined.Load(); s != nil {
		return s.reattach(ctx, ask)
	}
	return nil
}

// Open joins the session and lets its command go.
func (h *hook) Open(order []byte) ([]string, error) {
	var may permission
	if err := json.Unmarshal(order, &may); err != nil {
		return nil, fmt.Errorf("read what may run: %w", err)
	}
	s := &session{
		within: may.Session, nested: true, patience: may.Patience, prompts: may.Prompts,
		state: proxy.SessionState{ID: may.Session}, blocked: sayBlockedShort,
	}
	h.joined.Store(s)
	if err := h.join(context.Background(), s); err != nil {
		return nil, err
	}
	h.judge.begin(s, may)
	return []string{sessionVar + "=" + may.Session}, nil
}

// join attaches to a session that is live.
func (h *hook) join(ctx context.Context, s *session) (err error) {
	if s.client = <-h.early; s.client == nil {
		if s.client, err = h.dial(ctx); err != nil {
			return err
		}
	}
	return s.reattach(ctx, s.client.Ask)
}

// Close says that the session is over, should it be ours by now.
func (h *hook) Close(kept bool) { h.judge.close(kept) }

// Quiet runs f while nothing is traced.
func (h *hook) Quiet(f func()) { h.tracer.Quiet(f) }

// Spare is a guardd that the hook had to start.
func (h *hook) Spare() int { return h.judge.daemon() }

// Taken is the status of a child that the tracer had to collect.
func (h *hook) Taken(pid int) (unix.WaitStatus, bool) { return h.tracer.Taken(pid) }
