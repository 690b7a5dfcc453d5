package test

import (
	"time"

	"github.com/rogpeppe/go-internal/testscript"
)

// patience is how long something may take on a busy machine before a script
// calls it missing. It is an upper bound only: nothing waits for it to pass.
const patience = 5 * time.Minute

// eventually runs a command until it succeeds: eventually grep -q held out.txt
func eventually(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) == 0 {
		ts.Fatalf("usage: eventually COMMAND [ARG...]")
	}
	for end := time.Now().Add(patience); ; {
		err := ts.Exec(args[0], args[1:]...)
		if err == nil {
			return
		}
		if time.Now().After(end) {
			ts.Fatalf("still %v", err)
		}
		time.Sleep(20 * time.Millisecond)
	}
}
