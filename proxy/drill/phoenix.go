package drill

import (
	"context"
	"slices"
	"strings"

	"github.com/f958ca95/guard/proxy"
)

// phoenix is drill 4: the highest authority that people can give is bounded, runs
// nothing in a drill, and is given back step by step.
func phoenix(ctx context.Context, s *stage) error {
	if err := s.enter(ctx); err != nil {
		return err
	}
	for _, to := range []string{"operator", "guardian"} {
		if err := s.climb(ctx, to); err != nil {
			return err
		}
	}
	a, err := s.elevate(ctx, s.person(), proxy.Elevate{To: "phoenix", Reason: "DRILL: Phoenix readiness test", Incident: true})
	if err != nil {
		return err
	}
	now, err := s.look(ctx)
	if err != nil {
		return err
	}
	i := slices.IndexFunc(now.Elevations, func(e proxy.Elevation) bool { return e.To == "phoenix" })
	s.check("phoenix is among the active elevations", i >= 0, "%s", why(a))
	s.check("phoenix ends by itself", i >= 0 && now.Elevations[i].Expires != nil, "it has no expires_at")
	if err := s.dryRun(ctx, harmful[0], "destructive operations are blocked at phoenix"); err != nil {
		return err
	}
	if err := s.descend(ctx); err != nil {
		return err
	}
	if now, err = s.look(ctx); err != nil {
		return err
	}
	s.check("no elevation is active any more", len(now.Elevations) == 0, "there are %d", len(now.Elevations))
	want := "observer operator guardian phoenix guardian operator observer"
	s.check("the session returns the way it came", strings.Join(s.moves, " ") == want, "it went %v", s.moves)
	return s.storyOfPhoenix()
}

func (s *stage) storyOfPhoenix() error {
	ups, downs, err := s.transitions()
	if err != nil {
		return err
	}
	activated, concluded := false, false
	for _, up := range ups {
		activated = activated || up.To == "phoenix" && up.Type == "crisis_declared" && up.Expires != "" && len(up.ApprovedBy) > 0
	}
	for _, down := range downs {
		concluded = concluded || down.From == "phoenix" && (down.Ended == "crisis_concluded" || down.Ended == "timeout_expired")
	}
	s.check("the activation is on record, with its end and who approved it", activated, "the escalations are %v", ups)
	s.check("the incident is concluded on record", concluded, "the deescalations are %v", downs)
	return nil
}
