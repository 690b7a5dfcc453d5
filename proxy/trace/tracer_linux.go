package trace

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// Reasons for which the Tracer refuses a call by itself, with EPERM.
var (
	errForeignPID = errors.New("the process is in a pid namespace that guard cannot see into")
	errMemory     = errors.New("the process does not let guard read its call")
	errProcess    = errors.New("the process cannot be looked at")
	errLookup     = errors.New("the program's file cannot be looked up")
	errUnreadable = errors.New("the program's file can be executed, but not read; what cannot be checked does not run")
)

// Tracer answers the calls that come by one listener.
type Tracer struct {
	Judge Judge

	slow   time.Duration // see park; 0: a second
	settle bool          // see attach; always so before Linux 6.18

	quiet sync.RWMutex // held for reading while a task is attached

	mu    sync.Mutex
	taken []ended // guarded by mu; the last ones, oldest first
}

// ended is a process that died while attached. If it was a child of ours, its
// status is known to nobody else.
type ended struct {
	pid    int
	status unix.WaitStatus
}

const (
	receivers  = 2   // more would only wake each other: every call wakes all of them
	remember   = 64  // ended processes
	mostParked = 512 // while there are more, further calls wait in the kernel
)

// presence is how often a parked call is looked after.
const presence = 100 * time.Millisecond

// server is one run of Serve.
type server struct {
	*Tracer
	listener int
	patience time.Duration
	root     root
	uid      int
	settle   bool // see attach
	ctx      context.Context
	failed   chan error
	known    known

	calls sync.WaitGroup // those that workers deal with

	mu     sync.Mutex
	busy   map[*call]time.Time // guarded by mu; calls that workers deal with, since when
	parked map[*call]bool      // guarded by mu; calls whose worker will not be back soon
	watch  bool                // guarded by mu; a goroutine looks after parked
}

// Serve answers until no process is left under the filter. Whatever error ends it
// earlier, nothing is answered afterwards: the caller closes the listener, upon
// which every execution in the tree fails. Contexts given to the Judge have ended
// when it returns.
func (t *Tracer) Serve(listener int) error {
	own, errno := rootOf(unix.AT_FDCWD, "/")
	if errno != 0 {
		return fmt.Errorf("look at the root directory: %w", errno)
	}
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	s := &server{
		Tracer: t, patience: cmp.Or(t.slow, time.Second), listener: listener, root: own, uid: os.Geteuid(), settle: t.settle || before(6, 18), ctx: ctx,
		failed: make(chan error, receivers), busy: make(map[*call]time.Time), parked: make(map[*call]bool), known: known{files: make(map[place]knownFile)},
	}
	for range receivers {
		s.hire()
	}
	go s.hurry()
	left := make(chan error, 1)
	go func() { left <- s.abandoned() }()
	var err error
	select {
	case err = <-left:
	case err = <-s.failed:
	}
	cancel()
	// Only for those that deal with a call: before Linux 6.11 one that waits for the
	// next is woken by nothing.
	s.calls.Wait()
	return err
}

// abandoned returns when no process is left under the filter.
func (s *server) abandoned() error {
	for {
		fds := []unix.PollFd{{Fd: int32(s.listener)}} // no events: it waits for the hang-up alone
		_, err := unix.Poll(fds, -1)
		switch {
		case err == unix.EINTR:
		case err != nil:
			return fmt.Errorf("wait for the end of the tree: %w", err)
		case fds[0].Revents&unix.POLLHUP != 0:
			return nil
		case fds[0].Revents != 0:
			return fmt.Errorf("wait for the end of the tree: the listener is gone")
		}
	}
}

// before says whether the kernel is older than a version.
func before(major, minor int) bool {
	var u unix.Utsname
	if unix.Uname(&u) != nil {
		return true
	}
	a, rest, _ := number(u.Release[:])
	b, _, _ := number(rest[1:])
	return a < major || a == major && b < minor
}

// hire starts a worker.
func (s *server) hire() { go newWorker(s).work() }

// Quiet runs f while no task is attached: it waits for the kernel to finish what it
// is executing, and has the next execution wait for f.
func (t *Tracer) Quiet(f func()) {
	t.quiet.Lock()
	defer t.quiet.Unlock()
	f()
}

// Taken returns the status of a process that died while it was attached. It
// forgets all but the last ones.
func (t *Tracer) Taken(pid int) (unix.WaitStatus, bool) {
	t.mu.Lock()
	defer t.mu.Unlock()
	for i := len(t.taken) - 1; i >= 0; i-- {
		if t.taken[i].pid == pid {
			return t.taken[i].status, true
		}
	}
	return 0, false
}

func (t *Tracer) take(pid int, status unix.WaitStatus) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if len(t.taken) == remember {
		t.taken = t.taken[:copy(t.taken, t.taken[1:])]
	}
	t.taken = append(t.taken, ended{pid, status})
}

// begin notes that a worker deals with c.
func (s *server) begin(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.busy[c] = time.Now()
}

// hurry parks calls unasked that keep their worker for long (slow): their memory or
// path may lie on a file system that does not answer. One timer for each call would
// wake a thread for each.
func (s *server) hurry() {
	tick := time.NewTicker(s.patience)
	defer tick.Stop()
	for {
		select {
		case <-s.ctx.Done():
			return
		case now := <-tick.C:
			s.mu.Lock()
			for c, since := range s.busy {
				if now.Sub(since) >= s.patience {
					s.parkLocked(c)
				}
			}
			s.mu.Unlock()
		}
	}
}

// park gives c's worker a successor, once.
func (s *server) park(c *call) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.parkLocked(c)
}

func (s *server) parkLocked(c *call) {
	if s.parked[c] || c.over {
		return
	}
	s.parked[c] = true
	if len(s.parked) <= mostParked {
		c.succeeded = true
		s.hire()
	}
	if !s.watch {
		s.watch = true
		go s.lookAfter()
	}
}

// finish ends the business with c and says whether its worker has a successor.
func (s *server) finish(c *call) (succeeded bool) {
	c.cancel()
	s.mu.Lock()
	defer s.mu.Unlock()
	c.over = true
	delete(s.busy, c)
	delete(s.parked, c)
	return c.succeeded
}

// lookAfter cancels parked calls whose task has gone. Nothing reports that: the
// descriptor of a process says when it has ended, and not that it left the call.
func (s *server) lookAfter() {
	tick := time.NewTicker(presence)
	defer tick.Stop()
	for range tick.C {
		s.mu.Lock()
		for c := range s.parked {
			if !c.present(s.listener) {
				c.cancel()
			}
		}
		s.watch = len(s.parked) > 0
		more := s.watch
		s.mu.Unlock()
		if !more {
			return
		}
	}
}
