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
# title: Row of a limit that is known
# description: The five verdicts for SAFE to CRITICAL at the current level.
row contains {"id": id, "level": level, "verdicts": verdicts} if {
	not _for_people
	some id, level in _level
	verdicts := _verdicts(data.guard.config.rows[id][level])
}

# METADATA
# title: Row of a limit that is missing
# description: |
#   Written as a negation, so that a request which lost its profile, trust or
#   surge is stopped, not let through.
row contains {"id": id, "level": "unknown", "verdicts": verdicts} if {
	not _for_people
	some id in ["profile", "trust", "surge", "lockout"]
	not _known(id)
	verdicts := ["deny", "deny", "deny", "deny", "deny"]
}

_for_people if input.kind in {"vote", "stop", "accept", "session"}

_level["profile"] := input.session.profile

_level["trust"] := input.agent.trust

_level["surge"] := sprintf("%d", [input.state.surge])

_level["lockout"] := "on" if input.state.lockout == true

_level["lockout"] := "off" if input.state.lockout == false

_known(id) if _verdicts(data.guard.config.rows[id][_level[id]])

_verdicts(row) := [row.SAFE, row.LOW, row.MEDIUM, row.HIGH, row.CRITICAL]
