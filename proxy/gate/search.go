package gate

import (
	"context"
	"encoding/json"
	"fmt"
	"path"
	"slices"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// searchOf names what a process does that may not execute a program and then tries
// the same words with the file of that name in another folder: one attempt. It is
// empty for what may run and for what is no execution.
func (g *Gate) searchOf(a *asking) string {
	c := a.request.Command
	if c.Call == nil || c.Call.Again != "" || a.d.Verdict == proxy.Allow {
		return ""
	}
	what, err := json.Marshal([]any{c.Call.PID, c.Call.Start, path.Base(c.Call.Raw), c.Argv, c.Cwd, c.Env})
	if err != nil { // strings and numbers always marshal
		panic(err)
	}
	return g.redact.Keyed(what)
}

// searches is the attempt that a command only goes on with, nil for one of its own.
func (g *Gate) searches(a *asking) *state.Search {
	if id := g.searchOf(a); id != "" {
		return a.session.Search(id, a.hash)
	}
	return nil
}

// heldBefore is the hold that an attempt has come to already and that does not let it
// run. One that was approved was so for that program file alone.
func (g *Gate) heldBefore(a *asking) *state.Hold {
	s := g.searches(a)
	if s == nil {
		return nil
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	h := g.state.Holds[s.Hold]
	if h == nil || h.State == proxy.Approved {
		return nil
	}
	copied := *h
	return &copied
}

// heldOnce denies what people were asked about already: who said no, or has not
// answered yet, is not asked about every folder of a PATH.
func (g *Gate) heldOnce(ctx context.Context, a *asking, h *state.Hold) (proxy.Answer, error) {
	a.d.Verdict = proxy.Deny
	f := proxy.Finding{ID: "hold.once", Tier: a.d.Tier, Verdict: proxy.Deny, Stage: -1,
		Msg: fmt.Sprintf("the same from another folder is %s (hold %s)", h.State, proxy.Short(h.Hold))}
	a.d.Findings = append(slices.Clone(a.d.Findings), f)
	ans := g.answerTo(a)
	ans.Note = f.Msg
	return g.record(ctx, a, ans, []receipt.Draft{g.decided(a, "", f.Msg)})
}
