package sock

import (
	"fmt"
	"net"
	"path/filepath"
	"strings"
	"sync"
	"testing"
)

// What does not fit the kernel's buffer waits in the queue, and nothing that is
// sent later may go before it or into the middle of it.
func TestFramesArriveWholeAndInOrderAtAPeerThatReadsLate(t *testing.T) {
	dir := t.TempDir()
	listener, err := net.Listen("unix", filepath.Join(dir, socketName))
	if err != nil {
		t.Fatal(err)
	}
	defer listener.Close()
	conn, err := net.Dial("unix", listener.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	peer, err := listener.Accept()
	if err != nil {
		t.Fatal(err)
	}
	from, to := newLink(conn), newLink(peer)
	defer to.close()

	const frames, ofBytes = 200, 50_000 // many times what a socket holds
	blocked := make(chan struct{})
	full := sync.OnceFunc(func() { close(blocked) })
	go func() {
		defer from.close()
		for i := range frames {
			// A small frame may go at once where a large one has to wait.
			line := fmt.Sprintf(`{"type":"look","id":%d,"pad":%q}`, i+1, strings.Repeat("x", i%2*ofBytes))
			if from.queued.Load() == 8 {
				full()
			}
			if err := from.sendBytes([]byte(line + "\n")); err != nil {
				t.Error(err)
			}
		}
	}()
	soon(t, "a full queue", func() { <-blocked })
	for i := range frames {
		f, err := to.receive()
		if err != nil || f.ID != uint64(i+1) {
			t.Fatalf("frame %d: got %d, %v", i+1, f.ID, err)
		}
	}
}
