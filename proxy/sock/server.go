package sock

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"sync"
	"sync/atomic"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// Server answers connections with an Authority and a Reader. Requests and Looks
// reach them with Peer filled in by the kernel's word, and with a context that
// ends when the asker gives up or its connection ends.
type Server struct {
	Authority proxy.Authority
	Reader    proxy.Reader

	Gone  func(conn uint64)   // told once per connection, after its last call has returned; may be nil
	Roots func() []proxy.Root // the live sessions' processes; nil: none
	Log   *slog.Logger        // nil: silent

	grace time.Duration // for answers under way when it ends; 0: graceTime
	conns atomic.Uint64
}

// Serve answers what l accepts until ctx ends, and closes l. Looks under way
// then end at once, asks get 2 s to finish. The error is nil if ctx ended it.
func (s *Server) Serve(ctx context.Context, l net.Listener) error {
	asks, abort := context.WithCancel(context.WithoutCancel(ctx))
	defer abort()
	ctx, leave := context.WithCancel(ctx)
	defer leave()
	defer context.AfterFunc(ctx, func() { l.Close() })()

	var open sync.WaitGroup
	err := s.accept(ctx, asks, l, &open)
	leave()
	l.Close()
	late := time.AfterFunc(cmp.Or(s.grace, graceTime), abort)
	defer late.Stop()
	open.Wait()
	return err
}

func (s *Server) accept(ctx, asks context.Context, l net.Listener, open *sync.WaitGroup) error {
	for {
		c, err := l.Accept()
		switch {
		case ctx.Err() != nil:
			if err == nil {
				c.Close()
			}
			return nil
		case errors.Is(err, net.ErrClosed):
			return fmt.Errorf("serve: %w", err)
		case err != nil: // out of descriptors, most likely: let some go
			s.log().Error("accept", "error", err)
			if pause(ctx, retryTime) != nil {
				return nil
			}
		default:
			open.Go(func() { s.connection(ctx, asks, c.(*net.UnixConn)) })
		}
	}
}

func (s *Server) log() *slog.Logger {
	if s.Log == nil {
		return slog.New(slog.DiscardHandler)
	}
	return s.Log
}

func (s *Server) connection(ctx, asks context.Context, c *net.UnixConn) {
	l := newLink(c)
	defer l.close()
	peer, err := s.greet(l, c)
	if err != nil {
		s.log().Info("connection refused", "error", err)
		return
	}
	defer peer.close()

	alive, end := context.WithCancel(asks)
	sv := &serving{Server: s, link: l, peer: peer, conn: s.conns.Add(1), asks: alive, next: make(chan func()), calls: map[uint64]context.CancelFunc{}}
	sv.looks, sv.stop = context.WithCancel(alive)
	sv.look()
	// A server that ends reads no more, but finishes what it has read.
	defer context.AfterFunc(ctx, func() {
		sv.stop()
		_ = c.SetReadDeadline(time.Unix(1, 0))
	})()

	err = sv.read()
	close(sv.next)
	if ctx.Err() == nil {
		end()
		if err != nil {
			s.log().Info("connection ended", "conn", sv.conn, "pid", sv.seen.Load().PID, "error", err)
		}
	}
	sv.under.Wait()
	end()
	if s.Gone != nil {
		s.Gone(sv.conn)
	}
}

// greet exchanges hellos and identifies the peer. Whatever is wrong is told to
// the peer before the connection closes.
func (s *Server) greet(l *link, c *net.UnixConn) (*witness, error) {
	slow := time.AfterFunc(helloTime, l.end)
	defer slow.Stop()
	peer, err := identify(c)
	if err != nil {
		_, _ = l.receive() // who still says hello when we close never hears why
		_ = l.send(frame{Type: typeHello, Error: toWire(err)})
		return nil, err
	}
	f, err := l.receive()
	if err == nil && (f.Type != typeHello || f.Hello == nil || f.Hello.Protocol != protocolName) {
		err = fmt.Errorf("%w: no hello", ErrGarbage)
	}
	if err != nil {
		_ = l.send(frame{Type: typeHello, Error: toWire(err)})
		peer.close()
		return nil, err
	}
	_ = l.send(frame{Type: typeHello, Hello: &hello{protocolName, Protocol, Oldest}})
	if !Served(f.Hello.Version) {
		peer.close()
		return nil, &VersionError{f.Hello.Version, Protocol, Oldest}
	}
	return peer, nil
}

func (s *Server) roots() []proxy.Root {
	if s.Roots == nil {
		return nil
	}
	return s.Roots()
}

// serving is one connection.
type serving struct {
	*Server
	link  *link
	peer  *witness
	conn  uint64
	seen  atomic.Pointer[proxy.Peer] // as it was when it was last looked at
	asks  context.Context
	looks context.Context // ends before asks when the server ends
	stop  context.CancelFunc
	under sync.WaitGroup
	next  chan func()  // an answer to work out, for a goroutine that has done one
	spare atomic.Int64 // goroutines that wait for one

	mu    sync.Mutex
	calls map[uint64]context.CancelFunc // guarded by mu; by the client's id
}

// read starts calls until the connection ends. A frame that cannot be
// understood ends it: what follows it cannot be trusted to be a frame.
func (sv *serving) read() error {
	for {
		f, err := sv.link.receive()
		if errors.Is(err, io.EOF) {
			return nil
		}
		if err == nil {
			err = sv.take(f)
		}
		if err != nil {
			_ = sv.link.send(frame{Type: typeReply, ID: f.ID, Error: toWire(err)})
			return err
		}
	}
}

func (sv *serving) take(f frame) error {
	switch {
	case f.Type == typeCancel:
		sv.forget(f.ID)
	case f.Type == typeAsk && f.Request != nil:
		return sv.start(f, sv.asks)
	case f.Type == typeLook && f.Look != nil:
		return sv.start(f, sv.looks)
	default:
		return fmt.Errorf("%w: type %.20q", ErrGarbage, f.Type)
	}
	return nil
}

func (sv *serving) start(f frame, parent context.Context) error {
	ctx, cancel := context.WithCancel(parent)
	if err := sv.claim(f.ID, cancel); err != nil {
		cancel()
		if errors.Is(err, errOverload) {
			return sv.link.send(frame{Type: typeReply, ID: f.ID, Error: toWire(err)})
		}
		return err
	}
	sv.run(func() {
		r := sv.answer(ctx, f)
		if r.Error != nil && sv.looks.Err() != nil {
			r.Error = toWire(errStopping)
		}
		sv.forget(f.ID)
		if err := sv.link.send(r); err != nil && !errors.Is(err, errLost) {
			_ = sv.link.send(frame{Type: typeReply, ID: f.ID, Error: toWire(err)})
		}
	})
	return nil
}

// maxSpare is how many goroutines of a connection wait for its next calls: their
// stacks have grown already.
const maxSpare = 2

// run works out an answer, apart from the reader.
func (sv *serving) run(answer func()) {
	select {
	case sv.next <- answer:
		return
	default:
	}
	sv.under.Go(func() {
		for ok := true; ok; {
			answer()
			if sv.spare.Add(1) > maxSpare {
				sv.spare.Add(-1)
				return
			}
			answer, ok = <-sv.next
			sv.spare.Add(-1)
		}
	})
}

func (sv *serving) claim(id uint64, cancel context.CancelFunc) error {
	sv.mu.Lock()
	defer sv.mu.Unlock()
	if sv.calls[id] != nil {
		return fmt.Errorf("%w: id %d is in use", ErrGarbage, id)
	}
	if len(sv.calls) >= maxCalls {
		return errOverload
	}
	sv.calls[id] = cancel
	return nil
}

// forget ends the call's context; without such a call it does nothing.
func (sv *serving) forget(id uint64) {
	sv.mu.Lock()
	cancel := sv.calls[id]
	delete(sv.calls, id)
	sv.mu.Unlock()
	if cancel != nil {
		cancel()
	}
}

func (sv *serving) answer(ctx context.Context, f frame) frame {
	r := frame{Type: typeReply, ID: f.ID}
	var err error
	if f.Type == typeLook {
		look := *f.Look
		look.Peer = sv.who(look.Follow)
		var v proxy.View
		v, err = sv.Reader.Read(ctx, look)
		r.View = &v
	} else {
		req := *f.Request
		req.Peer = sv.who(personal(req.Kind))
		var a proxy.Answer
		a, err = sv.Authority.Ask(ctx, req)
		r.Answer = &a
	}
	if err != nil {
		return frame{Type: typeReply, ID: f.ID, Error: toWire(err)}
	}
	return r
}

// personal reports whether a request of this kind needs to know who asks now.
// Only what a guarded process may ask anyway, and what counts by the connection
// that opened or watches the session alone, goes by the last look.
func personal(kind string) bool {
	switch kind {
	case proxy.KindCommand, proxy.KindOutcome, proxy.KindLoaded, proxy.KindEnd, proxy.KindCancel:
		return false
	}
	return true
}

// who returns the peer, looked up again if fresh.
func (sv *serving) who(fresh bool) proxy.Peer {
	if fresh {
		sv.look()
	}
	p := *sv.seen.Load()
	p.Conn = sv.conn
	return p
}

// look looks at the peer: when it connects, and again where that matters. A monitor
// connects before there is a session that it can be in.
func (sv *serving) look() {
	p := sv.peer.look(sv.roots())
	sv.seen.Store(&p)
}

// pause waits a moment before something is tried again.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
