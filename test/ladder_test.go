package test

import (
	"regexp"
	"testing"
)

// The whole ladder, by a person at a terminal outside the session, up and down.
func TestAPersonAtATerminalGivesAndTakesTheHighestAuthority(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		done := d.pipe("done")
		agent := d.console("guard", "--agent", "ann", "--", "sh", "-c", "echo up; read -r line <"+d.path("done"))
		agent.expect("up\r\n")
		c := d.shell()
		c.shows("guard elevate guardian --reason 'it is down'", `raised: session s_[0-9a-f]{12} operator -> guardian, for 2 h`)
		c.shows("guard elevate phoenix --reason 'still down' --incident", `guardian -> phoenix, for 30 min`)
		d.says(126, "Escalation to sovereign requires human (sovereign) approval", "elevate", "sovereign", "--reason", "no terminal here")
		c.shows("guard elevate sovereign --reason 'it has to be'", `phoenix -> sovereign, for [0-9]+ (s|min), when phoenix ends`)
		c.shows("guard status", `profile sovereign \(operator -> guardian -> phoenix -> sovereign, [0-9]+ (s|min) left\)`)
		d.says(1, "is not reversible without sovereign override", "release")
		c.shows("guard release --reason 'up again'", `sovereign -> phoenix after [0-9]+ (s|min|h) \(sovereign_revoke\)`)
		c.shows("guard release", `phoenix -> guardian after [0-9]+ (s|min|h) \(crisis_concluded\)`)
		c.shows("guard history --timeline", `sovereign \|.*[=|].*\r\nphoenix   \|`)
		c.send("exit\r")
		c.ends(0)
		done.tell("go on")
		agent.ends(0)
	})
}

// What the agent asks for is a question at the session's own terminal, which says
// what a yes does.
func TestAnElevationIsAnsweredAtTheSessionsTerminal(t *testing.T) {
	forEveryone(t, func(t *testing.T, d *desk) {
		c := d.console("guard", "--agent", "ann", "--", "guard", "elevate", "guardian", "--reason", "release day")
		c.expect(`guard: held HIGH: raise session s_[0-9a-f]{12} to guardian: release day\r\n`)
		c.expect(regexp.QuoteMeta("[a]pprove  [d]eny  [?]  "))
		c.send("?")
		c.expect("approve lets exactly this take effect at once")
		c.expect(regexp.QuoteMeta("[a]pprove  [d]eny  [?]  "))
		c.send("a")
		c.expect(`raised: session s_[0-9a-f]{12} operator -> guardian, for 2 h`)
		c.ends(0)
		d.says(0, "lowered", "log")
	})
}
