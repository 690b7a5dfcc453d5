package rego_test

import (
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// standing is where an agent stands on each limit, 0 for best.
type standing struct{ profile, trust, surge, lockout, budget int }

var (
	standingProfiles = []string{"sovereign", "guardian", "operator", "observer"}
	standingTrusts   = []string{"T4", "T1", "T0"}
	balances         = []int64{3, 2, 1, 0}
)

// worse are the standings that differ by one step on one limit.
func (s standing) worse() (out []standing) {
	for _, next := range []standing{
		{s.profile + 1, s.trust, s.surge, s.lockout, s.budget}, {s.profile, s.trust + 1, s.surge, s.lockout, s.budget},
		{s.profile, s.trust, s.surge + 1, s.lockout, s.budget}, {s.profile, s.trust, s.surge, s.lockout + 1, s.budget},
		{s.profile, s.trust, s.surge, s.lockout, s.budget + 1},
	} {
		if next.profile < len(standingProfiles) && next.trust < len(standingTrusts) && next.surge < 4 && next.lockout < 2 && next.budget < len(balances) {
			out = append(out, next)
		}
	}
	return out
}

// TestNoLimitIsMilderForBeingWorse goes through all combinations of the limits,
// with a lockout and a budget that runs dry among them.
func TestNoLimitIsMilderForBeingWorse(t *testing.T) {
	set := policy(t, rego.File{Path: "user/guard.json", Source: "guard.json", Data: []byte(`{"prices": {"program.other": 1, "container.remove": 1, "git.reset_hard": 2}}`)})
	verdicts := map[string]map[standing]proxy.Verdict{}
	for _, line := range lines {
		in := input(t, dev("line", line))
		verdicts[line] = map[standing]proxy.Verdict{}
		for _, s := range standings() {
			in.Session.Profile, in.Agent.Trust = standingProfiles[s.profile], standingTrusts[s.trust]
			in.State.Surge, in.State.Lockout = s.surge, s.lockout == 1
			in.State.Budgets = []rego.Budget{{ID: "b", Unit: "u", Balance: balances[s.budget]}}
			verdicts[line][s] = decide(t, set, in).Verdict
		}
	}
	if got := verdicts["docker rm a"][standing{budget: len(balances) - 1}]; got != proxy.Deny {
		t.Errorf("without units a container is removed: %s", got)
	}
	for line, at := range verdicts {
		for s, verdict := range at {
			for _, next := range s.worse() {
				if at[next] < verdict {
					t.Errorf("%q at %+v: %s; at %+v: %s", line, s, verdict, next, at[next])
				}
			}
		}
	}
}

func standings() (all []standing) {
	for p := range standingProfiles {
		for tr := range standingTrusts {
			for surge := range 4 {
				for lockout := range 2 {
					for b := range balances {
						all = append(all, standing{p, tr, surge, lockout, b})
					}
				}
			}
		}
	}
	return all
}
