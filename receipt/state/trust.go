package state

import (
	"encoding/json"
	"fmt"
	"maps"
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
	TrustTold      = "trust_told"
	scrollTrust    = "trust"
)

// Bounds of what is known of one agent.
const (
	window         = 30 * 24 * time.Hour // how far back an agent's history counts
	keptViolations = 1000                // the oldest go first
	keptAgents     = 1024
	denialsAllowed = 3 // budget denials in one session before they are a violation
)

// Standing is what is known of an agent: its level, and what it has done. An agent
// is a name of one user's: what it has earned gives another user's agent of that
// name nothing.
type Standing struct {
	Agent       string          `json:"agent"`
	UID         int             `json:"uid"`   // nobody: from when agents were known by name alone, until its owner uses it again
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
	Review      *Review         `json:"review"`  // the latest, for the level after this one; its items are those of all
	Untold      *Change         `json:"untold"`  // of it on_trust_change has not been told; null: of all
	Failed      *Failed         `json:"failed"`  // its latest promotion that came to nothing
}

// nobody is the user of agents from when they were known by name alone.
const nobody = -1

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
	UID     *int     `json:"uid,omitempty"` // as in Promoted
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
	UID        *int            `json:"uid,omitempty"` // whose agent; null: of every user, from when a name was all
	From       string          `json:"from_tier"`
	To         string          `json:"to_tier"`
	Hook       bool            `json:"hook,omitempty"` // it counts once on_trust_change was told
	ApprovedBy []string        `json:"approved_by"`
	Assurance  string          `json:"assurance"`
	Rationale  string          `json:"rationale"`
	Evaluation json.RawMessage `json:"evidence"`
}

// Revoked is the body of trust_revoked.
type Revoked struct {
	Request string `json:"request,omitempty"`
	Agent   string `json:"agent"`
	UID     *int   `json:"uid,omitempty"` // as in Promoted
	From    string `json:"from_tier"`
	To      string `json:"to_tier"`
	Hook    bool   `json:"hook,omitempty"`   // on_trust_change is to be told
	Change  uint64 `json:"change,omitempty"` // rollback: jseq of the promotion that is taken back
	Cause   string `json:"cause"`            // violation, idle, manual, rollback
	Reason  string `json:"reason"`
	By      string `json:"by"`
}

// Told is the body of trust_told: on_trust_change has run. A promotion that it did
// not follow has a trust_revoked instead.
type Told struct {
	Agent  string `json:"agent"`
	UID    int    `json:"uid"`
	Change uint64 `json:"change"` // jseq of the trust_promoted or trust_revoked
	To     string `json:"to_tier"`
	Error  string `json:"error,omitempty"` // it failed; trust that was lost stays lost
}

// Change is a change of trust that is on record and of which on_trust_change has
// not been told yet. A promotion does not count before that.
type Change struct {
	Seq        uint64   `json:"jseq"` // of its receipt
	Request    string   `json:"request"`
	Promotion  bool     `json:"promotion"`
	From       string   `json:"from_tier"`
	To         string   `json:"to_tier"`
	Cause      string   `json:"cause"`
	ApprovedBy []string `json:"approved_by"`
}

// Failed is a promotion that was approved and came to nothing.
type Failed struct {
	Request string `json:"request"`
	Reason  string `json:"reason"`
}

// Run counts what tells whether a session was a compliant run.
type Run struct {
	Commands   int `json:"commands"` // that were let run
	Violations int `json:"violations"`
	Unreported int `json:"unreported"` // of which nobody said how they ended
	Denials    int `json:"budget_denials"`
}

// Trust is the level of an agent: "" for one that was never seen.
func (s *State) Trust(agent string, uid int) string {
	if a := s.Standings[AgentKey(agent, uid)]; a != nil {
		return a.Level
	}
	return ""
}

// named are the agents of a name, in order: the one of a user, or of all.
func (s *State) named(agent string, uid *int) (out []*Standing) {
	for _, key := range slices.Sorted(maps.Keys(s.Standings)) {
		if a := s.Standings[key]; a.Agent == agent && (uid == nil || *uid == a.UID) {
			out = append(out, a)
		}
	}
	return out
}

// seen notes an agent when a session of it begins.
func (s *State) seen(b Started, at time.Time) {
	s.adopt(b.Agent, b.UID, b.Owner)
	key := AgentKey(b.Agent, b.UID)
	a := s.Standings[key]
	if a == nil {
		a = &Standing{Agent: b.Agent, UID: b.UID, Level: b.Trust, Since: at, Days: map[string]*Day{}, Violations: []Violation{}, Updated: at}
		s.Standings[key] = a
		s.forgetAgent(key)
	}
	a.Last = at
	if b.Owner != "" {
		a.Owner = b.Owner
	}
}

// adopt gives an agent from when a name was all to the user who ran it last.
func (s *State) adopt(agent string, uid int, owner string) {
	key, old := AgentKey(agent, uid), AgentKey(agent, nobody)
	a := s.Standings[old]
	if a == nil || s.Standings[key] != nil || a.Owner != owner {
		return
	}
	delete(s.Standings, old)
	a.UID, s.Standings[key] = uid, a
}

// forgetAgent drops the agent that has been idle for longest when there are too
// many, but none that on_trust_change has to be told of; it begins anew should it
// come back.
func (s *State) forgetAgent(but string) {
	if len(s.Standings) <= keptAgents {
		return
	}
	oldest := ""
	for _, key := range slices.Sorted(maps.Keys(s.Standings)) {
		if a := s.Standings[key]; key != but && a.Untold == nil && (oldest == "" || a.Last.Before(s.Standings[oldest].Last)) {
			oldest = key
		}
	}
	delete(s.Standings, oldest)
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
	a := s.Standings[AgentKey(session.Agent, session.UID)]
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

// violate notes a violation of an agent, and of its session if that lives. Of whose
// it was is known from the session; where that has ended, it counts for every agent
// of the name.
func (s *State) violate(agent, session string, uid *int, v Violation) {
	if live := s.Sessions[session]; live != nil {
		live.Run.Violations++
		if uid == nil && live.Agent == agent {
			uid = &live.UID
		}
	}
	for _, a := range s.named(agent, uid) {
		a.Violations = append(a.Violations, v)
		a.Consecutive, a.Updated = 0, v.At
		a.forget(v.At)
	}
}

func (a *Standing) forget(now time.Time) {
	a.Violations = slices.DeleteFunc(a.Violations, func(v Violation) bool { return now.Sub(v.At) > window })
	if over := len(a.Violations) - keptViolations; over > 0 {
		a.Violations = slices.Delete(a.Violations, 0, over)
	}
}

// complied counts a session that has ended as a compliant run if it was one.
func (s *State) complied(session *Session, at time.Time) {
	a := s.Standings[AgentKey(session.Agent, session.UID)]
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
		s.violate(session.Agent, b.Session, &session.UID, Violation{At: r.Time, Seq: r.Chain.JSeq, Cause: "budget", Tier: proxy.Medium})
	}
	return nil
}

func (s *State) promoted(r receipt.Receipt, b Promoted) error {
	for _, a := range s.named(b.Agent, b.UID) {
		if a.Failed = nil; !b.Hook {
			a.rise(b.To, r.Time)
			continue
		}
		a.Untold = &Change{
			Seq: r.Chain.JSeq, Request: b.Request, Promotion: true, From: b.From, To: b.To, Cause: "promotion", ApprovedBy: b.ApprovedBy,
		}
	}
	s.acted(b.Request)
	return nil
}

// rise is a level that an agent has now.
func (a *Standing) rise(to string, at time.Time) {
	a.Level, a.Since, a.Updated, a.Review = to, at, at, nil
}

// revoked lowers an agent. A promotion that on_trust_change was not told of yet comes
// to nothing: it must not take effect after what has cost the agent its trust.
func (s *State) revoked(r receipt.Receipt, b Revoked) error {
	for _, a := range s.named(b.Agent, b.UID) {
		if u := a.Untold; u != nil && u.Promotion {
			a.Failed = &Failed{Request: u.Request, Reason: b.Reason}
			if a.Untold = nil; b.Change == u.Seq {
				continue // it never counted
			}
		}
		a.rise(b.To, r.Time)
		a.Consecutive, a.RevokedAt = 0, r.Chain.JSeq
		if b.Hook {
			a.Untold = &Change{
				Seq: r.Chain.JSeq, Request: b.Request, From: b.From, To: b.To, Cause: b.Cause, ApprovedBy: []string{},
			}
		}
	}
	s.acted(b.Request)
	return nil
}

// told lets a promotion count.
func (s *State) told(r receipt.Receipt, b Told) error {
	a := s.Standings[AgentKey(b.Agent, b.UID)]
	if a == nil || a.Untold == nil || a.Untold.Seq != b.Change {
		return fmt.Errorf("nobody was to be told of receipt %d about agent %s", b.Change, b.Agent)
	}
	if a.Untold.Promotion {
		a.rise(a.Untold.To, r.Time)
	}
	a.Untold = nil
	return nil
}

func (s *State) reviewed(_ receipt.Receipt, b Review) error {
	for _, a := range s.named(b.Agent, b.UID) {
		sum := b
		if a.Review != nil {
			sum.Items = slices.Concat(a.Review.Items, b.Items)
			slices.Sort(sum.Items)
			sum.Items = slices.Compact(sum.Items)
		}
		a.Review = &sum
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
