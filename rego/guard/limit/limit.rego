# METADATA
# title: Limits
# description: |
#   What the standing of a session and its agent permits at each tier. Every
#   limit is one row of five verdicts from data.guard.config.rows; Go reads
#   each row at the tier that counts and takes the strictest. A limit that a
#   command lacks, and a level that the table does not know, is denied
#   everything, SAFE included.
#
#   Limits bind what agents run. Votes, stops, acceptances and openings of
#   sessions are judged by guard.approval alone.
package guard.limit

# METADATA
# title: Rows by limit and level
# description: Five verdicts each, for SAFE to CRITICAL. The same for every request.
rows[id][level] := [c.SAFE, c.LOW, c.MEDIUM, c.HIGH, c.CRITICAL] if {
	some id, levels in data.guard.config.rows
	some level, c in levels
}

# METADATA
# title: Levels of this request
# description: One for each limit; what the request lost is missing here, and is denied by that.
level contains {"id": "profile", "level": input.session.profile} if input.kind == "command"

level contains {"id": "trust", "level": input.agent.trust} if input.kind == "command"

level contains {"id": "surge", "level": format_int(input.state.surge, 10)} if input.kind == "command"

level contains {"id": "lockout", "level": "on"} if {
	input.kind == "command"
	input.state.lockout == true
}

level contains {"id": "lockout", "level": "off"} if {
	input.kind == "command"
	input.state.lockout == false
}
