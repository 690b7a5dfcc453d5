package drill

import (
	"context"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// abuse is drill 3: no profile is skipped, and none is taken without the approval
// it needs. Nobody watches the session, so what takes an approval is refused.
func abuse(ctx context.Context, s *stage) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	if err := s.climb(ctx, "operator"); err != nil {
		return err
	}
	a, err := s.elevate(ctx, s.agent(), proxy.Elevate{From: "operator", To: "phoenix", Reason: "DRILL: skip a profile"})
	if err != nil {
		return err
	}
	s.refusedAs(a, "skipping from operator to phoenix", "No escalation path", "operator")
	if err := s.climb(ctx, "guardian"); err != nil {
		return err
	}
	a, err = s.elevate(ctx, s.agent(), proxy.Elevate{From: "guardian", To: "phoenix", Reason: "DRILL: nobody approves", Incident: true})
	if err != nil {
		return err
	}
	s.refusedAs(a, "taking phoenix without an approver", "requires approval", "guardian")
	failures, err := written[struct {
		To   string `json:"requested_to"`
		Rule string `json:"rule"`
	}](s, "auth_failure")
	if err != nil {
		return err
	}
	var rules []string
	for _, f := range failures {
		rules = append(rules, f.Rule)
	}
	s.check("both denials are on record as auth_failure", strings.Join(rules, " ") == "edge approval", "the rules on record are %v", rules)
	if err := s.descend(ctx); err != nil {
		return err
	}
	_, _, err = s.transitions()
	return err
}

// refusedAs checks a refusal: it names what was missing, and nothing moved.
func (s *stage) refusedAs(a proxy.Answer, what, text, profile string) {
	s.check(what+" is refused", a.Verdict == proxy.Deny && len(a.Elevations) == 0, "it was %s", a.Verdict)
	s.check(what+": the refusal names the requirement", strings.Contains(why(a), text), "it says %q", why(a))
	s.check(what+" changes no profile", s.at() == profile, "the session is at %s", s.at())
}

// climb raises the session by a person's request.
func (s *stage) climb(ctx context.Context, to string) error {
	a, err := s.elevate(ctx, s.person(), proxy.Elevate{To: to, Reason: "DRILL: " + s.lab.Marker()})
	if err == nil {
		s.check("a person raises the session to "+to, s.at() == to, "%s", why(a))
	}
	return err
}

// descend gives back what the session still has, one profile after the other.
func (s *stage) descend(ctx context.Context) error {
	for range 4 {
		now, err := s.look(ctx)
		if err != nil || len(now.Elevations) == 0 {
			return err
		}
		if _, err := s.release(ctx, s.person()); err != nil {
			return err
		}
	}
	return nil
}
