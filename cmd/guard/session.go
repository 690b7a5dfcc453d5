package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"time"

	"golang.org/x/term"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
	"github.com/f958ca95/guard/proxy/spawn"
)

// session is this process's part in a guard session: its own, or the one it was
// started in.
type session struct {
	client   *sock.Client
	state    proxy.SessionState
	within   string          // session this process was started in, "" for none
	nested   bool            // there is one
	kept     bool            // it goes on without us, under the exec hook
	patience time.Duration   // how long to wait for an answer without a prompt
	terminal *spawn.Terminal // where guard asks the person in place; nil if it cannot
	prompts  bool            // a person is asked at somebody else's terminal
	quiet    bool            // and sees there what say would say
	say      voice
	blocked  func(voice, proxy.Answer) error // says what was blocked
	held     func()                          // told before a hold is waited for; may be nil
	seen     func([]proxy.Observation)       // told what the answer came to depend on; may be nil
}

func newSession(opt runOptions) *session {
	within := os.Getenv(sessionVar)
	s := &session{within: within, nested: within != "", patience: opt.wait, say: say, blocked: sayBlocked}
	if !s.nested && term.IsTerminal(0) && term.IsTerminal(2) {
		s.terminal, _ = spawn.OpenTerminal() // without one nobody is asked here
	}
	return s
}

// dial reaches guardd. After a lost connection the session is taken up again
// before anything else is asked.
func (s *session) dial(ctx context.Context) (err error) {
	s.client, err = dialToJudge(ctx, s.reattach)
	return err
}

func (s *session) reattach(ctx context.Context, ask sock.Asker) error {
	if s.state.ID == "" {
		return nil
	}
	again := request(proxy.KindSession, "")
	again.Open = &proxy.Open{Attach: s.state.ID}
	a, err := ask(ctx, again)
	if err == nil && a.Verdict != proxy.Allow {
		err = fmt.Errorf("guardd refuses session %s", s.state.ID)
	}
	return err
}

// open opens a session, or attaches to the one this process runs in.
func (s *session) open(ctx context.Context, j job, at surroundings, opt runOptions, p preparation) error {
	r := request(proxy.KindSession, "")
	r.Open = &proxy.Open{
		Attach: readable(s.within), Agent: readable(agentName(opt, j)), Argv: mapped(j.argv, readable),
		Cwd: readable(at.cwd), Home: readable(at.home), Workspace: readable(at.workspace),
		Terminal: !s.nested && spawn.HasTerminal(), Prompt: s.terminal != nil, Hook: hookOff,
	}
	if p.Prepared != nil {
		r.Open.Hook, r.Open.Monitor = hookProven, p.Monitor()
	}
	if opt.sandbox != "off" {
		r.Open.Sandbox, r.Open.Writable = opt.sandbox, at.writable(opt)
	}
	a, err := s.client.Ask(ctx, r)
	if err != nil {
		return err
	}
	if a.Verdict != proxy.Allow || a.Session == nil {
		return sayBlocked(say, a)
	}
	s.state = *a.Session
	return nil
}

// agentName is the identity a session acts as.
func agentName(opt runOptions, j job) string {
	if opt.agent != "" {
		return opt.agent
	}
	return filepath.Base(j.argv[0])
}

// farewell bounds how long guard waits for guardd to take note of an end, when
// nothing else is left to do. What reached guardd counts even if its answer comes
// later, so this is for a connection that has to be replaced first: guardd takes
// a session for lost after as long.
const farewell = 15 * time.Second

// close ends an own session; one that was only joined goes on.
func (s *session) close() {
	ctx, cancel := context.WithTimeout(context.Background(), farewell)
	defer cancel()
	if s.client != nil {
		if !s.nested && s.state.ID != "" {
			r := request(proxy.KindEnd, s.state.ID)
			r.End = &proxy.End{Keep: s.kept}
			// A lost end is found by guardd when the connection closes.
			_, _ = s.client.Ask(ctx, r)
		}
		s.client.Close()
	}
	if s.terminal != nil {
		s.terminal.Close()
	}
}

// environ is the environment of what runs: unchanged but for the session's id.
func (s *session) environ() []string {
	env := os.Environ()
	if s.nested {
		return env
	}
	kept := make([]string, 0, len(env)+1)
	for _, v := range env {
		if !strings.HasPrefix(v, sessionVar+"=") {
			kept = append(kept, v)
		}
	}
	if s.state.ID == "" { // known only when the hook is up
		return kept
	}
	return append(kept, sessionVar+"="+s.state.ID)
}

// daemon is the process of a guardd that this one had to start, 0 for none.
func (s *session) daemon() int {
	if s.client == nil {
		return 0
	}
	return s.client.Daemon()
}

// watch follows the session while its command runs: it ends the command when a
// person stops the session, and asks in place about holds from inside it.
func (s *session) watch(ctx context.Context, stop context.CancelFunc) {
	if s.nested {
		return
	}
	pause(ctx, watchFirst)
	var prompts sync.WaitGroup
	defer prompts.Wait()
	asked := map[string]bool{}
	var seen uint64
	for ctx.Err() == nil {
		view, err := s.client.Read(ctx, proxy.Look{What: proxy.LookSession, ID: s.state.ID, Since: seen})
		if err != nil || view.Session == nil {
			// The command goes on; whatever it asks meets the same fault. guardd may
			// come back, and guard stop with it.
			pause(ctx, watchAgain)
			continue
		}
		if view.Session.Stopping {
			s.tell("this session was asked to end (guard stop); what still runs in a few seconds is killed")
			stop()
			return
		}
		seen = view.Change
		for _, h := range view.Holds {
			if s.terminal != nil && !asked[h.ID] {
				asked[h.ID] = true
				prompts.Go(func() { s.promptInside(ctx, h) })
			}
		}
	}
}

// watchFirst is how long watch leaves a command alone: most are over by then, and
// need nobody to watch them.
const watchFirst = 30 * time.Millisecond

// watchAgain is how long watch waits before it tries a guardd again that did not
// answer.
const watchAgain = time.Second

func pause(ctx context.Context, d time.Duration) {
	select {
	case <-ctx.Done():
	case <-time.After(d):
	}
}

// tell says something while the command runs, without spoiling its display.
func (s *session) tell(text string) {
	if s.terminal == nil {
		say("%s", text)
		return
	}
	s.terminal.Say(text)
}
