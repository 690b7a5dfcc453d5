package spawn

import (
	"os"
	"os/signal"
	"sync"

	"golang.org/x/sys/unix"
)

// chunk is the most that is read at once.
const chunk = 32 << 10

// relay carries bytes between the person's terminal and the command's. One
// goroutine runs carry and owns every field; others reach it through post.
type relay struct {
	in, out int      // the person's terminal
	program *program // nil: there is only a question

	front bool          // we are in the foreground of in
	modes *unix.Termios // of in before it was made raw; nil while it is not
	raw   unix.Termios  // what they were changed to
	gone  bool          // the person's terminal has hung up

	screen   screen
	question *question // open, or nil
	notices  []string  // to be drawn when nothing is in the way

	buf  []byte
	over bool

	wake    [2]int // a pipe: writing to 1 ends a poll
	signals chan os.Signal
	caught  sync.WaitGroup

	mu     sync.Mutex
	posted []func()      // guarded by mu
	shut   bool          // guarded by mu: nothing will run any more
	done   chan struct{} // closed when shut
}

func newRelay(in, out int) (*relay, error) {
	r := &relay{in: in, out: out, buf: make([]byte, chunk), done: make(chan struct{}), signals: make(chan os.Signal, 32)}
	if err := unix.Pipe2(r.wake[:], unix.O_CLOEXEC|unix.O_NONBLOCK); err != nil {
		return nil, os.NewSyscallError("pipe2", err)
	}
	signal.Notify(r.signals, unix.SIGCONT, unix.SIGWINCH)
	r.caught.Go(func() {
		for s := range r.signals {
			r.post(func() { r.signal(s) })
		}
	})
	return r, nil
}

// close gives the terminal back and ends what newRelay started.
func (r *relay) close() {
	r.endQuestion(0, ErrEnded)
	r.leave()
	r.mu.Lock()
	r.shut = true
	r.posted = nil
	close(r.done)
	r.mu.Unlock()
	signal.Stop(r.signals)
	close(r.signals)
	r.caught.Wait()
	unix.Close(r.wake[0])
	unix.Close(r.wake[1])
}

// post has f run in carry's goroutine; false if that has ended.
func (r *relay) post(f func()) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.shut {
		return false
	}
	r.posted = append(r.posted, f)
	_, _ = unix.Write(r.wake[1], []byte{0}) // if it is full, the poll ends anyway
	return true
}

// run runs what has been posted.
func (r *relay) run() {
	var drop [64]byte
	for {
		if n, _ := unix.Read(r.wake[0], drop[:]); n < len(drop) {
			break
		}
	}
	r.mu.Lock()
	posted := r.posted
	r.posted = nil
	r.mu.Unlock()
	for _, f := range posted {
		f()
	}
}
