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
		"approvers": votes.approvers,
		"assurance": votes.assurance,
	}
] if {
	preset := data.guard.config.presets[data.guard.config.preset]
	some label, first in _begins
}
