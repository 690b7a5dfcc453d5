package main

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"os"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/proxy/sock"
)

// restart is how long a guard inside a session waits for the session's own guard
// to bring back a guardd that has died.
const restart = 10 * time.Second

// dial connects to guardd and starts it if none answers; inside a session it
// never does.
func dial(ctx context.Context, reattach func(context.Context, sock.Asker) error) (*sock.Client, error) {
	dir, err := sock.StateDir()
	if err != nil {
		return nil, err
	}
	opt := sock.Options{Dir: dir, Start: true, Reattach: reattach}
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
