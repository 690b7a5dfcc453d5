package gate

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"golang.org/x/sys/unix"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// hookOf checks what a session says about its exec hook, and returns the word for
// it and when its monitor was started.
func hookOf(o *proxy.Open) (hook string, since uint64, err error) {
	switch {
	case o.Hook == "proven" && o.Monitor > 0:
		if since = startTime(o.Monitor); since == 0 {
			return "", 0, fmt.Errorf("open a session: its monitor, process %d, does not run", o.Monitor)
		}
		return o.Hook, since, nil
	case (o.Hook == "off" || o.Hook == "none") && o.Monitor == 0:
		return o.Hook, 0, nil
	case o.Hook == "" && o.Monitor == 0:
		return "none", 0, nil
	}
	return "", 0, fmt.Errorf("open a session: exec hook %q with monitor %d", o.Hook, o.Monitor)
}

// owns says whether the connection is that of guard itself, which answers for
// the session: its monitor, once that keeps it.
func (b binding) owns(s *state.Session) bool { return b.pid == s.PID && b.start == s.Start }

// watches says whether the connection is that of the session's monitor.
func (b binding) watches(s *state.Session) bool {
	return s.Monitor != 0 && b.session == s.Session && b.pid == s.Monitor && b.start == s.Since
}

// keep leaves the session to its monitor, or ends it where that is gone.
func (g *Gate) keep(ctx context.Context, id, reason string) error {
	g.mu.Lock()
	s := g.state.Sessions[id]
	if s == nil || s.Kept {
		g.mu.Unlock()
		return nil
	}
	kept := state.Kept{Session: id, PID: s.Monitor, Start: s.Since}
	g.mu.Unlock()
	if kept.PID == 0 || startTime(kept.PID) != kept.Start {
		return g.end(ctx, id, reason)
	}
	_, err := g.append(ctx, func() error {
		if g.state.Sessions[id] != s || s.Kept {
			return errMoved
		}
		return nil
	}, false, draft(state.SessionKept, kept, "session"))
	if err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	delete(g.lost, id)
	if s := g.state.Sessions[id]; s != nil && !g.ownedElsewhere(0, s) {
		g.lost[id] = g.clock.now().boot // its connection broke; it comes back, or is taken for dead
		g.wake()
	}
	return nil
}

// loaded records what became of executions that were let go on.
func (g *Gate) loaded(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	g.mu.Lock()
	s := g.state.Sessions[r.Session]
	if s == nil || !g.conns[r.Peer.Conn].watches(s) {
		g.mu.Unlock()
		return proxy.Answer{}, fmt.Errorf("session %s: what was loaded only its monitor can say", r.Session)
	}
	told, durable, drafts := map[string]*state.Request{}, false, []receipt.Draft(nil)
	for _, l := range r.Loaded {
		known := s.Requests[l.Request]
		if known == nil || known.Verdict != proxy.Allow || told[l.Request] != nil {
			continue // told before
		}
		told[l.Request], durable = known, durable || known.Tier >= proxy.Medium
		drafts = append(drafts, loadedDraft(r.Session, l, known))
		drafts = append(drafts, g.settlements(r.Session, "the command was started", l.Exe != nil, l.Request)...)
	}
	g.mu.Unlock()
	if len(drafts) == 0 {
		return proxy.Answer{Verdict: proxy.Allow}, nil
	}
	_, err := g.append(ctx, func() error {
		for request, known := range told {
			if s := g.state.Sessions[r.Session]; s == nil || s.Requests[request] != known {
				return errMoved
			}
		}
		return nil
	}, durable, drafts...)
	return proxy.Answer{Verdict: proxy.Allow}, err
}

func loadedDraft(session string, l proxy.Loaded, known *state.Request) receipt.Draft {
	body := state.Loaded{
		Session: session, Request: l.Request, Decision: known.Decision, Tier: known.Tier, Display: known.Display,
		PID: l.PID, Argv: l.Argv, Error: l.Error, Outside: l.Outside,
	}
	typ := state.CommandStarted
	if l.Exe == nil {
		typ = state.CommandFailed
	} else {
		exe := fileOf(*l.Exe)
		body.Exe = &exe
	}
	return draft(typ, body, "exec")
}

// callOf is a call as receipts keep it.
func callOf(c *proxy.Command) *state.Call {
	if c.Call == nil {
		return nil
	}
	kept := &state.Call{PID: c.Call.PID, Raw: c.Call.Raw, Exe: fileOf(c.Call.Exe), Again: c.Call.Again}
	if len(c.Call.Under) > 0 {
		kept.Under = c.Call.Under[0] // which says the others
	}
	for _, f := range c.Call.Chain {
		kept.Chain = append(kept.Chain, fileOf(f))
	}
	return kept
}

func fileOf(f proxy.File) state.File { return state.File{Path: f.Path, Dev: f.Dev, Ino: f.Ino} }

// identity is what an approval binds to of a call: the files, as they were.
type identity struct {
	Raw   string       `json:"raw"`
	Files []proxy.File `json:"files"`
}

func identityOf(call *proxy.Call) *identity {
	if call == nil {
		return nil
	}
	return &identity{Raw: call.Raw, Files: append([]proxy.File{call.Exe}, call.Chain...)}
}

// exeOf is a call's program file as classify wants it; nil without a call.
func exeOf(s state.Session, call *proxy.Call) *classify.Exe {
	if call == nil {
		return nil
	}
	f := call.Exe
	exe := &classify.Exe{
		Path: f.Path, Raw: call.Raw, Dev: int64(f.Dev), Ino: int64(f.Ino), Origin: origin(s, f),
		Setuid: f.Mode&(unix.S_ISUID|unix.S_ISGID) != 0, Traced: call.Tracer != 0,
	}
	for _, in := range call.Chain {
		exe.Chain = append(exe.Chain, in.Path)
		if o := origin(s, in); worse[o] > worse[exe.Origin] {
			exe.Origin = o // memory as an interpreter is no better than as a program
		}
	}
	return exe
}

// worse orders what says that a file is not what its name says.
var worse = map[string]int{"writable": 1, "session": 2, "foreign": 3, "deleted": 4, "memfd": 5}

// origin says where a program file is from. Root can write everything, so that for
// its agents only a change since the session began tells.
func origin(s state.Session, f proxy.File) string {
	switch {
	case f.Memfd:
		return "memfd"
	case f.Deleted:
		return "deleted"
	case f.Foreign:
		return "foreign"
	case f.Path == "":
		return "deleted" // has no name that could be looked up again
	case !f.Writable:
		return "system"
	case f.Ctime >= s.At.UnixNano():
		return "session"
	case s.UID == 0 && f.UID == 0 && kept(s, f.Path):
		return "system"
	}
	return "writable"
}

// kept says whether a path is among those where systems keep programs.
func kept(s state.Session, p string) bool {
	if s.Workspace != "" && strings.HasPrefix(p, s.Workspace+"/") {
		return false
	}
	return slices.ContainsFunc([]string{"/usr/", "/bin/", "/sbin/", "/lib", "/opt/", "/etc/", "/snap/", "/nix/", "/run/current-system/"}, func(top string) bool {
		return strings.HasPrefix(p, top)
	})
}
