# METADATA
# title: Terms of a hold
# description: |
#   How a hold is answered: it begins at its own tier and, unanswered, moves to
#   the next one's audience and time until after CRITICAL it is denied
#   (REQUIREMENTS S1-48). Seconds come from the preset, people and assurance
#   from data.guard.config.votes.
package guard.terms

_ladder := ["MEDIUM", "HIGH", "CRITICAL"]

# A LOW that is held all the same (by trust T0, a surge, a rule's own verdict)
# begins where MEDIUM does.
_begins := {"LOW": 0, "MEDIUM": 0, "HIGH": 1, "CRITICAL": 2}

# METADATA
# title: Steps by tier
# description: For LOW to CRITICAL the steps of a hold in order; after the last one comes deny.
steps[label] := [step |
	some i, name in _ladder
	i >= first
	votes := data.guard.config.votes[name]
	step := {
		"tier": i + 2,
		"seconds": preset.seconds[name],
		"approvers": max([votes.approvers, _least(name, "")]),
		"assurance": votes.assurance,
	}
] if {
	preset := data.guard.config.presets[data.guard.config.preset]
	some label, first in _begins
}

# What is CRITICAL takes two people where two are enrolled who may answer it: a
# number that nobody can reach would be a no for ever.
_least(label, role) := min([{"MEDIUM": 1, "HIGH": 1, "CRITICAL": 2}[label], count(_enrolled(role))])

_enrolled(role) := {name |
	lists := [data.guard.config.people, object.get(data.guard.config.roles, role, [])]
	some name in lists[_]
	data.guard.approval.may(role, name)
}

# METADATA
# title: Steps of what has terms of its own
# description: |
#   Raising a session, promoting an agent and ending a lockout are held at the
#   terms of data.guard.config.acts, which are never milder than those of their
#   tier.
acts[name] := [step |
	some i, label in _ladder
	i >= _begins[act.tier]
	votes := data.guard.config.votes[label]
	step := {
		"tier": i + 2,
		"seconds": preset.seconds[label],
		"approvers": max([votes.approvers, act.approvers, _least(label, act.role)]),
		"assurance": _stronger(votes.assurance, act.assurance),
		"role": act.role,
	}
] if {
	preset := data.guard.config.presets[data.guard.config.preset]
	some name, act in data.guard.config.acts
}

_stronger(a, b) := a if data.guard.approval.assurance[a] >= data.guard.approval.assurance[b]

_stronger(a, b) := b if data.guard.approval.assurance[a] < data.guard.approval.assurance[b]
