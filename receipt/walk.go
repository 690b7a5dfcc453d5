package receipt

import (
	"bufio"
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"path/filepath"
)

// Damage says where a log stops being what was written, and why.
type Damage struct {
	File   string // base name of the segment
	Line   int    // first bad line, from 1
	JSeq   uint64 // number of the receipt that is due there
	Reason string
	Torn   bool // an interrupted write at the end of the file; Open repairs it
}

func (d *Damage) Error() string {
	return fmt.Sprintf("%s: line %d (receipt %d): %s", d.File, d.Line, d.JSeq, d.Reason)
}

// walker checks a journal from the front. Open and Verify share it.
type walker struct {
	tip  tip
	each func(Receipt) error // gets sound receipts, whole groups only; may be nil

	group  []Receipt
	mark   tip               // behind the last whole group, if group is not empty
	lines  int               // in this segment
	good   int64             // bytes of this segment up to the last whole group
	sealed bool              // the last receipt was a segment_close
	last   *prior            // the segment before this one; nil for none, or unknown
	places map[string]Damage // by scroll, where its last line is
	before int               // segments before this one
	from   uint64            // number of the first receipt of all
	whole  bool              // must begin with receipt 0
}

// newWalker returns a walker at the front; with whole that must be receipt 0.
func newWalker(whole bool, each func(Receipt) error) walker {
	return walker{tip: newTip(), whole: whole, each: each, places: map[string]Damage{}}
}

// journal checks list, whose files it has read by read. Only the end of the
// last one may be torn.
func (w *walker) journal(list []segment, read func(path string) error) error {
	for i, s := range list {
		last := i == len(list)-1
		err := read(s.path)
		if d := (*Damage)(nil); errors.As(err, &d) && d.Torn && !last {
			d.Reason, d.Torn = "ends in the middle of a write although a segment follows", false
		}
		if err == nil && !last && !w.sealed {
			err = w.damage(filepath.Base(s.path), "ends without segment_close although a segment follows")
		}
		if err != nil || last {
			return err
		}
		w.next(s.path)
	}
	return nil
}

// segment checks one file, or the rest of it when w.lines and w.good say that
// its beginning is known.
func (w *walker) segment(name string, r io.Reader) error {
	in := bufio.NewReaderSize(r, MaxLine+1)
	offset := w.good
	for {
		line, err := in.ReadSlice('\n')
		if err == io.EOF {
			return w.end(name, offset, len(line))
		}
		if err != nil && !errors.Is(err, bufio.ErrBufferFull) {
			return fmt.Errorf("read %s: %w", name, err)
		}
		if err != nil && len(bytes.Trim(line, "\x00")) == 0 {
			return w.end(name, offset, len(line)) // room that a power loss left unwritten
		}
		if err != nil {
			return w.damage(name, "longer than %d bytes", MaxLine)
		}
		offset += int64(len(line))
		if err := w.line(name, line[:len(line)-1], offset); err != nil {
			return err
		}
	}
}

func (w *walker) line(name string, line []byte, offset int64) error {
	if w.each != nil {
		line = append([]byte(nil), line...)
	}
	r, err := Parse(line)
	if err != nil {
		return w.damage(name, "%w", err)
	}
	if w.sealed {
		return w.damage(name, "follows the segment's segment_close")
	}
	if w.lines == 0 {
		err = w.opens(name, r)
	} else if r.Scroll == ScrollLog && r.Type == TypeSegmentOpen {
		err = errors.New("a segment_open inside a segment")
	}
	if err != nil {
		return w.damage(name, "%w", err)
	}
	if len(w.group) == 0 && r.Chain.Left > 0 {
		w.mark = w.tip.clone()
	}
	if err := w.heads(r); err != nil {
		return w.blame(name, r, err)
	}
	if err := w.tip.accept(r); err != nil {
		return w.blame(name, r, err)
	}
	w.lines++
	w.places[r.Scroll] = Damage{File: name, Line: w.lines, JSeq: r.Chain.JSeq}
	w.sealed = r.Scroll == ScrollLog && r.Type == TypeSegmentClose
	if w.each != nil || r.Chain.Left > 0 {
		w.group = append(w.group, r)
	}
	if r.Chain.Left > 0 {
		return nil
	}
	if w.each != nil {
		for _, r := range w.group {
			if err := w.each(r); err != nil {
				return err
			}
		}
	}
	w.group, w.good = w.group[:0], offset
	return nil
}

// heads checks what a receipt of the log says of all scrolls before it.
func (w *walker) heads(r Receipt) error {
	if r.Scroll != ScrollLog || r.Type != TypeSegmentClose && r.Type != TypeStateSnapshot {
		return nil
	}
	var body struct {
		Scrolls map[string]Head `json:"scrolls"`
	}
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return err
	}
	for scroll, h := range w.tip.scrolls {
		if body.Scrolls[scroll] != h {
			return &broken{scroll: scroll, what: r.Type, digest: h.Hash}
		}
	}
	if !w.tip.partial && len(body.Scrolls) != len(w.tip.scrolls) {
		return fmt.Errorf("%s names scrolls that have no lines", r.Type)
	}
	return nil
}

// opens checks the first line of a segment against the segment before.
func (w *walker) opens(name string, r Receipt) error {
	if r.Scroll != ScrollLog || r.Type != TypeSegmentOpen {
		return errors.New("a segment does not begin with segment_open")
	}
	var body segmentOpen
	if err := json.Unmarshal(r.Body, &body); err != nil {
		return err
	}
	first, ok := parseSegment(name)
	if ok && first != r.Chain.JSeq {
		return fmt.Errorf("jseq %d in a segment named after %d", r.Chain.JSeq, first)
	}
	if ok && body.Segment != name {
		return fmt.Errorf("the segment was written as %s", body.Segment)
	}
	if w.last == nil && w.tip.next == 0 {
		if w.whole && r.Chain.JSeq > 0 {
			return fmt.Errorf("the segments with the receipts before %d are missing", r.Chain.JSeq)
		}
		w.from, w.tip.next, w.tip.partial = r.Chain.JSeq, r.Chain.JSeq, r.Chain.JSeq > 0
	}
	if w.last != nil && (body.Prev == nil || *body.Prev != *w.last) {
		return fmt.Errorf("does not follow %s with its %d bytes", w.last.Name, w.last.Size)
	}
	if (body.Prev == nil) != (r.Chain.JSeq == 0) {
		return errors.New("only the first segment follows nothing")
	}
	return nil
}

// end handles what stands behind the last newline.
func (w *walker) end(name string, offset int64, rest int) error {
	if rest == 0 && len(w.group) == 0 && w.lines > 0 {
		return nil
	}
	d := w.ofGroup(name, "ends in the middle of a write (%d bytes behind the last whole group)", offset+int64(rest)-w.good)
	if w.lines == 0 {
		d.Reason = "ends before its segment_open"
		return d
	}
	d.Torn = !w.sealed
	return d
}

// rewind forgets the receipts of a group that was never finished.
func (w *walker) rewind() {
	if n := len(w.group); n > 0 && w.group[n-1].Chain.Left > 0 {
		w.lines -= n
		w.tip = w.mark
		w.group = nil
	}
}

func (w *walker) damage(name, format string, args ...any) *Damage {
	return &Damage{File: name, Line: w.lines + 1, JSeq: w.tip.next, Reason: fmt.Errorf(format, args...).Error()}
}

// blame finds the first line that err may be about: where two lines of a scroll
// do not fit, either may be the changed one.
func (w *walker) blame(name string, r Receipt, err error) *Damage {
	if errors.Is(err, errGroup) {
		return w.ofGroup(name, "%w", err)
	}
	var b *broken
	d, known := Damage{}, false
	if errors.As(err, &b) {
		d, known = w.places[b.scroll]
	}
	if !known {
		return w.damage(name, "%w", err)
	}
	d.Reason = fmt.Sprintf("changed, or else receipt %d in line %d of %s is: %v", r.Chain.JSeq, w.lines+1, name, err)
	return &d
}

// ofGroup is damage at the first line of the group that is not whole yet.
func (w *walker) ofGroup(name, format string, args ...any) *Damage {
	d := w.damage(name, format, args...)
	d.Line -= len(w.group)
	d.JSeq -= uint64(len(w.group))
	return d
}

// next prepares for the segment behind this one.
func (w *walker) next(path string) {
	w.last = &prior{Name: filepath.Base(path), Size: w.good, LastHash: w.tip.head(ScrollLog).Hash}
	w.lines, w.good, w.sealed, w.before = 0, 0, false, w.before+1
}
