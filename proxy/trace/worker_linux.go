package trace

import (
	"context"

	"golang.org/x/sys/unix"
)

// worker receives calls and deals with one at a time.
type worker struct {
	*server
	memory *memory
	buf    []byte
	name   [unix.PathMax]byte
	first  [headSize]byte
}

func newWorker(s *server) *worker {
	return &worker{server: s, memory: newMemory(), buf: make([]byte, 4096)}
}

// work ends with the tree, or after a call for which another worker was hired.
func (w *worker) work() {
	var n notification
	for {
		switch errno := receive(w.listener, &n); errno {
		case 0:
		case unix.EINTR, unix.ENOENT: // a task that gave up while its call was handed over, or none is left
			if w.alone() {
				return
			}
			continue
		default:
			select {
			case w.failed <- errno:
			default:
			}
			return
		}
		if w.serve(&n) {
			return
		}
	}
}

// alone says whether no task is left under the filter.
func (w *worker) alone() bool {
	fds := []unix.PollFd{{Fd: int32(w.listener)}}
	_, err := unix.Poll(fds, 0)
	return err != unix.EINTR && (err != nil || fds[0].Revents != 0)
}

// serve deals with one call and says whether the worker has got a successor.
func (w *worker) serve(n *notification) (succeeded bool) {
	w.calls.Add(1)
	defer w.calls.Done()
	c := &call{id: n.id, Call: Call{TID: int(n.pid)}}
	c.ctx, c.cancel = context.WithCancel(w.ctx)
	c.park = func() { w.park(c) }
	w.begin(c)
	w.answer(c, n)
	return w.finish(c)
}

func (w *worker) answer(c *call, n *notification) {
	switch errno := w.read(c, n); {
	case errno == unix.ESRCH: // gone
		return
	case errno != 0:
		w.refuse(c, errno)
		return
	case c.Path == canary:
		w.sing(c)
		return
	case !waiting(w.listener, c.id): // nothing that was read is known to be this task's
		return
	}
	for w.ask(c) {
	}
}

// ask takes a call to the Judge and does what it says. It is true if the call has
// to be judged again, because the task turned out to be traced: finding that out
// by asking (TracerPid in /proc/PID/status) would cost every call more than
// anything else that is read about it.
func (w *worker) ask(c *call) (again bool) {
	r := w.Judge.Judge(c.ctx, &c.Call)
	if r.Errno != 0 {
		send(w.listener, c.id, r.Errno)
		return false
	}
	failed := w.admit(c, r)
	var now status
	if failed == ErrOthers && c.Tracer == 0 {
		now, _ = w.status(c.TID)
	}
	if failed == ErrOthers && now.tracer == 0 {
		send(w.listener, c.id, unix.EPERM)
	}
	if failed != nil {
		w.Judge.Done(&c.Call, r, nil, failed)
	}
	if now.tracer != 0 {
		c.Tracer, c.Parent = now.tracer, now.parent
		c.stopped.Store(0)
	}
	return now.tracer != 0
}

// refuse answers a call that nobody is asked about.
func (w *worker) refuse(c *call, errno unix.Errno) {
	if c.why != nil {
		if told, ok := w.Judge.(Refuser); ok && waiting(w.listener, c.id) {
			told.Refused(&c.Call, c.why)
		}
	}
	send(w.listener, c.id, errno)
}

// own has the call refused by the Tracer.
func (c *call) own(why error) unix.Errno {
	c.why = why
	return unix.EPERM
}
