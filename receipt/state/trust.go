package state

import (
	"encoding/json"
	"slices"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

// Types of receipt about the trust in agents.
const (
	TrustEvaluated = "trust_evaluated"
	TrustPromoted  = "trust_promoted"
	TrustRevoked   = "trust_revoked"
	TrustReview    = "trust_review"
	scrollTrust    = "trust"
)

// Bounds of what is known of one agent.
const (
	window         = 30 * 24 * time.Hour // how far back an agent's history counts
	keptViolations = 1000                // the oldest go first
	keptAgents     = 1024
	denialsAllowed = 3 // budget denials in one session before they are a violation
)

// Standing is what is known of an agent: its level, and what it has done.
type Standing struct {
	Agent       string          `json:"agent"`
	Owner       string          `json:"owner"` // login name behind its latest session
	Level       string          `json:"level"` // T0 to T4
	Since       time.Time       `json:"since"` // of that level
	Compliant   int             `json:"compliant_runs"`
	Consecutive int             `json:"consecutive_compliant"`
	Days        map[string]*Day `json:"days"` // by date (UTC), the last 31
	Violations  []Violation     `json:"violations"`
	Last        time.Time       `json:"last"`    // when it last did something
	Updated     time.Time       `json:"updated"` // when the counts last changed
	RevokedAt   uint64          `json:"revoked"` // jseq of its last revocation: what was before it has been answered
	Review      *Review         `json:"review"`  // the latest, for the level after this one
}

// Day is what an agent did on one day, as far as guard saw how it ended.
type Day struct {
	Actions       int      `json:"actions"`
	Successful    int      `json:"successful"`
	Modifications int      `json:"modifications"` // successful and of tier LOW or above
	Types         []string `json:"types"`         // of successful actions, sorted
}

// Violation is something an agent must not do.
type Violation struct {
	At    time.Time  `json:"at"`
	Seq   uint64     `json:"jseq"`
	Cause string     `json:"cause"` // denied, lockout, budget, tamper
	Tier  proxy.Tier `json:"tier"`
}

// Review is the body of trust_review: what a reviewer has checked.
type Review struct {
	Agent   string   `json:"agent"`
	Request string   `json:"request"`
	Level   string   `json:"for_level"`
	Items   []string `json:"items"`
	By      string   `json:"by"`
	Reason  string   `json:"reason"`
}

// Evaluated is the body of trust_evaluated.
type Evaluated struct {
	Request    string          `json:"request"`
	Agent      string          `json:"agent"`
	Evaluation json.RawMessage `json:"evaluation"`
}

// Promoted is the body of trust_promoted.
type Promoted struct {
	Request    string          `json:"request"`
	Agent      string          `json:"agent"`
	From       string          `json:"from_tier"`
	To         string          `json:"to_tier"`
	ApprovedBy []string        `json:"approved_by"`
	Assurance  string          `json:"assurance"`
	Rationale  string          `json:"rationale"`
	Evaluation json.RawMessage `json:"evidence"`
}

// Revoked is the body of trust_revoked.
type Revoked struct {
	Request string `json:"request,omitempty"`
	Agent   string `json:"agent"`
	From    string `json:"from_tier"`
	To      string `json:"to_tier"`
	Cause   string `json:"cause"` // violation, idle, manual, rollback
	Reason  string `json:"reason"`
	By      string `json:"by"`
}

// Run counts what tells whether a session was a compliant run.
type Run struct {
	Commands   int `json:"commands"` // that were let run
	Violations int `json:"violations"`
	Unreported int `json:"unreported"` // of which nobody said how they ended
	Denials    int `json:"budget_denials"`
}

// Trust is the level of an agent: "" for one that was never seen.
func (s *State) Trust(agent string) string {
	if a := s.Agents[agent]; a != nil {
		return a.Level
	}
	return ""
}

// seen notes an agent when a session of it begins.
func (s *State) seen(b Started, at time.Time) {
	a := s.Agents[b.Agent]
	if a == nil {
		a = &Standing{Agent: b.Agent, Level: b.Trust, Since: at, Days: map[string]*Day{}, Violations: []Violation{}, Updated: at}
		s.Agents[b.Agent] = a
		s.forgetAgent(b.Agent)
	}
	a.Last = at
	if b.Owner != "" {
		a.Owner = b.Owner
	}
}

// forgetAgent drops the agent that has been idle for longest when there are too
// many; it begins anew should it come back.
func (s *State) forgetAgent(but string) {
	if len(s.Agents) <= keptAgents {
		return
	}
	var oldest *Standing
	for _, a := range s.Agents {
		if a.Agent != but && (oldest == nil || a.Last.Before(oldest.Last) || a.Last.Equal(oldest.Last) && a.Agent < oldest.Agent) {
			oldest = a
		}
	}
	delete(s.Agents, oldest.Agent)
}

// day is an agent's today; days that are out of every window are forgotten.
func (a *Standing) day(at time.Time) *Day {
	today := at.UTC().Format(time.DateOnly)
	if a.Days[today] == nil {
		a.Days[today] = &Day{Types: []string{}}
		oldest := at.UTC().Add(-window).Format(time.DateOnly)
		for date := range a.Days {
			if date < oldest {
				delete(a.Days, date)
			}
		}
	}
	return a.Days[today]
}

// did counts how a command ended that guard itself has run.
func (s *State) did(session *Session, known *Request, b Outcome, at time.Time) {
	a := s.Agents[session.Agent]
	if a == nil || known == nil {
		return
	}
	day := a.day(at)
	day.Actions++
	a.Last, a.Updated = at, at
	if b.Status != 0 || b.Error != "" || b.Signal != "" {
		return
	}
	day.Successful++
	if known.Tier >= proxy.Low {
		day.Modifications++
	}
	for _, typ := range known.Types {
		if i, found := slices.BinarySearch(day.Types, typ); !found {
			day.Types = slices.Insert(day.Types, i, typ)
		}
	}
}

// violate notes a violation of an agent, and of its session if that lives.
func (s *State) violate(agent, session string, v Violation) {
	if live := s.Sessions[session]; live != nil {
		live.Run.Violations++
	}
	a := s.Agents[agent]
	if a == nil {
		return
	}
	a.Violations = append(a.Violations, v)
	a.Consecutive, a.Updated = 0, v.At
	a.forget(v.At)
}

func (a *Standing) forget(now time.Time) {
	a.Violations = slices.DeleteFunc(a.Violations, func(v Violation) bool { return now.Sub(v.At) > window })
	if over := len(a.Violations) - keptViolations; over > 0 {
		a.Violations = slices.Delete(a.Violations, 0, over)
	}
}

// complied counts a session that has ended as a compliant run if it was one.
func (s *State) complied(session *Session, at time.Time) {
	a := s.Agents[session.Agent]
	if a == nil || session.Run.Commands == 0 {
		return
	}
	a.Updated = at
	if session.Run.Violations > 0 || session.Run.Unreported > 0 {
		a.Consecutive = 0
		return
	}
	a.Compliant++
	a.Consecutive++
}

// short counts a budget denial of a session: a few are a mistake, more are not.
func (s *State) short(r receipt.Receipt, b Denial) error {
	session := s.Sessions[b.Session]
	if session == nil {
		return nil
	}
	session.Run.Denials++
	if session.Run.Denials == denialsAllowed {
		s.violate(session.Agent, b.Session, Violation{At: r.Time, Seq: r.Chain.JSeq, Cause: "budget", Tier: proxy.Medium})
	}
	return nil
}

func (s *State) promoted(r receipt.Receipt, b Promoted) error {
	s.level(r, b.Agent, b.To)
	s.acted(b.Request)
	return nil
}

func (s *State) revoked(r receipt.Receipt, b Revoked) error {
	if a := s.level(r, b.Agent, b.To); a != nil {
		a.Consecutive, a.RevokedAt = 0, r.Chain.JSeq
	}
	s.acted(b.Request)
	return nil
}

func (s *State) level(r receipt.Receipt, agent, to string) *Standing {
	a := s.Agents[agent]
	if a != nil {
		a.Level, a.Since, a.Updated, a.Review = to, r.Time, r.Time, nil
	}
	return a
}

func (s *State) reviewed(_ receipt.Receipt, b Review) error {
	if a := s.Agents[b.Agent]; a != nil {
		a.Review = &b
	}
	s.acted(b.Request)
	return nil
}

// History adds up what an agent did in the window before a moment.
func (a *Standing) History(now time.Time) (sum Day, violations int) {
	oldest := now.UTC().Add(-window).Format(time.DateOnly)
	sum.Types = []string{}
	for date, day := range a.Days {
		if date < oldest {
			continue
		}
		sum.Actions += day.Actions
		sum.Successful += day.Successful
		sum.Modifications += day.Modifications
		sum.Types = append(sum.Types, day.Types...)
	}
	slices.Sort(sum.Types)
	sum.Types = slices.Compact(sum.Types)
	for _, v := range a.Violations {
		if now.Sub(v.At) <= window {
			violations++
		}
	}
	return sum, violations
}
