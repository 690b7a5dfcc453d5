// Package state is what guard knows, as a fold over receipts.
//
// Apply takes one receipt and changes the State; nothing else does. Whoever
// holds the receipts can therefore rebuild the State and compare, and a guardd
// that starts again knows what the one before it knew. The fold is pure: no
// clock, no files, and the same receipts give the same State, byte for byte,
// in every run.
//
// # An unknown receipt is an error
//
// A fold that skipped what it does not understand would drop a lockout written
// by a newer guard. Apply refuses instead, and guardd does not start.
package state

import (
	"encoding/json"
	"fmt"
	"slices"
	"time"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/receipt"
)

// keptHolds bounds how many holds that are over stay known, so that a late
// answer learns what became of its hold.
const keptHolds = 256

// keptRefused bounds how many requests of one session that may not run stay
// known, so that one sent again gets the same answer.
const keptRefused = 256

// State is what the next decision reads. Maps are never nil.
type State struct {
	Next     uint64              `json:"next"` // jseq of the receipt that comes next
	Sessions map[string]*Session `json:"sessions"`
	Holds    map[string]*Hold    `json:"holds"`
	Over     []string            `json:"over"`     // holds that have ended, oldest first
	InboxAt  uint64              `json:"inbox_at"` // jseq of the last change to any hold
	Policies map[string]*Policy  `json:"policies"` // by workspace
	Acts     []string            `json:"acts"`     // requests that changed authority, oldest first
	Budgets  map[string]*Budget  `json:"budgets"`  // by name

	Threats    map[string]*Threat   `json:"threats"`     // active ones, by id
	Reported   []string             `json:"reported"`    // the same, oldest first
	LastThreat *Moment              `json:"last_threat"` // when a threat was active last; null: never
	LastAlert  *Moment              `json:"last_alert"`  // the same of alerts
	Incident   string               `json:"incident"`    // the elevation that declared the open one, "" for none
	Standings  map[string]*Standing `json:"standings"`   // by AgentKey
	Paces      map[string]*Pace     `json:"paces"`       // by AgentKey

	Keys     map[string]*Keyed `json:"keys"`      // by id
	KeyOrder []string          `json:"key_order"` // their ids, oldest first
	KeyedAt  uint64            `json:"keyed_at"`  // jseq of the last change to any
}

// Session is a live session.
type Session struct {
	Started
	At       time.Time           `json:"at"`
	Changed  uint64              `json:"changed"` // jseq of the last receipt about it
	Stopping bool                `json:"stopping"`
	Kept     bool                `json:"kept"`     // its command has ended; PID and Start are the monitor's
	Requests map[string]*Request `json:"requests"` // commands judged, by request id
	Refused  []string            `json:"refused"`  // those that were not allowed when they were judged, oldest first
	Lines    map[string]*Line    `json:"lines"`    // those that may run and spell out what they execute
	Spelled  []string            `json:"spelled"`  // the same, oldest first

	Elevations []Escalation `json:"elevations"` // active ones, oldest first
	Run        Run          `json:"run"`
	Images     []Image      `json:"images"`             // programs that ran as the agent's own, oldest first
	Searches   []Search     `json:"searches,omitempty"` // the one that went on last comes last
}

// Request is a command of a live session that was judged.
type Request struct {
	Decision uint64        `json:"decision"` // jseq of its latest command_decision
	Verdict  proxy.Verdict `json:"verdict"`
	Tier     proxy.Tier    `json:"tier"`
	Hold     string        `json:"hold"`
	PID      int           `json:"pid"`
	Start    uint64        `json:"start"`
	At       time.Time     `json:"at"`      // when it was judged first
	Hooked   bool          `json:"hooked"`  // an execution under the exec hook
	Key      string        `json:"key"`     // id of its idempotency key, "" for none
	Types    []string      `json:"types"`   // kinds of action it is, which trust may ask for
	Display  string        `json:"display"` // of a hooked one
	Outside  bool          `json:"outside"` // it runs outside of the session, and guard sees how it ends
}

// Hold is a hold, open or over.
type Hold struct {
	Opened
	State     string     `json:"state"`
	Step      int        `json:"step"` // last step on record
	Votes     []Approval `json:"votes"`
	By        string     `json:"by"`
	Assurance string     `json:"assurance"`
	Reason    string     `json:"reason"`
	EndedAt   time.Time  `json:"ended_at"`
	EndedBoot int64      `json:"ended_boot_ms"`
	EndedIn   string     `json:"ended_boot_id"`
	Used      bool       `json:"used"`
	Detached  bool       `json:"detached"`
	Changed   uint64     `json:"changed"` // jseq of the last receipt about it
}

// Policy is the policy on record for a workspace.
type Policy struct {
	Revision string   `json:"revision"`
	Joined   []string `json:"joined"`
	At       uint64   `json:"changed"` // jseq of the receipt that put it in force
}

// keptPolicies bounds for how many workspaces it stays known what was in force: those
// without a session and without a revision that waits to be accepted go first, the
// oldest first. Should one of them be worked in again, it is as if for the first time.
const keptPolicies = 1024

// New returns the State before the first receipt.
func New() *State {
	return &State{Sessions: map[string]*Session{}, Holds: map[string]*Hold{}, Over: []string{}, Policies: map[string]*Policy{}, Acts: []string{},
		Keys: map[string]*Keyed{}, KeyOrder: []string{}, Budgets: map[string]*Budget{}, Threats: map[string]*Threat{}, Reported: []string{}, Standings: map[string]*Standing{}, Paces: map[string]*Pace{}}
}

// Restore reads what Snapshot wrote.
func Restore(snapshot []byte) (*State, error) {
	s := New()
	old := struct {
		*State
		Agents map[string]*Standing `json:"agents"` // by name, as there were before agents were a user's
	}{State: s}
	if err := json.Unmarshal(snapshot, &old); err != nil {
		return nil, fmt.Errorf("read state snapshot: %w", err)
	}
	for name, a := range old.Agents {
		a.UID, s.Standings[AgentKey(name, nobody)] = nobody, a
	}
	for _, session := range s.Sessions {
		s.adopt(session.Agent, session.UID, session.Owner)
	}
	for _, session := range s.Sessions { // written before there were lines
		if session.Lines == nil {
			session.Lines, session.Spelled = map[string]*Line{}, []string{}
		}
	}
	if s.Threats == nil {
		s.Threats, s.Reported = map[string]*Threat{}, []string{}
	}
	s.Incident = s.incident() // which could outlive what declared it
	return s, nil
}

// Snapshot is the State as bytes, the same bytes for the same State.
func (s *State) Snapshot() ([]byte, error) { return json.Marshal(s) }

// Apply folds one receipt in. Receipts must come in the order of jseq without
// a gap; a body that cannot be read, a type it does not know and a reference to
// something that does not exist are errors, and the State is then unusable.
func (s *State) Apply(r receipt.Receipt) error {
	if r.Chain.JSeq != s.Next {
		return fmt.Errorf("fold receipts: got number %d, want %d", r.Chain.JSeq, s.Next)
	}
	s.Next++
	fold, ok := folds[r.Type]
	if !ok {
		return fmt.Errorf("fold receipt %d: unknown type %q; a newer guard wrote it", r.Chain.JSeq, r.Type)
	}
	if err := fold(s, r); err != nil {
		return fmt.Errorf("fold receipt %d (%s): %w", r.Chain.JSeq, r.Type, err)
	}
	return nil
}

// folds has one entry for each type of receipt; those of the log itself, and
// those that only record, change nothing.
var folds = map[string]func(*State, receipt.Receipt) error{
	SessionStarted:  with((*State).started),
	SessionStopping: with((*State).stopping),
	SessionKept:     with((*State).kept),
	SessionEnded:    with((*State).ended),
	CommandDecision: with((*State).decided),
	CommandOutcome:  with((*State).finished),
	CommandOrphaned: with((*State).finished),
	CommandStarted:  with((*State).loaded),
	CommandFailed:   with((*State).failed),
	CommandsLost:    with((*State).lost),
	HoldOpened:      with((*State).opened),
	HoldApproval:    with((*State).voted),
	HoldEscalated:   with((*State).escalated),
	HoldDetached:    with((*State).detached),
	HoldResolved:    with((*State).resolved),
	HoldExpired:     with((*State).resolved),
	GrantUsed:       with((*State).used),
	PolicyActivated: with((*State).activated),
	PolicyAccepted:  with((*State).activated),

	ProfileEscalation:   with((*State).raised),
	ProfileDeescalation: with((*State).lowered),
	ProfileConfirmed:    with((*State).confirmed),
	TreasuryBudget:      with((*State).allocated),
	TreasuryLease:       with((*State).leased),
	TreasuryDebit:       with((*State).debited),
	ThreatReported:      with((*State).reported),
	ThreatResolved:      with((*State).over),
	CognitiveDecision:   with((*State).thought),
	TemInvocation:       with((*State).invoked),
	TreasuryDenial:      with((*State).short),
	TrustPromoted:       with((*State).promoted),
	TrustRevoked:        with((*State).revoked),
	TrustReview:         with((*State).reviewed),
	TrustTold:           with((*State).told),
	TrustEvaluated:      ignore,

	VelocityEscalation: with((*State).surged),
	LockoutEnabled:     with((*State).lockedOut),
	LockoutEnforced:    with((*State).enforced),
	LockoutReset:       with((*State).letGo),

	PolicyRejected:      ignore,
	AuthFailure:         ignore,
	DrillStarted:        ignore,
	DrillResult:         ignore,
	WelfareResponse:     ignore,
	"segment_open":      ignore,
	"segment_close":     ignore,
	"journal_recovered": ignore,
	"audit_degraded":    ignore,
	"key_rotated":       ignore,
	"state_snapshot":    ignore,
}

// with decodes the body for a fold, which may keep what it refers to but not change
// it: the body of a receipt just written is the writer's own.
func with[B any](fold func(*State, receipt.Receipt, B) error) func(*State, receipt.Receipt) error {
	return func(s *State, r receipt.Receipt) error {
		var body B
		if err := r.Decode(&body); err != nil {
			return fmt.Errorf("read body: %w", err)
		}
		return fold(s, r, body)
	}
}

func ignore(*State, receipt.Receipt) error { return nil }

func (s *State) started(r receipt.Receipt, b Started) error {
	s.Sessions[b.Session] = &Session{
		Started: b, At: r.Time, Changed: r.Chain.JSeq, Requests: map[string]*Request{}, Refused: []string{},
		Lines: map[string]*Line{}, Spelled: []string{}, Elevations: []Escalation{},
	}
	s.seen(b, r.Time)
	return nil
}

// kept hands the session to its monitor: nobody is at its prompt any more.
func (s *State) kept(r receipt.Receipt, b Kept) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	session.Kept, session.Prompt, session.Changed = true, false, r.Chain.JSeq
	session.PID, session.Start = b.PID, b.Start
	return nil
}

func (s *State) stopping(r receipt.Receipt, b Stopping) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	session.Stopping, session.Changed = true, r.Chain.JSeq
	return nil
}

func (s *State) ended(r receipt.Receipt, b Ended) error {
	if session := s.Sessions[b.Session]; session != nil {
		s.complied(session, r.Time)
	}
	delete(s.Sessions, b.Session)
	s.Incident = s.incident()
	return nil
}

func (s *State) decided(r receipt.Receipt, b Decided) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	now := &Request{Decision: r.Chain.JSeq, Verdict: b.Verdict, Tier: b.Tier, Hold: b.Hold, PID: b.PID, Start: b.Start, At: r.Time, Types: b.Types}
	if b.Call != nil {
		now.Hooked, now.Display = true, b.Display
	}
	if before := session.Requests[b.Request]; before != nil {
		now.At = before.At
	} else {
		session.searched(b)
	}
	session.Requests[b.Request] = now
	s.counted(r, session, b)
	if s.keyed(r, b); b.Key != nil {
		now.Key = b.Key.ID
	}
	if b.Verdict != proxy.Allow {
		session.refuse(b.Request)
		return nil
	}
	session.Run.Commands++
	return session.spell(b, now)
}

// refuse notes a request that may not run, and forgets the oldest when there are
// too many: an agent that is refused all day must not fill the memory.
func (s *Session) refuse(request string) {
	s.Refused = append(s.Refused, request)
	if len(s.Refused) <= keptRefused {
		return
	}
	oldest := s.Refused[0]
	s.Refused = slices.Delete(s.Refused, 0, 1)
	if r := s.Requests[oldest]; r != nil && r.Verdict != proxy.Allow && !slices.Contains(s.Refused, oldest) {
		delete(s.Requests, oldest)
	}
}

// finished frees the request: a finished one can neither be orphaned nor asked
// again, and a session may live for days.
func (s *State) finished(r receipt.Receipt, b Outcome) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	if r.Type == CommandOrphaned {
		session.Run.Unreported++
	} else {
		s.did(session, session.Requests[b.Request], b, r.Time)
	}
	s.keyEnds(r, session.Requests[b.Request], b)
	delete(session.Requests, b.Request)
	session.unspell(b.Request)
	return nil
}

func (s *State) opened(r receipt.Receipt, b Opened) error {
	s.Holds[b.Hold] = &Hold{Opened: b, State: proxy.Pending}
	return s.touch(r, b.Hold)
}

func (s *State) voted(r receipt.Receipt, b Approval) error {
	hold, err := s.hold(b.Hold)
	if err != nil {
		return err
	}
	hold.Votes = append(hold.Votes, b)
	if b.Violation && !b.Approve {
		s.violate(hold.Agent, hold.Session, nil, Violation{At: r.Time, Seq: r.Chain.JSeq, Cause: "denied", Tier: hold.Tier})
	}
	return s.touch(r, b.Hold)
}

func (s *State) escalated(r receipt.Receipt, b Escalated) error {
	hold, err := s.hold(b.Hold)
	if err != nil {
		return err
	}
	hold.Step = b.Step
	return s.touch(r, b.Hold)
}

func (s *State) detached(r receipt.Receipt, b Detached) error {
	hold, err := s.hold(b.Hold)
	if err != nil {
		return err
	}
	hold.Detached = true
	return s.touch(r, b.Hold)
}

func (s *State) resolved(r receipt.Receipt, b Resolved) error {
	hold, err := s.hold(b.Hold)
	if err != nil {
		return err
	}
	if hold.State != proxy.Pending {
		return fmt.Errorf("hold %s ends twice", b.Hold)
	}
	hold.State, hold.By, hold.Assurance, hold.Reason = b.State, b.By, b.Assurance, b.Reason
	hold.EndedAt, hold.EndedBoot, hold.EndedIn = b.At, b.BootMS, b.BootID
	s.Over = append(s.Over, b.Hold)
	if len(s.Over) > keptHolds {
		delete(s.Holds, s.Over[0])
		s.Over = slices.Delete(s.Over, 0, 1)
	}
	return s.touch(r, b.Hold)
}

func (s *State) used(r receipt.Receipt, b Used) error {
	hold, err := s.hold(b.Hold)
	if err != nil {
		return err
	}
	if hold.State != proxy.Approved || hold.Used {
		return fmt.Errorf("hold %s has no approval to spend", b.Hold)
	}
	hold.Used = true
	return s.touch(r, b.Hold)
}

func (s *State) activated(r receipt.Receipt, b Activated) error {
	s.Policies[b.Workspace] = &Policy{Revision: b.Revision, Joined: b.Joined, At: r.Chain.JSeq}
	if len(s.Policies) > keptPolicies {
		s.forgetPolicy(b.Workspace)
	}
	return nil
}

func (s *State) forgetPolicy(but string) {
	live := map[string]bool{but: true, "": true}
	for _, session := range s.Sessions {
		live[session.Workspace] = true
	}
	oldest, found := "", false
	for workspace, p := range s.Policies {
		if !live[workspace] && len(p.Joined) == 0 && (!found || p.At < s.Policies[oldest].At || p.At == s.Policies[oldest].At && workspace < oldest) {
			oldest, found = workspace, true
		}
	}
	if found {
		delete(s.Policies, oldest)
	}
}

// touch notes that a hold changed, for whoever watches it, the inbox or its
// session.
func (s *State) touch(r receipt.Receipt, id string) error {
	hold, err := s.hold(id)
	if err != nil {
		return err
	}
	hold.Changed, s.InboxAt = r.Chain.JSeq, r.Chain.JSeq
	if session := s.Sessions[hold.Session]; session != nil {
		session.Changed = r.Chain.JSeq
	}
	return nil
}

func (s *State) session(id string) (*Session, error) {
	if session := s.Sessions[id]; session != nil {
		return session, nil
	}
	return nil, fmt.Errorf("session %q is not live", id)
}

func (s *State) hold(id string) (*Hold, error) {
	if hold := s.Holds[id]; hold != nil {
		return hold, nil
	}
	return nil, fmt.Errorf("hold %q is not known", id)
}
