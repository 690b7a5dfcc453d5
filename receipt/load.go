package receipt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"

	"lukechampine.com/blake3"
)

// recovered is the body of journal_recovered.
type recovered struct {
	Segment string `json:"segment"`
	Bytes   int64  `json:"dropped_bytes"`
	Digest  string `json:"dropped_b3"`
}

// load brings the journal from disk to memory and ready to append.
func (l *Log) load(o Options) error {
	list, err := segments(l.dir)
	if err != nil {
		return err
	}
	if err := l.complete(list); err != nil {
		return err
	}
	if len(list) == 0 {
		return l.found(o.Host)
	}
	w := newWalker(true, func(r Receipt) error { return l.fold([]Receipt{r}) })
	if o.Restore != nil {
		if list, err = l.restore(&w, list, o.Restore); err != nil {
			return err
		}
	}
	err = w.journal(list, w.stretch)
	d := (*Damage)(nil)
	torn := errors.As(err, &d) && d.Torn
	if err != nil && !torn {
		return fmt.Errorf("open the log: %w", err)
	}
	w.rewind()
	if o.Host != "" && o.Host != w.tip.host {
		return fmt.Errorf("open the log: it belongs to host %s, not %s", w.tip.host, o.Host)
	}
	return l.resume(&w, list[len(list)-1].path, torn)
}

// complete refuses a folder whose open segment is gone. Current.jsonl is
// pointed to a segment after it exists, so it never leads nowhere by itself.
func (l *Log) complete(list []segment) error {
	to, err := os.Readlink(filepath.Join(l.dir, current))
	if err != nil || slices.ContainsFunc(list, func(s segment) bool { return filepath.Base(s.path) == to }) {
		return nil
	}
	return fmt.Errorf("open the log: %w: %s leads to %s, which is gone", ErrChanged, current, to)
}

// found starts a new journal.
func (l *Log) found(host string) error {
	if host == "" {
		host = newHost()
	}
	if !isHost(host) {
		return fmt.Errorf("start a log: %q cannot name a host", host)
	}
	l.tip = newTip()
	l.tip.host = host
	if err := l.extend(); err != nil {
		return fmt.Errorf("start a log: %w", err)
	}
	return l.settle()
}

// settle sets the reserve aside; without room for it the log is full.
func (l *Log) settle() error {
	if err := l.setAside(); err != nil && !isFull(err) {
		return err
	} else if err != nil {
		l.full = true
	}
	return nil
}

// stretch checks the file from w.good on.
func (w *walker) stretch(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	if _, err := f.Seek(w.good, io.SeekStart); err != nil {
		return err
	}
	return w.segment(filepath.Base(path), f)
}

// resume opens the last segment for writing, behind what w found sound.
func (l *Log) resume(w *walker, path string, torn bool) error {
	flags := os.O_RDWR | os.O_APPEND
	if w.sealed {
		flags = os.O_RDONLY
	}
	f, err := os.OpenFile(path, flags, 0)
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	l.f, l.path, l.size, l.lines, l.tip, l.sealed = f, path, w.good, w.lines, w.tip, w.sealed
	key, err := l.opened()
	if err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	if torn {
		if err := l.mend(); err != nil {
			return fmt.Errorf("repair the end of %s: %w", filepath.Base(path), err)
		}
	}
	// What the last writer left may be in memory only.
	if err := l.disk.Sync(l.f); err != nil {
		return fmt.Errorf("open the log: %w", err)
	}
	l.durable.Store(l.tip.next)
	if err := l.settle(); err != nil {
		return err
	}
	// A segment names the one key its redactions were made with.
	if l.sealed || key != l.redact.KeyID() {
		err = l.rotate()
	} else {
		err = l.point()
	}
	if isFull(err) {
		l.full, err = true, nil
	}
	return err
}

// opened reads from the open segment's first line when it was opened and which
// redaction key it names.
func (l *Log) opened() (key string, err error) {
	line, err := lineAt(l.path, 0)
	if err != nil {
		return "", err
	}
	r, err := Parse(line)
	if err != nil {
		return "", err
	}
	var body segmentOpen
	l.began = r.Time
	return body.RedactKey, r.Decode(&body)
}

// mend replaces the last segment by its sound part and a journal_recovered that
// tells what was dropped. The old file stays until the new one is on disk.
func (l *Log) mend() error {
	fi, err := l.f.Stat()
	if err != nil {
		return err
	}
	h := blake3.New(32, nil)
	n, err := io.Copy(h, io.NewSectionReader(l.f, l.size, fi.Size()-l.size))
	if err != nil {
		return err
	}
	body := recovered{Segment: filepath.Base(l.path), Bytes: n, Digest: hexDigest(h.Sum(nil))}
	p, err := l.about(TypeJournalRecovered, body)
	if err != nil {
		return err
	}
	next := l.tip.clone()
	rs, lines, err := compose(&next, []prepared{p}, l.clock())
	if err != nil {
		return err
	}
	f, err := l.fill(l.path, l.f, l.size, lines)
	if isFull(err) {
		os.Remove(l.reserve())
		f, err = l.fill(l.path, l.f, l.size, lines)
	}
	if err != nil {
		return err
	}
	l.f.Close()
	l.f, l.size, l.lines, l.tip = f, l.size+int64(len(lines)), l.lines+1, next
	return l.fold(rs)
}
