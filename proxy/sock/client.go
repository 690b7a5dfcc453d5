package sock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"net"
	"slices"
	"sync"
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

	// Reattach, if set, takes up the session again on a connection that replaces
	// a lost one, before anything else is sent there. Its error is what the calls
	// then waiting get. With it a lost connection is replaced at once, without it
	// only when there is something to send.
	Reattach func(context.Context, Asker) error

	bound time.Duration // to get a lost connection back; 0: boundTime
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
	l, err := join(ctx, opt)
	if err != nil {
		return nil, err
	}
	c := &Client{opt: opt, link: l, pending: map[uint64]*call{}}
	c.ctx, c.stop = context.WithCancel(context.Background())
	c.work.Go(func() { c.receive(l) })
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
	select {
	case r, ok := <-k.done:
		if !ok {
			return frame{}, k.err
		}
		return r, nil
	case <-ctx.Done():
		c.abandon(k)
		return frame{}, ctx.Err()
	}
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
		_ = l.sendBytes(line) // if it is lost, receive notices and the call is sent again
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

// receive hands out replies until the connection is lost.
func (c *Client) receive(l *link) {
	for {
		f, err := l.receive()
		if err != nil {
			break
		}
		c.deliver(f)
	}
	l.close()
	c.mu.Lock()
	defer c.mu.Unlock()
	c.link = nil
	if len(c.pending) > 0 || c.opt.Reattach != nil {
		c.rejoinLocked()
	}
}

func (c *Client) deliver(f frame) {
	if f.Error != nil && errors.Is(f.Error, errStopping) {
		return // it stays pending, for the next guardd
	}
	c.mu.Lock()
	k := c.pending[f.ID]
	delete(c.pending, f.ID)
	c.mu.Unlock()
	if k != nil {
		k.done <- f
	}
}

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
	c.link = l
	again := slices.SortedFunc(maps.Values(c.pending), func(a, b *call) int { return cmp.Compare(a.id, b.id) })
	var spent []*call
	for _, k := range again {
		if k.sent++; k.sent > maxResend {
			delete(c.pending, k.id)
			spent = append(spent, k)
		}
	}
	c.work.Go(func() { c.receive(l) })
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

// passing reports whether an error may be gone the next time.
func passing(err error) bool {
	return errors.Is(err, ErrNoServer) || errors.Is(err, errLost) || errors.Is(err, errStopping)
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
			if err != nil {
				return proxy.Answer{}, fmt.Errorf("%w: %w", errLost, err)
			}
			if f.ID == id {
				return answerOf(f)
			}
		}
	})
}

// fail ends all pending calls with err.
func (c *Client) fail(err error) {
	c.mu.Lock()
	calls := slices.Collect(maps.Values(c.pending))
	clear(c.pending)
	c.mu.Unlock()
	finish(calls, err)
}

func finish(calls []*call, err error) {
	for _, k := range calls {
		k.err = err
		close(k.done)
	}
}

// open connects once and exchanges hellos. ErrNoServer means that no guardd is
// there, or that the one that was is leaving.
func open(ctx context.Context, dir string) (*link, error) {
	conn, err := connect(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := checkServer(conn); err != nil {
		conn.Close()
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, helloTime)
	defer cancel()
	l := newLink(conn)
	unhook := context.AfterFunc(ctx, l.end)
	if err := hail(l); err != nil {
		l.close()
		if ctx.Err() != nil {
			err = fmt.Errorf("guardd (%s) does not greet: %w", dir, ctx.Err())
		}
		return nil, err
	}
	if !unhook() {
		l.close()
		return nil, ctx.Err()
	}
	return l, nil
}

func hail(l *link) error {
	if err := l.send(frame{Type: typeHello, Hello: &hello{Protocol: protocolName, Version: Protocol}}); err != nil {
		return fmt.Errorf("%w: it closed the connection", ErrNoServer)
	}
	f, err := l.receive()
	switch {
	case errors.Is(err, ErrGarbage), errors.Is(err, ErrTooLarge):
		return fmt.Errorf("greet guardd: %w", err)
	case err != nil:
		return fmt.Errorf("%w: it closed the connection (%w)", ErrNoServer, err)
	case f.Error != nil:
		return f.Error
	case f.Type != typeHello || f.Hello == nil || f.Hello.Protocol != protocolName:
		return fmt.Errorf("greet guardd: %w", ErrGarbage)
	case Protocol < f.Hello.Oldest || Protocol > f.Hello.Version:
		return &VersionError{Protocol, f.Hello.Version, f.Hello.Oldest}
	}
	return nil
}

var _ interface {
	proxy.Authority
	proxy.Reader
} = (*Client)(nil)
