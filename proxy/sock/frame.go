package sock

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"reflect"
	"sync"
	"sync/atomic"
	"syscall"
	"time"
	"unicode/utf8"
)

// link is one connection as a stream of frames. A frame leaves at once where
// nothing else waits to leave; otherwise one goroutine writes, so that no lock is
// held while a peer does not read. One goroutine may read.
type link struct {
	conn   stream
	in     *bufio.Reader
	out    chan []byte
	queued atomic.Int64  // frames on their way through out
	turn   chan struct{} // holds a token while somebody writes
	over   chan struct{} // closed when nothing more is written
	end    func()        // ends the link; more than once is fine
	reader chan struct{} // holds a token while somebody reads, on the client's side
}

// stream is a connection, as far as a link needs one.
type stream interface {
	io.ReadWriteCloser
	SetWriteDeadline(time.Time) error
}

func newLink(conn stream) *link {
	l := &link{
		conn: conn,
		in:   bufio.NewReaderSize(conn, 64<<10),
		out:  make(chan []byte, 16),
		turn: make(chan struct{}, 1),
		over: make(chan struct{}),

		reader: make(chan struct{}, 1),
	}
	closing := make(chan struct{})
	l.end = sync.OnceFunc(func() { close(closing) })
	go l.write(closing)
	return l
}

// write runs until the link is ended or the peer stops reading, sends what is
// queued by then, and closes the connection.
func (l *link) write(closing <-chan struct{}) {
	defer close(l.over)
	defer l.conn.Close()
	for {
		select {
		case b := <-l.out:
			if !l.put(b) {
				return
			}
		case <-closing:
			for len(l.out) > 0 {
				if !l.put(<-l.out) {
					return
				}
			}
			return
		}
	}
}

// put writes a queued frame.
func (l *link) put(b []byte) bool {
	l.turn <- struct{}{}
	defer func() { <-l.turn }()
	l.queued.Add(-1)
	return l.push(b)
}

// push writes, waiting for the peer. The turn is held.
func (l *link) push(b []byte) bool {
	_ = l.conn.SetWriteDeadline(time.Now().Add(writeTime))
	_, err := l.conn.Write(b)
	_ = l.conn.SetWriteDeadline(time.Time{})
	return err == nil
}

// atOnce is the size up to which a frame may go around the queue: the kernel takes
// all of it or nothing.
const atOnce = 16 << 10

// now writes a frame if that needs no waiting: nothing is before it, and the
// kernel has room. Most frames go this way, which spares them two changes of
// threads.
func (l *link) now(b []byte) bool {
	if len(b) > atOnce {
		return false
	}
	select {
	case l.turn <- struct{}{}:
	default:
		return false
	}
	defer func() { <-l.turn }()
	if l.queued.Load() > 0 {
		return false
	}
	n := writeSome(l.conn, b)
	if n > 0 && n < len(b) && !l.push(b[n:]) {
		l.end() // half a frame cannot be followed by another
	}
	return n > 0
}

// writeSome writes what the kernel has room for, and returns how much that was.
func writeSome(conn stream, b []byte) (n int) {
	if s, ok := conn.(*socket); ok && !s.writable() {
		return 0
	}
	c, ok := conn.(syscall.Conn)
	if !ok {
		return 0
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return 0
	}
	_ = raw.Write(func(fd uintptr) bool {
		n, _ = syscall.Write(int(fd), b)
		return true
	})
	return max(n, 0)
}

// close ends the link and waits until queued frames have left.
func (l *link) close() {
	l.end()
	<-l.over
}

// send queues a frame. It returns errLost once nothing is written any more.
func (l *link) send(f frame) error {
	b, err := encode(f)
	if err != nil {
		return err
	}
	return l.sendBytes(b)
}

func (l *link) sendBytes(b []byte) error {
	if l.now(b) {
		return nil
	}
	l.queued.Add(1)
	select {
	case l.out <- b:
		return nil
	case <-l.over:
		l.queued.Add(-1)
		return errLost
	}
}

// receive returns the next frame. io.EOF means an orderly end.
func (l *link) receive() (frame, error) {
	line, err := readLine(l.in)
	if err != nil {
		return frame{}, err
	}
	return decode(line)
}

func encode(f frame) ([]byte, error) {
	if f.Type != typeReply && !isUTF8(reflect.ValueOf(f)) {
		return nil, fmt.Errorf("text that is not UTF-8: %w", ErrGarbage)
	}
	b, err := marshal(f)
	if err != nil {
		return nil, err
	}
	if len(b) >= maxFrame {
		return nil, fmt.Errorf("%s of %d bytes: %w", f.Type, len(b), ErrTooLarge)
	}
	return append(b, '\n'), nil
}

func marshal(f frame) ([]byte, error) {
	if f.Type == typeReply {
		return json.Marshal(f)
	}
	return appendMembers(nil, reflect.ValueOf(f), 1)
}

func decode(line []byte) (f frame, err error) {
	if !utf8.Valid(line) {
		return frame{}, fmt.Errorf("text that is not UTF-8: %w", ErrGarbage)
	}
	if f, ok := readDirect(line); ok {
		return f, nil
	}
	if err := json.Unmarshal(line, &f); err != nil {
		return frame{}, fmt.Errorf("%w: %w", ErrGarbage, err)
	}
	return f, nil
}

// readLine returns the next line without its end. It never holds more than one
// frame's bytes.
func readLine(in *bufio.Reader) ([]byte, error) {
	var line []byte
	for {
		part, err := in.ReadSlice('\n')
		if len(line)+len(part) > maxFrame {
			return nil, fmt.Errorf("frame: %w", ErrTooLarge)
		}
		line = append(line, part...)
		switch {
		case err == nil:
			return line[:len(line)-1], nil
		case err == io.EOF && len(line) > 0:
			return nil, io.ErrUnexpectedEOF
		case err != bufio.ErrBufferFull:
			return nil, err
		}
	}
}

// isUTF8 reports whether all text in v is UTF-8. The JSON encoder would replace
// other bytes, and what was judged would not be what runs.
func isUTF8(v reflect.Value) bool {
	switch v.Kind() {
	case reflect.String:
		return utf8.ValidString(v.String())
	case reflect.Pointer:
		return v.IsNil() || isUTF8(v.Elem())
	case reflect.Struct:
		for i := range v.NumField() {
			if !isUTF8(v.Field(i)) {
				return false
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			if !isUTF8(v.Index(i)) {
				return false
			}
		}
	case reflect.Map:
		for it := v.MapRange(); it.Next(); {
			if !isUTF8(it.Key()) || !isUTF8(it.Value()) {
				return false
			}
		}
	}
	return true
}
