package proxy

import "time"

// Kinds of Request that use or change authority. A person outside every session
// makes them; what a guarded process asks for is held for a person, or refused.
const (
	KindElevate = "elevate" // raise a session's profile, or confirm that a threat raised it
	KindRelease = "release" // lower it again
	KindThreat  = "threat"  // report or resolve a threat
	KindTem     = "tem"     // weigh a threat with a guardian's authority, for the record
	KindTrust   = "trust"   // promote an agent, revoke its trust, or review it
	KindLockout = "lockout" // lock an agent out, or let it go on
	KindBudget  = "budget"  // create a budget, or debit one
)

// Profiles are those that a session can have, lowest first.
func Profiles() []string {
	return []string{"observer", "operator", "guardian", "phoenix", "sovereign"}
}

// TrustLevels are the levels of trust that an agent can have, lowest first.
func TrustLevels() []string { return []string{"T0", "T1", "T2", "T3", "T4"} }

// Elevate raises a session by one profile.
type Elevate struct {
	Session  string `json:"session"`        // id of a live session
	From     string `json:"from,omitempty"` // the profile it is taken to have; "" for whatever it has
	To       string `json:"to"`             //
	Reason   string `json:"reason"`         // not blank, at most 4096 bytes
	TTL      *int   `json:"ttl,omitempty"`  // seconds; nil for the edge's own
	Incident bool   `json:"incident"`       // a system crisis was declared

	Condition string `json:"condition,omitempty"` // what else ends it (REQUIREMENTS S0-14); "" for the time alone
	Threat    string `json:"threat,omitempty"`    // an active threat that is the reason
}

// Elevation is an active elevation of a session.
type Elevation struct {
	ID             string     `json:"escalation_id"`
	Session        string     `json:"session"`
	From           string     `json:"from_profile"`
	To             string     `json:"to_profile"`
	Type           string     `json:"escalation_type"`
	Reversible     bool       `json:"reversible"`
	Confirmed      bool       `json:"confirmed"` // it counts for what the session may run
	Condition      string     `json:"deescalate_condition"`
	Created        time.Time  `json:"created_at"`
	Expires        *time.Time `json:"expires_at"`
	Ends           *time.Time `json:"ends_at,omitempty"`      // when it ends at the latest: Expires, or that of one it is built on
	Receipt        string     `json:"receipt_hash,omitempty"` // root_hash of the receipt, in the answer that made it
	TemContextHash string     `json:"tem_context_hash"`
	Reason         string     `json:"reason"`
}

// Released is an elevation that has ended.
type Released struct {
	ID         string `json:"escalation_id"`
	Session    string `json:"session"`
	From       string `json:"from_profile"` // the elevation's to
	To         string `json:"to_profile"`
	Type       string `json:"deescalation_type"`
	Reason     string `json:"reason"`
	Receipt    string `json:"receipt_hash"`
	DurationMS int64  `json:"duration_ms"`
}

// Release lowers a session again.
type Release struct {
	ID      string `json:"id,omitempty"`      // "esc_" + 24 hex; "" for the session's latest elevation
	Session string `json:"session,omitempty"` // with ID ""; "" where only one session is elevated
	Reason  string `json:"reason,omitempty"`  //
}

// Threat is a report of a detector or a person, or its end.
type Threat struct {
	ID            string `json:"id"`                       // the detector's own name for it
	Type          string `json:"type,omitempty"`           //
	Session       string `json:"session,omitempty"`        // the session it is about; "" for none
	ConfidencePPM int    `json:"confidence_ppm,omitempty"` // 0 to 1,000,000
	Alerts        int    `json:"alerts,omitempty"`         // alerts that are open
	Resolve       bool   `json:"resolve"`                  // it is over
	Reason        string `json:"reason,omitempty"`
}

// ThreatState is an active threat.
type ThreatState struct {
	ID            string    `json:"id"`
	Type          string    `json:"type"`
	Session       string    `json:"session,omitempty"`
	ConfidencePPM int       `json:"confidence_ppm"`
	Alerts        int       `json:"alerts"`
	Reported      time.Time `json:"reported_at"`
}

// Tem weighs a threat.
type Tem struct {
	Session string `json:"session"`
	Threat  string `json:"threat,omitempty"`
	Reason  string `json:"reason,omitempty"`
}

// What a Trust does.
const (
	TrustEvaluate = "evaluate" // say what is missing for the next level
	TrustPromote  = "promote"
	TrustRevoke   = "revoke"
	TrustReview   = "review" // put a reviewer's check list on record
)

// Trust changes the standing of an agent.
type Trust struct {
	Op     string   `json:"op"`
	Agent  string   `json:"agent"`
	UID    int      `json:"uid,omitempty"`    // whose agent it is; the gate finds that out
	Reason string   `json:"reason,omitempty"` // rationale
	To     string   `json:"to,omitempty"`     // with revoke: the level to fall to; "" for one down
	Items  []string `json:"items,omitempty"`  // with review: what the reviewer has checked
}

// Evaluation says whether an agent may be promoted (REQUIREMENTS S2-11).
type Evaluation struct {
	Agent          string            `json:"agent_id"`
	Current        int               `json:"current_tier"`
	Target         int               `json:"target_tier"`
	Status         string            `json:"status"` // ELIGIBLE, NOT_ELIGIBLE, PENDING_REVIEW
	Met            map[string]string `json:"requirements_met"`
	Missing        []string          `json:"requirements_missing"`
	Recommendation string            `json:"recommendation"`
	Evidence       Evidence          `json:"evidence"`
	Timestamp      time.Time         `json:"timestamp"`
}

// Requirement is what an agent needs for the level after From.
type Requirement struct {
	From          int      `json:"from_tier"`
	Compliant     int      `json:"compliant"`
	Consecutive   int      `json:"consecutive"`
	Types         []string `json:"types"`
	Modifications int      `json:"modifications"`
	Violations    int      `json:"violations"`
	Review        bool     `json:"review"`
	Checks        []string `json:"checks"` // what a reviewer checks
	Text          string   `json:"text"`
}

// Evidence is what an Evaluation went by, each part as the policy gave it.
type Evidence struct {
	Metrics      map[string]any `json:"metrics"`
	History      map[string]any `json:"history"`
	Requirements map[string]any `json:"requirements"`
}

// Lockout locks an agent out, or lets it go on.
type Lockout struct {
	Agent  string `json:"agent"` // "" where only one agent is locked out
	UID    int    `json:"uid"`   // whose agent it is; the gate finds that out
	Reset  bool   `json:"reset"`
	Reason string `json:"reason"`
}

// What a Budget request does.
const (
	BudgetCreate = "create"
	BudgetDebit  = "debit"
)

// Budget creates a budget or debits one.
type Budget struct {
	Op     string `json:"op"`
	ID     string `json:"id"`               // its name
	Title  string `json:"title,omitempty"`  // for people
	Units  int64  `json:"units"`            // allocated, or to debit; at least 1
	Unit   string `json:"unit,omitempty"`   // what is counted
	Per    string `json:"per,omitempty"`    // session, agent or day: what has a balance of its own
	Agent  string `json:"agent,omitempty"`  // whom it binds; "" for all
	Reason string `json:"reason,omitempty"` //
}
