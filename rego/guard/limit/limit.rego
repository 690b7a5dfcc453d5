# METADATA
# title: Limits
# description: |
#   What the standing of a session and its agent permits at each tier. Every
#   limit is one row of five verdicts from data.guard.config.rows; Go reads
#   each row at the tier that counts and takes the strictest. A level that the
#   table does not know is denied everything, SAFE included.
#
#   Limits bind what agents run. Votes, stops, acceptances and openings of
#   sessions are judged by guard.approval alone.
package guard.limit

# METADATA
# title: Rows
# description: One for each limit; what is not known is denied at every tier.
row contains _row("profile", _level.profile) if input.kind == "command"

row contains _row("trust", _level.trust) if input.kind == "command"

row contains _row("surge", _level.surge) if input.kind == "command"

row contains _row("lockout", _level.lockout) if input.kind == "command"

# Levels as the table names them. A level is never undefined: a request that
# lost its profile must not lose the row with it.
_level := {
	"profile": object.get(input, ["session", "profile"], "unknown"),
	"trust": object.get(input, ["agent", "trust"], "unknown"),
	"surge": object.get({0: "0", 1: "1", 2: "2", 3: "3"}, object.get(input, ["state", "surge"], -1), "unknown"),
	"lockout": object.get({true: "on", false: "off"}, object.get(input, ["state", "lockout"], ""), "unknown"),
}

_row(id, level) := {"id": id, "level": level, "verdicts": [c.SAFE, c.LOW, c.MEDIUM, c.HIGH, c.CRITICAL]} if {
	c := data.guard.config.rows[id][level]
} else := {"id": id, "level": "unknown", "verdicts": ["deny", "deny", "deny", "deny", "deny"]}
