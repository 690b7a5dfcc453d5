package sock

import (
	"fmt"
	"path/filepath"

	"golang.org/x/sys/unix"
)

const fdFolder = "/proc/self/fd"

// maxPath is what fits sun_path (unix(7)) with its final zero, for the longest
// name used here.
const maxPath = 107 - len("/"+socketName+".new")

// shorten returns a name of dir that is short enough for a socket address. It
// holds until done is called.
func shorten(dir string) (name string, done func(), err error) {
	if len(dir) <= maxPath {
		return filepath.Clean(dir), func() {}, nil
	}
	fd, err := unix.Open(dir, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return "", nil, fmt.Errorf("open %s: %w", dir, err)
	}
	return fmt.Sprintf("%s/%d", fdFolder, fd), func() { unix.Close(fd) }, nil
}
