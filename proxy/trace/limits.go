package trace

// Limits is what Enter adds to the filter.
type Limits struct {
	// Sandbox lists the folders and files below which the tree may change files;
	// reading and executing stay free everywhere. nil is no limit. What does not
	// exist is left out. The ordinary devices (/dev/null, terminals) are always
	// writable.
	Sandbox []string
}

// Level is what really holds in a tree, beyond the filter itself.
type Level struct {
	Signals bool // tried: no process of the tree can send a signal to one outside
	Files   bool // Limits.Sandbox is in force
}

// String is the level for receipts and people: "exec", "exec+signals",
// "exec+signals+files".
func (l Level) String() string {
	s := "exec"
	if l.Signals {
		s += "+signals"
	}
	if l.Files {
		s += "+files"
	}
	return s
}

// canary is the program that no tree can have executed: the Tracer refuses it
// itself, with an errno that depends on the word it was given and that no kernel
// returns.
const canary = "/.guard/canary"

const (
	canaryErrno  = 3000             // and the 999 numbers after it; an errno ends before 4095
	untracedBase = canaryErrno - 64 // the Tracer could read the call, but not trace the caller; its own errno is added
)

// canaryAnswer is the errno for a word.
func canaryAnswer(word string) int {
	sum := uint32(2166136261) // FNV-1a
	for i := range len(word) {
		sum = (sum ^ uint32(word[i])) * 16777619
	}
	return canaryErrno + int(sum%1000)
}
