package state

import (
	"time"

	"github.com/f958ca95/guard/proxy"
)

// Types of receipt that the fold understands, besides the log's own.
const (
	SessionStarted  = "session_started"
	SessionStopping = "session_stopping"
	SessionKept     = "session_kept"
	SessionEnded    = "session_ended"
	CommandDecision = "command_decision"
	CommandOutcome  = "command_outcome"
	CommandOrphaned = "command_orphaned"
	CommandStarted  = "command_started"
	CommandFailed   = "command_failed"
	CommandsLost    = "commands_lost"
	WelfareResponse = "welfare_response"
	HoldOpened      = "hold_opened"
	HoldApproval    = "hold_approval"
	HoldEscalated   = "hold_escalated"
	HoldDetached    = "hold_detached"
	HoldResolved    = "hold_resolved"
	HoldExpired     = "hold_expired"
	GrantUsed       = "grant_used"
	AuthFailure     = "auth_failure"
	PolicyActivated = "policy_activated"
	PolicyRejected  = "policy_rejected"
	PolicyAccepted  = "policy_accepted"
	scrollExecution = "execution"
	scrollApprovals = "approvals"
	scrollCognitive = "cognitive"
	scrollIdentity  = "identity"
	DrillStarted    = "drill_started"
	DrillResult     = "drill_result"
	scrollDrill     = "drill"
	scrollPolicy    = "policy"
)

// Scroll names the scroll a type of receipt belongs to (REQUIREMENTS 5.8).
func Scroll(typ string) string {
	switch typ {
	case HoldOpened, HoldApproval, HoldEscalated, HoldDetached, HoldResolved, HoldExpired, GrantUsed:
		return scrollApprovals
	case WelfareResponse, ThreatReported, ThreatResolved, CognitiveDecision, TemInvocation:
		return scrollCognitive
	case AuthFailure, ProfileEscalation, ProfileDeescalation, ProfileConfirmed:
		return scrollIdentity
	case TrustEvaluated, TrustPromoted, TrustRevoked, TrustReview, TrustTold:
		return scrollTrust
	case TreasuryBudget, TreasuryLease, TreasuryDebit, TreasuryDenial:
		return scrollTreasury
	case PolicyActivated, PolicyRejected, PolicyAccepted:
		return scrollPolicy
	case DrillStarted, DrillResult:
		return scrollDrill
	case VelocityEscalation, LockoutEnabled, LockoutEnforced, LockoutReset:
		return scrollVelocity
	default:
		return scrollExecution
	}
}

// Started is the body of session_started.
type Started struct {
	Session   string   `json:"session"`
	Agent     string   `json:"agent"`
	UID       int      `json:"uid"`
	Owner     string   `json:"owner"` // login name of UID
	PID       int      `json:"pid"`   // guard's own process
	Start     uint64   `json:"start"` // its start time in clock ticks since boot
	BootID    string   `json:"boot_id"`
	Argv      []string `json:"argv"`
	Cwd       string   `json:"cwd"`
	Home      string   `json:"home"`
	Workspace string   `json:"workspace"`
	Profile   string   `json:"profile"`
	Trust     string   `json:"trust"`
	Terminal  bool     `json:"terminal"`
	Prompt    bool     `json:"prompt"`
	Revision  string   `json:"revision"`
	ExecHook  string   `json:"exec_hook"` // what watches the process tree: "proven", "off" or "none"
	Monitor   int      `json:"monitor"`   // process that holds the exec hook; 0 without one
	Since     uint64   `json:"since"`     // its start time, as Start
	Sandbox   string   `json:"sandbox"`   // where the tree may write; "" for anywhere
	Writable  []string `json:"writable,omitempty"`
}

// Kept is the body of session_kept: the command that the session was started for
// has ended, and the monitor keeps the session for the processes it left.
type Kept struct {
	Session string `json:"session"`
	PID     int    `json:"pid"`
	Start   uint64 `json:"start"`
}

// Stopping is the body of session_stopping: a person asked for the end.
type Stopping struct {
	Session string `json:"session"`
	By      string `json:"by"`
}

// Ended is the body of session_ended.
type Ended struct {
	Session string `json:"session"`
	Reason  string `json:"reason"`
}

// Decided is the body of command_decision.
type Decided struct {
	Session     string              `json:"session"`
	Agent       string              `json:"agent"`
	Request     string              `json:"request"`
	PID         int                 `json:"pid"` // who asked, and alone may report how it ended
	Start       uint64              `json:"start"`
	RequestHash string              `json:"request_hash"`
	Kind        string              `json:"kind"`
	Argv        []string            `json:"argv,omitempty"`
	Line        string              `json:"line,omitempty"`
	Action      string              `json:"action,omitempty"`
	Display     string              `json:"display"` // empty for kind text: free text is never stored
	Cwd         string              `json:"cwd"`
	Stdin       string              `json:"stdin,omitempty"`
	Env         string              `json:"env,omitempty"`
	Exe         string              `json:"exe,omitempty"`
	Digest      string              `json:"digest,omitempty"`
	Scene       []proxy.Observation `json:"scene,omitempty"` // texts left out, their digests kept
	Tier        proxy.Tier          `json:"tier"`
	Label       string              `json:"label"`
	Effective   proxy.Tier          `json:"effective"`
	Verdict     proxy.Verdict       `json:"verdict"`
	Findings    []proxy.Finding     `json:"findings"`
	Reliefs     []proxy.Relief      `json:"reliefs,omitempty"`
	Rows        []proxy.Row         `json:"rows"`
	Profile     string              `json:"profile"`
	Trust       string              `json:"trust"`
	Revision    string              `json:"revision"`
	Hold        string              `json:"hold,omitempty"` // the hold it opened, joined, or spends
	Note        string              `json:"note,omitempty"`
	Sandbox     string              `json:"sandbox,omitempty"`    // where the tree may write; "" for anywhere
	Call        *Call               `json:"call,omitempty"`       // the execution that waited for it, under the exec hook
	Types       []string            `json:"types,omitempty"`      // kinds of action it is, which trust may ask for
	Covers      []Cover             `json:"covers,omitempty"`     // executions that the line spells out
	Scripts     []string            `json:"scripts,omitempty"`    // with Covers: keyed hashes over path and digest of the scripts that were read
	CoveredBy   string              `json:"covered_by,omitempty"` // request whose line spells this one out
	Cover       string              `json:"cover,omitempty"`      // the one of its covers that is spent on this
	Outside     bool                `json:"outside,omitempty"`    // people approved that what raises rights in it runs outside of the session
	Key         *Key                `json:"key,omitempty"`        // its idempotency key
	Search      string              `json:"search,omitempty"`     // of an execution that may not be: keyed hash over the process and its words
	Count       *Count              `json:"count,omitempty"`      // of a root action
	Agentic     bool                `json:"agentic,omitempty"`    // what its program executes directly are root actions
	Since       uint64              `json:"since,omitempty"`      // with Agentic and Call: when that process was started
	Wraps       string              `json:"wraps,omitempty"`      // with Agentic: keyed hash over the words of the program that it is a wrapper of
}

// Call is where an execution under the exec hook was made.
type Call struct {
	PID   int    `json:"pid"`
	Raw   string `json:"raw"` // path as given to the kernel
	Exe   File   `json:"exe"`
	Chain []File `json:"chain,omitempty"`
	Under string `json:"under,omitempty"` // request whose program the process ran, or the nearest above it
	Again string `json:"again,omitempty"`
}

// File is a program file. An inode number may be larger than what a receipt's
// numbers hold.
type File struct {
	Path string `json:"path"`
	Dev  uint64 `json:"dev"`
	Ino  uint64 `json:"ino,string"`
}

// Cover is one execution that a line spells out, with its folder and its
// dangerous variables, as a keyed hash.
type Cover struct {
	Exec string `json:"exec"`
	Loop bool   `json:"loop,omitempty"` // in a loop of the line: never spent
}

// Loaded is the body of command_started and command_failed: what became of an
// execution that was let go on under the exec hook.
type Loaded struct {
	Session  string     `json:"session"`
	Request  string     `json:"request"`
	Decision uint64     `json:"decision"` // jseq of the command_decision
	Tier     proxy.Tier `json:"tier"`
	Display  string     `json:"display"`
	PID      int        `json:"pid"`
	Exe      *File      `json:"exe,omitempty"`     // what runs
	Argv     []string   `json:"argv,omitempty"`    // where they are not those of the decision
	Error    string     `json:"error,omitempty"`   // command_failed: why nothing runs
	Outside  bool       `json:"outside,omitempty"` // guard started it itself, outside of the session, as process PID; a command_outcome follows
}

// Lost is the body of commands_lost: executions that were let go on, and of
// which nobody has said what became before the session ended.
type Lost struct {
	Session  string   `json:"session"`
	Requests []string `json:"requests"`
	Error    string   `json:"error"`
}

// Outcome is the body of command_outcome and command_orphaned.
type Outcome struct {
	Session    string `json:"session"`
	Request    string `json:"request"`
	Decision   uint64 `json:"decision"` // jseq of the command_decision
	Status     int    `json:"status"`
	Signal     string `json:"signal,omitempty"`
	DurationMS int64  `json:"duration_ms"`
	Error      string `json:"error,omitempty"`
}

// Opened is the body of hold_opened.
type Opened struct {
	Hold        string         `json:"hold"`
	Session     string         `json:"session"`
	Agent       string         `json:"agent"`
	RequestHash string         `json:"request_hash"`
	Workspace   string         `json:"workspace"`
	Display     string         `json:"display"`
	Cwd         string         `json:"cwd"`
	Tier        proxy.Tier     `json:"tier"`
	Rule        string         `json:"rule"`
	Why         string         `json:"why"`
	Terms       proxy.Terms    `json:"terms"`
	At          time.Time      `json:"at"`
	Act         string         `json:"act,omitempty"`     // whose terms they are, where they are not the tier's
	Asked       string         `json:"asked,omitempty"`   // request that it was opened for, where that changes authority
	Subject     *proxy.Request `json:"subject,omitempty"` // the same request, to be carried out when it is approved
	BootMS      int64          `json:"boot_ms"`           // the same instant on the boot-time clock, which no one can set back
	BootID      string         `json:"boot_id"`
}

// Approval is the body of hold_approval: one vote.
type Approval struct {
	Hold        string `json:"hold"`
	Request     string `json:"request"` // the vote's own, which sent again counts once
	RequestHash string `json:"request_hash"`
	Approve     bool   `json:"approve"`
	Violation   bool   `json:"violation,omitempty"` // with a no: the agent should never have asked
	Approver    string `json:"approver"`
	UID         int    `json:"uid"`
	Assurance   string `json:"assurance"`
	Reason      string `json:"reason,omitempty"`
}

// Escalated is the body of hold_escalated: nobody answered in time, the next
// step's audience and terms apply.
type Escalated struct {
	Hold string     `json:"hold"`
	Step int        `json:"step"` // index into the hold's terms
	Tier proxy.Tier `json:"tier"`
}

// Detached is the body of hold_detached: the asker went without an answer.
type Detached struct {
	Hold    string `json:"hold"`
	Session string `json:"session"`
}

// Resolved is the body of hold_resolved and hold_expired.
type Resolved struct {
	Hold      string        `json:"hold"`
	State     string        `json:"state"`   // approved, denied, cancelled, expired
	Verdict   proxy.Verdict `json:"verdict"` // allow or deny
	By        string        `json:"by"`
	Assurance string        `json:"assurance,omitempty"`
	Reason    string        `json:"reason,omitempty"`
	At        time.Time     `json:"at"`
	BootMS    int64         `json:"boot_ms"` // as in Opened
	BootID    string        `json:"boot_id"`
}

// Used is the body of grant_used: an approval was spent on one request.
type Used struct {
	Hold    string `json:"hold"`
	Session string `json:"session"`
	Request string `json:"request"`
}

// Failure is the body of auth_failure: authority was claimed and refused.
type Failure struct {
	Kind  string `json:"kind"` // of the Request
	Rule  string `json:"rule"`
	Error string `json:"error"`
	Who   string `json:"who"`
	UID   int    `json:"uid"`
	PID   int    `json:"pid"`
	On    string `json:"on,omitempty"` // hold or session

	From string `json:"requested_from,omitempty"` // of an elevation
	To   string `json:"requested_to,omitempty"`
	Type string `json:"escalation_type,omitempty"`
}

// Welfare is the body of welfare_response. It holds nothing of the text.
type Welfare struct {
	Kind   string `json:"kind"` // welfare
	RuleID string `json:"rule_id"`
}

// Activated is the body of policy_activated, policy_rejected and policy_accepted.
type Activated struct {
	Workspace string             `json:"workspace"`
	Revision  string             `json:"revision"`
	Previous  string             `json:"previous,omitempty"`
	Files     []proxy.PolicyFile `json:"files,omitempty"`
	Loosens   []string           `json:"loosens,omitempty"`
	Joined    []string           `json:"joined,omitempty"` // older revisions that count as well
	By        string             `json:"by,omitempty"`     // policy_accepted: who
	Error     string             `json:"error,omitempty"`  // policy_rejected: why
}
