package sock

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
)

func TestALostConnectionIsReplacedWhileNobodyAsks(t *testing.T) {
	s := &Server{Authority: askFunc(func(context.Context, proxy.Request) (proxy.Answer, error) {
		return proxy.Answer{Verdict: proxy.Allow}, nil
	})}
	dir, stop := serve(t, s)
	attached := make(chan struct{}, 16)
	dial(t, Options{Dir: dir, bound: time.Minute, Reattach: func(context.Context, Asker) error {
		attached <- struct{}{}
		return nil
	}})
	for range 3 {
		stop()
		stop = serveIn(t, s, dir)
		soon(t, "attached again", func() { <-attached })
	}
	stop()
}

func TestWhoReadsForAllMayWaitLongerThanTheOthers(t *testing.T) {
	release := map[string]chan struct{}{"r_slow": make(chan struct{}), "r_given_up": make(chan struct{})}
	asked := make(chan string, 2)
	dir, _ := serve(t, &Server{Authority: askFunc(func(ctx context.Context, r proxy.Request) (proxy.Answer, error) {
		if held := release[r.ID]; held != nil {
			asked <- r.ID
			select {
			case <-held:
			case <-ctx.Done():
			}
		}
		return proxy.Answer{Verdict: proxy.Allow, Note: r.ID}, nil
	})})
	c := dial(t, Options{Dir: dir})
	given, giveUp := context.WithCancel(t.Context())
	var waiting sync.WaitGroup
	waiting.Go(func() {
		if a, err := c.Ask(given, proxy.Request{ID: "r_given_up"}); !errors.Is(err, context.Canceled) {
			t.Errorf("given up: got %+v, %v", a, err)
		}
	})
	<-asked // it reads
	waiting.Go(func() {
		if a, err := c.Ask(t.Context(), proxy.Request{ID: "r_slow"}); err != nil || a.Note != "r_slow" {
			t.Errorf("slow: got %+v, %v", a, err)
		}
	})
	<-asked
	quick := func() {
		for i := range 200 {
			id := fmt.Sprint("r_", i)
			if a, err := c.Ask(t.Context(), proxy.Request{ID: id}); err != nil || a.Note != id {
				t.Errorf("%s: got %+v, %v", id, a, err)
			}
		}
	}
	soon(t, "calls beside two that wait", quick)
	giveUp()
	soon(t, "calls beside one that waits", quick)
	close(release["r_slow"])
	soon(t, "the calls that waited", waiting.Wait)
	soon(t, "calls afterwards", quick)
}
