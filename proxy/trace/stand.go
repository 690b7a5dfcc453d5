package trace

import (
	"encoding/binary"
	"os"
)

// Place is a process whose program is run elsewhere in its stead, as Ruling.Instead
// finds it: stopped, and alone with what it has. The files are the Tracer's, which
// closes them when Instead has returned.
type Place struct {
	PID     int
	Process *os.File    // pidfd: readable when it has ended
	Files   [3]*os.File // its standard descriptors; nil for one that is closed
	Cwd     *os.File    // its working directory, of the path that was judged
	End     *os.File    // takes EndWith; when its last copy is closed without, the process exits with 125
}

// EndWith is what has a process end with an exit status, or, if signal is not 0, by
// that signal; with status where the signal is ignored.
func EndWith(status, signal int) []byte {
	b := binary.NativeEndian.AppendUint32(nil, uint32(status))
	return binary.NativeEndian.AppendUint32(b, uint32(signal))
}
