# METADATA
# title: Everything that the built-in policy contributes
# description: |
#   One object for one request. Nothing is weighed here: Go joins findings,
#   reliefs and limits with those of dropped policies in one function, by
#   maximum, so that adding a rule can only make a decision stricter.
# entrypoint: true
package guard.decision

# METADATA
# title: Contributions
# description: |
#   findings, reliefs and limits for this request; steps of a hold by tier;
#   approval as the votes stand; help resources; defaults of the preset.
result := {
	"findings": finding,
	"reliefs": relief,
	"limits": data.guard.limit.row,
	"steps": data.guard.terms.steps,
	"approval": data.guard.approval.outcome,
	"resources": _resources,
	"defaults": _defaults,
}

# METADATA
# title: Findings of all rule sets
# description: What any built-in rule saw in this request.
finding contains f if {
	input.kind == "command"
	some f in data.guard.tier.hit
}

finding contains f if some f in data.guard.approval.hit

# METADATA
# title: Locked out
# description: |
#   An agent at surge level 3 is stopped until a person has looked
#   (REQUIREMENTS S3-20). The row denies; this says what to do.
# custom:
#   id: surge.lockout
#   remedy: ask a person to look at what the agent did and to reset the lockout
finding contains {
	"id": "surge.lockout", "tier": 0, "verdict": "deny", "stage": -1,
	"msg": "locked out (velocity level 3) until a human runs: guard lockout reset",
} if {
	input.kind == "command"
	input.state.lockout == true
	some f in data.guard.tier.hit
	f.tier >= 1
}

# METADATA
# title: A command without facts
# description: Nothing can be said about a command that was not classified, so nothing runs.
# custom:
#   id: request.no_facts
#   remedy: report this, it is a defect of guard
finding contains {
	"id": "request.no_facts", "tier": 4, "verdict": "deny", "stage": -1,
	"msg": "the command was not classified",
} if {
	input.kind == "command"
	not input.cmd.kind
}

# METADATA
# title: Reliefs, where the preset has them
# description: The strict preset has none.
relief contains r if {
	data.guard.config.presets[data.guard.config.preset].reliefs == true
	some r in data.guard.relief.hit
}

_resources := data.guard.config.resources[data.guard.config.locale]

_defaults := {"profile": preset.profile, "trust": preset.trust, "preset": data.guard.config.preset} if {
	preset := data.guard.config.presets[data.guard.config.preset]
}
