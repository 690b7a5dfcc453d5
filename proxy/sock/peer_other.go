//go:build !linux

package sock

import (
	"net"
	"os"

	"github.com/f958ca95/guard/proxy"
)

// witness knows nothing here: the socket's mode keeps other users out, and
// whatever needs a person behind it is refused.
type witness struct{}

func identify(*net.UnixConn) (*witness, error) { return &witness{}, nil }

func (*witness) close() {}

func (*witness) look([]proxy.Root) proxy.Peer {
	return proxy.Peer{UID: os.Geteuid(), Guarded: "who asks cannot be told on this system"}
}

func checkServer(*net.UnixConn, Options) error { return nil }
