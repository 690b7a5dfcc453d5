package spawn

import (
	"encoding/binary"
	"errors"
	"io"

	"golang.org/x/sys/unix"
)

// word is what guard and the monitor say to each other: one kind and one number.
type word struct {
	kind  byte
	value int32
}

const (
	ready     = 'r' // monitor: the hook is proven; an order may come
	refused   = 'f' // monitor: the command could not be executed, for what the next value bytes say
	started   = 'p' // monitor: the program has been executed as process value
	failed    = 'e' // monitor: it could not be, for errno value
	stopped   = 's' // monitor: it was stopped by signal value
	kept      = 'l' // monitor: processes are left, and it stays with them
	ended     = 'x' // monitor: it ended with wait status value; nothing follows
	proceed   = 'c' // guard: go on if stopped, in the foreground if value is 1
	again     = 'a' // guard: go on if it has not been stopped again since stop number value
	relayed   = 'k' // guard: signal value is meant for the command
	ordered   = 'o' // guard: the hook's order is the next value bytes
	finishing = 't' // guard: end everything
	wordSize  = 5
)

func (w word) bytes() []byte {
	return binary.BigEndian.AppendUint32([]byte{w.kind}, uint32(w.value))
}

func readWord(r io.Reader) (word, error) {
	var b [wordSize]byte
	if _, err := io.ReadFull(r, b[:]); err != nil {
		return word{}, err
	}
	return word{b[0], int32(binary.BigEndian.Uint32(b[1:]))}, nil
}

// letter is a word of a kind that text follows.
func letter(kind byte, text []byte) []byte {
	return append(word{kind, int32(len(text))}.bytes(), text...)
}

// text reads what follows w.
func (w word) text(r io.Reader) ([]byte, error) {
	text := make([]byte, max(0, w.value))
	_, err := io.ReadFull(r, text)
	return text, err
}

// report is what a monitor has said of the command.
type report struct {
	onStart func(int)
	pid     int
	status  unix.WaitStatus
	known   bool  // status is
	failure error // it was not executed
	kept    bool  // the monitor stays
}

// hear takes the next word.
func (s *report) hear(from io.Reader) (word, error) {
	w, err := readWord(from)
	if err != nil {
		return w, err
	}
	switch w.kind {
	case started:
		s.pid = int(w.value)
		if s.onStart != nil {
			s.onStart(s.pid)
		}
	case failed:
		s.failure = unix.Errno(w.value)
	case refused:
		text, err := w.text(from)
		s.failure = errors.New(string(text))
		return w, err
	case kept:
		s.kept = true
	case ended:
		s.status, s.known = unix.WaitStatus(w.value), true
	}
	return w, nil
}
