package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
)

// restart is how long a guard inside a session waits for the session's own guard
// to bring back a guardd that has died.
const restart = 10 * time.Second

// dialToJudge connects to guardd, for a session that reattach takes up again, and
// starts it if none answers; inside a session it never does.
func dialToJudge(ctx context.Context, reattach func(context.Context, sock.Asker) error) (*sock.Client, error) {
	dir, err := sock.StateDir()
	if err != nil {
		return nil, err
	}
	return connect(ctx, sock.Options{Dir: dir, Start: true, Reattach: reattach})
}

// dial connects to guardd for a person, who looks and answers. That may be root,
// the second of two people, at the guardd of the user that GUARD_HOME leads to.
func dial(ctx context.Context) (*sock.Client, error) {
	dir, own, err := sock.AnswerDir()
	if err != nil {
		return nil, err
	}
	client, err := connect(ctx, sock.Options{Dir: dir, Start: own, Others: !own})
	if !own && errors.Is(err, sock.ErrNoServer) {
		return nil, fmt.Errorf("%w: whom it belongs to starts it, with guard status", err)
	}
	return client, err
}

func connect(ctx context.Context, opt sock.Options) (*sock.Client, error) {
	client, err := sock.Dial(ctx, opt)
	for end := time.Now().Add(restart); errors.Is(err, sock.ErrNoServer) && os.Getenv(sessionVar) != "" && time.Now().Before(end); {
		time.Sleep(20 * time.Millisecond)
		client, err = sock.Dial(ctx, opt)
	}
	return client, err
}

// request gives a request its id.
func request(kind, session string) proxy.Request {
	return proxy.Request{ID: newID("r_"), Kind: kind, Session: session}
}

func newID(prefix string) string {
	b := make([]byte, 12)
	rand.Read(b) // never fails (crypto/rand)
	return prefix + hex.EncodeToString(b)
}
