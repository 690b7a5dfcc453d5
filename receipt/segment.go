package receipt

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
)

// A segment is one file of the journal, named after its first receipt.
const (
	segmentPrefix = "journal-"
	segmentSuffix = ".jsonl"
	current       = "current.jsonl"
	temporary     = ".tmp"
)

type segment struct {
	path  string
	first uint64
}

func segmentName(first uint64) string {
	return fmt.Sprintf("%s%012d%s", segmentPrefix, first, segmentSuffix)
}

// parseSegment reads the number out of a name; ok is false for other files.
func parseSegment(name string) (first uint64, ok bool) {
	digits := strings.TrimSuffix(strings.TrimPrefix(name, segmentPrefix), segmentSuffix)
	first, err := strconv.ParseUint(digits, 10, 64)
	return first, err == nil && segmentName(first) == name
}

// segments lists the journal in dir, oldest first.
func segments(dir string) ([]segment, error) {
	entries, err := os.ReadDir(dir)
	if err != nil {
		return nil, fmt.Errorf("list the log: %w", err)
	}
	var out []segment
	for _, e := range entries {
		if first, ok := parseSegment(e.Name()); ok {
			out = append(out, segment{filepath.Join(dir, e.Name()), first})
		}
	}
	slices.SortFunc(out, func(a, b segment) int {
		if a.first < b.first {
			return -1
		}
		return 1
	})
	return out, nil
}

// segmentOpen is the body of a segment's first receipt.
type segmentOpen struct {
	Segment   string `json:"segment"`
	Prev      *prior `json:"prev"` // null for the first segment
	RedactKey string `json:"redact_key,omitempty"`
}

// prior is the segment before, as it was left.
type prior struct {
	Name     string `json:"name"`
	Size     int64  `json:"size"`
	LastHash string `json:"last_hash"`
}

// segmentClose is the body of a segment's last receipt. Like state_snapshot it
// names the head of every scroll before it, and so covers the whole lines of
// scrolls that get no further receipt.
type segmentClose struct {
	Segment string          `json:"segment"`
	Bytes   int64           `json:"bytes"` // before this receipt
	Scrolls map[string]Head `json:"scrolls"`
}

// extend starts the next segment. The file gets its name only once its first
// receipt is durable, so a journal never ends in an empty file. Turn and mu are
// held.
func (l *Log) extend() error {
	name := segmentName(l.tip.next)
	body := segmentOpen{Segment: name, RedactKey: l.redact.KeyID()}
	if l.f != nil {
		body.Prev = &prior{filepath.Base(l.path), l.size, l.tip.head(ScrollLog).Hash}
	}
	p, err := l.about(TypeSegmentOpen, body)
	if err != nil {
		return err
	}
	next := l.tip.clone()
	rs, lines, err := compose(&next, []prepared{p}, l.clock())
	if err != nil {
		return err
	}
	path := filepath.Join(l.dir, name)
	f, err := l.fill(path, nil, 0, lines)
	if err != nil {
		return fmt.Errorf("start segment %s: %w", name, err)
	}
	if l.f != nil {
		// A closed segment is complete and durable; failing to mark it costs nothing.
		_ = l.f.Chmod(0o400)
		l.f.Close()
	}
	l.f, l.path, l.size, l.lines, l.tail, l.sealed = f, path, int64(len(lines)), 1, nil, false
	l.began, l.tip = rs[0].Time, next
	l.durable.Store(next.next)
	return errors.Join(l.point(), l.fold(rs))
}

// fill writes the first n bytes of old and then more to a new file, makes it
// durable and gives it the name path.
func (l *Log) fill(path string, old *os.File, n int64, more []byte) (*os.File, error) {
	os.Remove(path + temporary)
	f, err := l.disk.Create(path + temporary)
	if err != nil {
		return nil, err
	}
	err = copyInto(l.disk, f, old, n)
	if err == nil {
		_, err = l.disk.Write(f, more)
	}
	if err == nil {
		err = l.disk.Sync(f)
	}
	if err == nil {
		err = os.Rename(path+temporary, path)
	}
	if err == nil {
		err = l.disk.SyncFolder(l.dir)
	}
	if err != nil {
		f.Close()
		os.Remove(path + temporary)
		return nil, err
	}
	return f, nil
}

// copyInto copies the first n bytes of from through d.
func copyInto(d disk, to, from *os.File, n int64) error {
	buf := make([]byte, min(n, 1<<20))
	for at := int64(0); at < n; {
		m, err := from.ReadAt(buf[:min(n-at, int64(len(buf)))], at)
		if m == 0 {
			return fmt.Errorf("copy %s: %w", from.Name(), err)
		}
		if _, err := d.Write(to, buf[:m]); err != nil {
			return err
		}
		at += int64(m)
	}
	return nil
}

// point makes current.jsonl lead to the open segment, in one step, so that a
// follower by name is never without a file.
func (l *Log) point() error {
	link := filepath.Join(l.dir, current)
	want := filepath.Base(l.path)
	if have, err := os.Readlink(link); err == nil && have == want {
		return nil
	}
	os.Remove(link + temporary)
	if err := os.Symlink(want, link+temporary); err != nil {
		return fmt.Errorf("point %s to the open segment: %w", current, err)
	}
	if err := os.Rename(link+temporary, link); err != nil {
		return fmt.Errorf("point %s to the open segment: %w", current, err)
	}
	return nil
}
