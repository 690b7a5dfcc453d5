# METADATA
# title: Threats and what follows from them
# description: |
#   Detectors and people outside every session report threats. A report goes on
#   record, and may raise the session it is about by one profile (REQUIREMENTS
#   S0-100, S0-101): unconfirmed, which opens a guardian's own powers and widens
#   nothing that the session may run until a person agrees; the highest edge that
#   a threat can reach is only asked for.
#
#   One threat raises a session again only with more confidence than before, so
#   that a detector which repeats itself does not climb.
package guard.threat

# METADATA
# title: Reports that say nothing
# description: A report has a name, a type, and a confidence from 0 to 1; its texts are bounded.
# custom:
#   id: threat.malformed
#   remedy: guard threat report ID --type TYPE --confidence 0.92
hit contains {"id": "threat.malformed", "tier": 0, "verdict": "deny", "stage": -1, "msg": "a threat report needs an id, a type and a confidence from 0 to 1"} if {
	input.kind == "threat"
	not _well_formed
}

_well_formed if {
	_bounded
	input.threat.resolve == true
}

_well_formed if {
	_bounded
	input.threat.resolve == false
	trim_space(input.threat.type) != ""
	input.threat.confidence_ppm >= 0
	input.threat.confidence_ppm <= 1000000
	input.threat.alerts >= 0
}

_bounded if {
	trim_space(input.threat.id) != ""
	count(input.threat.id) <= data.guard.threat.name_length
	count(input.threat.type) <= data.guard.threat.name_length
	count(hex.encode(input.threat.reason)) <= 2 * data.guard.config.reason_bytes
}

# METADATA
# title: No such threat
# description: A threat that is not active cannot end or be weighed.
# custom:
#   id: threat.unknown
#   remedy: guard status shows the active ones
hit contains {"id": "threat.unknown", "tier": 0, "verdict": "deny", "stage": -1, "msg": sprintf("Threat %s not found or already resolved", [id])} if {
	id := _named
	not _active[id]
}

_named := input.threat.id if {
	input.kind == "threat"
	input.threat.resolve == true
}

_named := input.tem.threat if {
	input.kind == "tem"
	input.tem.threat != ""
}

_active[t.id] := t if some t in input.state.threats

# METADATA
# title: Tem without a guardian's authority
# description: |
#   Weighing threats is a power of profiles, as data.guard.elevation.powers has
#   them. An elevation that nobody has confirmed gives it too.
# custom:
#   id: threat.authority
#   remedy: guard elevate guardian --reason TEXT
hit contains {"id": "threat.authority", "tier": 0, "verdict": "deny", "stage": -1, "msg": sprintf("tem requires the authority of guardian, and the session is at %s", [input.session.raised])} if {
	input.kind == "tem"
	not "tem" in data.guard.elevation.may
}

# METADATA
# title: Tem of another session
# description: A guarded process weighs threats in the name of its own session alone.
# custom:
#   id: threat.foreign
#   remedy: leave the session out
hit contains {"id": "threat.foreign", "tier": 0, "verdict": "deny", "stage": -1, "msg": "a guarded process speaks for its own session alone"} if {
	input.kind == "tem"
	not _speaks_for
}

_speaks_for if input.peer.guarded == ""

_speaks_for if input.peer.own == true

# METADATA
# title: What a report changes
# description: It is on record, and what follows from it, with the reason.
effect contains {"do": "report", "order": 0} if _report

effect contains object.union({"do": "decide", "order": 1}, _verdict) if _report

effect contains {
	"do": "raise", "order": 2, "from": input.session.raised, "to": _verdict.to, "type": "threat_detected", "reason": _because,
	"ttl": data.guard.elevation.lasts[_verdict.to], "reversible": _edge.reversible, "auto": _edge.auto, "condition": "no_active_threats_1h", "confirmed": false,
} if {
	_verdict.type == "elevate"
}

effect contains {"do": "ask", "order": 3, "to": _verdict.to, "reason": _because} if {
	_verdict.type in {"elevate", "ask"}
}

effect contains {"do": "resolve", "order": 0} if {
	input.kind == "threat"
	input.threat.resolve == true
}

_report if {
	input.kind == "threat"
	input.threat.resolve == false
}

_because := sprintf("threat %s (%s)", [input.threat.id, input.threat.type])

_verdict := {"type": "none", "reason": "the report names no session"} if {
	_report
	input.threat.session == ""
} else := {"type": "none", "reason": sprintf("Confidence %s insufficient for escalation from %s", [_confidence, input.session.raised])} if {
	_report
	not _confident
} else := {"type": "none", "reason": sprintf("threat %s has raised the session before", [input.threat.id])} if {
	_report
	_known
} else := {"type": "ask", "to": _next, "reason": sprintf("Escalation to %s requires approval", [_next])} if {
	_report
	_edge.approval == true
} else := {"type": "elevate", "to": _next, "reason": _because} if {
	_report
}

_confident if input.threat.confidence_ppm >= data.guard.elevation.threat[input.session.raised]

_known if {
	some e in input.state.elevations
	e.threat == input.threat.id
	e.confidence_ppm >= input.threat.confidence_ppm
}

_next := to if some to, _ in data.guard.elevation.edges[input.session.raised]

_edge := data.guard.elevation.edges[input.session.raised][_next]

# A decimal without a float: 920000 is "0.92".
_confidence := "1" if {
	input.threat.confidence_ppm == 1000000
} else := "0" if {
	input.threat.confidence_ppm == 0
} else := trim_right(sprintf("0.%06d", [input.threat.confidence_ppm]), "0")

# METADATA
# title: What tem records
# description: That a guardian decided to weigh, and what was there to weigh.
effect contains {"do": "decide", "order": 0, "type": "invoke_tem", "id": input.tem.threat, "reason": input.tem.reason} if input.kind == "tem"

effect contains {"do": "tem", "order": 1, "id": input.tem.threat, "reason": input.tem.reason} if input.kind == "tem"
