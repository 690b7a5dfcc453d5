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
hit contains {"id": sprintf("elevation.%s", [r.rule]), "tier": 0, "verdict": "deny", "stage": -1, "msg": r.msg, "hint": object.get(_instead, r.rule, "")} if {
	input.kind == "elevate"
	not _confirms
	r := _refusal
}

# What to do about a refusal, by its rule.
_instead := {
	"identity": "ask in the session itself, or from a terminal outside every session",
	"lockout": "from a terminal outside every session: guard lockout reset --agent NAME --reason TEXT",
	"edge": "go up by one: observer, operator, guardian, phoenix, sovereign; guard status shows where a session is",
	"human": "ask at a terminal outside every session",
	"current_profile": "guard status shows where the session is",
	"reason": sprintf("--reason TEXT, of at most %d bytes", [data.guard.config.reason_bytes]),
	"ttl": "leave --ttl and --until out, or give what is allowed",
}

_refusal := {"rule": "identity", "msg": "a guarded process asks for its own session alone"} if {
	not _speaks_for
} else := {"rule": "lockout", "msg": "locked out (velocity level 3) until a human runs: guard lockout reset"} if {
	input.state.lockout == true
} else := {"rule": "edge", "msg": sprintf("No escalation path from %s to %s", [_from, input.elevate.to])} if {
	not _edge
} else := {"rule": "human", "msg": sprintf("Escalation to %s requires human (sovereign) approval", [input.elevate.to])} if {
	_edge.human == true
	_person
	not _human
} else := {"rule": "current_profile", "msg": sprintf("Current profile is %s, not %s", [input.session.raised, _from])} if {
	input.session.raised != _from
} else := {"rule": "reason", "msg": sprintf("Escalation to %s requires a reason", [input.elevate.to])} if {
	trim_space(input.elevate.reason) == ""
} else := {"rule": "reason", "msg": sprintf("the reason is longer than %d bytes", [data.guard.config.reason_bytes])} if {
	count(hex.encode(input.elevate.reason)) > 2 * data.guard.config.reason_bytes
} else := {"rule": "ttl", "msg": sprintf("Escalation to %s lasts from 1 s to %d s, not %d s", [input.elevate.to, _edge.max, input.elevate.ttl])} if {
	_asked_ttl
	not _possible_ttl
} else := {"rule": "ttl", "msg": sprintf("unknown condition %s; there are: %s", [input.elevate.condition, _conditions])} if {
	input.elevate.condition != ""
	not data.guard.elevation.conditions[input.elevate.condition]
} else := {"rule": "edge", "msg": sprintf("an incident does not raise from %s to %s", [_from, input.elevate.to])} if {
	input.elevate.incident == true
	not _edge.crisis
}

# What is carried out for a hold was asked for by whoever is on record.
_speaks_for if _person

_speaks_for if input.peer.own == true

_conditions := concat(", ", object.keys(data.guard.elevation.conditions))

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
} else := {"rule": "approval", "msg": sprintf("Escalation to %s for longer than %d s requires approval", [input.elevate.to, lasts[input.elevate.to]])} if {
	lasts[input.elevate.to] > 0
	input.elevate.ttl > lasts[input.elevate.to]
} else := {"rule": "approval", "msg": sprintf("Escalation to %s requires approval: the asker %s", [input.elevate.to, input.peer.guarded])} if {
	not _person
} else := {"rule": "approval", "msg": sprintf("Escalation to %s requires approval", [input.elevate.to])} if {
	_chosen_people
}

# Where it is said who may agree, or how many have to, nobody rises by asking alone.
_chosen_people if count(data.guard.config.people) > 0

_chosen_people if count(data.guard.config.delegates) > 0

_chosen_people if data.guard.config.acts[act].approvers > 1

_chosen_people if data.guard.config.acts[act].role != ""

_person if input.peer.guarded == ""

# The highest authority is given and taken at a terminal outside every session.
_human if {
	input.peer.guarded == ""
	input.peer.terminal == true
}

_tier := {"operator": 2, "guardian": 3, "phoenix": 4, "sovereign": 4}

# METADATA
# title: Whose terms
# description: The act whose terms a hold has.
act := sprintf("elevate.%s", [input.elevate.to]) if input.kind == "elevate"

# A threat has raised the session there, and a person is asked to confirm it.
_confirms if _unconfirmed

_unconfirmed := e if {
	input.kind == "elevate"
	not _blank_reason
	not input.state.lockout == true
	_speaks_for
	some e in input.state.elevations
	e.to == input.elevate.to
	e.confirmed == false
}

_blank_reason if trim_space(input.elevate.reason) == ""

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

_ttl := lasts[input.elevate.to] if not _asked_ttl

_ttl := input.elevate.ttl if _asked_ttl

# What was given a time of its own ends by it, whatever the edge (REQUIREMENTS S0-84).
default _auto := false

_auto if _edge.auto == true

_auto if _asked_ttl

_condition := input.elevate.condition if {
	input.elevate.condition != ""
} else := "crisis_resolved" if {
	input.elevate.incident == true
} else := "manual_release" if {
	_ttl == 0
} else := "timeout"

# METADATA
# title: How long a profile lasts by itself
# description: |
#   Seconds from an elevation to its end where nobody asked for another time, 0 for
#   no end: that of its edge, or the shorter one of guard.config.lasts.
lasts[to] := min({edge.ttl, object.get(data.guard.config.lasts, to, edge.ttl)}) if {
	some edges in data.guard.elevation.edges
	some to, edge in edges
}

# METADATA
# title: Powers
# description: |
#   What the profile that a session's elevations have reached permits it besides
#   commands, whether or not a person has confirmed them (data.guard.elevation.powers).
may contains power if some power in data.guard.elevation.powers[input.session.raised]
