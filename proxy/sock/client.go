package sock

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// Asker is what Reattach is given: Ask, on the new connection.
type Asker func(context.Context, proxy.Request) (proxy.Answer, error)

// Options of Dial.
type Options struct {
	Dir    string // state folder, see StateDir
	Start  bool   // start guardd where none answers; never done where GUARD_SESSION is set
	Daemon string // program to start; "" finds it beside this program, then in PATH
	Others bool   // take another user's guardd, too: for root, who answers there and has nothing judged

	// MayStart, if set, is asked each time instead of Start and GUARD_SESSION: for a
	// process that has to bring guardd back itself only once nobody else would.
	MayStart func() bool

	// Reattach, if set, takes up the session again on a connection that replaces
	// a lost one, before anything else is sent there. Its error is what the calls
	// then waiting get. With it a lost connection is replaced at once, without it
	// only when there is something to send.
	Reattach func(context.Context, Asker) error

	launched *atomic.Int64 // process of the guardd that was started last
	again    bool          // to replace a connection: by now something may run below this process
	bound    time.Duration // to get a lost connection back; 0: boundTime
}

// Client is a proxy.Authority and a proxy.Reader at the other end of a socket.
// It is safe for use by many goroutines.
type Client struct {
	opt  Options
	ctx  context.Context // ends with Close
	stop context.CancelFunc
	work sync.WaitGroup

	mu      sync.Mutex
	link    *link            // guarded by mu; nil: none now
	moved   chan struct{}    // guarded by mu; closed when link is another
	joining bool             // guarded by mu; somebody is getting a new one
	pending map[uint64]*call // guarded by mu; by id
	last    uint64           // guarded by mu; id given last
}

type call struct {
	id   uint64
	line []byte     // as it goes over the wire, each time
	sent int        // guarded by Client.mu
	done chan frame // has room for the one reply
	err  error      // instead of a reply; set before done is closed
}

// Dial connects, starting guardd if need be and allowed. Errors to branch on:
// ErrNoServer, ErrNoDaemon, ErrRefused, *VersionError.
func Dial(ctx context.Context, opt Options) (*Client, error) {
	opt.launched = new(atomic.Int64)
	l, err := join(ctx, opt)
	if err != nil {
		return nil, err
	}
	opt.again = true
	c := &Client{opt: opt, pending: map[uint64]*call{}, moved: make(chan struct{})}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.mu.Lock()
	defer c.mu.Unlock()
	c.useLocked(l)
	return c, nil
}

// Close ends the connection and all calls.
func (c *Client) Close() error {
	c.stop()
	c.mu.Lock()
	l := c.link
	c.mu.Unlock()
	if l != nil {
		l.close()
	}
	c.work.Wait()
	c.fail(net.ErrClosed)
	return nil
}

// Daemon is the process of the guardd that this client started last, 0 for none.
// It may be a child of this process, but is no part of what runs here.
func (c *Client) Daemon() int { return int(c.opt.launched.Load()) }

// Ask takes a Request to guardd. The request's ID makes it safe to send again.
func (c *Client) Ask(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
	f, err := c.do(ctx, frame{Type: typeAsk, Request: &r})
	if err != nil {
		return proxy.Answer{}, fmt.Errorf("ask guardd: %w", err)
	}
	return answerOf(f)
}

// Read takes a Look to guardd.
func (c *Client) Read(ctx context.Context, look proxy.Look) (proxy.View, error) {
	f, err := c.do(ctx, frame{Type: typeLook, Look: &look})
	if err != nil {
		return proxy.View{}, fmt.Errorf("ask guardd: %w", err)
	}
	if f.Error != nil {
		return proxy.View{}, f.Error
	}
	if f.View == nil {
		return proxy.View{}, fmt.Errorf("ask guardd: %w: reply without a view", ErrGarbage)
	}
	return *f.View, nil
}

func answerOf(f frame) (proxy.Answer, error) {
	if f.Error != nil {
		return proxy.Answer{}, f.Error
	}
	if f.Answer == nil {
		return proxy.Answer{}, fmt.Errorf("ask guardd: %w: reply without an answer", ErrGarbage)
	}
	return *f.Answer, nil
}

// do sends a call and waits for its reply, over as many connections as it takes.
func (c *Client) do(ctx context.Context, f frame) (frame, error) {
	if err := ctx.Err(); err != nil {
		return frame{}, err
	}
	k, err := c.enter(f)
	if err != nil {
		return frame{}, err
	}
	return c.await(ctx, k)
}

func (c *Client) enter(f frame) (*call, error) {
	c.mu.Lock()
	c.last++
	f.ID = c.last
	c.mu.Unlock()
	line, err := encode(f)
	if err != nil {
		return nil, err
	}
	k := &call{id: f.ID, line: line, done: make(chan frame, 1)}

	c.mu.Lock()
	if c.ctx.Err() != nil {
		c.mu.Unlock()
		return nil, net.ErrClosed
	}
	c.pending[k.id] = k
	l := c.link
	if l != nil {
		k.sent++
	} else {
		c.rejoinLocked()
	}
	c.mu.Unlock()
	if l != nil {
		_ = l.sendBytes(line) // if it is lost, whoever reads notices and the call is sent again
	}
	return k, nil
}

func (c *Client) abandon(k *call) {
	c.mu.Lock()
	delete(c.pending, k.id)
	l := c.link
	c.mu.Unlock()
	if l != nil {
		_ = l.send(frame{Type: typeCancel, ID: k.id})
	}
}

// isNonsense tells what is wrong with a frame from what is wrong with the
// connection.
func isNonsense(err error) bool { return errors.Is(err, ErrGarbage) || errors.Is(err, ErrTooLarge) }

// deliver gives a reply to its call. Its error ends the connection.
func (c *Client) deliver(f frame) error {
	switch {
	case f.Type != typeReply:
		return fmt.Errorf("%w: type %.20q", ErrGarbage, f.Type)
	case f.Error == nil:
	case errors.Is(f.Error, errStopping):
		return nil // it stays pending, for the next guardd
	case f.ID == 0 && isNonsense(f.Error):
		return f.Error // nonsense to the server is what we sent
	}
	c.mu.Lock()
	k := c.pending[f.ID]
	delete(c.pending, f.ID)
	c.mu.Unlock()
	if k != nil {
		k.done <- f
	}
	return nil
}

// fail ends all pending calls with err.
func (c *Client) fail(err error) {
	c.mu.Lock()
	calls := c.takeLocked()
	c.mu.Unlock()
	finish(calls, err)
}

func (c *Client) takeLocked() []*call {
	calls := slices.Collect(maps.Values(c.pending))
	clear(c.pending)
	return calls
}

func finish(calls []*call, err error) {
	for _, k := range calls {
		k.err = err
		close(k.done)
	}
}

var _ interface {
	proxy.Authority
	proxy.Reader
} = (*Client)(nil)
