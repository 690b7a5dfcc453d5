package gate

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"strings"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
	"github.com/f958ca95/guard/receipt/state"
)

// hookTime bounds how long the program that is told of a change of trust may take.
const hookTime = 20 * time.Second

// change is what on_trust_change gets to read, as one JSON object.
type change struct {
	Agent      string   `json:"agent"`
	From       string   `json:"from"`
	To         string   `json:"to"`
	Cause      string   `json:"cause"` // promotion, violation, idle, manual
	ApprovedBy []string `json:"approved_by"`
}

// followed waits until on_trust_change has been told of what a request changed, and
// says what came of a promotion. Whoever calls it holds nothing that others wait for.
func (g *Gate) followed(r proxy.Request) error {
	if r.Kind != proxy.KindTrust || r.Trust.Op != proxy.TrustPromote && r.Trust.Op != proxy.TrustRevoke {
		return nil
	}
	if err := g.tellTrust(); err != nil {
		return err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range g.state.Standings {
		if a.Failed != nil && a.Failed.Request == r.ID {
			return promotionFailed(a.Failed.Reason)
		}
	}
	return nil
}

// promotionFailed has the text of REQUIREMENTS S2-12.
type promotionFailed string

func (cause promotionFailed) Error() string { return "Promotion failed: " + string(cause) }

// tellTrust tells on_trust_change of every change on record that it has not been told
// of, the oldest first: of those of this guardd, and of those that an earlier one left
// behind. A change that could not be settled is told again by the next guardd, so the
// program may hear of one twice.
func (g *Gate) tellTrust() error {
	g.telling.Lock()
	defer g.telling.Unlock()
	for {
		a, ok := g.untold()
		if !ok {
			return nil
		}
		if err := g.tellOne(a); err != nil {
			return fmt.Errorf("tell on_trust_change of agent %s: %w", a.Agent, err)
		}
	}
}

// tellLater is tellTrust while others go on: nothing that is decided waits for it.
func (g *Gate) tellLater() {
	if _, any := g.untold(); !any {
		return
	}
	g.work.Go(func() {
		if err := g.tellTrust(); err != nil {
			g.opt.Log.Error("settle a change of trust", "error", err)
		}
	})
}

// untold is the agent whose change has waited for longest.
func (g *Gate) untold() (first state.Standing, ok bool) {
	g.mu.Lock()
	defer g.mu.Unlock()
	for _, a := range g.state.Standings {
		if a.Untold != nil && (!ok || a.Untold.Seq < first.Untold.Seq) {
			first, ok = *a, true
		}
	}
	return first, ok
}

// hasUntold says whether a change of an agent's trust has not been told of yet.
func (g *Gate) hasUntold(t *proxy.Trust) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	a := g.state.Standings[state.AgentKey(t.Agent, t.UID)]
	return a != nil && a.Untold != nil
}

// tellOne runs the program for one change and puts on record what came of it. It
// records nothing where the agent has lost trust meanwhile, of which it is told next.
func (g *Gate) tellOne(a state.Standing) error {
	ctx, cancel := g.whileOpen()
	defer cancel()
	policy, err := g.policies.For(ctx, "")
	if err != nil {
		return err
	}
	c := a.Untold
	limited, stop := context.WithTimeout(ctx, cmp.Or(g.opt.hookTime, hookTime))
	defer stop()
	failed := tell(limited, policy.OnTrustChange(), change{a.Agent, c.From, c.To, c.Cause, c.ApprovedBy})
	if ctx.Err() != nil {
		return errors.New("guardd is ending; the next one goes on")
	}
	if failed != nil {
		g.opt.Log.Error("on_trust_change", "agent", a.Agent, "to", c.To, "error", failed)
	}
	_, err = g.append(ctx, func() error {
		if now := g.state.Standings[state.AgentKey(a.Agent, a.UID)]; now == nil || now.Untold == nil || now.Untold.Seq != c.Seq {
			return errMoved
		}
		return nil
	}, true, outcomeOfTelling(a, failed))
	switch {
	case errors.Is(err, errMoved):
		return nil
	case err == nil && c.Promotion && failed == nil:
		g.redecideAll()
	}
	return err
}

// outcomeOfTelling takes a promotion back that the program did not follow. Trust that
// is lost stays lost.
func outcomeOfTelling(a state.Standing, failed error) receipt.Draft {
	c := a.Untold
	if c.Promotion && failed != nil {
		return draft(state.TrustRevoked, state.Revoked{
			Agent: a.Agent, UID: &a.UID, From: c.To, To: c.From, Change: c.Seq, Cause: "rollback", Reason: "on_trust_change failed: " + failed.Error(), By: "guard",
		}, "trust", c.To, c.From)
	}
	told := state.Told{Agent: a.Agent, UID: a.UID, Change: c.Seq, To: c.To}
	if failed != nil {
		told.Error = failed.Error()
	}
	return draft(state.TrustTold, told, "trust", c.To)
}

// whileOpen is a context that ends with the gate.
func (g *Gate) whileOpen() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-g.done:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}

// tell runs the program with nothing of guardd's own environment but the way to
// programs and to its home.
func tell(ctx context.Context, program string, c change) error {
	if program == "" {
		return errors.New("none is named any more")
	}
	input, err := json.Marshal(c)
	if err != nil {
		return err
	}
	cmd := exec.CommandContext(ctx, program)
	cmd.Stdin, cmd.Dir, cmd.WaitDelay = bytes.NewReader(append(input, '\n')), "/", time.Second
	cmd.Env = []string{"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME=" + os.Getenv("HOME")}
	if out, err := cmd.CombinedOutput(); err != nil {
		last := strings.TrimSpace(string(out))
		return fmt.Errorf("%s: %w: %.200s", program, err, last[strings.LastIndexByte(last, '\n')+1:])
	}
	return nil
}
