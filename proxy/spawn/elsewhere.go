package spawn

import (
	"encoding/json"
	"fmt"
	"os"
	"syscall"
	"time"
)

// ElsewhereArg is the first argument with which Elsewhere.Start starts its own
// executable again. A program that calls it must, before anything else in main, do
//
//	if len(os.Args) > 1 && os.Args[1] == spawn.ElsewhereArg {
//		os.Exit(spawn.InStead(os.Args[2:], endWith))
//	}
//
// where endWith makes what Elsewhere.End takes.
const ElsewhereArg = "__elsewhere"

// Elsewhere is a program that runs in the stead of a process which waits for it: as
// that one would have, with its descriptors, in its folder and, where both have the
// same terminal, in its job there (^C, ^Z and a question for a password reach it);
// else in a session without a terminal. Signals that the process ignores it ignores,
// too. Nothing else is the process's: not the environment, the limits or the umask.
//
// When the process ends before it, it gets TERM, once; a program that has become
// another user may be out of reach of that.
type Elsewhere struct {
	Program *os.File    // to execute
	Argv    []string    //
	Env     []string    // whole
	Stead   int         // the process
	Process *os.File    // pidfd of it
	Files   [3]*os.File // descriptors 0 to 2; /dev/null for nil
	Cwd     *os.File    //
	End     *os.File    // is written how the program ended
}

// Ending is how a program ended that ran elsewhere.
type Ending struct {
	Status int           `json:"status"` // exit status, or 128+n
	Signal string        `json:"signal"` // SIGKILL ..., "" if it exited by itself
	Took   time.Duration `json:"took"`
	Beyond bool          `json:"beyond"` // it was out of reach when it should have ended
}

// Running is a program that runs elsewhere.
type Running struct {
	PID     int // of the program
	reports *json.Decoder
	pipe    *os.File
}

// Wait returns how it ended, and an error where that is not known: whoever ran it
// was killed.
func (r *Running) Wait() (Ending, error) {
	defer r.pipe.Close()
	var e Ending
	if err := r.reports.Decode(&e); err != nil {
		return e, fmt.Errorf("hear how process %d ended: %w", r.PID, err)
	}
	return e, nil
}

// beginning is what InStead says once the program runs, or does not.
type beginning struct {
	PID   int           `json:"pid"`
	Errno syscall.Errno `json:"errno"`
}
