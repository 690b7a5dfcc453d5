package proxy

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// States of an idempotency key.
const (
	KeyRunning   = "running"
	KeySucceeded = "succeeded"
	KeyFailed    = "failed" // may run again
	KeyOther     = "other"  // another command has it
)

// KeyState is what became of the command of an idempotency key.
type KeyState struct {
	ID      string `json:"id"`
	State   string `json:"state"`
	Status  int    `json:"status"`
	Receipt uint64 `json:"receipt"` // number of the receipt that says so
}

// maxKey bounds an idempotency key, in characters.
const maxKey = 200

// IsKey says whether a text can be an idempotency key: printable characters, and
// not too many.
func IsKey(s string) bool {
	n := utf8.RuneCountInString(s)
	return n > 0 && n <= maxKey && utf8.ValidString(s) && !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
