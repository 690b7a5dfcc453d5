package rego

import (
	"encoding/json"
	"sync"

	"lukechampine.com/blake3"

	"github.com/f958ca95/guard/proxy"
)

// memo remembers what the built-in policy said lately. What it says follows from
// the revision, which is the Set, and the input alone; an agent that does the
// same again, as agents do, need not have it evaluated again. Packages of users
// are always asked: they may look at the time.
type memo struct {
	mu    sync.Mutex
	said  map[memoKey]contribution // guarded by mu
	order []memoKey                // guarded by mu; oldest first
}

type memoKey [32]byte

// memoSize bounds the memo. A contribution is a few hundred bytes.
const memoSize = 512

// keyOf names everything about a command, or a session that opens, that the built-in policy can see. Only
// the time and the session's name are left out: no built-in rule reads them, and
// a test holds it to that. Whatever is about a hold has no key.
func keyOf(in Input) (key memoKey, ok bool) {
	if in.Kind != proxy.KindCommand && in.Kind != proxy.KindSession || in.Hold != nil || in.Vote != nil || len(in.Votes) > 0 {
		return key, false
	}
	in.NowNS, in.Session.ID = 0, ""
	bytes, err := json.Marshal(in)
	return blake3.Sum256(bytes), err == nil
}

func (m *memo) recall(key memoKey) (contribution, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.said[key]
	return c, ok
}

func (m *memo) keep(key memoKey, c contribution) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.said[key]; ok {
		return
	}
	if m.said == nil {
		m.said = make(map[memoKey]contribution)
	}
	if len(m.order) == memoSize {
		delete(m.said, m.order[0])
		m.order = append(m.order[:0], m.order[1:]...)
	}
	m.said[key] = c
	m.order = append(m.order, key)
}
