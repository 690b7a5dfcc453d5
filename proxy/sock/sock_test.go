package sock

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
)

// askFunc and readFunc are authorities and readers made of one function.
type askFunc func(context.Context, proxy.Request) (proxy.Answer, error)

func (f askFunc) Ask(ctx context.Context, r proxy.Request) (proxy.Answer, error) { return f(ctx, r) }

type readFunc func(context.Context, proxy.Look) (proxy.View, error)

func (f readFunc) Read(ctx context.Context, l proxy.Look) (proxy.View, error) { return f(ctx, l) }

// serve runs s on a socket in a new folder until the test ends, and returns the
// folder and a way to end it sooner.
func serve(t testing.TB, s *Server) (dir string, stop func()) {
	t.Helper()
	dir = t.TempDir()
	return dir, serveIn(t, s, dir)
}

func serveIn(t testing.TB, s *Server, dir string) (stop func()) {
	t.Helper()
	release, err := Lock(dir)
	if err != nil {
		t.Fatal(err)
	}
	l, err := Listen(dir)
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	var done sync.WaitGroup
	done.Go(func() {
		if err := s.Serve(ctx, l); err != nil {
			t.Errorf("serve: %v", err)
		}
	})
	stop = sync.OnceFunc(func() {
		cancel()
		done.Wait()
		release()
	})
	t.Cleanup(stop)
	return stop
}

func dial(t testing.TB, opt Options) *Client {
	t.Helper()
	c, err := Dial(t.Context(), opt)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { c.Close() })
	return c
}

// patience is a time that no working machine needs.
const patience = 5 * time.Minute

// soon fails the test if f has not returned when patience ends.
func soon(t testing.TB, what string, f func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); f() }()
	select {
	case <-done:
	case <-time.After(patience):
		t.Fatalf("%s: still waiting after %v", what, patience)
	}
}

func TestAskAndReadCrossTheSocketWhole(t *testing.T) {
	want := proxy.Answer{Verdict: proxy.Hold, Tier: proxy.High, Label: "HIGH",
		Findings: []proxy.Finding{{ID: "fs.rm_recursive", Tier: proxy.High, Msg: "deletes", Verdict: proxy.Deny}},
		Hold:     &proxy.HoldState{ID: "hold_1", State: proxy.Pending}}
	var got proxy.Request
	dir, _ := serve(t, &Server{
		Authority: askFunc(func(_ context.Context, r proxy.Request) (proxy.Answer, error) { got = r; return want, nil }),
		Reader: readFunc(func(_ context.Context, l proxy.Look) (proxy.View, error) {
			return proxy.View{Change: l.Since + 1, Holds: []proxy.HoldState{{ID: l.ID}}}, nil
		}),
	})
	c := dial(t, Options{Dir: dir})

	a, err := c.Ask(t.Context(), proxy.Request{ID: "r_1", Kind: proxy.KindCommand, Command: &proxy.Command{Argv: []string{"rm", "-rf", "a\nb\x00\u2028"}}})
	if err != nil || fmt.Sprintf("%+v %+v", a.Findings, *a.Hold) != fmt.Sprintf("%+v %+v", want.Findings, *want.Hold) || a.Verdict != proxy.Hold {
		t.Errorf("answer: got %+v, %v", a, err)
	}
	if got.Command.Argv[2] != "a\nb\x00\u2028" {
		t.Errorf("argument: got %q", got.Command.Argv[2])
	}
	if got.Peer.PID != os.Getpid() || got.Peer.UID != os.Geteuid() || got.Peer.Start == 0 || got.Peer.Conn == 0 {
		t.Errorf("peer: got %+v", got.Peer)
	}
	v, err := c.Read(t.Context(), proxy.Look{What: proxy.LookHold, ID: "h", Since: 7})
	if err != nil || v.Change != 8 || v.Holds[0].ID != "h" {
		t.Errorf("view: got %+v, %v", v, err)
	}
}

func TestAPeerCannotBeClaimed(t *testing.T) {
	var got proxy.Peer
	dir, _ := serve(t, &Server{Authority: askFunc(func(_ context.Context, r proxy.Request) (proxy.Answer, error) {
		got = r.Peer
		return proxy.Answer{Verdict: proxy.Deny}, nil
	})})
	l := rawLink(t, dir)
	_ = l.sendBytes([]byte(`{"type":"ask","id":1,"request":{"id":"r_1","kind":"vote","Peer":{"PID":1,"UID":77},"peer":{"PID":1,"UID":77}}}` + "\n"))
	if _, err := l.receive(); err != nil {
		t.Fatal(err)
	}
	if got.PID != os.Getpid() || got.UID != os.Geteuid() {
		t.Errorf("peer: got %+v", got)
	}
}

// rawLink is a greeted connection without a Client.
func rawLink(t testing.TB, dir string) *link {
	t.Helper()
	l, err := open(t.Context(), Options{Dir: dir})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(l.close)
	return l
}

func TestHundredCallsShareOneConnection(t *testing.T) {
	const n = 100
	var under sync.WaitGroup
	under.Add(n)
	dir, _ := serve(t, &Server{Authority: askFunc(func(_ context.Context, r proxy.Request) (proxy.Answer, error) {
		under.Done()
		under.Wait() // nobody is answered before all are under way
		return proxy.Answer{Verdict: proxy.Allow, Note: r.ID}, nil
	})})
	c := dial(t, Options{Dir: dir})
	var all sync.WaitGroup
	for i := range n {
		all.Go(func() {
			id := fmt.Sprint("r_", i)
			if a, err := c.Ask(t.Context(), proxy.Request{ID: id, Kind: proxy.KindCommand}); err != nil || a.Note != id {
				t.Errorf("%s: got %q, %v", id, a.Note, err)
			}
		})
	}
	soon(t, "answers", all.Wait)
}

func TestACallGivenUpEndsAtTheServer(t *testing.T) {
	ended := make(chan error, 1)
	asked := make(chan struct{})
	dir, _ := serve(t, &Server{Authority: askFunc(func(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
		if r.ID == "r_quick" {
			return proxy.Answer{Note: "quick"}, nil
		}
		close(asked)
		<-ctx.Done()
		ended <- ctx.Err()
		return proxy.Answer{}, ctx.Err()
	})})
	c := dial(t, Options{Dir: dir})
	ctx, cancel := context.WithCancel(t.Context())
	go func() { <-asked; cancel() }()
	if _, err := c.Ask(ctx, proxy.Request{ID: "r_slow"}); !errors.Is(err, context.Canceled) {
		t.Errorf("got %v", err)
	}
	soon(t, "cancelled at the server", func() { <-ended })
	if a, err := c.Ask(t.Context(), proxy.Request{ID: "r_quick"}); err != nil || a.Note != "quick" {
		t.Errorf("the connection is of no more use: %v", err)
	}
}

func TestCallsEndWithTheirConnectionAndGoneIsToldOnceAfterThem(t *testing.T) {
	var ended atomic.Int32
	asked, gone := make(chan uint64, 2), make(chan uint64, 4)
	dir, _ := serve(t, &Server{
		Authority: askFunc(func(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
			asked <- r.Peer.Conn
			<-ctx.Done()
			ended.Add(1)
			return proxy.Answer{}, ctx.Err()
		}),
		Gone: func(conn uint64) {
			if ended.Load() != 1 {
				t.Errorf("gone before the call returned")
			}
			gone <- conn
		},
	})
	l := rawLink(t, dir)
	_ = l.send(frame{Type: typeAsk, ID: 1, Request: &proxy.Request{ID: "r_1", Kind: proxy.KindCommand}})
	conn := <-asked
	l.close()
	soon(t, "gone", func() {
		if got := <-gone; got != conn {
			t.Errorf("gone: got %d, want %d", got, conn)
		}
	})
	if len(gone) != 0 {
		t.Errorf("gone was told twice")
	}
}

type coded struct{}

func (coded) Error() string { return "hold hold_7f was answered before" }
func (coded) Code() string  { return "answered" }

func TestErrorsKeepTheirMeaning(t *testing.T) {
	cases := []struct {
		name string
		err  error
		is   error
		code string
	}{
		{"a sentinel is itself again", fmt.Errorf("vote: %w", ErrRefused), ErrRefused, "refused"},
		{"a deadline is itself again", context.DeadlineExceeded, context.DeadlineExceeded, "deadline"},
		{"an error with a code keeps it", coded{}, nil, "answered"},
		{"any other keeps its text", errors.New("write receipt: no space"), nil, "failed"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := serve(t, &Server{Authority: askFunc(func(context.Context, proxy.Request) (proxy.Answer, error) { return proxy.Answer{}, c.err })})
			_, err := dial(t, Options{Dir: dir}).Ask(t.Context(), proxy.Request{ID: "r_1"})
			var got *Error
			if !errors.As(err, &got) || got.Code != c.code || !strings.Contains(err.Error(), c.err.Error()) {
				t.Errorf("got %#v", err)
			}
			if c.is != nil && !errors.Is(err, c.is) {
				t.Errorf("got %v, which is not %v", err, c.is)
			}
		})
	}
}

func TestVersionsServed(t *testing.T) {
	cases := []struct {
		version int
		want    bool
	}{
		{-1, false}, {0, false}, {Oldest - 1, false}, {Oldest, true}, {Protocol, true}, {Protocol + 1, false},
	}
	for _, c := range cases {
		if got := Served(c.version); got != c.want {
			t.Errorf("Served(%d): got %v, want %v", c.version, got, c.want)
		}
	}
	if Protocol-Oldest > 1 {
		t.Errorf("protocols %d to %d: only the newest and the one before are kept", Oldest, Protocol)
	}
}

func TestAMismatchSaysWhatToUpgrade(t *testing.T) {
	cases := []struct {
		name           string
		version, older int
		want           string
	}{
		{"an older guardd", Protocol - 1, Protocol - 1, "upgrade guardd"},
		{"a guardd that has moved on", Protocol + 2, Protocol + 1, "upgrade guard"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir := fakeServer(t, func(l *link) {
				_, _ = l.receive()
				_ = l.send(frame{Type: typeHello, Hello: &hello{protocolName, c.version, c.older}})
			})
			_, err := Dial(t.Context(), Options{Dir: dir})
			var v *VersionError
			if !errors.As(err, &v) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v", err)
			}
		})
	}
	t.Run("a client that is not served is told and let go", func(t *testing.T) {
		dir, _ := serve(t, &Server{})
		conn, err := net.Dial("unix", filepath.Join(dir, socketName))
		if err != nil {
			t.Fatal(err)
		}
		l := newLink(conn)
		defer l.close()
		_ = l.send(frame{Type: typeHello, Hello: &hello{Protocol: protocolName, Version: Protocol + 1}})
		f, err := l.receive()
		if err != nil || f.Hello == nil || f.Hello.Version != Protocol || f.Hello.Oldest != Oldest {
			t.Errorf("hello: got %+v, %v", f, err)
		}
		if _, err := l.receive(); err == nil {
			t.Errorf("the connection is still open")
		}
	})
}

// fakeServer answers one connection after the other with f.
func fakeServer(t *testing.T, f func(*link)) (dir string) {
	t.Helper()
	dir = t.TempDir()
	nl, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	var done sync.WaitGroup
	done.Go(func() {
		for {
			c, err := nl.Accept()
			if err != nil {
				return
			}
			l := newLink(c)
			f(l)
			l.close()
		}
	})
	t.Cleanup(func() { nl.Close(); done.Wait() })
	return dir
}

func BenchmarkRoundTrip(b *testing.B) {
	dir, _ := serve(b, &Server{Authority: askFunc(func(_ context.Context, r proxy.Request) (proxy.Answer, error) {
		return proxy.Answer{Verdict: proxy.Allow, Label: "SAFE", Display: "true"}, nil
	})})
	c := dial(b, Options{Dir: dir})
	r := proxy.Request{ID: "r_1", Kind: proxy.KindCommand, Session: "s_1", Command: &proxy.Command{Kind: "exec", Argv: []string{"true"}, Cwd: "/home/ann/app", Vars: map[string]string{"HOME": "/home/ann"}}}
	for b.Loop() {
		if _, err := c.Ask(b.Context(), r); err != nil {
			b.Fatal(err)
		}
	}
}

// The budget of guard -- true over true is 10 ms in all; this is guard's part of
// the connection.
func BenchmarkDial(b *testing.B) {
	dir, _ := serve(b, &Server{})
	for b.Loop() {
		c, err := Dial(b.Context(), Options{Dir: dir})
		if err != nil {
			b.Fatal(err)
		}
		c.Close()
	}
}
