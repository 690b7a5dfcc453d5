package receipt

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
)

// Next returns the number of the receipt that will follow the last one in dir,
// without reading more than the end of the log. Like Read it checks no chain.
func Next(dir string) (uint64, error) {
	list, err := segments(dir)
	if err != nil {
		return 0, err
	}
	if len(list) == 0 {
		return 0, nil
	}
	last := list[len(list)-1]
	f, err := os.Open(last.path)
	if err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	defer f.Close()
	fi, err := f.Stat()
	if err != nil {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	// Two lines at least, whatever an interrupted write left behind them.
	next := last.first
	from := max(fi.Size()-2*(MaxLine+1), 0)
	end := make([]byte, fi.Size()-from)
	if _, err := f.ReadAt(end, from); err != nil && err != io.EOF {
		return 0, fmt.Errorf("read the log: %w", err)
	}
	for line := range bytes.Lines(end) {
		if r, err := Parse(bytes.TrimSuffix(line, []byte("\n"))); err == nil && bytes.HasSuffix(line, []byte("\n")) {
			next = r.Chain.JSeq + 1
		}
	}
	return next, nil
}

// seek returns the offset of a line in f at or before receipt from, close to it.
func seek(f *os.File, from uint64) (int64, error) {
	fi, err := f.Stat()
	if err != nil {
		return 0, err
	}
	low, high := int64(0), fi.Size()
	for high-low > 4*MaxLine {
		middle := low + (high-low)/2
		line, at, err := lineBehind(f, middle)
		if err != nil {
			return low, nil // whatever is wrong there, reading from low will show it
		}
		r, err := Parse(line)
		if err != nil {
			return low, nil
		}
		if r.Chain.JSeq <= from {
			low = at
		} else {
			high = middle
		}
	}
	return low, nil
}

// lineBehind returns the first whole line that begins behind offset.
func lineBehind(f *os.File, offset int64) (line []byte, at int64, err error) {
	buf := make([]byte, 2*(MaxLine+1))
	n, err := f.ReadAt(buf, offset)
	if err != nil && err != io.EOF {
		return nil, 0, err
	}
	before, rest, _ := bytes.Cut(buf[:n], []byte("\n"))
	line, _, ok := bytes.Cut(rest, []byte("\n"))
	if !ok {
		return nil, 0, errors.New("no line there")
	}
	return line, offset + int64(len(before)) + 1, nil
}

// lineAt reads the line that begins at offset.
func lineAt(path string, offset int64) ([]byte, error) {
	f, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	if offset > 0 {
		line, at, err := lineBehind(f, offset-1)
		if err == nil && at != offset {
			err = errors.New("not the beginning of a line")
		}
		return line, err
	}
	buf := make([]byte, MaxLine+1)
	n, err := f.ReadAt(buf, 0)
	line, _, ok := bytes.Cut(buf[:n], []byte("\n"))
	if !ok && err == nil || err == io.EOF && !ok {
		err = errors.New("no whole line there")
	} else if err == io.EOF {
		err = nil
	}
	return line, err
}

// linesBefore counts the lines of path before offset.
func linesBefore(path string, offset int64) int {
	f, err := os.Open(path)
	if err != nil {
		return 0
	}
	defer f.Close()
	n, buf := 0, make([]byte, 1<<20)
	for in := io.LimitReader(f, offset); ; {
		m, err := in.Read(buf)
		n += bytes.Count(buf[:m], []byte("\n"))
		if err != nil {
			return n
		}
	}
}
