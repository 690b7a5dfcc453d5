package rego

import (
	"crypto/sha256"
	"encoding/json"
	"sync"

	"github.com/f958ca95/guard/proxy"
)

// memo remembers what the built-in policy said lately. What it says follows from
// the revision, which is the Set, and the input alone; an agent that does the
// same again, as agents do, need not have it evaluated again. Packages of users
// are always asked: they may look at the time.
type memo[K comparable] struct {
	mu    sync.Mutex
	said  map[K]contribution // guarded by mu
	order []K                // guarded by mu; oldest first
}

// memoSize bounds a memo. A contribution is a few hundred bytes.
const memoSize = 512

func (m *memo[K]) recall(key K) (contribution, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	c, ok := m.said[key]
	return c, ok
}

func (m *memo[K]) keep(key K, c contribution) {
	m.mu.Lock()
	defer m.mu.Unlock()
	if _, ok := m.said[key]; ok {
		return
	}
	if m.said == nil {
		m.said = make(map[K]contribution)
	}
	if len(m.order) == memoSize {
		delete(m.said, m.order[0])
		m.order = append(m.order[:0], m.order[1:]...)
	}
	m.said[key] = c
	m.order = append(m.order, key)
}

// memoKey is everything about a command, or a session that opens, that the built-in
// policy can see: the name of the command's facts, if they have one, and the digest
// of the rest. Only the time and the session's name are left out: no built-in rule
// reads them, and a test holds it to that.
type memoKey struct {
	cmd  uint64
	rest [32]byte
}

// standingKey is everything that data.guard.decision.standing can see where there
// is no hold and no vote; the same test holds it to that.
type standingKey struct {
	kind, profile, trust string
	surge                int
	lockout              bool
}

// recalled is what is remembered of the built-in policy about a request.
type recalled struct {
	contribution
	all, standing bool // which of it: everything, or what depends on who asks
	keyed         bool // it may be remembered; what is about a hold may not
	key           memoKey
	who           standingKey
	kind          string
}

func (s *Set) recall(in Input) recalled {
	k := recalled{contribution: s.fixed, kind: in.Kind}
	if in.Kind != proxy.KindCommand && in.Kind != proxy.KindSession || in.Hold != nil || in.Vote != nil || len(in.Votes) > 0 {
		return k
	}
	k.who = standingKey{in.Kind, in.Session.Profile, in.Agent.Trust, in.State.Surge, in.State.Lockout}
	in.NowNS, in.Session.ID, in.State.Budgets = 0, "", nil
	if in.CmdID != 0 {
		in.Cmd = nil
	}
	rest, err := json.Marshal(in)
	if err != nil {
		return k
	}
	k.keyed, k.key = true, memoKey{in.CmdID, sha256.Sum256(rest)}
	if c, ok := s.memo.recall(k.key); ok {
		k.contribution, k.all = c, true
	} else if c, ok := s.stood.recall(k.who); ok {
		k.contribution, k.standing = c, true
	}
	return k
}

// complete adds to what is known the answers to the jobs for the rest, with the
// remedies of the rules, and remembers it.
func (s *Set) complete(k recalled, answers []answer) (contribution, error) {
	if k.all {
		return k.contribution, nil
	}
	if !k.standing {
		if err := answers[1].err; err != nil {
			return contribution{}, err
		}
		stood, err := readStanding(answers[1].term, k.contribution, k.kind)
		if err != nil {
			return contribution{}, err
		}
		k.contribution = stood
		if k.keyed {
			s.stood.keep(k.who, stood)
		}
	}
	if err := answers[0].err; err != nil {
		return contribution{}, err
	}
	own, err := readResult(answers[0].term, k.contribution)
	if err != nil {
		return contribution{}, err
	}
	s.engine.hint(own.findings)
	if k.keyed {
		s.memo.keep(k.key, own)
	}
	return own, nil
}
