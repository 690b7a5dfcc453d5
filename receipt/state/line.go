package state

import (
	"fmt"
	"slices"
	"time"

	"github.com/f958ca95/guard/receipt"
)

// keptLines bounds for how many requests of one session it stays known what they
// spell out. What an older one covers is asked about again.
const keptLines = 256

// anyNumber is how often a loop covers what is in it.
const anyNumber = -1

// Line is a command that may run, as far as it covers what it will execute. A
// cover is spent on the execution it lets run, and goes with it what that one
// will execute in turn: nothing runs more often than the line says.
type Line struct {
	Decision uint64         `json:"decision"` // jseq of the command_decision that let it run
	At       time.Time      `json:"at"`       // when it was judged: a program file that changed later is another
	Execs    map[string]int `json:"execs"`    // how often it covers an execution; below zero for any number
	Outside  bool           `json:"outside"`  // people approved that what raises rights in it runs outside of the session
	Scripts  []string       `json:"scripts"`  // keyed hashes over path and digest of the scripts that were read for it
}

// Covers says whether an execution is covered.
func (l *Line) Covers(exec string) bool { return l != nil && l.Execs[exec] != 0 }

// spell notes what a request covers, and spends the cover that let it run.
func (s *Session) spell(b Decided, r *Request) error {
	line := &Line{Decision: r.Decision, At: r.At, Execs: map[string]int{}, Outside: b.Outside, Scripts: b.Scripts}
	if b.CoveredBy != "" {
		from := s.Lines[b.CoveredBy]
		if err := from.spend(b.Cover); err != nil {
			return fmt.Errorf("request %s: %w", b.CoveredBy, err)
		}
		for _, c := range b.Covers {
			c.Loop = c.Loop && from.Execs[c.Exec] == anyNumber
			if err := from.spend(c.Exec); err != nil {
				return fmt.Errorf("request %s hands on: %w", b.CoveredBy, err)
			}
			line.add(c)
		}
		line.At, line.Scripts = from.At, from.Scripts
		if len(from.Execs) == 0 {
			s.unspell(b.CoveredBy)
		}
	} else {
		for _, c := range b.Covers {
			line.add(c)
		}
	}
	if len(line.Execs) == 0 {
		return nil
	}
	s.unspell(b.Request)
	s.Lines[b.Request] = line
	s.Spelled = append(s.Spelled, b.Request)
	if len(s.Spelled) > keptLines {
		s.unspell(s.Spelled[0])
	}
	return nil
}

func (l *Line) add(c Cover) {
	switch {
	case c.Loop:
		l.Execs[c.Exec] = anyNumber
	case l.Execs[c.Exec] != anyNumber:
		l.Execs[c.Exec]++
	}
}

func (l *Line) spend(exec string) error {
	if !l.Covers(exec) {
		return fmt.Errorf("no cover %s to spend", exec)
	}
	if l.Execs[exec] != anyNumber {
		if l.Execs[exec]--; l.Execs[exec] == 0 {
			delete(l.Execs, exec)
		}
	}
	return nil
}

// unspell forgets what a request covers.
func (s *Session) unspell(request string) {
	if s.Lines[request] == nil {
		return
	}
	delete(s.Lines, request)
	s.Spelled = slices.DeleteFunc(s.Spelled, func(id string) bool { return id == request })
}

// loaded frees an execution whose program runs. Its end is not guard's to see, unless
// guard runs it outside; what its line covers stays known.
func (s *State) loaded(_ receipt.Receipt, b Loaded) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	if r := session.Requests[b.Request]; r != nil && r.Hooked {
		if b.Outside {
			r.Outside = true
			return nil
		}
		delete(session.Requests, b.Request)
	}
	return nil
}

// failed frees an execution that came to nothing, and so executes nothing.
func (s *State) failed(r receipt.Receipt, b Loaded) error {
	if err := s.loaded(r, b); err != nil {
		return err
	}
	if session := s.Sessions[b.Session]; session.Requests[b.Request] == nil {
		session.unspell(b.Request)
	}
	return nil
}

// lost frees executions of which nothing more will be heard.
func (s *State) lost(_ receipt.Receipt, b Lost) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	session.Run.Unreported += len(b.Requests)
	for _, request := range b.Requests {
		delete(session.Requests, request)
		session.unspell(request)
	}
	return nil
}
