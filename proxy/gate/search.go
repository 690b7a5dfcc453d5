package gate

import (
	"encoding/json"
	"path"

	"github.com/f958ca95/guard/proxy"
)

// searchOf names what a process does that may not execute a program and then tries
// the same words with the file of that name in another folder: one attempt. It is
// empty for what may run and for what is no execution.
func (g *Gate) searchOf(a *asking) string {
	c := a.request.Command
	if c.Call == nil || a.d.Verdict == proxy.Allow {
		return ""
	}
	what, err := json.Marshal([]any{c.Call.PID, c.Call.Start, path.Base(c.Call.Raw), c.Argv, c.Cwd, c.Env})
	if err != nil { // strings and numbers always marshal
		panic(err)
	}
	return g.redact.Keyed(what)
}

// continues says whether a command only goes on with such an attempt.
func (g *Gate) continues(a *asking) bool {
	search := g.searchOf(a)
	if search == "" {
		return false
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	p := g.state.Pace(a.session.Agent, a.session.UID)
	return p != nil && p.Continues(search, a.hash)
}
