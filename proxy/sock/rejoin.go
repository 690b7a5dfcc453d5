package sock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/f958ca95/guard/proxy"
)

// rejoinLocked sees to it that somebody gets a new connection.
func (c *Client) rejoinLocked() {
	if c.joining || c.ctx.Err() != nil {
		return
	}
	c.joining = true
	c.work.Go(c.rejoin)
}

func (c *Client) rejoin() {
	ctx, cancel := context.WithTimeout(c.ctx, cmp.Or(c.opt.bound, boundTime))
	defer cancel()
	l, err := c.regain(ctx)
	if err != nil {
		c.mu.Lock()
		c.joining = false
		c.mu.Unlock()
		c.fail(err)
		return
	}
	c.mu.Lock()
	c.joining = false
	if c.ctx.Err() != nil { // Close did not see this connection
		c.mu.Unlock()
		l.close()
		return
	}
	c.useLocked(l)
	again := slices.SortedFunc(maps.Values(c.pending), func(a, b *call) int { return cmp.Compare(a.id, b.id) })
	var spent []*call
	for _, k := range again {
		if k.sent++; k.sent > maxResend {
			delete(c.pending, k.id)
			spent = append(spent, k)
		}
	}
	c.mu.Unlock()

	for _, k := range again {
		if !slices.Contains(spent, k) {
			_ = l.sendBytes(k.line)
		}
	}
	finish(spent, errGaveUp)
}

// regain tries until it has a connection with the session attached, the time is
// up, or trying again cannot help.
func (c *Client) regain(ctx context.Context) (*link, error) {
	for {
		l, err := join(ctx, c.opt)
		if err == nil && c.opt.Reattach != nil {
			if err = c.reattach(ctx, l); err != nil {
				l.close()
			}
		}
		if err == nil {
			return l, nil
		}
		if !passing(err) {
			return nil, err
		}
		if pause(ctx, retryTime) != nil {
			return nil, fmt.Errorf("%w, and not back in time: %w", errLost, err)
		}
	}
}

// passing reports whether an error may be gone the next time. Of a deadline that
// was ours the context may not know yet.
func passing(err error) bool {
	return errors.Is(err, ErrNoServer) || errors.Is(err, errLost) || errors.Is(err, errStopping) ||
		errors.Is(err, context.DeadlineExceeded)
}

// reattach runs Options.Reattach on a connection that nobody else uses yet.
func (c *Client) reattach(ctx context.Context, l *link) error {
	defer context.AfterFunc(ctx, l.end)()
	return c.opt.Reattach(ctx, func(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
		c.mu.Lock()
		c.last++
		id := c.last
		c.mu.Unlock()
		if err := l.send(frame{Type: typeAsk, ID: id, Request: &r}); err != nil {
			return proxy.Answer{}, err
		}
		for {
			f, err := l.receive()
			switch {
			case isNonsense(err):
				return proxy.Answer{}, err
			case err != nil:
				return proxy.Answer{}, fmt.Errorf("%w: %w", errLost, err)
			}
			if f.ID == id {
				return answerOf(f)
			}
		}
	})
}
