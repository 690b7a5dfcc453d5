package state

import (
	"fmt"
	"slices"

	"github.com/f958ca95/guard/receipt"
)

// Types of receipt about threats and what was thought of them.
const (
	ThreatReported    = "threat_reported"
	ThreatResolved    = "threat_resolved"
	CognitiveDecision = "cognitive_decision"
	TemInvocation     = "tem_invocation"
)

// keptThreats bounds how many threats can be active at once: with one more the
// oldest is forgotten, which can only end authority sooner.
const keptThreats = 256

// Moment is an instant on the wall clock and on that of the boot, as in Opened.
type Moment struct {
	At     Stamp  `json:"at"`
	BootMS int64  `json:"boot_ms"`
	BootID string `json:"boot_id"`
}

// Threat is the body of threat_reported: what a detector or a person says.
type Threat struct {
	Moment
	ID            string `json:"threat_id"`
	Type          string `json:"threat_type"`
	Session       string `json:"session"` // "" for none
	ConfidencePPM int    `json:"confidence_ppm"`
	Alerts        int    `json:"active_alerts"`
	Request       string `json:"request"`
	By            string `json:"by"`
	Reason        string `json:"reason,omitempty"`
}

// ResolvedThreat is the body of threat_resolved.
type ResolvedThreat struct {
	Moment
	ID      string `json:"threat_id"`
	Request string `json:"request"`
	By      string `json:"by"`
	Reason  string `json:"reason,omitempty"`
}

// Thought is the body of cognitive_decision: what follows from a threat, and why.
type Thought struct {
	Session       string `json:"session"`
	Agent         string `json:"agent"`
	Profile       string `json:"profile"`  // that its elevations had reached
	Decision      string `json:"decision"` // elevate, ask, none, invoke_tem
	To            string `json:"to_profile,omitempty"`
	ThreatID      string `json:"threat_id"`
	ThreatType    string `json:"threat_type"`
	ConfidencePPM int    `json:"confidence_ppm"`
	Request       string `json:"request"`
	Reason        string `json:"reason"`
}

// Tem is the body of tem_invocation: a threat was weighed with a guardian's
// authority.
type Tem struct {
	Session        string `json:"session"`
	Agent          string `json:"agent"`
	Profile        string `json:"profile"`
	EscalationID   string `json:"escalation_id"`    // that gave the authority; "" if the session has it of its own
	TemContextHash string `json:"tem_context_hash"` // of that elevation
	ThreatID       string `json:"threat_id"`
	ThreatType     string `json:"threat_type"`
	ConfidencePPM  int    `json:"confidence_ppm"`
	ActiveThreats  int    `json:"active_threats"`
	ActiveAlerts   int    `json:"active_alerts"`
	Request        string `json:"request"`
	By             string `json:"by"` // agent:NAME, or a person
	Reason         string `json:"reason"`
}

// reported adds a threat, or replaces what was said of it before.
func (s *State) reported(_ receipt.Receipt, b Threat) error {
	before := s.Threats[b.ID]
	s.Threats[b.ID] = &b
	s.Reported = append(slices.DeleteFunc(s.Reported, func(id string) bool { return id == b.ID }), b.ID)
	s.LastThreat = &b.Moment
	if b.Alerts > 0 || before != nil && before.Alerts > 0 {
		s.LastAlert = &b.Moment
	}
	if len(s.Reported) > keptThreats {
		delete(s.Threats, s.Reported[0])
		s.Reported = slices.Delete(s.Reported, 0, 1)
	}
	s.acted(b.Request)
	return nil
}

func (s *State) over(_ receipt.Receipt, b ResolvedThreat) error {
	threat := s.Threats[b.ID]
	if threat == nil {
		return fmt.Errorf("threat %q is not active", b.ID)
	}
	delete(s.Threats, b.ID)
	s.Reported = slices.DeleteFunc(s.Reported, func(id string) bool { return id == b.ID })
	s.LastThreat = &b.Moment
	if threat.Alerts > 0 {
		s.LastAlert = &b.Moment
	}
	s.acted(b.Request)
	return nil
}

func (s *State) thought(_ receipt.Receipt, b Thought) error { s.acted(b.Request); return nil }

func (s *State) invoked(_ receipt.Receipt, b Tem) error { s.acted(b.Request); return nil }

// ActiveAlerts is how many alerts are open.
func (s *State) ActiveAlerts() (open int) {
	for _, t := range s.Threats {
		open += t.Alerts
	}
	return open
}
