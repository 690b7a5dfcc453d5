//go:build !linux

package sock

import "fmt"

const fdFolder = "/dev/fd"

// maxPath is what fits the shortest sun_path in use, for the longest name used here.
const maxPath = 103 - len("/"+socketName+".new")

func shorten(dir string) (name string, done func(), err error) {
	if len(dir) > maxPath {
		return "", nil, fmt.Errorf("%s is too long for a socket (%d bytes at most): set GUARD_HOME to a shorter one", dir, maxPath)
	}
	return dir, func() {}, nil
}
