# METADATA
# title: Lowering the authority of a session
# description: |
#   What a release ends, and what time, quiet and the end of an incident do
#   (REQUIREMENTS S0-70 to S0-84, S0-103). Authority is given back more easily
#   than it is taken: a session may always give up its own, but for the highest,
#   which a person takes back at a terminal.
package guard.release

_person if input.peer.guarded == ""

_human if {
	input.peer.guarded == ""
	input.peer.terminal == true
}

# The elevation that is to end, by its id or the session's latest, and its place.
_released := i if {
	input.kind == "release"
	some i, e in input.state.elevations
	e.id == input.release.id
}

_released := count(input.state.elevations) - 1 if {
	input.kind == "release"
	input.release.id == ""
	count(input.state.elevations) > 0
}

# METADATA
# title: Nothing to release
# description: REQUIREMENTS S0-70 and S0-74.
# custom:
#   id: elevation.unknown
#   remedy: guard status shows what is active
hit contains {"id": "elevation.unknown", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	input.kind == "release"
	not _releasable
	msg := _unknown_text
}

_unknown_text := sprintf("Escalation %s not found or already inactive", [input.release.id]) if {
	input.release.id != ""
} else := "no escalation is active"

_releasable if _released >= 0

# METADATA
# title: Only a person takes the highest authority back
# description: A person at a terminal outside every session (REQUIREMENTS S0-71, S0-84). What is built on an elevation ends with it, so it counts for all of them.
# custom:
#   id: elevation.irreversible
#   remedy: release it from a terminal outside the session
hit contains {"id": "elevation.irreversible", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	input.kind == "release"
	some e in _ending
	e.reversible == false
	not _human
	msg := sprintf("Escalation %s is not reversible without sovereign override", [e.id])
}

# METADATA
# title: Another session's authority
# description: A guarded process may give up authority of its own session, and no other.
# custom:
#   id: elevation.foreign
#   remedy: release it from a terminal outside every session
hit contains {"id": "elevation.foreign", "tier": 0, "verdict": "deny", "stage": -1, "msg": "the elevation belongs to another session"} if {
	input.kind == "release"
	not _may_release
}

_may_release if _person

_may_release if input.peer.own == true

_ending := [e | some i, e in input.state.elevations; i >= _released]

# METADATA
# title: What a release ends
# description: Inner elevations end after those built on them (REQUIREMENTS S0-75).
effect contains {
	"do": "lower", "order": 0 - i, "session": e.session, "id": e.id, "type": _release_type(e), "reason": input.release.reason,
} if {
	input.kind == "release"
	some i, e in input.state.elevations
	i >= _released
}

_release_type(e) := "sovereign_revoke" if {
	e.reversible == false
} else := "crisis_concluded" if {
	e.type == "crisis_declared"
	_person
} else := "operator_release"

# METADATA
# title: What time has ended
# description: |
#   Elevations whose time is over, and those whose condition has come true, with
#   all that are built on them, latest first (REQUIREMENTS S0-80 to S0-84, S0-103).
lapse contains {"do": "lower", "order": 0 - i, "session": e.session, "id": e.id, "type": why.type, "reason": why.reason} if {
	input.kind == "due"
	some i, e in input.state.elevations
	why := _why[i]
}

_why[i] := _over[i] if some i, _ in input.state.elevations

_why[i] := {"type": "timeout_expired", "reason": sprintf("%s, on which it was built, ended", [input.state.elevations[min(below)].id])} if {
	some i, e in input.state.elevations
	not _over[i]
	below := {j | some j, _ in _over; j < i; input.state.elevations[j].session == e.session}
	count(below) > 0
}

_over[i] := {"type": "timeout_expired", "reason": sprintf("TTL of %ds expired", [e.ttl])} if {
	some i, e in input.state.elevations
	_left(e) < 0
}

_over[i] := {"type": "threat_resolved", "reason": data.guard.elevation.conditions[e.condition]} if {
	some i, e in input.state.elevations
	not _left(e) < 0
	_quiet_left(e) <= 0
}

# Written as a negation: an incident of which nothing is known is over.
_over[i] := {"type": "crisis_concluded", "reason": data.guard.elevation.conditions.crisis_resolved} if {
	some i, e in input.state.elevations
	e.condition == "crisis_resolved"
	not _left(e) < 0
	not _incident
}

_incident if input.state.quiet.incident == true

# Milliseconds until an elevation ends by time; negative once it has.
_left(e) := (e.ttl * 1000) - e.age_ms if {
	e.auto == true
	e.ttl > 0
}

_quiet_left(e) := data.guard.elevation.quiet[e.condition] - input.state.quiet.threats_ms if {
	e.condition == "no_active_threats_1h"
	input.state.quiet.threats_ms >= 0
}

_quiet_left(e) := data.guard.elevation.quiet[e.condition] - input.state.quiet.alerts_ms if {
	e.condition == "no_active_alerts_24h"
	input.state.quiet.alerts_ms >= 0
}

# METADATA
# title: When to look again
# description: Milliseconds until the next elevation could end, if nothing else changes.
next contains _left(e) + 1 if some e in input.state.elevations

next contains _quiet_left(e) if {
	some e in input.state.elevations
	_running(e)
}

# Nothing is quiet yet while a threat is active: its end is a change that asks again.
_running(e) if {
	e.condition == "no_active_threats_1h"
	input.state.quiet.threats_ms > 0
}

_running(e) if {
	e.condition == "no_active_alerts_24h"
	input.state.quiet.alerts_ms > 0
}
