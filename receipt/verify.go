package receipt

import (
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"time"
)

// Report is what Verify found sound before it stopped.
type Report struct {
	Segments int
	Receipts uint64
	First    uint64          // number of the first receipt; above 0 the scrolls' earlier lines were not seen
	Next     uint64          // number behind the last one
	Host     string          //
	Scrolls  map[string]Head // where each scroll stands
}

// Verify checks a log folder, or one segment of it by its file (links are
// followed), down to the last byte. A log that is not what was written gives a
// *Damage for the first bad line, every other error means that it could not be
// read. It needs no lock: a write that is going on is waited for.
func Verify(path string) (Report, error) {
	real, err := filepath.EvalSymlinks(path)
	if err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	fi, err := os.Stat(real)
	if err != nil {
		return Report{}, fmt.Errorf("verify: %w", err)
	}
	list := []segment{{path: real}}
	if fi.IsDir() {
		if list, err = segments(real); err != nil {
			return Report{}, err
		}
		if len(list) == 0 {
			return Report{}, fmt.Errorf("verify: no log in %s", path)
		}
	}
	w := newWalker(fi.IsDir(), nil)
	err = w.journal(list, w.file)
	return w.report(), err
}

// VerifyReader checks one segment as it comes from r; name is used in a Damage.
func VerifyReader(name string, r io.Reader) (Report, error) {
	w := newWalker(false, nil)
	err := w.segment(name, r)
	return w.report(), err
}

// file checks one file. A torn end may be a write that is going on; it is over
// within moments, so it is looked at again before it counts.
func (w *walker) file(path string) error {
	f, err := os.Open(path)
	if err != nil {
		return fmt.Errorf("verify: %w", err)
	}
	defer f.Close()
	for try := 0; ; try++ {
		err = w.segment(filepath.Base(path), f)
		if d := (*Damage)(nil); !errors.As(err, &d) || !d.Torn || try == 5 {
			return err
		}
		time.Sleep(10 * time.Millisecond)
		w.rewind()
		if _, err := f.Seek(w.good, io.SeekStart); err != nil {
			return fmt.Errorf("verify: %w", err)
		}
	}
}

func (w *walker) report() Report {
	return Report{
		Segments: w.before + 1, First: w.from, Next: w.tip.next, Receipts: w.tip.next - w.from,
		Host: w.tip.host, Scrolls: w.tip.scrolls,
	}
}
