package rego

import (
	"github.com/f958ca95/guard/classify"
	"github.com/f958ca95/guard/proxy"
)

// Input is what a rule sees as input; INPUT.md documents it field by field.
type Input struct {
	NowNS   int64           `json:"now_ns"`
	Kind    string          `json:"kind"` // command, vote, stop, accept, session
	Cmd     *classify.Facts `json:"cmd"`  // kind command; else null
	Session Session         `json:"session"`
	Agent   Agent           `json:"agent"`
	State   State           `json:"state"`
	Hold    *Hold           `json:"hold"`  // the hold that is decided again or voted on; else null
	Votes   []Vote          `json:"votes"` // cast on Hold so far, in order
	Vote    *Vote           `json:"vote"`  // kind vote: the one being cast
	Peer    Peer            `json:"peer"`
}

// Session is the session that asks.
type Session struct {
	ID        string `json:"id"`
	Profile   string `json:"profile"` // observer ... sovereign
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
	Surge   int  `json:"surge"` // 0 ... 3
	Lockout bool `json:"lockout"`
}

// Hold is a hold as rules see it.
type Hold struct {
	ID        string     `json:"id"`
	State     string     `json:"state"`     // pending, approved, denied, expired, cancelled
	Requester string     `json:"requester"` // agent:NAME; people have no colon in their names
	Step      proxy.Step `json:"step"`      // the step it is in at now_ns
	By        string     `json:"by"`        // who ended it, if anybody
}

// Vote is an answer to a hold.
type Vote struct {
	Approver  string `json:"approver"`
	Approve   bool   `json:"approve"`
	Assurance string `json:"assurance"` // tty, peercred
	Reason    string `json:"reason"`
}

// Peer is the process that asks, as the kernel sees it.
type Peer struct {
	UID     int    `json:"uid"`
	Guarded string `json:"guarded"` // why it counts as guarded; "" if it does not
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
	Approval  string           // kind command with Hold set: pending, approved or denied, as the votes stand
	Resources []proxy.Resource // with verdict Crisis
	Defaults  Defaults         // what a new session starts with
}

// Defaults is what a new session starts with.
type Defaults struct {
	Profile string `json:"profile"`
	Trust   string `json:"trust"`
	Preset  string `json:"preset"`
}
