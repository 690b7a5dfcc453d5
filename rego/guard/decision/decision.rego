# METADATA
# title: Everything that the built-in policy contributes
# description: |
#   One object for one request. Nothing is weighed here: Go joins findings,
#   reliefs and limits with those of dropped policies in one function, by
#   maximum, so that adding a rule can only make a decision stricter.
# entrypoint: true
package guard.decision

# METADATA
# title: Contributions to a command
# description: Findings about it, reliefs of them, kinds of action it is, and whether what it executes belongs to the one action that it is.
result := {"findings": (data.guard.tier.hit | _own), "reliefs": relief, "types": data.guard.trust.type, "carries": data.guard.velocity.carries}

# METADATA
# title: Contributions to any other request
# description: What stands against it, whose terms it is held at, and what it changes.
other := {
	"findings": union({
		data.guard.approval.hit,
		data.guard.budget.hit,
		data.guard.elevation.hit,
		data.guard.release.hit,
		data.guard.threat.hit,
		data.guard.trust.hit,
		data.guard.velocity.hit,
	}),
	"reliefs": set(),
	"act": _act,
	"effects": union({
		data.guard.approval.effect,
		data.guard.budget.effect,
		data.guard.elevation.effect,
		data.guard.release.effect,
		data.guard.threat.effect,
		data.guard.trust.effect,
		data.guard.velocity.effect,
	}),
}

default _act := ""

_act := data.guard.elevation.act

_act := data.guard.trust.act

_act := data.guard.approval.act

_act := data.guard.velocity.act

# METADATA
# title: What time has brought about
# description: |
#   Changes that need nobody's request, and in how many milliseconds there could
#   be the next; 0 for none.
due := {"effects": (data.guard.release.lapse | data.guard.trust.lapse), "next_ms": _next}

default _next := 0

_next := max([1, min(_nexts)]) if count(_nexts) > 0

_nexts := data.guard.release.next | data.guard.trust.next

# METADATA
# title: Standing
# description: |
#   Limits, which follow from who asks, and how the votes on its hold stand.
#   Nothing of the command itself, so that Go need not ask again for each.
standing := {
	"limits": data.guard.limit.level,
	"approval": data.guard.approval.outcome,
}

# METADATA
# title: What no request changes
# description: Rows of the limits, steps of a hold by tier, help resources, and the defaults of the preset.
fixed := {
	"rows": data.guard.limit.rows,
	"steps": data.guard.terms.steps,
	"acts": data.guard.terms.acts,
	"prices": data.guard.config.prices,
	"resources": data.guard.config.resources[data.guard.config.locale],
	"windows": data.guard.velocity.windows,
	"defaults": {"profile": _preset.profile, "trust": _preset.trust, "preset": data.guard.config.preset},
}

# METADATA
# title: Locked out
# description: |
#   An agent at surge level 3 is stopped until a person has looked
#   (REQUIREMENTS S3-20). The row denies; this says what to do.
# custom:
#   id: surge.lockout
#   remedy: ask a person to look at what the agent did and to reset the lockout
_own contains {
	"id": "surge.lockout", "tier": 0, "verdict": "deny", "stage": -1,
	"msg": "locked out (velocity level 3) until a human runs: guard lockout reset",
} if {
	input.state.lockout == true
	_stopped
}

_stopped if {
	some f in data.guard.tier.hit
	f.tier >= 1
}

_stopped if data.guard.config.rows.lockout.on.SAFE != "allow"

# METADATA
# title: Acting fast
# description: |
#   An agent that does much in a short time has a person look at what it does
#   next (REQUIREMENTS S3-13, S3-24). The row holds it; this says why. What
#   context makes harmless is left alone.
# custom:
#   id: surge.level
#   remedy: do less at once, or wait until a person has answered
_own contains {
	"id": "surge.level", "tier": 0, "verdict": "hold", "stage": -1,
	"msg": sprintf("many actions in a short time. Escalation action: %s (tier_%d)", [is.action, input.state.surge]),
} if {
	input.state.surge >= 1
	is := data.guard.velocity.levels[format_int(input.state.surge, 10)]
	some f in data.guard.tier.hit
	f.tier >= 1
	not _relieved(f)
}

_relieved(f) if {
	some r in relief
	r.finding == f.id
	r.stage == f.stage
}

# METADATA
# title: A command without facts
# description: Nothing can be said about a command that was not classified, so nothing runs.
# custom:
#   id: request.no_facts
#   remedy: report this, it is a defect of guard
_own contains {
	"id": "request.no_facts", "tier": 4, "verdict": "deny", "stage": -1,
	"msg": "the command was not classified",
} if {
	not input.cmd.kind
}

# METADATA
# title: Reliefs, where the preset has them
# description: The strict preset has none. Nothing below MEDIUM has any.
relief contains r if {
	_weighs
	_preset.reliefs == true
	some r in _reliefs
}

_weighs if {
	some f in data.guard.tier.hit
	f.tier >= 2
}

_reliefs contains r if {
	count(data.guard.relief.candidates) > 0
	some r in data.guard.relief.hit
}

_reliefs contains r if {
	count(data.guard.local.relief.candidates) > 0
	some r in data.guard.local.relief.hit
}

_reliefs contains r if {
	count(data.guard.elsewhere.relief.candidates) > 0
	some r in data.guard.elsewhere.relief.hit
}

_reliefs contains r if {
	count(data.guard.elsewhere.container.candidates) > 0
	some r in data.guard.elsewhere.container.hit
}

_reliefs contains r if {
	count(data.guard.elsewhere.database.candidates) > 0
	some r in data.guard.elsewhere.database.hit
}

_reliefs contains r if {
	count(data.guard.elsewhere.reveal.candidates) > 0
	some r in data.guard.elsewhere.reveal.hit
}

_reliefs contains r if {
	input.agent.trust in data.guard.trust.workspace
	some r in data.guard.trust.relief
}

_preset := data.guard.config.presets[data.guard.config.preset]
