package state

import (
	"slices"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

// keptKeys bounds how many idempotency keys stay known. Of those whose command
// does not run the oldest goes first; a session can have no more running than it
// has commands.
const keptKeys = 1024

// Key is the part of a command_decision about the idempotency key that its asker
// gave it.
type Key struct {
	ID      string `json:"id"`      // keyed hash over user and key
	Text    string `json:"text"`    // the key itself
	Command string `json:"command"` // keyed hash over what is run, and where
}

// Keyed is a command that was let run under an idempotency key.
type Keyed struct {
	Key
	Request string `json:"request"`
	State   string `json:"state"` // running, succeeded, failed
	Status  int    `json:"status"`
	Receipt uint64 `json:"receipt"` // jseq of how it ended, or of its decision
}

// keyed notes that a command runs under its key.
func (s *State) keyed(r receipt.Receipt, b Decided) {
	if b.Key == nil || b.Verdict != proxy.Allow {
		return
	}
	if s.Keys[b.Key.ID] != nil {
		s.KeyOrder = slices.DeleteFunc(s.KeyOrder, func(id string) bool { return id == b.Key.ID })
	}
	s.Keys[b.Key.ID] = &Keyed{Key: *b.Key, Request: b.Request, State: proxy.KeyRunning, Receipt: r.Chain.JSeq}
	s.KeyOrder = append(s.KeyOrder, b.Key.ID)
	s.KeyedAt = r.Chain.JSeq
	if len(s.KeyOrder) <= keptKeys {
		return
	}
	i := slices.IndexFunc(s.KeyOrder, func(id string) bool { return s.Keys[id].State != proxy.KeyRunning })
	if i >= 0 {
		delete(s.Keys, s.KeyOrder[i])
		s.KeyOrder = slices.Delete(s.KeyOrder, i, i+1)
	}
}

// keyEnds notes how the command of a key ended. An entry is replaced, never
// changed in place.
func (s *State) keyEnds(r receipt.Receipt, known *Request, b Outcome) {
	if known == nil || s.Keys[known.Key] == nil || s.Keys[known.Key].Request != b.Request {
		return
	}
	k := *s.Keys[known.Key]
	k.State, k.Status, k.Receipt = proxy.KeyFailed, b.Status, r.Chain.JSeq
	if r.Type == CommandOutcome && b.Status == 0 && b.Error == "" && b.Signal == "" {
		k.State = proxy.KeySucceeded
	}
	s.Keys[known.Key], s.KeyedAt = &k, r.Chain.JSeq
}
