package rego

import (
	"time"

	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

// Input is what a rule sees as input; INPUT.md documents it field by field.
type Input struct {
	NowNS   int64           `json:"now_ns"`
	Kind    string          `json:"kind"` // command, vote, stop, accept, session, due, pace, or one that changes authority
	Cmd     *classify.Facts `json:"cmd"`  // kind command; else null
	CmdID   uint64          `json:"-"`    // names Cmd, if not 0: of Inputs with the same one it is the same
	Session Session         `json:"session"`
	Agent   Agent           `json:"agent"`
	State   State           `json:"state"`
	Hold    *Hold           `json:"hold"`  // the hold that is decided again or voted on; else null
	Votes   []Vote          `json:"votes"` // cast on Hold so far, in order
	Vote    *Vote           `json:"vote"`  // kind vote: the one being cast
	Peer    Peer            `json:"peer"`

	Elevate *proxy.Elevate `json:"elevate"` // kind elevate, and so on; else null
	Release *proxy.Release `json:"release"`
	Threat  *proxy.Threat  `json:"threat"`
	Tem     *proxy.Tem     `json:"tem"`
	Trust   *proxy.Trust   `json:"trust"`
	Lockout *proxy.Lockout `json:"lockout"`
	Budget  *proxy.Budget  `json:"budget"`
}

// Session is the session that asks.
type Session struct {
	ID        string `json:"id"`
	Profile   string `json:"profile"` // observer ... sovereign; what it runs with
	Raised    string `json:"raised"`  // the profile that its elevations have reached, a person having confirmed them or not
	Cwd       string `json:"cwd"`
	Home      string `json:"home"`
	Workspace string `json:"workspace"` // "" if none
	Terminal  bool   `json:"terminal"`

	Hook     string   `json:"hook"`     // what watches its processes: proven, off, none
	Writable []string `json:"writable"` // where it may write; null: anywhere
}

// Agent is the identity that asks.
type Agent struct {
	Name  string `json:"name"`
	Trust string `json:"trust"` // T0 ... T4
}

// State is what the fold says about the agent.
type State struct {
	Surge   int  `json:"surge"` // 0 ... 3; see Policy.Pace
	Lockout bool `json:"lockout"`

	Counts       []Count `json:"counts"`        // kind pace: the agent's actions in the windows that the policy names
	CertaintyPPM int     `json:"certainty_ppm"` // kind pace: how well the action was understood, up to 1,000,000

	Elevations []Elevation `json:"elevations"` // active ones, oldest first: of the session, with kind due of all
	Quiet      Quiet       `json:"quiet"`
	Threats    []Threat    `json:"threats"`   // active ones, oldest first; for kinds threat and tem
	Budgets    []Budget    `json:"budgets"`   // those that bind the agent
	Standings  []Standing  `json:"standings"` // of the agent a trust request is about, if known; with kind due of all
}

// Standing is what an agent has shown. Counts without another word are of the
// last 30 days.
type Standing struct {
	Agent         string    `json:"agent"`
	UID           int       `json:"uid"`                   // whose agent it is
	Owner         string    `json:"owner"`                 // login name
	Level         string    `json:"level"`                 // T0 ... T4
	Compliant     int       `json:"compliant_runs"`        // ever
	Consecutive   int       `json:"consecutive_compliant"` // up to now
	Actions       int       `json:"total_actions"`
	Successful    int       `json:"successful_actions"`
	Modifications int       `json:"modifications"` // successful ones
	Types         []string  `json:"types"`         // of successful actions
	Violations    int       `json:"violations"`
	Pending       []Offence `json:"pending"`    // violations that no revocation has answered
	Reviewed      []string  `json:"reviewed"`   // what a reviewer has checked for the next level
	IdleMS        int64     `json:"idle_ms"`    // since it last did something, or its level changed
	Updated       string    `json:"updated_at"` // when any of it changed last, RFC 3339
}

// Offence is a violation.
type Offence struct {
	Cause string `json:"cause"` // denied, lockout, budget, tamper
	Tier  int    `json:"tier"`
}

// Budget is a budget as far as it binds the agent.
type Budget struct {
	ID      string `json:"id"`
	Unit    string `json:"unit"`
	Balance int64  `json:"balance"` // what is left for the session, the agent or the day
}

// Count is how many actions there were within so many minutes.
type Count struct {
	Counter string `json:"counter"` // low, medium: actions of at least that tier; denied: attempts
	Minutes int    `json:"minutes"`
	N       int    `json:"n"`
}

// Elevation is an active elevation.
type Elevation struct {
	ID         string `json:"id"`
	Session    string `json:"session"`
	From       string `json:"from"`
	To         string `json:"to"`
	Type       string `json:"type"` // threat_detected, operator_request, crisis_declared, quorum_approved, sovereign_override
	Reversible bool   `json:"reversible"`
	Auto       bool   `json:"auto"` // ends by itself
	TTL        int    `json:"ttl"`  // seconds; 0: none
	AgeMS      int64  `json:"age_ms"`
	Condition  string `json:"condition"` // what ends it besides the time
	Confirmed  bool   `json:"confirmed"` // counts for what the session may run
	Threat     string `json:"threat"`    // that raised it, "" for none
	Confidence int    `json:"confidence_ppm"`
}

// Threat is an active threat.
type Threat struct {
	ID         string `json:"id"`
	Type       string `json:"type"`
	Session    string `json:"session"`
	Confidence int    `json:"confidence_ppm"`
	Alerts     int    `json:"alerts"`
}

// Quiet says for how long there has been none of what raises sessions, in
// milliseconds: 0 while there is, -1 if there never was.
type Quiet struct {
	ThreatsMS int64 `json:"threats_ms"`
	AlertsMS  int64 `json:"alerts_ms"`
	Incident  bool  `json:"incident"` // one is open
}

// Hold is a hold as rules see it.
type Hold struct {
	ID        string     `json:"id"`
	State     string     `json:"state"`     // pending, approved, denied, expired, cancelled
	Requester string     `json:"requester"` // agent:NAME; people have no colon in their names
	Step      proxy.Step `json:"step"`      // the step it is in at now_ns
	By        string     `json:"by"`        // who ended it, if anybody
	Act       string     `json:"act"`       // whose terms it has; "" for those of its tier
	Excluded  []string   `json:"excluded"`  // people who have no say in this one
}

// Vote is an answer to a hold.
type Vote struct {
	Approver  string `json:"approver"`
	Approve   bool   `json:"approve"`
	Violation bool   `json:"violation"`
	Assurance string `json:"assurance"` // tty, peercred
	Reason    string `json:"reason"`
}

// Peer is the process that asks, as the kernel sees it.
type Peer struct {
	UID      int    `json:"uid"`
	Name     string `json:"name"`     // login name
	Guarded  string `json:"guarded"`  // why it counts as guarded; "" if it does not
	Own      bool   `json:"own"`      // it belongs to the session that the request is about
	Terminal bool   `json:"terminal"` // it has a controlling terminal
}

// Decision is the join of everything that was contributed. The zero Decision
// permits nothing.
type Decision struct {
	Revision  string           // policy that decided
	Tier      proxy.Tier       // maximum over all findings
	Effective proxy.Tier       // maximum over the findings that no relief cancels; the rows are read at it
	Verdict   proxy.Verdict    //
	Findings  []proxy.Finding  // worst first; never nil
	Reliefs   []proxy.Relief   // those that cancelled something
	Rows      []proxy.Row      // every limit
	Terms     *proxy.Terms     // with verdict Hold
	Act       string           // whose terms those are; "" where they are their tier's
	Approval  string           // with Hold set: pending, approved or denied, as the votes stand
	Types     []string         // kinds of action, which trust may ask for
	Cost      int64            // units of each budget: the prices of the findings
	Unpaid    proxy.Verdict    // Verdict, if it cost nothing
	Effects   []Effect         // what is put on record where the verdict is allow, or was approved; in order
	Carries   bool             // a command: what it executes belongs to the one action that it is
	Resources []proxy.Resource // with verdict Crisis
	Defaults  Defaults         // what a new session starts with
}

// Defaults is what a new session starts with.
type Defaults struct {
	Profile string `json:"profile"`
	Trust   string `json:"trust"`
	Preset  string `json:"preset"`
}

// Effect is one change that a decision makes, and a receipt of it. Do names it;
// which of the rest is set follows from that.
type Effect struct {
	Do         string `json:"do"`    // raise, lower, confirm, ask, ...
	Order      int    `json:"order"` // effects of one decision happen in this order
	Session    string `json:"session,omitempty"`
	ID         string `json:"id,omitempty"`
	From       string `json:"from,omitempty"`
	To         string `json:"to,omitempty"`
	Type       string `json:"type,omitempty"`
	Reason     string `json:"reason,omitempty"`
	Condition  string `json:"condition,omitempty"`
	TTL        int    `json:"ttl,omitempty"` // seconds
	Reversible bool   `json:"reversible,omitempty"`
	Auto       bool   `json:"auto,omitempty"`
	Confirmed  bool   `json:"confirmed,omitempty"`
	Agent      string `json:"agent,omitempty"`
	UID        int    `json:"uid,omitempty"` // whose agent it is
	Level      int    `json:"level,omitempty"`
	Units      int64  `json:"units,omitempty"`

	Evaluation *proxy.Evaluation `json:"evaluation,omitempty"`
}

// Due is what time has brought about.
type Due struct {
	Effects []Effect
	Next    time.Duration // nothing more is due for so long if nothing else changes; 0: ever
}
