package state

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/f958ca95/guard/receipt"
)

// Types of receipt about the authority of sessions.
const (
	ProfileEscalation   = "profile_escalation"
	ProfileDeescalation = "profile_deescalation"
	ProfileConfirmed    = "profile_confirmed"
)

// What opens an incident, and what ends it (REQUIREMENTS S0-11, S0-12).
const (
	CrisisDeclared  = "crisis_declared"
	CrisisConcluded = "crisis_concluded"
)

// Context is why a session was raised (REQUIREMENTS S0-20).
type Context struct {
	ThreatID      *string `json:"threat_id"`
	ThreatType    *string `json:"threat_type"`
	ConfidencePPM *int    `json:"confidence_ppm"`
	ActiveAlerts  int     `json:"active_alerts"`
	MeshHealth    string  `json:"mesh_health"` // unknown, crisis
	Tool          *string `json:"triggering_tool"`
	Decision      *string `json:"triggering_decision"`
}

// Escalation is the body of profile_escalation: a session was raised by one
// profile.
type Escalation struct {
	ID             string   `json:"escalation_id"`
	EventType      string   `json:"event_type"` // escalation
	Session        string   `json:"session"`
	Agent          string   `json:"agent"`
	Request        string   `json:"request"`
	From           string   `json:"from_profile"`
	To             string   `json:"to_profile"`
	Type           string   `json:"escalation_type"`
	Reversible     bool     `json:"reversible"`
	Auto           bool     `json:"auto_deescalate"`
	TTL            int      `json:"deescalate_after_seconds"` // 0: none
	Condition      string   `json:"deescalate_on_condition"`
	Confirmed      bool     `json:"confirmed"` // counts for what the session may run
	Context        Context  `json:"context"`
	TemContextHash string   `json:"tem_context_hash"`
	Reason         string   `json:"reason"`
	ApprovedBy     []string `json:"approved_by"`
	Assurance      string   `json:"assurance"` // the least among those who approved, or of who asked
	At             Stamp    `json:"created_at"`
	BootMS         int64    `json:"boot_ms"` // as in Opened
	BootID         string   `json:"boot_id"`
	Expires        *Stamp   `json:"expires_at"`
	Active         bool     `json:"active"`
	Receipt        string   `json:"receipt_hash,omitempty"` // root_hash of the receipt; the fold's own, no part of the body
}

// Deescalation is the body of profile_deescalation.
type Deescalation struct {
	ID         string   `json:"escalation_id"`
	EventType  string   `json:"event_type"` // deescalation
	Session    string   `json:"session"`
	Agent      string   `json:"agent"`
	Request    string   `json:"request,omitempty"`
	From       string   `json:"from_profile"` // the escalation's to
	To         string   `json:"to_profile"`
	Type       string   `json:"escalation_type"`
	Reversible bool     `json:"reversible"`
	Context    Context  `json:"context"`
	Hash       string   `json:"tem_context_hash"`
	Reason     string   `json:"reason"`
	ApprovedBy []string `json:"approved_by"`
	Assurance  string   `json:"assurance"`
	Ended      Stamp    `json:"deescalated_at"`
	By         string   `json:"deescalation_type"`
	DurationMS int64    `json:"duration_ms"`
	Expires    *Stamp   `json:"expires_at"`
	Active     bool     `json:"active"` // false
}

// Confirmed is the body of profile_confirmed: a person agrees with what a threat
// has raised, and it counts for what the session may run.
type Confirmed struct {
	ID         string   `json:"escalation_id"`
	Session    string   `json:"session"`
	Request    string   `json:"request"`
	Reason     string   `json:"reason"`
	ApprovedBy []string `json:"approved_by"`
	Assurance  string   `json:"assurance"`
}

// Runs is the profile that a session's commands are judged with: that of its
// last elevation below which all are confirmed.
func (s *Session) Runs() string {
	profile := s.Profile
	for _, e := range s.Elevations {
		if !e.Confirmed {
			break
		}
		profile = e.To
	}
	return profile
}

// Raised is the profile that its elevations have reached, confirmed or not.
func (s *Session) Raised() string {
	if n := len(s.Elevations); n > 0 {
		return s.Elevations[n-1].To
	}
	return s.Profile
}

// Elevated is the place of an active elevation, -1 if it is none of the session's.
func (s *Session) Elevated(id string) int {
	return slices.IndexFunc(s.Elevations, func(e Escalation) bool { return e.ID == id })
}

// raised raises; a session's list is replaced, never changed in place, for
// copies of sessions are read without the lock.
func (s *State) raised(r receipt.Receipt, b Escalation) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	if session.Raised() != b.From {
		return fmt.Errorf("session %s is at %s, not at %s", b.Session, session.Raised(), b.From)
	}
	b.Receipt = r.Root
	session.Elevations = append(slices.Clip(slices.Clone(session.Elevations)), b)
	session.Changed = r.Chain.JSeq
	if b.Type == CrisisDeclared && s.Incident == "" {
		s.Incident = b.ID
	}
	s.acted(b.Request)
	return nil
}

func (s *State) lowered(r receipt.Receipt, b Deescalation) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	last := len(session.Elevations) - 1
	if last < 0 || session.Elevations[last].ID != b.ID {
		return fmt.Errorf("%s is not the latest elevation of session %s", b.ID, b.Session)
	}
	session.Elevations = slices.Clone(session.Elevations[:last])
	session.Changed = r.Chain.JSeq
	if s.Incident = s.incident(); b.By == CrisisConcluded {
		s.Incident = ""
	}
	s.acted(b.Request)
	return nil
}

// incident is the elevation that an open incident hangs from: the one that declared
// it or, where that has ended by its time, with its session or because it was given
// up, the oldest other that was declared in it. With the last of them the incident
// is over: nobody would be left to conclude it. A person who concludes it ends it at
// once.
func (s *State) incident() string {
	if s.Incident == "" {
		return ""
	}
	var oldest *Escalation
	for _, session := range s.Sessions {
		for i, e := range session.Elevations {
			if e.ID == s.Incident {
				return e.ID
			}
			if e.Type == CrisisDeclared && (oldest == nil || cmp.Or(e.At.Compare(oldest.At.Time), strings.Compare(e.ID, oldest.ID)) < 0) {
				oldest = &session.Elevations[i]
			}
		}
	}
	if oldest == nil {
		return ""
	}
	return oldest.ID
}

func (s *State) confirmed(r receipt.Receipt, b Confirmed) error {
	session, err := s.session(b.Session)
	if err != nil {
		return err
	}
	all := slices.Clone(session.Elevations)
	i := slices.IndexFunc(all, func(e Escalation) bool { return e.ID == b.ID })
	if i < 0 || all[i].Confirmed {
		return fmt.Errorf("%s does not wait to be confirmed", b.ID)
	}
	all[i].Confirmed = true
	session.Elevations, session.Changed = all, r.Chain.JSeq
	s.acted(b.Request)
	return nil
}

// keptActs bounds how many requests that changed authority stay known, so that
// one sent again changes nothing twice.
const keptActs = 256

// acted notes a request that changed something; "" is none.
func (s *State) acted(request string) {
	if request == "" || slices.Contains(s.Acts, request) {
		return
	}
	s.Acts = append(s.Acts, request)
	if len(s.Acts) > keptActs {
		s.Acts = slices.Delete(s.Acts, 0, 1)
	}
}
