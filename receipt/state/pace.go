package state

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

// Types of receipt about how fast agents are.
const (
	VelocityEscalation = "velocity_escalation"
	LockoutEnabled     = "lockout_enabled"
	LockoutEnforced    = "lockout_enforced"
	LockoutReset       = "lockout_reset"
	scrollVelocity     = "velocity"
)

// KeptActions bounds how many of an agent's actions, and of its denied attempts,
// stay known. No threshold of the policy may be above it.
const KeptActions = 256

// keptPaces bounds how many agents stay known that are neither live nor locked out.
const keptPaces = 256

// keptImages bounds how many images of a session's agent stay known.
const keptImages = 16

// Image is a program that runs as the agent's own: in the session's main process, or
// in the one that a wrapper starts for it.
type Image struct {
	Request string `json:"request"`
	PID     int    `json:"pid"`   // process that runs it; 0: the main one, as guard started it
	Since   uint64 `json:"since"` // when that was started, which tells a reused pid
	Wraps   string `json:"wraps"` // as in Decided
}

// UnmarshalJSON also reads a request alone, as snapshots had it before wrappers were
// seen through.
func (i *Image) UnmarshalJSON(b []byte) error {
	if err := json.Unmarshal(b, &i.Request); err == nil {
		return nil
	}
	type plain Image
	return json.Unmarshal(b, (*plain)(i))
}

// Own says whether a process has run one of the agent's own programs, and so is the
// agent's, whatever it executes next.
func (s *Session) Own(pid int, since uint64) bool {
	return slices.ContainsFunc(s.Images, func(i Image) bool { return i.PID == pid && i.Since == since })
}

// Image is the program of a request as the agent's own.
func (s *Session) Image(request string) (Image, bool) {
	i := slices.IndexFunc(s.Images, func(i Image) bool { return i.Request == request })
	if i < 0 {
		return Image{}, false
	}
	return s.Images[i], true
}

// Pace is how fast an agent has been lately, and whether it is locked out. Slices
// are replaced, never changed in place, but for being appended to.
type Pace struct {
	Agent   string   `json:"agent"`
	UID     int      `json:"uid"`
	Actions []Action `json:"actions"` // root actions of tier LOW and above, oldest first; a repetition is none
	Denied  []Action `json:"denied"`  // attempts that were denied, oldest first
	Surge   int      `json:"surge"`   // level that its last action was judged at
	Counted uint64   `json:"counted"` // grows with every action and attempt
	At      uint64   `json:"at"`      // jseq of the last receipt about it

	Lockout *LockedOut `json:"lockout"` // null: it may go on
	Told    bool       `json:"told"`    // that the lockout stopped something is on record
}

// Action is one that was counted.
type Action struct {
	At     time.Time  `json:"at"`
	BootMS int64      `json:"boot_ms"` // as in Opened
	BootID string     `json:"boot_id"`
	Hash   string     `json:"hash"` // of the request
	Tier   proxy.Tier `json:"tier"` // that its limits were read at
	Ran    bool       `json:"ran"`  // it was let run
}

// Count is the part of a command_decision about a root action: a line, a tool
// call, or an execution that the agent's own process makes.
type Count struct {
	Executed bool   `json:"executed"` // it counts among what the agent does
	Denied   bool   `json:"denied"`   // it counts among what the agent is denied
	Surge    int    `json:"surge"`    // level that it was judged at
	BootMS   int64  `json:"boot_ms"`
	BootID   string `json:"boot_id"`
}

// Velocity is how many actions there were against a threshold. Rates are in
// ten-thousandths.
type Velocity struct {
	WindowMinutes int `json:"window_minutes"`
	ActionCount   int `json:"action_count"`
	PerMinute     int `json:"actions_per_minute_e4"`
	Threshold     int `json:"threshold_actions_per_minute_e4"`
}

// VelocityOutcome is what a level leads to (REQUIREMENTS S3-09, S3-10).
type VelocityOutcome struct {
	Status   string  `json:"status"` // routed, lockout_enabled, blocked_by_lockout
	Executor *string `json:"executor"`
	Reason   string  `json:"reason"`
}

// Surged is the body of velocity_escalation and lockout_enforced (REQUIREMENTS
// S3-07, S3-11).
type Surged struct {
	Agent         string          `json:"agent"`
	UID           int             `json:"uid"`
	Session       string          `json:"session"`
	Request       string          `json:"request"`
	Level         int             `json:"level"`
	Tier          string          `json:"tier"` // tier_1, tier_2, tier_3
	Action        string          `json:"action"`
	ConfidencePPM int             `json:"confidence_ppm"`
	RiskClass     string          `json:"risk_class"`
	Rationale     string          `json:"rationale"`
	Velocity      *Velocity       `json:"velocity"` // null in lockout_enforced
	LockoutEdits  bool            `json:"lockout_auto_edits"`
	Executor      *string         `json:"executor"`
	Outcome       VelocityOutcome `json:"outcome"`
	CreatedAt     time.Time       `json:"created_at"`
}

// LockedOut is the body of lockout_enabled.
type LockedOut struct {
	Agent   string    `json:"agent"`
	UID     int       `json:"uid"`
	Session string    `json:"session"`
	Request string    `json:"request"`
	Cause   string    `json:"cause"` // velocity, denied, or person
	By      string    `json:"by"`
	Reason  string    `json:"reason"`
	Brief   Brief     `json:"diagnostic_brief"`
	At      time.Time `json:"at"`
}

// Brief is what a person should know of a lockout (REQUIREMENTS S3-10).
type Brief struct {
	Type       string    `json:"type"` // diagnostic_brief
	Severity   string    `json:"severity"`
	Tier       string    `json:"tier"`
	Rationale  string    `json:"user_rationale"`
	Violations int       `json:"validation_violations"`
	ActionType string    `json:"action_type"`
	Timestamp  time.Time `json:"timestamp"`
}

// LockoutOver is the body of lockout_reset.
type LockoutOver struct {
	Agent      string   `json:"agent"`
	UID        int      `json:"uid"`
	Request    string   `json:"request"`
	Reason     string   `json:"reason"`
	ApprovedBy []string `json:"approved_by"`
	Assurance  string   `json:"assurance"`
}

// AgentKey names an agent identity: a name, for one user.
func AgentKey(name string, uid int) string { return strconv.Itoa(uid) + ":" + name }

// Pace returns how fast an agent is, nil if nothing is known of it.
func (s *State) Pace(name string, uid int) *Pace { return s.Paces[AgentKey(name, uid)] }

// Repeats says whether an action only repeats the one before of the same hash:
// one that was not let run, or one that is no older than within.
func (p *Pace) Repeats(hash string, within time.Duration, age func(Action) time.Duration) bool {
	if p == nil {
		return false
	}
	for _, a := range slices.Backward(p.Actions) {
		if a.Hash == hash {
			return !a.Ran || age(a) <= within
		}
	}
	return false
}

// counted folds what a decision says of its action.
func (s *State) counted(r receipt.Receipt, session *Session, b Decided) {
	if b.Agentic {
		image := Image{Request: b.Request, Wraps: b.Wraps}
		if b.Call != nil {
			image.PID, image.Since = b.Call.PID, b.Since
		}
		session.Images = append(slices.Clip(slices.Clone(session.Images)), image)
		if len(session.Images) > keptImages {
			session.Images = session.Images[1:]
		}
	}
	if b.Count == nil {
		return
	}
	p := s.pace(b.Agent, session.UID)
	ran := b.Verdict == proxy.Allow
	one := Action{At: r.Time, BootMS: b.Count.BootMS, BootID: b.Count.BootID, Hash: b.RequestHash, Tier: max(b.Effective, proxy.Low), Ran: ran}
	switch i := p.Last(b.RequestHash); {
	case b.Count.Executed:
		p.Actions = keep(p.Actions, one)
		p.Counted++
	case ran && i >= 0 && !p.Actions[i].Ran:
		p.Actions = slices.Clone(p.Actions)
		p.Actions[i].Ran = true
	}
	if b.Count.Denied {
		p.Denied = keep(p.Denied, one)
		p.Counted++
	}
	p.Surge, p.At = b.Count.Surge, r.Chain.JSeq
}

// Last is the latest action of a hash, -1 for none.
func (p *Pace) Last(hash string) int {
	for i, a := range slices.Backward(p.Actions) {
		if a.Hash == hash {
			return i
		}
	}
	return -1
}

func keep(list []Action, one Action) []Action {
	if len(list) >= KeptActions {
		list = slices.Clone(list[len(list)-KeptActions+1:])
	}
	return append(list, one)
}

// pace is that of an agent, made where there is none. The one that nothing was
// heard of for longest is forgotten where there are too many, unless its agent is
// live or locked out.
func (s *State) pace(name string, uid int) *Pace {
	key := AgentKey(name, uid)
	if p := s.Paces[key]; p != nil {
		return p
	}
	if len(s.Paces) >= keptPaces {
		s.forgetPace()
	}
	p := &Pace{Agent: name, UID: uid, Actions: []Action{}, Denied: []Action{}}
	s.Paces[key] = p
	return p
}

func (s *State) forgetPace() {
	live := map[string]bool{}
	for _, session := range s.Sessions {
		live[AgentKey(session.Agent, session.UID)] = true
	}
	oldest := ""
	for _, key := range slices.Sorted(maps.Keys(s.Paces)) {
		if p := s.Paces[key]; !live[key] && p.Lockout == nil && (oldest == "" || p.At < s.Paces[oldest].At) {
			oldest = key
		}
	}
	delete(s.Paces, oldest)
}

func (s *State) surged(r receipt.Receipt, b Surged) error {
	p := s.pace(b.Agent, b.UID)
	p.Surge, p.At = b.Level, r.Chain.JSeq
	return nil
}

func (s *State) lockedOut(r receipt.Receipt, b LockedOut) error {
	p := s.pace(b.Agent, b.UID)
	if p.Lockout != nil { // the first one stands
		return nil
	}
	p.Lockout, p.Told, p.Surge, p.At = &b, false, 3, r.Chain.JSeq
	s.violate(b.Agent, b.Session, &b.UID, Violation{At: r.Time, Seq: r.Chain.JSeq, Cause: "lockout", Tier: proxy.Critical})
	if b.Cause == "person" {
		s.acted(b.Request)
	}
	return nil
}

func (s *State) enforced(r receipt.Receipt, b Surged) error {
	p := s.pace(b.Agent, b.UID)
	p.Told, p.At = true, r.Chain.JSeq
	return nil
}

// letGo ends a lockout. What led to it was looked at, and does not count again.
func (s *State) letGo(r receipt.Receipt, b LockoutOver) error {
	p := s.pace(b.Agent, b.UID)
	if p.Lockout == nil {
		return fmt.Errorf("agent %s is not locked out", b.Agent)
	}
	p.Lockout, p.Told, p.Surge, p.At = nil, false, 0, r.Chain.JSeq
	p.Actions, p.Denied = []Action{}, []Action{}
	p.Counted++
	s.acted(b.Request)
	return nil
}
