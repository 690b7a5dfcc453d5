package gate

import (
	"encoding/json"
	"errors"
	"strconv"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt/state"
)

// keyOf is the idempotency key of a command as receipts keep it, nil for none.
// A key is its user's, whatever agent asks, so that the same key never stands for two
// commands. What counts is what is run, and where: an asker that tries again may well
// have another environment.
func (g *Gate) keyOf(s state.Session, c *proxy.Command) (*state.Key, error) {
	if c.Key == "" {
		return nil, nil
	}
	if !proxy.IsKey(c.Key) {
		return nil, errors.New("an idempotency key is 1 to 200 printable characters")
	}
	what, err := json.Marshal([]any{c.Kind, c.Argv, c.Line, c.Action, c.Cwd})
	if err != nil { // strings always marshal
		panic(err)
	}
	return &state.Key{
		ID: g.redact.Keyed([]byte(strconv.Itoa(s.UID) + "\x00" + c.Key)), Text: c.Key, Command: g.redact.Keyed(what),
	}, nil
}

// ranBefore is the answer to a command whose key has been used and which must not run
// now: it runs, it has succeeded, or another command has the key.
func (g *Gate) ranBefore(a *asking) (proxy.Answer, bool, error) {
	key, err := g.keyOf(a.session, a.request.Command)
	if key == nil || err != nil {
		return proxy.Answer{}, false, err
	}
	g.mu.Lock()
	defer g.mu.Unlock()
	a.key, a.keyed = key, g.state.Keys[key.ID]
	if a.keyed == nil || a.keyed.Command == key.Command && a.keyed.State == proxy.KeyFailed {
		return proxy.Answer{}, false, nil
	}
	view := keyView(a.keyed)
	if a.keyed.Command != key.Command {
		view.State = proxy.KeyOther
	}
	return proxy.Answer{Verdict: proxy.Deny, Done: &view}, true, nil
}

func keyView(k *state.Keyed) proxy.KeyState {
	return proxy.KeyState{ID: k.ID, State: k.State, Status: k.Status, Receipt: k.Receipt}
}

// lookKey is one idempotency key, by its id.
func (g *Gate) lookKey(id string) (proxy.View, error) {
	g.mu.Lock()
	defer g.mu.Unlock()
	k := g.state.Keys[id]
	if k == nil {
		return proxy.View{}, errors.New("the key is not known any more")
	}
	view := keyView(k)
	return proxy.View{Change: k.Receipt + 1, Key: &view}, nil
}
