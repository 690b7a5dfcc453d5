package rego_test

import (
	"testing"

	"github.com/f958ca95/guard/proxy"
	"github.com/f958ca95/guard/rego"
)

// lines are one command for each tier.
var lines = []string{"ls", "make", "docker rm a", "git reset --hard", "rm -rf ~"}

// TestNothingGetsMilderAsThingsGetWorse compares each standing with the next
// worse one, for a command of every tier, with everything else the same.
func TestNothingGetsMilderAsThingsGetWorse(t *testing.T) {
	set := policy(t)
	profiles := []string{"sovereign", "phoenix", "guardian", "operator", "observer", "nobody"}
	trusts := []string{"T4", "T3", "T2", "T1", "T0", "T9"}
	for _, line := range lines {
		for p := range profiles {
			for tr := range trusts {
				for surge := range 5 {
					at := func(p, tr, surge int) proxy.Verdict {
						return verdictAt(t, set, line, profiles[p], trusts[tr], surge)
					}
					here := at(p, tr, surge)
					worse := map[string]proxy.Verdict{"surge": at(p, tr, min(surge+1, 4))}
					worse["profile"] = at(min(p+1, len(profiles)-1), tr, surge)
					worse["trust"] = at(p, min(tr+1, len(trusts)-1), surge)
					for what, verdict := range worse {
						if verdict < here {
							t.Errorf("%q at %s, %s, surge %d: %s; with a worse %s: %s",
								line, profiles[p], trusts[tr], surge, here, what, verdict)
						}
					}
				}
			}
		}
	}
}

// TestAHigherTierIsNotMilder walks up the tiers at every profile.
func TestAHigherTierIsNotMilder(t *testing.T) {
	set := policy(t)
	for _, profile := range []string{"observer", "operator", "guardian", "phoenix", "sovereign"} {
		before := proxy.Allow
		for _, line := range lines {
			verdict := verdictAt(t, set, line, profile, "T1", 0)
			if verdict < before {
				t.Errorf("%s: %q gets %s, a lower tier got %s", profile, line, verdict, before)
			}
			before = verdict
		}
	}
}

func TestAStandingThatIsNotKnownIsDeniedEverything(t *testing.T) {
	set := policy(t)
	for name, change := range map[string]func(*rego.Input){
		"profile": func(in *rego.Input) { in.Session.Profile = "" },
		"trust":   func(in *rego.Input) { in.Agent.Trust = "t1" },
		"surge":   func(in *rego.Input) { in.State.Surge = -1 },
	} {
		in := input(t, dev("line", "ls"))
		change(&in)
		if d := decide(t, set, in); d.Verdict != proxy.Deny || d.Tier != proxy.Safe {
			t.Errorf("%s: got %s %s, want SAFE deny", name, d.Tier, d.Verdict)
		}
	}
}

func TestALockoutLeavesOnlyReading_S3_20(t *testing.T) {
	set := policy(t)
	for i, line := range lines {
		in := input(t, dev("line", line))
		in.State.Lockout = true
		want := proxy.Deny
		if i == 0 {
			want = proxy.Allow
		}
		if d := decide(t, set, in); d.Verdict != want {
			t.Errorf("%q: got %s, want %s", line, d.Verdict, want)
		}
	}
}

func verdictAt(t *testing.T, set *rego.Set, line, profile, trust string, surge int) proxy.Verdict {
	t.Helper()
	in := input(t, dev("line", line))
	in.Session.Profile, in.Agent.Trust, in.State.Surge = profile, trust, surge
	return decide(t, set, in).Verdict
}

func TestAFindingSaysWhatToDoInstead(t *testing.T) {
	d := decide(t, policy(t), input(t, dev("line", "git reset --hard")))
	if len(d.Findings) == 0 || d.Findings[0].Hint != "git stash first, or reset --soft" {
		t.Errorf("got %+v", d.Findings)
	}
	if last := d.Findings[len(d.Findings)-1]; last.ID != "program.other" || last.Hint != "" {
		t.Errorf("got %+v; want no hint where there is nothing to do", last)
	}
}
