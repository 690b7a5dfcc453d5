package sock

import (
	"context"
	"time"
)

// leadTime is how long a caller reads before a goroutine of its own does. Most
// replies come much sooner, and reach their caller without a change of threads.
const leadTime = 20 * time.Millisecond

// await returns the reply to k. Of those who wait one reads, for all.
func (c *Client) await(ctx context.Context, k *call) (frame, error) {
	for {
		l, moved := c.current()
		var turn chan struct{} // nil without a link: then it never comes
		if l != nil {
			turn = l.reader
		}
		select {
		case r, ok := <-k.done:
			if !ok {
				return frame{}, k.err
			}
			return r, nil
		case turn <- struct{}{}:
			c.lead(l, k)
		case <-moved:
		case <-ctx.Done():
			c.abandon(k)
			return frame{}, ctx.Err()
		}
	}
}

func (c *Client) current() (l *link, moved <-chan struct{}) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link, c.moved
}

// useLocked changes the link. Where a session has to be attached again, it is
// watched, too: it can be lost while nobody reads.
func (c *Client) useLocked(l *link) {
	c.link = l
	close(c.moved)
	c.moved = make(chan struct{})
	if l != nil && c.opt.Reattach != nil {
		c.work.Go(func() { c.watch(l) })
	}
}

// lead reads until k has its reply. The turn is the caller's, and is given back.
func (c *Client) lead(l *link, k *call) {
	for len(k.done) == 0 {
		if !l.ready(leadTime) {
			c.relieve(l)
			return
		}
		if !c.step(l) {
			break
		}
	}
	<-l.reader
}

// relieve has a goroutine read, with the turn that is the caller's, for as long as
// there are calls.
func (c *Client) relieve(l *link) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.ctx.Err() != nil { // Close no longer waits for anybody
		<-l.reader
		return
	}
	c.work.Go(func() {
		for c.waited(l) && c.step(l) {
		}
		<-l.reader
	})
}

// waited says whether a reply may come by l.
func (c *Client) waited(l *link) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.link == l && len(c.pending) > 0
}

// watch notices that l is lost.
func (c *Client) watch(l *link) {
	l.hungUp()
	l.reader <- struct{}{}
	for c.step(l) {
	}
	<-l.reader
}

// step hands out one frame. It is false when the link is lost, or what came is no
// frame of this protocol. The turn is the caller's.
func (c *Client) step(l *link) bool {
	f, err := l.receive()
	if err == nil {
		err = c.deliver(f)
	}
	if err != nil {
		c.drop(l, err)
	}
	return err == nil
}

// drop gives up a link. After nonsense the calls under way have failed: neither is
// what said it asked again, nor anybody else in its place.
func (c *Client) drop(l *link, err error) {
	var failed []*call
	c.mu.Lock()
	if c.link != l {
		c.mu.Unlock()
		return
	}
	c.useLocked(nil)
	if isNonsense(err) {
		failed = c.takeLocked()
	}
	c.mu.Unlock()
	l.close()
	c.mu.Lock()
	if len(c.pending) > 0 || c.opt.Reattach != nil && !isNonsense(err) {
		c.rejoinLocked()
	}
	c.mu.Unlock()
	finish(failed, err)
}
