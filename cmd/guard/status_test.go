package main

import (
	"strings"
	"testing"
	"time"

	"github.com/f958ca95/guard/proxy"
)

func TestStatusShowsWhereASessionStands(t *testing.T) {
	now := time.Date(2026, 11, 21, 12, 0, 0, 0, time.UTC)
	at := func(d time.Duration) *time.Time { t := now.Add(d); return &t }
	claude := proxy.SessionState{
		ID: "s_19c2", Agent: "claude", Cwd: "/home/dev/app", Profile: "guardian", Raised: "guardian", Trust: "T1",
		Elevations: []proxy.Elevation{{From: "operator", To: "guardian", Expires: at(41 * time.Minute)}},
	}
	unconfirmed := claude
	unconfirmed.Profile = "operator"
	highest := claude
	highest.Profile, highest.Raised = "sovereign", "sovereign"
	highest.Elevations = []proxy.Elevation{{From: "phoenix", To: "sovereign"}}
	agents := []proxy.AgentState{{Agent: "claude", Evaluation: proxy.Evaluation{
		Current: 1, Target: 2, Met: map[string]string{"violations_30d": "0 <= 0"}, Missing: []string{"Need 4 more compliant runs"},
	}}}
	built := claude
	built.Profile, built.Raised = "phoenix", "phoenix"
	built.Elevations = []proxy.Elevation{
		{From: "operator", To: "guardian", Expires: at(17 * time.Second), Ends: at(17 * time.Second)},
		{From: "guardian", To: "phoenix", Expires: at(30 * time.Minute), Ends: at(17 * time.Second)},
	}
	cases := []struct {
		name  string
		s     outlook
		width int
		want  string
	}{
		{"nothing", outlook{}, 80, "session   none is live\nholds     none"},
		{"a raised session", outlook{Sessions: []proxy.SessionState{claude}, Agents: agents, Holds: 1}, 120, `
session   s_19c2  claude  ~/app          profile guardian (operator -> guardian, 41 min left)
trust     T1   [#####.....] to T2: 4 more compliant runs
holds     1 waiting (guard inbox)`},
		{"a narrow terminal", outlook{Sessions: []proxy.SessionState{claude}, Agents: agents}, 40, `
session   s_19c2  claude  ~/app
          profile guardian (operator -> guardian, 41 min left)
trust     T1   [#####.....] to T2:
          4 more compliant runs
holds     none`},
		{"what a threat raised", outlook{
			Sessions: []proxy.SessionState{unconfirmed},
			Threats:  []proxy.ThreatState{{ID: "thr_1", Type: "port_scan", ConfidencePPM: 920_000, Alerts: 3, Session: "s_19c2"}},
		}, 120, `
session   s_19c2  claude  ~/app          profile guardian (operator -> guardian, 41 min left)
          unconfirmed: it runs as operator until a person agrees to guardian
trust     T1
threat    thr_1  port_scan  confidence 0.92  3 alert(s)  session s_19c2
holds     none`},
		{"built on what ends sooner", outlook{Sessions: []proxy.SessionState{built}}, 120, `
session   s_19c2  claude  ~/app          profile phoenix (operator -> guardian -> phoenix, 17 s left)
trust     T1
holds     none`},
		{"no end of its own", outlook{Sessions: []proxy.SessionState{highest}, Incident: "esc_1"}, 120, `
session   s_19c2  claude  ~/app          profile sovereign (phoenix -> sovereign, until it is revoked)
trust     T1
incident  open, declared with esc_1
holds     none`},
		{"a busy agent", outlook{Sessions: []proxy.SessionState{highest}, Velocity: []proxy.VelocityState{{Agent: "claude", Level: 1, Windows: []proxy.VelocityWindow{
			{Counter: "low", Minutes: 5, Level: 3, Actions: 9, Threshold: 60}, {Counter: "medium", Minutes: 15, Level: 1, Actions: 6, Threshold: 12},
		}}}}, 120, `
session   s_19c2  claude  ~/app          profile sovereign (phoenix -> sovereign, until it is revoked)
trust     T1
surge     1    [#####.....] 6 of 12 actions (MEDIUM and up) in 15 min
holds     none`},
		{"an agent that is locked out", outlook{Sessions: []proxy.SessionState{highest}, Velocity: []proxy.VelocityState{{Agent: "claude", Level: 3, LockedOut: true}}}, 120, `
session   s_19c2  claude  ~/app          profile sovereign (phoenix -> sovereign, until it is revoked)
trust     T1
surge     3    locked out: guard lockout reset --agent claude --reason TEXT
holds     none`},
		{"much is missing", outlook{Sessions: []proxy.SessionState{highest}, Agents: []proxy.AgentState{{Agent: "claude", Evaluation: proxy.Evaluation{
			Current: 1, Target: 2, Missing: []string{
				"Need 10 more compliant runs", "Too many violations (1 > 0)", "Needs to perform action type: ansible_check", "Need 2 more successful modifications",
			},
		}}}}, 60, `
session   s_19c2  claude  ~/app
          profile sovereign (phoenix -> sovereign, until it is revoked)
trust     T1   [..........] to T2: 10 more compliant runs,
          too many violations (1 > 0), ansible_check,
          2 more successful modifications
holds     none`},
		{"locked out, and narrow", outlook{Sessions: []proxy.SessionState{highest}, Velocity: []proxy.VelocityState{{Agent: "claude", Level: 3, LockedOut: true}}}, 40, `
session   s_19c2  claude  ~/app
          profile sovereign (phoenix -> sovereign, until it is revoked)
trust     T1
surge     3    locked out:
          guard lockout reset --agent claude --reason TEXT
holds     none`},
		{"budgets", outlook{Budgets: []proxy.BudgetState{{
			ID: "day", Unit: "units", Allocated: 1000, Scopes: []proxy.Balance{{Spent: 400, Reserved: 12}},
		}}}, 80, `
session   none is live
budget    day  [####......] 412 of 1000 units
holds     none`},
	}
	for _, c := range cases {
		got := strings.Join(statusLines(c.s, page{now: now, width: c.width, home: "/home/dev"}), "\n")
		if want := strings.TrimPrefix(c.want, "\n"); got != want {
			t.Errorf("%s: got\n%s\nwant\n%s", c.name, got, want)
		}
	}
}

func TestConfidenceIsReadWithoutAFloat(t *testing.T) {
	// S0-104
	for s, want := range map[string]int{"0": 0, "1": 1_000_000, "0.92": 920_000, ".5": 500_000, "0.8": 800_000, "0.7999999": 799_999, "1.000000": 1_000_000} {
		if got, err := partsPerMillion(s); err != nil || got != want {
			t.Errorf("%s: got %d %v, want %d", s, got, err, want)
		}
	}
	for _, s := range []string{"", ".", "-1", "1.01", "1.0000001", "2", "0.9e1", "1/2", "0,9", "01"} {
		if got, err := partsPerMillion(s); err == nil {
			t.Errorf("%q: got %d, want an error", s, got)
		}
	}
}

func TestATimeIsSaidInItsLargestUnit(t *testing.T) {
	for d, want := range map[time.Duration]string{
		-time.Second: "0 s", 0: "0 s", 90 * time.Second: "90 s", 2 * time.Minute: "2 min", 40*time.Minute + time.Second: "41 min",
		2 * time.Hour: "2 h", 2*time.Hour + time.Minute: "121 min", 11*time.Hour + time.Minute: "12 h",
	} {
		if got := roughly(d); got != want {
			t.Errorf("%v: got %s, want %s", d, got, want)
		}
	}
}
