package trace

import (
	"slices"
	"strings"
	"sync"
	"time"

	"golang.org/x/sys/unix"
)

// known remembers what plain absolute paths led to, for most executions are of a
// few programs. What it says is looked up again when the file's times differ, and
// in any case after a while, for folders can change hands. All of it is a forecast
// only: what runs is looked at again when it has been loaded.
type known struct {
	mu    sync.Mutex
	files map[place]knownFile // guarded by mu
}

type place struct {
	path string
	uid  int
}

type knownFile struct {
	file  File
	head  []byte
	until time.Time
}

const (
	mostKnown = 512
	knownFor  = 3 * time.Second
)

// plain says whether path means the same file for everybody with our root.
func plain(c *call, path string) bool {
	return c.near && path != "" && path[0] == '/' && c.flags == 0 &&
		!strings.HasPrefix(path, "/proc/") && !strings.HasPrefix(path, "/dev/")
}

// recall looks a path up with one system call, if it was looked up lately.
func (w *worker) recall(c *call, path string) (knownFile, bool) {
	if !plain(c, path) {
		return knownFile{}, false
	}
	w.known.mu.Lock()
	k, ok := w.known.files[place{path, c.uid}]
	w.known.mu.Unlock()
	if !ok || time.Now().After(k.until) {
		return knownFile{}, false
	}
	var st unix.Statx_t
	if unix.Statx(unix.AT_FDCWD, path, 0, statMask, &st) != nil || !k.file.is(&st) {
		return knownFile{}, false
	}
	return k, true
}

// learn keeps what was found for recall.
func (w *worker) learn(c *call, path string, f File, head []byte) {
	if !plain(c, path) {
		return
	}
	w.known.mu.Lock()
	defer w.known.mu.Unlock()
	if len(w.known.files) >= mostKnown {
		clear(w.known.files)
	}
	w.known.files[place{path, c.uid}] = knownFile{f, slices.Clone(head), time.Now().Add(knownFor)}
}
