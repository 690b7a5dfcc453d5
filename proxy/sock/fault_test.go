package sock

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
)

func TestFramesThatCannotBeUnderstoodEndTheConnection(t *testing.T) {
	ask := `{"type":"ask","id":7,"request":{"id":"r_7","kind":"command"}}` + "\n"
	cases := []struct {
		name, text, code string
	}{
		{"not JSON", "hello\n", "garbage"},
		{"two values on one line", "{} {}\n", "garbage"},
		{"an array", "[1,2]\n", "garbage"},
		{"a type nobody knows", `{"type":"run","id":7}` + "\n", "garbage"},
		{"an ask without a request", `{"type":"ask","id":7}` + "\n", "garbage"},
		{"not UTF-8", "{\"type\":\"ask\",\"request\":{\"id\":\"\xff\"}}\n", "garbage"},
		{"an id in use", ask + ask, "garbage"},
		{"too deep", strings.Repeat("[", 20000) + "\n", "garbage"},
		{"a line without an end", strings.Repeat("x", maxFrame+128<<10), "large"},
		{"a frame too large by one byte", `{"type":"` + strings.Repeat("x", maxFrame-len(`{"type":""}`)) + `"}` + "\n", "large"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			dir, _ := serve(t, &Server{Authority: askFunc(func(ctx context.Context, _ proxy.Request) (proxy.Answer, error) {
				<-ctx.Done()
				return proxy.Answer{}, ctx.Err()
			})})
			l := rawLink(t, dir)
			_ = l.sendBytes([]byte(c.text))
			f, err := l.receive()
			if err != nil || f.Error == nil || f.Error.Code != c.code {
				t.Errorf("reply: got %+v, %v", f.Error, err)
			}
			for err == nil { // replies to calls that were under way
				_, err = l.receive()
			}
			if c := dial(t, Options{Dir: dir}); c == nil {
				t.Errorf("nobody else is served")
			}
		})
	}
}

func TestAFrameCutShortStartsNothing(t *testing.T) {
	gone := make(chan uint64, 1)
	dir, _ := serve(t, &Server{
		Gone: func(conn uint64) { gone <- conn },
		Authority: askFunc(func(context.Context, proxy.Request) (proxy.Answer, error) {
			t.Errorf("half a frame was asked")
			return proxy.Answer{}, nil
		}),
	})
	l := rawLink(t, dir)
	_ = l.sendBytes([]byte(`{"type":"ask","id":7,"request":{"id":"r_7","kind":"command"}}`))
	l.close()
	soon(t, "gone", func() { <-gone })
}

func TestAGreetingThatIsNoneIsRefused(t *testing.T) {
	for name, text := range map[string]string{
		"another protocol": `{"type":"hello","hello":{"protocol":"http","version":1}}`,
		"no hello":         `{"type":"ask","id":1,"request":{"id":"r_1","kind":"command"}}`,
		"not JSON":         `GET / HTTP/1.1`,
	} {
		t.Run(name, func(t *testing.T) {
			dir, _ := serve(t, &Server{})
			conn, err := net.Dial("unix", filepath.Join(dir, socketName))
			if err != nil {
				t.Fatal(err)
			}
			l := newLink(conn)
			defer l.close()
			_ = l.sendBytes([]byte(text + "\n"))
			if f, err := l.receive(); err != nil || f.Error == nil || f.Error.Code != "garbage" {
				t.Errorf("got %+v, %v", f.Error, err)
			}
			if _, err := l.receive(); err == nil {
				t.Errorf("the connection is still open")
			}
		})
	}
}

func TestWhatWouldNotArriveUnchangedIsNotSent(t *testing.T) {
	dir, _ := serve(t, &Server{Authority: askFunc(func(context.Context, proxy.Request) (proxy.Answer, error) {
		return proxy.Answer{Verdict: proxy.Allow}, nil
	})})
	c := dial(t, Options{Dir: dir})
	cases := []struct {
		name string
		cmd  proxy.Command
		want error
	}{
		{"an argument that is not UTF-8", proxy.Command{Argv: []string{"rm", "a\xff"}}, ErrGarbage},
		{"a folder that is not UTF-8", proxy.Command{Cwd: "/\xff"}, ErrGarbage},
		{"a variable that is not UTF-8", proxy.Command{Vars: map[string]string{"HOME": "\xff"}}, ErrGarbage},
		{"an observation that is not UTF-8", proxy.Command{Scene: []proxy.Observation{{Text: "\xff"}}}, ErrGarbage},
		{"a line too large", proxy.Command{Line: strings.Repeat("x", maxFrame)}, ErrTooLarge},
		{"the character that stands for what is not UTF-8", proxy.Command{Argv: []string{"\ufffd", `\ufffd`}}, nil},
	}
	for _, k := range cases {
		t.Run(k.name, func(t *testing.T) {
			if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_1", Command: &k.cmd}); !errors.Is(err, k.want) {
				t.Errorf("got %v, want %v", err, k.want)
			}
		})
	}
}

func TestAnAnswerTooLargeIsAnErrorForItsCallAlone(t *testing.T) {
	dir, _ := serve(t, &Server{Authority: askFunc(func(_ context.Context, r proxy.Request) (proxy.Answer, error) {
		if r.ID == "r_large" {
			return proxy.Answer{Note: strings.Repeat("x", maxFrame)}, nil
		}
		return proxy.Answer{Verdict: proxy.Allow}, nil
	})})
	c := dial(t, Options{Dir: dir})
	if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_large"}); !errors.Is(err, ErrTooLarge) {
		t.Errorf("got %v", err)
	}
	if _, err := c.Ask(t.Context(), proxy.Request{ID: "r_2"}); err != nil {
		t.Errorf("the next call: %v", err)
	}
}

func TestTooManyCallsAreRefusedAndHarmNoOther(t *testing.T) {
	finish := make(chan struct{})
	dir, _ := serve(t, &Server{Authority: askFunc(func(context.Context, proxy.Request) (proxy.Answer, error) {
		<-finish
		return proxy.Answer{Verdict: proxy.Allow}, nil
	})})
	l := rawLink(t, dir)
	for id := range uint64(maxCalls + 1) {
		if err := l.send(frame{Type: typeAsk, ID: id + 1, Request: &proxy.Request{ID: fmt.Sprint(id)}}); err != nil {
			t.Fatal(err)
		}
	}
	f, err := l.receive()
	if err != nil || f.ID != maxCalls+1 || f.Error == nil || f.Error.Code != "overload" {
		t.Fatalf("got %+v, %v", f, err)
	}
	close(finish)
	for range maxCalls {
		if f, err := l.receive(); err != nil || f.Answer == nil {
			t.Fatalf("got %+v, %v", f, err)
		}
	}
}

func TestAServerThatTalksNonsenseIsNoServer(t *testing.T) {
	for name, text := range map[string]string{
		"not JSON":      "hello\n",
		"wrong hello":   `{"type":"hello"}` + "\n",
		"without end":   strings.Repeat("x", maxFrame+128<<10),
		"another one's": `{"type":"hello","hello":{"protocol":"http","version":1}}` + "\n",
	} {
		t.Run(name, func(t *testing.T) {
			dir := fakeServer(t, func(l *link) { _, _ = l.receive(); _ = l.sendBytes([]byte(text)) })
			if _, err := Dial(t.Context(), Options{Dir: dir}); err == nil {
				t.Errorf("connected")
			}
		})
	}
	t.Run("a reply without an answer", func(t *testing.T) {
		dir := fakeServer(t, func(l *link) {
			greetBack(l)
			for {
				f, err := l.receive()
				if err != nil {
					return
				}
				_ = l.send(frame{Type: typeReply, ID: f.ID})
			}
		})
		c := dial(t, Options{Dir: dir})
		if a, err := c.Ask(t.Context(), proxy.Request{ID: "r_1"}); !errors.Is(err, ErrGarbage) || a.Verdict != 0 {
			t.Errorf("ask: got %+v, %v", a, err)
		}
		if _, err := c.Read(t.Context(), proxy.Look{}); !errors.Is(err, ErrGarbage) {
			t.Errorf("read: got %v", err)
		}
		c.Close()
	})
}

func TestNonsenseAfterTheGreetingEndsTheCallsAndIsNotAskedAgain(t *testing.T) {
	cases := map[string]string{
		"not JSON":                  "hello\n",
		"a verdict that is none":    `{"type":"reply","id":1,"answer":{"verdict":"yes"}}` + "\n",
		"another kind of frame":     `{"type":"hello","id":1,"answer":{"verdict":"allow"}}` + "\n",
		"too much of it":            strings.Repeat("x", maxFrame+128<<10),
		"a complaint about us":      `{"type":"reply","error":{"code":"garbage","text":"not a frame"}}` + "\n",
		"text that is not UTF-8":    "{\"type\":\"reply\",\"id\":1,\"answer\":{\"verdict\":\"allow\",\"note\":\"\xff\"}}\n",
		"an answer that is no JSON": `{"type":"reply","id":1,"answer":{"verdict":"allow"}` + "\n",
	}
	for name, text := range cases {
		t.Run(name, func(t *testing.T) {
			var asked atomic.Int32
			dir := fakeServer(t, func(l *link) {
				greetBack(l)
				if _, err := l.receive(); err == nil {
					asked.Add(1)
					_ = l.sendBytes([]byte(text))
				}
			})
			c := dial(t, Options{Dir: dir, Reattach: func(context.Context, Asker) error { return nil }})
			for n := range int32(2) { // what is asked later is a new question
				a, err := c.Ask(t.Context(), proxy.Request{ID: "r_1"})
				if !errors.Is(err, ErrGarbage) && !errors.Is(err, ErrTooLarge) || a.Verdict != 0 {
					t.Errorf("got %+v, %v", a, err)
				}
				if asked.Load() != n+1 {
					t.Errorf("call %d was sent %d times", n+1, asked.Load()-n)
				}
			}
			c.Close()
		})
	}
}

func TestNonsenseInReplyToTheSessionIsNotAskedAgain(t *testing.T) {
	var asked atomic.Int32
	dir := fakeServer(t, func(l *link) {
		greetBack(l)
		if _, err := l.receive(); err == nil && asked.Add(1) > 1 {
			_ = l.sendBytes([]byte("hello\n"))
		}
	})
	c := dial(t, Options{Dir: dir, Reattach: func(ctx context.Context, ask Asker) error {
		_, err := ask(ctx, proxy.Request{ID: "r_attach", Kind: proxy.KindSession})
		return err
	}})
	if a, err := c.Ask(t.Context(), proxy.Request{ID: "r_1"}); !errors.Is(err, ErrGarbage) || a.Verdict != 0 {
		t.Errorf("got %+v, %v", a, err)
	}
	if n := asked.Load(); n != 2 {
		t.Errorf("asked %d times, want the call and the session once each", n)
	}
	c.Close()
}

// greetBack does a server's part of the greeting.
func greetBack(l *link) {
	_, _ = l.receive()
	_ = l.send(frame{Type: typeHello, Hello: &hello{protocolName, Protocol, Oldest}})
}

func TestALostListenerEndsTheServerWithAnError(t *testing.T) {
	dir := t.TempDir()
	l, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	served := make(chan error)
	go func() { served <- (&Server{}).Serve(t.Context(), l) }()
	c := dial(t, Options{Dir: dir})
	l.Close()
	soon(t, "end of the server", func() {
		if err := <-served; !errors.Is(err, net.ErrClosed) {
			t.Errorf("got %v", err)
		}
	})
	c.Close()
}

func TestAServerThatDoesNotComeBackIsGivenUp(t *testing.T) {
	dir, stop := serve(t, &Server{Authority: askFunc(func(context.Context, proxy.Request) (proxy.Answer, error) {
		return proxy.Answer{Verdict: proxy.Allow}, nil
	})})
	c := dial(t, Options{Dir: dir, bound: 50 * time.Millisecond})
	stop()
	ask := func() (proxy.Answer, error) { return c.Ask(t.Context(), proxy.Request{ID: "r_1"}) }
	for range 2 { // the second call tries again, too
		if a, err := ask(); !errors.Is(err, errLost) || a.Verdict != 0 {
			t.Errorf("got %+v, %v", a, err)
		}
	}
	serveIn(t, &Server{Authority: askFunc(func(context.Context, proxy.Request) (proxy.Answer, error) {
		return proxy.Answer{Verdict: proxy.Deny}, nil
	})}, dir)
	soon(t, "a connection within the bound", func() {
		for {
			a, err := ask()
			if errors.Is(err, errLost) { // too slow for the bound: say so, and try again
				continue
			}
			if err != nil || a.Verdict != proxy.Deny {
				t.Errorf("once one is back: got %+v, %v", a, err)
			}
			return
		}
	})
}

func TestAServerThatHangsIsLeftWhenTheCallerGivesUp(t *testing.T) {
	dir := t.TempDir()
	nl, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	defer nl.Close()
	ctx, cancel := context.WithCancel(t.Context())
	go func() {
		if c, err := nl.Accept(); err == nil {
			_, _ = io.ReadFull(c, make([]byte, 1)) // its hello is on the way
			cancel()
			_, _ = io.Copy(io.Discard, c)
			c.Close()
		}
	}()
	soon(t, "dial", func() {
		if _, err := Dial(ctx, Options{Dir: dir}); !errors.Is(err, context.Canceled) {
			t.Errorf("got %v", err)
		}
	})
}

// What was decoded encodes to what decodes to the same again, and nothing panics.
func FuzzFrames(f *testing.F) {
	f.Add([]byte(`{"type":"ask","id":7,"request":{"id":"r_7","kind":"command","command":{"kind":"exec","argv":["a"]}}}`))
	f.Add([]byte(`{"type":"reply","id":7,"answer":{"verdict":"undecided","scene":[{"op":"path","path":"/"}]}}`))
	f.Add([]byte(`{"type":"reply","error":{"code":"refused","text":"x"}}`))
	f.Add([]byte("{\"type\":\"\xff\"}"))
	f.Fuzz(func(t *testing.T, line []byte) {
		first, err := decode(line)
		if err != nil {
			return
		}
		b, err := encode(first)
		if err != nil {
			t.Fatalf("encode %q: %v", line, err)
		}
		if n := bytes.IndexByte(b, '\n'); n != len(b)-1 {
			t.Fatalf("a line feed at %d of %d", n, len(b))
		}
		second, err := decode(b[:len(b)-1])
		if err != nil {
			t.Fatalf("decode %q: %v", b, err)
		}
		again, err := encode(second)
		if err != nil || !bytes.Equal(b, again) {
			t.Errorf("%q became %q, %v", b, again, err)
		}
	})
}

func TestNoTextEscapesTheCheckForUTF8(t *testing.T) {
	// Every string that a Request can hold, found by its type: a field added
	// tomorrow is checked tomorrow.
	n := 0
	var spoil func(v reflect.Value, test func())
	spoil = func(v reflect.Value, test func()) {
		switch v.Kind() {
		case reflect.String:
			n++
			v.SetString("\xff")
			test()
			v.SetString("")
		case reflect.Pointer:
			v.Set(reflect.New(v.Type().Elem()))
			spoil(v.Elem(), test)
			v.SetZero()
		case reflect.Slice:
			v.Set(reflect.MakeSlice(v.Type(), 1, 1))
			spoil(v.Index(0), test)
			v.SetZero()
		case reflect.Map:
			v.Set(reflect.MakeMap(v.Type()))
			v.SetMapIndex(reflect.ValueOf("\xff"), reflect.Zero(v.Type().Elem()))
			test()
			v.SetZero()
		case reflect.Struct:
			for i := range v.NumField() {
				spoil(v.Field(i), test)
			}
		}
	}
	var r proxy.Request
	spoil(reflect.ValueOf(&r).Elem(), func() {
		if _, err := encode(frame{Type: typeAsk, Request: &r}); !errors.Is(err, ErrGarbage) {
			t.Errorf("sent: %+v", r)
		}
	})
	if n < 30 {
		t.Errorf("only %d strings were tried", n)
	}
}

func TestTheStateFolderIsPickedInOrder(t *testing.T) {
	base := t.TempDir()
	cases := []struct{ name, guard, xdg, home, want string }{
		{"GUARD_HOME", base + "/g", base + "/x", base + "/h", base + "/g"},
		{"else XDG_STATE_HOME", "", base + "/x", base + "/h", base + "/x/guard"},
		{"else below the home folder", "", "", base + "/h", base + "/h/.local/state/guard"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			t.Setenv("GUARD_HOME", c.guard)
			t.Setenv("XDG_STATE_HOME", c.xdg)
			t.Setenv("HOME", c.home)
			got, err := StateDir()
			if err != nil || got != c.want {
				t.Fatalf("got %q, %v, want %q", got, err, c.want)
			}
			if info, err := os.Stat(got); err != nil || info.Mode().Perm() != 0o700 {
				t.Errorf("made: %v, %v", info.Mode(), err)
			}
		})
	}
}

func TestAStateFolderThatCannotBeTrustedSaysHowToMendIt(t *testing.T) {
	root := os.Geteuid() == 0
	cases := []struct {
		name string
		make func(t *testing.T, dir string) string // returns what GUARD_HOME is set to
		root bool
		want string // %s is the folder
	}{
		{"open to the group", func(t *testing.T, dir string) string { return dir + chmod(t, dir, 0o750) }, false, "chmod 700 %s"},
		{"writable by others", func(t *testing.T, dir string) string { return dir + chmod(t, dir, 0o702) }, false, "chmod 700 %s"},
		{"a relative path", func(*testing.T, string) string { return "guard" }, false, "not an absolute path"},
		{"a file", func(t *testing.T, dir string) string {
			if err := os.WriteFile(dir+"/file", nil, 0o600); err != nil {
				t.Fatal(err)
			}
			return dir + "/file"
		}, false, "not a directory"},
		{"a link to nowhere", func(t *testing.T, dir string) string {
			if err := os.Symlink("/nonexistent/x", dir+"/link"); err != nil {
				t.Fatal(err)
			}
			return dir + "/link"
		}, false, "file exists"},
		{"a file system that takes no writes", func(*testing.T, string) string { return "/proc/guard" }, false, "create state folder"},
		{"one that belongs to another", func(t *testing.T, dir string) string { return dir + chown(t, dir) }, true, "set GUARD_HOME to a folder of your own"},
		{"a link that belongs to another", func(t *testing.T, dir string) string {
			if err := errors.Join(os.Mkdir(dir+"/real", 0o700), os.Symlink("real", dir+"/link")); err != nil {
				t.Fatal(err)
			}
			return dir + "/link" + chown(t, dir+"/link")
		}, true, "symbolic link of user 65534"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			if c.root && !root {
				t.Skip("needs root to give a file away")
			}
			dir := t.TempDir()
			if err := os.Chmod(dir, 0o700); err != nil {
				t.Fatal(err)
			}
			t.Setenv("GUARD_HOME", c.make(t, dir))
			_, err := StateDir()
			if want := strings.ReplaceAll(c.want, "%s", dir); err == nil || !strings.Contains(err.Error(), want) {
				t.Errorf("got %v, want %q in it", err, want)
			}
		})
	}
	t.Run("an own link to an own folder is fine", func(t *testing.T) {
		dir := t.TempDir()
		if err := errors.Join(os.Mkdir(dir+"/real", 0o700), os.Symlink("real", dir+"/link")); err != nil {
			t.Fatal(err)
		}
		t.Setenv("GUARD_HOME", dir+"/link")
		if got, err := StateDir(); err != nil || got != dir+"/link" {
			t.Errorf("got %q, %v", got, err)
		}
	})
}

func chmod(t *testing.T, path string, mode os.FileMode) string {
	t.Helper()
	if err := os.Chmod(path, mode); err != nil {
		t.Fatal(err)
	}
	return ""
}

func chown(t *testing.T, path string) string {
	t.Helper()
	if err := os.Lchown(path, 65534, 65534); err != nil {
		t.Fatal(err)
	}
	return ""
}

func TestTheSocketIsOursAlone(t *testing.T) {
	dir, stop := serve(t, &Server{})
	path := filepath.Join(dir, socketName)
	info, err := os.Stat(path)
	if err != nil || info.Mode().Perm() != 0o600 || info.Mode().Type() != os.ModeSocket {
		t.Errorf("socket: %v, %v", info, err)
	}
	if _, err := Lock(dir); !errors.Is(err, ErrRunning) {
		t.Errorf("a second lock: got %v", err)
	}
	stop()
	if _, err := os.Lstat(path); !errors.Is(err, os.ErrNotExist) {
		t.Errorf("after the end: got %v", err)
	}
}

func TestADeadOnesSocketIsReplacedUnderTheLock(t *testing.T) {
	dir := t.TempDir()
	old, err := net.ListenUnix("unix", &net.UnixAddr{Name: filepath.Join(dir, socketName), Net: "unix"})
	if err != nil {
		t.Fatal(err)
	}
	old.SetUnlinkOnClose(false)
	old.Close()
	if _, err := Dial(t.Context(), Options{Dir: dir}); !errors.Is(err, ErrNoServer) {
		t.Errorf("dial: got %v", err)
	}
	if l, err := Listen(dir); err == nil {
		l.Close()
		t.Errorf("listened without the lock")
	}
	serveIn(t, &Server{}, dir)
	dial(t, Options{Dir: dir})
}

func TestALongPathIsNoObstacle(t *testing.T) {
	dir := filepath.Join(t.TempDir(), strings.Repeat("long/", 40))
	if err := os.MkdirAll(dir, 0o700); err != nil {
		t.Fatal(err)
	}
	_, err := Dial(t.Context(), Options{Dir: dir})
	if !errors.Is(err, ErrNoServer) {
		t.Errorf("nobody there: got %v", err)
	}
	stop := serveIn(t, &Server{}, dir)
	dial(t, Options{Dir: dir})
	stop()
	if _, err := os.Lstat(filepath.Join(dir, socketName)); !errors.Is(err, syscall.ENOENT) {
		t.Errorf("after the end: got %v", err)
	}
}
