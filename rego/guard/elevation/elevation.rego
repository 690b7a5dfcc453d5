# METADATA
# title: Raising and lowering the authority of a session
# description: |
#   The ladder of profiles (REQUIREMENTS part 1): which edges there are, who may
#   take them and for how long, and what ends them. What is refused says why in
#   the words of the requirements; what needs a person is held.
#
#   A request that is approved is decided again with the votes as input.votes, so
#   the type of an elevation follows from who approved it, never from a word of
#   the caller's.
package guard.elevation

_edge := data.guard.elevation.edges[_from][input.elevate.to]

# An edge is looked up from where the caller believes the session to be.
_from := input.elevate.from if input.elevate.from != ""

_from := input.session.raised if input.elevate.from == ""

# METADATA
# title: Refusals
# description: The first one that applies, in the order of REQUIREMENTS S0-40 to S0-50.
# custom:
#   id: elevation.refused
#   remedy: ask for the next profile of the ladder, with a reason and a time it allows
hit contains {"id": sprintf("elevation.%s", [r.rule]), "tier": 0, "verdict": "deny", "stage": -1, "msg": r.msg} if {
	input.kind == "elevate"
	not _confirms
	r := _refusal
}

_refusal := {"rule": "edge", "msg": sprintf("No escalation path from %s to %s", [_from, input.elevate.to])} if {
	not _edge
} else := {"rule": "current_profile", "msg": sprintf("Current profile is %s, not %s", [input.session.raised, _from])} if {
	input.session.raised != _from
} else := {"rule": "lockout", "msg": "locked out (velocity level 3) until a human runs: guard lockout reset"} if {
	input.state.lockout == true
} else := {"rule": "reason", "msg": sprintf("Escalation to %s requires a reason", [input.elevate.to])} if {
	trim_space(input.elevate.reason) == ""
} else := {"rule": "reason", "msg": sprintf("the reason is longer than %d bytes", [data.guard.config.reason_bytes])} if {
	count(hex.encode(input.elevate.reason)) > 2 * data.guard.config.reason_bytes
} else := {"rule": "ttl", "msg": sprintf("Escalation to %s lasts from 1 s to %d s, not %d s", [input.elevate.to, _edge.max, input.elevate.ttl])} if {
	_asked_ttl
	not _possible_ttl
}

_asked_ttl if not is_null(input.elevate.ttl)

_possible_ttl if {
	input.elevate.ttl >= 1
	input.elevate.ttl <= _edge.max
}

# METADATA
# title: A person has to agree
# description: |
#   The highest edge takes a person, the one below people or a person, whatever a
#   guarded process asks for a person, and a time longer than the edge's own an
#   approval (REQUIREMENTS S0-41, S0-42, S0-50).
# custom:
#   id: elevation.held
#   remedy: wait for a person to answer
hit contains {"id": sprintf("elevation.%s", [h.rule]), "tier": tier, "verdict": "hold", "stage": -1, "msg": h.msg} if {
	input.kind == "elevate"
	_allowed_at_all
	h := _held
	tier := _tier[input.elevate.to]
}

_allowed_at_all if _confirms

_allowed_at_all if not _refusal

_held := {"rule": "human", "msg": sprintf("Escalation to %s requires human (sovereign) approval", [input.elevate.to])} if {
	_edge.human == true
} else := {"rule": "approval", "msg": sprintf("Escalation to %s requires approval", [input.elevate.to])} if {
	_edge.approval == true
} else := {"rule": "approval", "msg": sprintf("Escalation to %s for longer than %d s requires approval", [input.elevate.to, _edge.ttl])} if {
	_edge.ttl > 0
	input.elevate.ttl > _edge.ttl
} else := {"rule": "approval", "msg": sprintf("Escalation to %s, asked for by %s, requires approval", [input.elevate.to, input.peer.guarded])} if {
	not _person
}

_person if input.peer.guarded == ""

_tier := {"operator": 2, "guardian": 3, "phoenix": 4, "sovereign": 4}

# METADATA
# title: Whose terms
# description: The act whose terms a hold has.
act := sprintf("elevate.%s", [input.elevate.to]) if input.kind == "elevate"

# A threat has raised the session there, and a person is asked to confirm it.
_confirms if _unconfirmed

_unconfirmed := e if {
	input.kind == "elevate"
	last := input.state.elevations[count(input.state.elevations) - 1]
	last.to == input.elevate.to
	last.confirmed == false
	e := last
}

# METADATA
# title: What happens
# description: A session is raised, or a person confirms that a threat raised it.
effect contains {"do": "confirm", "order": 0, "id": _unconfirmed.id, "reason": input.elevate.reason} if {
	_confirms
}

effect contains {
	"do": "raise", "order": 0, "from": _from, "to": input.elevate.to, "type": _type,
	"reason": input.elevate.reason, "ttl": _ttl, "reversible": _edge.reversible, "auto": _auto, "condition": _condition, "confirmed": true,
} if {
	input.kind == "elevate"
	not _confirms
	not _refusal
}

_yes := {v.approver | some v in input.votes; v.approve == true}

_type := "sovereign_override" if {
	_edge.human == true
} else := "crisis_declared" if {
	input.elevate.incident == true
} else := "quorum_approved" if {
	_edge.approval == true
	count(_yes) > 1
} else := "sovereign_override" if {
	_edge.approval == true
} else := "operator_request"

_ttl := _edge.ttl if not _asked_ttl

_ttl := input.elevate.ttl if _asked_ttl

# What was given a time of its own ends by it, whatever the edge (REQUIREMENTS S0-84).
default _auto := false

_auto if _edge.auto == true

_auto if _asked_ttl

_condition := "crisis_resolved" if {
	input.elevate.incident == true
} else := "manual_release" if {
	_ttl == 0
} else := "timeout"

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
	msg := sprintf("Escalation %s not found or already inactive", [input.release.id])
}

_releasable if _released >= 0

# METADATA
# title: Only a person takes the highest authority back
# description: REQUIREMENTS S0-71. What is built on an elevation ends with it, so it counts for all of them.
# custom:
#   id: elevation.irreversible
#   remedy: release it from a terminal outside the session
hit contains {"id": "elevation.irreversible", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	input.kind == "release"
	some e in _ending
	e.reversible == false
	not _person
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

_over[i] := {"type": "threat_resolved", "reason": _quiet_text[e.condition]} if {
	some i, e in input.state.elevations
	not _left(e) < 0
	_quiet_left(e) <= 0
}

_quiet_text := {
	"no_active_threats_1h": "No active threats for 1 hour",
	"no_active_alerts_24h": "No active alerts for 24 hours",
}

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
