package drill

import (
	"context"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// falseThreat is drill 1: a threat that is none raises a session, is weighed with
// the authority it gave, and time takes that authority back.
func falseThreat(ctx context.Context, s *stage) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	a, err := s.command(ctx, "ls")
	if err != nil {
		return err
	}
	s.check("an observer reads", s.at() == "observer" && a.Verdict == proxy.Allow, "at %s: %s", s.at(), a.Verdict)
	ttl := 14400 // longer than what is built on it
	if a, err = s.elevate(ctx, s.person(), proxy.Elevate{To: "operator", Reason: "DRILL: " + s.lab.Marker(), TTL: &ttl}); err != nil {
		return err
	}
	s.check("an operator's request raises to operator", s.at() == "operator", "%s", why(a))
	early, err := s.tem(ctx)
	if err != nil {
		return err
	}
	s.check("tem is not invoked without a guardian's authority", early.Verdict == proxy.Deny, "at %s it was %s", s.at(), early.Verdict)
	up, err := s.threatened(ctx)
	if err != nil || up == nil {
		return err
	}
	if up.Expires != nil {
		if err := s.lab.Until(ctx, *up.Expires); err != nil {
			return err
		}
	}
	if _, err := s.command(ctx, "ls"); err != nil {
		return err
	}
	s.check("the TTL takes the authority back", s.at() == "operator", "the session is still at %s", s.at())
	if _, err := s.release(ctx, s.person()); err != nil {
		return err
	}
	s.check("the final profile is observer", s.at() == "observer", "it is %s", s.at())
	return s.storyOfThreat(up.ID)
}

// threatened reports the threat and weighs it; nil if that raised nothing.
func (s *stage) threatened(ctx context.Context) (*proxy.Elevation, error) {
	a, err := s.ask(ctx, proxy.KindThreat, s.person(), proxy.Request{Threat: &proxy.Threat{
		ID: s.threat(), Type: "synthetic_drill", Session: s.session, ConfidencePPM: 920000, Reason: "DRILL",
	}})
	if err = s.see(ctx, err); err != nil {
		return nil, err
	}
	raised := len(a.Elevations) == 1 && s.at() == "guardian"
	s.check("a confidence of 0.92 raises from operator to guardian", raised, "the session is at %s: %s", s.at(), why(a))
	if !raised {
		return nil, nil
	}
	s.check("the elevation is reversible", a.Elevations[0].Reversible, "it is not")
	s.check("the elevation ends by itself", a.Elevations[0].Expires != nil, "it has no end")
	weighed, err := s.tem(ctx)
	if err != nil {
		return nil, err
	}
	s.check("a guardian invokes tem", weighed.Verdict == proxy.Allow, "%s", why(weighed))
	return &a.Elevations[0], nil
}

func (s *stage) threat() string { return "thr_" + s.lab.Marker() }

func (s *stage) tem(ctx context.Context) (proxy.Answer, error) {
	return s.ask(ctx, proxy.KindTem, s.agent(), proxy.Request{Tem: &proxy.Tem{Session: s.session, Reason: "DRILL: weigh it"}})
}

// storyOfThreat looks for all of that in the receipts.
func (s *stage) storyOfThreat(id string) error {
	ups, downs, err := s.transitions()
	if err != nil {
		return err
	}
	var hash, history string
	for _, up := range ups {
		history += up.Reason + " " + up.Context.Threat + "\n"
		if up.ID == id {
			hash = up.Hash
		}
	}
	s.check("the tem context hash is in the escalation receipt", strings.HasPrefix(hash, "blake3:"), "it is %q", hash)
	s.check("the history contains the marker", strings.Contains(history, s.threat()), "it says %q", history)
	timely := false
	for _, down := range downs {
		timely = timely || down.ID == id && down.Ended == "timeout_expired"
	}
	s.check("the end at the TTL has a receipt", timely, "there is no profile_deescalation of %s with timeout_expired", id)
	thoughts, err := written[struct {
		Decision string `json:"decision"`
		Threat   string `json:"threat_id"`
	}](s, "cognitive_decision")
	if err != nil {
		return err
	}
	s.check("a cognitive_decision is on record", len(thoughts) > 0 && thoughts[0].Threat == s.threat(), "there are %v", thoughts)
	weighed, err := written[struct {
		Profile string `json:"profile"`
		ID      string `json:"escalation_id"`
		Hash    string `json:"tem_context_hash"`
	}](s, "tem_invocation")
	if err != nil {
		return err
	}
	good := len(weighed) == 1 && weighed[0].Profile == "guardian" && weighed[0].ID == id && weighed[0].Hash == hash
	s.check("one tem_invocation is on record, with the guardian's authority", good, "there are %v", weighed)
	return nil
}
