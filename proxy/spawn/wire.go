package spawn

import (
	"encoding/binary"
	"io"
)

// word is what guard and the monitor say to each other: one kind and one number.
type word struct {
	kind  byte
	value int32
}

const (
	started  = 'p' // monitor: the program has been executed as process value
	failed   = 'e' // monitor: it could not be, for errno value; nothing follows
	stopped  = 's' // monitor: it was stopped by signal value
	ended    = 'x' // monitor: it ended with wait status value; nothing follows
	proceed  = 'c' // guard: go on if stopped, in the foreground if value is 1
	relayed  = 'k' // guard: signal value is meant for the command
	wordSize = 5
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
