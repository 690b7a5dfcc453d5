package receipt

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"iter"
	"os"
	"path/filepath"
	"time"
)

// Read yields the receipts in dir from number from on, as far as they are
// written. It checks each line by itself, not the chain. A line that is no
// receipt is yielded as a *Damage, and reading goes on behind it if the caller
// does; any other error ends it.
func Read(dir string, from uint64) iter.Seq2[Receipt, error] {
	return func(yield func(Receipt, error) bool) {
		rd := reader{dir: dir, from: from, yield: yield}
		if err := rd.some(); err != nil && err != errStopped {
			yield(Receipt{}, err)
		}
	}
}

// Follow is Read that waits for more, across segments, until ctx ends.
func Follow(ctx context.Context, dir string, from uint64) iter.Seq2[Receipt, error] {
	return func(yield func(Receipt, error) bool) {
		rd := reader{dir: dir, from: from, yield: yield}
		tick := time.NewTicker(followEvery)
		defer tick.Stop()
		for {
			if err := rd.some(); err == errStopped {
				return
			} else if err != nil {
				yield(Receipt{}, err)
				return
			}
			select {
			case <-ctx.Done():
				return
			case <-tick.C:
			}
		}
	}
}

var errStopped = errors.New("the caller stopped")

// reader remembers a place in the journal by segment and offset. It keeps no
// file open, so a segment that was written anew is read on at the same place.
type reader struct {
	dir   string
	from  uint64
	yield func(Receipt, error) bool

	at     segment
	offset int64 // behind the last line that was read
	size   int64 // of the segment when it was last read
}

// some reads all that is there.
func (rd *reader) some() error {
	if rd.at.path != "" {
		// The usual poll: one stat, unless the segment is over.
		if fi, err := os.Stat(rd.at.path); err == nil && fi.Size() == rd.size && fi.Mode().Perm()&0o200 != 0 && !rd.moved() {
			return nil
		}
	}
	for {
		// A segment is complete before the next one has a name, so what comes
		// later is looked up before this one is read to its end.
		next, err := rd.later()
		if err != nil {
			return err
		}
		if rd.at.path != "" {
			if err := rd.rest(); err != nil {
				return err
			}
		}
		if next.path == "" {
			return nil
		}
		rd.at, rd.offset, rd.size = next, 0, 0
	}
}

// moved tells whether current.jsonl leads somewhere else by now.
func (rd *reader) moved() bool {
	to, err := os.Readlink(filepath.Join(rd.dir, current))
	return err != nil || to != filepath.Base(rd.at.path)
}

// later returns the segment to read after the present one; at the start, the
// one that holds receipt from.
func (rd *reader) later() (segment, error) {
	list, err := segments(rd.dir)
	if err != nil {
		return segment{}, err
	}
	var pick segment
	for _, s := range list {
		switch {
		case rd.at.path == "" && (pick.path == "" || s.first <= rd.from):
			pick = s
		case rd.at.path != "" && s.first > rd.at.first:
			return s, nil
		}
	}
	return pick, nil
}

// rest reads the present segment from the offset to its last whole line.
func (rd *reader) rest() error {
	f, err := os.Open(rd.at.path)
	if err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	defer f.Close()
	if rd.offset == 0 {
		if rd.offset, err = seek(f, rd.from); err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
	}
	if _, err := f.Seek(rd.offset, io.SeekStart); err != nil {
		return fmt.Errorf("read the log: %w", err)
	}
	rd.size = rd.offset
	in := bufio.NewReaderSize(f, MaxLine+1)
	for {
		line, err := in.ReadBytes('\n')
		rd.size += int64(len(line))
		if err == io.EOF {
			return nil
		}
		if err != nil {
			return fmt.Errorf("read the log: %w", err)
		}
		rd.offset += int64(len(line))
		if !rd.give(line[:len(line)-1]) {
			return errStopped
		}
	}
}

func (rd *reader) give(line []byte) bool {
	r, err := Parse(line)
	if err != nil {
		line := linesBefore(rd.at.path, rd.offset)
		return rd.yield(Receipt{}, &Damage{File: filepath.Base(rd.at.path), Line: line, JSeq: rd.from, Reason: err.Error()})
	}
	if r.Chain.JSeq < rd.from {
		return true
	}
	rd.from = r.Chain.JSeq + 1
	return rd.yield(r, nil)
}
