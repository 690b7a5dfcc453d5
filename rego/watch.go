package rego

import (
	"errors"
	"fmt"
	"hash/maphash"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"

	"github.com/fsnotify/fsnotify"
)

// watcher turns file system events into "something may have changed". It is a
// hint and never more: events get lost (queue overflow) or never come (network
// file systems), so a Store also compares signatures now and then.
//
// Only folders are watched, with those above them, because a folder can be
// made later, replaced as a whole, or swapped by a symbolic link.
type watcher struct {
	events *fsnotify.Watcher // nil where the system gives none
	poke   chan struct{}     // capacity 1
	log    *slog.Logger

	mu     sync.Mutex
	inside map[string]bool // guarded by mu; watched folders that are part of a policy folder
	roots  map[string]bool // guarded by mu; policy folders
}

func newWatcher(log *slog.Logger) *watcher {
	w := &watcher{
		poke:   make(chan struct{}, 1),
		log:    log,
		inside: map[string]bool{},
		roots:  map[string]bool{},
	}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		log.Warn("watch policy folders: no events, looking every now and then instead", "error", err)
		return w
	}
	w.events = events
	return w
}

func (w *watcher) close() error {
	if w.events == nil {
		return nil
	}
	return w.events.Close()
}

// drain reads both channels until the watcher is closed. An unread Errors
// channel would stop all events for ever.
func (w *watcher) drain() {
	if w.events == nil {
		return
	}
	for {
		select {
		case ev, ok := <-w.events.Events:
			if !ok {
				return
			}
			if w.relevant(ev.Name) {
				w.changed()
			}
		case err, ok := <-w.events.Errors:
			if !ok {
				return
			}
			if !errors.Is(err, fsnotify.ErrEventOverflow) {
				w.log.Warn("watch policy folders", "error", err)
			}
			w.changed()
		}
	}
}

func (w *watcher) changed() {
	select {
	case w.poke <- struct{}{}:
	default:
	}
}

// relevant drops the events of folders that are only watched because a policy
// folder is or could be below them.
func (w *watcher) relevant(name string) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	if w.inside[name] || w.inside[filepath.Dir(name)] {
		return true
	}
	for root := range w.roots {
		if root == name || strings.HasPrefix(root, name+"/") {
			return true
		}
	}
	return false
}

// arm makes sure that changes of the folder will be noticed. It goes from the
// top down and must come before the folder is read: what appears after a look
// is then announced by the watch that was placed before it.
func (w *watcher) arm(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.roots[dir] = true
	for _, above := range ancestors(dir, 2) {
		w.add(above, false)
	}
	w.addTree(dir, 0)
}

// disarm ends what was watched for the sake of this folder alone.
func (w *watcher) disarm(dir string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.roots, dir)
	places := w.below(dir)
	for at := dir; at != filepath.Dir(at); at = filepath.Dir(at) {
		places = append(places, filepath.Dir(at))
	}
	for _, at := range places {
		if _, watched := w.inside[at]; !watched || w.wanted(at) {
			continue
		}
		delete(w.inside, at)
		if w.events != nil {
			_ = w.events.Remove(at) // it may be gone, and its watch with it
		}
	}
}

// below lists the watched folders that are dir or in it. mu is held.
func (w *watcher) below(dir string) (out []string) {
	for at := range w.inside {
		if at == dir || strings.HasPrefix(at, dir+"/") {
			out = append(out, at)
		}
	}
	return out
}

// wanted says whether a policy folder that counts is this one, in it, or around it.
// mu is held.
func (w *watcher) wanted(at string) bool {
	for root := range w.roots {
		if at == root || strings.HasPrefix(at, root+"/") || strings.HasPrefix(root, at+"/") {
			return true
		}
	}
	return false
}

// ancestors returns the n nearest folders above dir that exist, topmost first.
func ancestors(dir string, n int) []string {
	var out []string
	for at := filepath.Dir(dir); len(out) < n; at = filepath.Dir(at) {
		if info, err := os.Stat(at); err == nil && info.IsDir() {
			out = append([]string{at}, out...)
		}
		if at == filepath.Dir(at) {
			break
		}
	}
	return out
}

func (w *watcher) addTree(dir string, depth int) {
	if depth > maxDepth || !w.add(dir, true) {
		return
	}
	entries, err := os.ReadDir(dir)
	if err != nil {
		return
	}
	for _, e := range entries {
		path := filepath.Join(dir, e.Name())
		if info, err := os.Stat(path); err == nil && info.IsDir() && !strings.HasPrefix(e.Name(), ".") {
			w.addTree(path, depth+1)
		}
	}
}

// add watches one folder, or whatever has taken its place; for one that is
// watched already it changes nothing. mu is held.
func (w *watcher) add(dir string, inside bool) bool {
	info, err := os.Stat(dir)
	if err != nil || !info.IsDir() {
		return false
	}
	w.inside[dir] = w.inside[dir] || inside
	if w.events == nil {
		return true
	}
	if err := w.events.Add(dir); err != nil {
		w.log.Warn("watch policy folder: no events, looking every now and then instead", "folder", dir, "error", err)
	}
	return true
}

var signatureSeed = maphash.MakeSeed()

// signature changes when a file of the folders does, as far as size, times and
// mode tell. It reads no file.
func signature(folders []Folder) uint64 {
	var h maphash.Hash
	h.SetSeed(signatureSeed)
	for _, f := range folders {
		sign(&h, f.Dir, 0)
	}
	return h.Sum64()
}

func sign(h *maphash.Hash, path string, depth int) {
	info, err := os.Stat(path)
	if err != nil {
		fmt.Fprint(h, path, errors.Is(err, fs.ErrNotExist))
		return
	}
	var id uint64
	if st, ok := info.Sys().(*syscall.Stat_t); ok {
		id = st.Ino
	}
	fmt.Fprint(h, path, info.Size(), info.ModTime().UnixNano(), info.Mode(), id)
	if !info.IsDir() || depth > maxDepth {
		return
	}
	entries, err := os.ReadDir(path)
	if err != nil {
		return
	}
	for _, e := range entries {
		if !strings.HasPrefix(e.Name(), ".") {
			sign(h, filepath.Join(path, e.Name()), depth+1)
		}
	}
}
