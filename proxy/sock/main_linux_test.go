package sock

import (
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/f958ca95/guard/proxy"
)

// TestMain lets the test binary stand in for other programs: guardd (started
// as guardd would be) and processes that connect from somewhere odd.
func TestMain(m *testing.M) {
	if len(os.Args) > 1 {
		switch os.Args[1] {
		case "serve":
			os.Exit(fakeGuardd())
		case "probe":
			os.Exit(probe())
		}
	}
	os.Exit(m.Run())
}

// fakeGuardd is a real server process with an authority that knows its process
// and dies when it is asked to.
func fakeGuardd() int {
	CloseInherited(3)
	if text := os.Getenv("FAKE_FAILS"); text != "" {
		_ = Ready(3, errors.New(text))
		return 1
	}
	dir, err := StateDir()
	if err != nil {
		_ = Ready(3, err)
		return 1
	}
	release, err := Lock(dir)
	if err != nil {
		_ = Ready(3, err)
		return 1
	}
	defer release()
	l, err := Listen(dir)
	if err != nil {
		_ = Ready(3, err)
		return 1
	}
	starts, _ := os.OpenFile(filepath.Join(dir, "starts"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	fmt.Fprintln(starts, os.Getpid())
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGTERM)
	defer stop()
	_ = Ready(3, nil)
	if err := (&Server{Authority: mortal{dir}}).Serve(ctx, l); err != nil {
		return 1
	}
	return 0
}

type mortal struct{ dir string }

// Ask answers with its process id; asked for a session id that names a file
// not yet there, it makes the file and dies as if killed.
func (m mortal) Ask(_ context.Context, r proxy.Request) (proxy.Answer, error) {
	switch {
	case r.Session == "die":
		os.Exit(9)
	case r.Session == "who":
		return proxy.Answer{Note: fmt.Sprint(r.Peer.PID, " ", r.Peer.Guarded)}, nil
	case strings.HasPrefix(r.Session, "once-"):
		if f, err := os.OpenFile(filepath.Join(m.dir, r.Session), os.O_CREATE|os.O_EXCL, 0o600); err == nil {
			f.Close()
			_ = syscall.Kill(os.Getpid(), syscall.SIGKILL)
			select {}
		}
	}
	return proxy.Answer{Verdict: proxy.Allow, Note: fmt.Sprint(os.Getpid()), Display: r.ID}, nil
}
