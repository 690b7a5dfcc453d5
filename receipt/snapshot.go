package receipt

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// position is the place of a state_snapshot receipt, and its body: everything
// needed to go on from there without the receipts before it.
type position struct {
	Digest  string          `json:"digest"` // BLAKE3 of the snapshot file
	Bytes   int             `json:"bytes"`  // of that file
	Segment string          `json:"segment"`
	Offset  int64           `json:"offset"`  // of this receipt's line
	Line    int             `json:"line"`    // lines before it in the segment
	Scrolls map[string]Head `json:"scrolls"` // before this receipt

	next uint64 // number of this receipt
	host string
}

const snapshotPrefix = "snapshot-"

// snapshotName leads to the receipt: its number and its line's offset. The name
// is a hint only; what counts is the digest in the receipt.
func snapshotName(jseq uint64, offset int64) string {
	return fmt.Sprintf("%s%012d-%d", snapshotPrefix, jseq, offset)
}

// Snapshot records the state that encode returns, so that Open can begin there.
// Encode runs with nobody else able to append, hence its result is exactly the
// fold of all receipts before the state_snapshot receipt.
func (l *Log) Snapshot(encode func() ([]byte, error)) error {
	if err := l.enter(maxBody, false); err != nil {
		return err
	}
	data, name, err := l.takeSnapshot(encode)
	l.mu.Unlock()
	if err != nil {
		return fmt.Errorf("take a snapshot: %w", err)
	}
	if err := l.Sync(context.Background(), l.Head().Next-1); err != nil {
		return err
	}
	if err := l.saveSnapshot(name, data); err != nil {
		return fmt.Errorf("save the snapshot: %w", err)
	}
	return nil
}

func (l *Log) takeSnapshot(encode func() ([]byte, error)) (data []byte, name string, err error) {
	if data, err = encode(); err != nil {
		return nil, "", err
	}
	at := position{
		Digest: digest(data), Bytes: len(data), Segment: filepath.Base(l.path),
		Offset: l.size, Line: l.lines, Scrolls: l.tip.scrolls,
	}
	name = snapshotName(l.tip.next, l.size)
	return data, name, l.own(TypeStateSnapshot, at)
}

func (l *Log) saveSnapshot(name string, data []byte) error {
	path := filepath.Join(l.dir, name)
	os.Remove(path + temporary)
	f, err := l.disk.Create(path + temporary)
	if err != nil {
		return err
	}
	_, err = l.disk.Write(f, data)
	if err == nil {
		err = l.disk.Sync(f)
	}
	err = errors.Join(err, f.Close())
	if err == nil {
		err = os.Rename(path+temporary, path)
	}
	if err != nil {
		os.Remove(path + temporary)
		return err
	}
	names, err := snapshots(l.dir)
	for _, old := range names[min(len(names), keepSnapshot):] {
		os.Remove(filepath.Join(l.dir, old))
	}
	return err
}

var errReached = errors.New("reached")

// VerifyOld checks what Open did not, the receipts before the snapshot that it
// began at. Damage there stops the log as it would have stopped Open.
func (l *Log) VerifyOld(ctx context.Context) error {
	if l.snap.next == 0 {
		return nil
	}
	list, err := segments(l.dir)
	if err != nil {
		return err
	}
	w := newWalker(true, nil)
	w.each = func(r Receipt) error {
		if r.Chain.JSeq < l.snap.next {
			return ctx.Err()
		}
		// The walker has compared the heads that this receipt names.
		if w.good != l.snap.Offset || w.lines != l.snap.Line+1 {
			return w.damage(l.snap.Segment, "the snapshot's receipt is not where it says")
		}
		return errReached
	}
	if err = w.journal(list, w.file); errors.Is(err, errReached) {
		return nil
	}
	if err == nil {
		err = fmt.Errorf("receipt %d is gone", l.snap.next)
	}
	if ctx.Err() == nil {
		l.mu.Lock()
		l.dead = cmp.Or(l.dead, err)
		l.mu.Unlock()
	}
	return fmt.Errorf("verify the receipts before the snapshot: %w", err)
}

// snapshots lists the snapshot files, newest first.
func snapshots(dir string) ([]string, error) {
	entries, err := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if strings.HasPrefix(e.Name(), snapshotPrefix) && !strings.HasSuffix(e.Name(), temporary) {
			names = append(names, e.Name())
		}
	}
	slices.SortFunc(names, func(a, b string) int { return cmp.Compare(b, a) })
	return names, err
}

// restore begins at the newest snapshot that a receipt vouches for, and returns
// the segments still to be read. Without one, everything is read.
func (l *Log) restore(w *walker, list []segment, load func([]byte) error) ([]segment, error) {
	names, err := snapshots(l.dir)
	if err != nil {
		return nil, err
	}
	for _, name := range names {
		data, at, i, err := l.vouched(name, list)
		if err != nil || load(data) != nil {
			continue // it does not count; the receipts do
		}
		w.tip.next, w.tip.host, w.tip.scrolls = at.next, at.host, maps.Clone(at.Scrolls)
		w.good, w.lines, w.whole = at.Offset, at.Line, false
		l.snap = at
		return list[i:], nil
	}
	return list, nil
}

// vouched reads a snapshot and the receipt for it.
func (l *Log) vouched(name string, list []segment) ([]byte, position, int, error) {
	var at position
	var jseq uint64
	var offset int64
	if _, err := fmt.Sscanf(name, snapshotPrefix+"%d-%d", &jseq, &offset); err != nil {
		return nil, at, 0, err
	}
	i, found := slices.BinarySearchFunc(list, jseq, func(s segment, n uint64) int { return cmp.Compare(s.first, n) })
	if !found {
		i--
	}
	if i < 0 {
		return nil, at, 0, errors.New("no segment for it")
	}
	line, err := lineAt(list[i].path, offset)
	if err != nil {
		return nil, at, 0, err
	}
	r, err := Parse(line)
	if err != nil {
		return nil, at, 0, err
	}
	if err := r.Decode(&at); err != nil {
		return nil, at, 0, err
	}
	data, err := os.ReadFile(filepath.Join(l.dir, name))
	if err != nil {
		return nil, at, 0, err
	}
	if r.Type != TypeStateSnapshot || r.Scroll != ScrollLog || r.Chain.JSeq != jseq || at.Offset != offset ||
		at.Segment != filepath.Base(list[i].path) || at.Digest != digest(data) {
		return nil, at, 0, errors.New("no receipt for it")
	}
	at.next, at.host = jseq, r.Chain.Host
	return data, at, i, nil
}
