package proxy

import (
	"context"
	"time"
)

// Reader answers questions that change nothing and need no decision.
type Reader interface {
	Read(context.Context, Look) (View, error)
}

// What a Look can ask for.
const (
	LookStatus  = "status"  // the daemon itself
	LookInbox   = "inbox"   // every open hold
	LookHold    = "hold"    // one hold, by id
	LookSession = "session" // one live session and its open holds
	LookPolicy  = "policy"  // the policy in force for a workspace
	LookTrust   = "trust"   // agents and their standing
	LookBudgets = "budgets" // budgets and their balances

	LookKey      = "key"      // an idempotency key, by its id
	LookVelocity = "velocity" // how fast agents are: all that are known, or one by name
)

// Look asks for a View. With Since it waits until the View's Change is larger,
// or until the server's patience (30 s) ends, and then returns the View as it is.
type Look struct {
	What   string `json:"what"`
	ID     string `json:"id,omitempty"`     // hold, session, or workspace
	Since  uint64 `json:"since,omitempty"`  // 0: answer at once
	Follow bool   `json:"follow,omitempty"` // inbox: a person watches on this connection and can approve

	Peer Peer `json:"-"` // set by the socket server
}

// View is what a Look sees. Only the part asked for is set.
type View struct {
	Budgets []BudgetState `json:"budgets,omitempty"`
	Agents  []AgentState  `json:"agents,omitempty"`

	Requirements []Requirement `json:"requirements,omitempty"` // with agents: of each level
	Change       uint64        `json:"change"`
	Holds        []HoldState   `json:"holds,omitempty"`   // oldest first
	Session      *SessionState `json:"session,omitempty"` //
	Status       *Status       `json:"status,omitempty"`
	Policy       *PolicyState  `json:"policy,omitempty"`

	Key      *KeyState       `json:"key,omitempty"`
	Velocity []VelocityState `json:"velocity,omitempty"`
}

// VelocityState is how fast an agent is, and whether it is locked out.
type VelocityState struct {
	Agent     string           `json:"agent"`
	UID       int              `json:"uid"`
	Level     int              `json:"level"` // 0 to 3; 3 where it is locked out
	LockedOut bool             `json:"locked_out"`
	Since     *time.Time       `json:"since,omitempty"`
	Cause     string           `json:"cause,omitempty"` // velocity, denied, person
	Reason    string           `json:"reason,omitempty"`
	By        string           `json:"by,omitempty"`
	Windows   []VelocityWindow `json:"windows"`
}

// Fullest is the window in which most of the threshold is used; ok is false
// without windows.
func (v VelocityState) Fullest() (full VelocityWindow, ok bool) {
	for _, w := range v.Windows {
		if !ok || w.Actions*full.Threshold > full.Actions*w.Threshold {
			full, ok = w, true
		}
	}
	return full, ok
}

// VelocityWindow is a number of actions against the threshold of a level.
type VelocityWindow struct {
	Counter   string `json:"counter"` // low, medium: actions of at least that tier; denied: attempts
	Minutes   int    `json:"minutes"`
	Level     int    `json:"level"`
	Actions   int    `json:"actions"`
	Threshold int    `json:"threshold"`
}

// Status is guardd about itself.
type Status struct {
	PID      int            `json:"pid"`
	Version  string         `json:"version"`
	Protocol int            `json:"protocol"`
	State    string         `json:"state"` // folder
	Started  time.Time      `json:"started"`
	Sessions []SessionState `json:"sessions"`
	Holds    int            `json:"holds"`
	Receipts uint64         `json:"receipts"`
	Policies []PolicyState  `json:"policies"`
	Error    string         `json:"error,omitempty"` // why nothing can run (receipts cannot be written ...)

	Threats  []ThreatState `json:"threats"`            // active ones, oldest first
	Incident string        `json:"incident,omitempty"` // the elevation that declared the open incident
}

// PolicyState is the policy in force for one workspace.
type PolicyState struct {
	Workspace string       `json:"workspace,omitempty"`
	Revision  string       `json:"revision"`
	Joined    []string     `json:"joined,omitempty"`  // older revisions that still count until guard policy accept
	Loosens   []string     `json:"loosens,omitempty"` // what the newer one would loosen
	Preset    string       `json:"preset"`
	Folders   []string     `json:"folders"`
	Files     []PolicyFile `json:"files"`
	Error     string       `json:"error,omitempty"` // why the newest files are not in force: file:line: what, and what it wants instead
}

// PolicyFile is one file of a revision.
type PolicyFile struct {
	Path   string `json:"path"`
	Digest string `json:"digest"` // blake3:hex
}

// Root is the process a live session hangs from: guard itself. Whatever
// descends from it is guarded.
type Root struct {
	Session string
	PID     int
	Start   uint64 // in clock ticks since boot
}

// BudgetState is a budget with its balances.
type BudgetState struct {
	ID        string    `json:"id"`
	Title     string    `json:"title"`
	Unit      string    `json:"unit"`
	Per       string    `json:"per"`   // session, agent, day, or "" for one balance
	Agent     string    `json:"agent"` // whom it binds; "" for all
	Allocated int64     `json:"allocated"`
	Scopes    []Balance `json:"balances"` // of those that have moved; of today; else none
}

// Balance is what one session, agent or day has of a budget.
type Balance struct {
	Scope     string `json:"scope"`
	Spent     int64  `json:"spent"`
	Reserved  int64  `json:"reserved"`
	Left      int64  `json:"left"`                // never below zero
	Overdrawn int64  `json:"overdrawn,omitempty"` // spent and reserved beyond what there is, since the budget was made smaller
}

// AgentState is an agent's level of trust, and what is missing for the next.
type AgentState struct {
	Agent      string     `json:"agent"`
	Level      string     `json:"trust"`
	Evaluation Evaluation `json:"evaluation"`
}
