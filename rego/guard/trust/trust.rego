# METADATA
# title: The standing of an agent
# description: |
#   What an agent has to show for the next level of trust, who may give it, and
#   what takes it away (REQUIREMENTS part 3). Counts come from receipts; a level
#   is earned one at a time and lost at once.
package guard.trust

import data.guard.trust.requirements

_standing := input.state.standings[0]

_known if _standing.agent == input.trust.agent

_number(level) := to_number(substring(level, 1, -1))

# METADATA
# title: Evaluation
# description: Whether an agent may be promoted, in the words of REQUIREMENTS S2-05 to S2-11.
evaluation := {
	"agent_id": input.trust.agent, "current_tier": 0, "target_tier": 1, "status": "NOT_ELIGIBLE",
	"requirements_met": {}, "requirements_missing": ["Agent not found in metrics"],
	"recommendation": "Agent has no recorded activity",
	"evidence": {"metrics": {}, "history": {}, "requirements": {}},
} if {
	input.kind == "trust"
	not _known
} else := {
	"agent_id": input.trust.agent, "current_tier": 4, "target_tier": 4, "status": "NOT_ELIGIBLE",
	"requirements_met": {}, "requirements_missing": ["Already at maximum tier"],
	"recommendation": "Agent is at Tier 4 (maximum)",
	"evidence": {"metrics": _metrics, "history": _history, "requirements": {}},
} if {
	input.kind == "trust"
	_standing.level == "T4"
} else := {
	"agent_id": input.trust.agent, "current_tier": _number(_standing.level), "target_tier": _number(_standing.level) + 1,
	"status": _status, "requirements_met": _met, "requirements_missing": _missing, "recommendation": _recommendation,
	"evidence": {"metrics": _metrics, "history": _history, "requirements": _need},
} if {
	input.kind == "trust"
}

_need := requirements[_standing.level]

_metrics := {
	"current_tier": _number(_standing.level), "compliant_runs": _standing.compliant_runs,
	"consecutive_compliant": _standing.consecutive_compliant, "updated_at": _standing.updated_at,
}

_history := {
	"total_actions": _standing.total_actions, "successful_actions": _standing.successful_actions,
	"successful_executions": _standing.modifications, "action_types": _standing.types, "violations": _standing.violations,
}

# In this order (REQUIREMENTS S2-09).
_missing := array.flatten([
	[sprintf("Need %d more compliant runs", [_need.compliant - _standing.compliant_runs]) | _standing.compliant_runs < _need.compliant],
	[sprintf("Need %d more consecutive compliant runs", [_need.consecutive - _standing.consecutive_compliant]) | _standing.consecutive_compliant < _need.consecutive],
	[sprintf("Too many violations (%d > %d)", [_standing.violations, _need.violations]) | _standing.violations > _need.violations],
	[sprintf("Needs to perform action type: %s", [t]) | some t in _need.types; not _performed(t)],
	[sprintf("Need %d more successful modifications", [_need.modifications - _standing.modifications]) | _standing.modifications < _need.modifications],
])

_performed(t) if {
	some alias in data.guard.trust.aliases[t]
	alias in _standing.types
}

_met := object.union_n([
	{"compliant_runs": sprintf("%d >= %d", [_standing.compliant_runs, _need.compliant]) | _standing.compliant_runs >= _need.compliant},
	{"consecutive_compliant": sprintf("%d >= %d", [_standing.consecutive_compliant, _need.consecutive]) | _standing.consecutive_compliant >= _need.consecutive},
	{"violations_30d": sprintf("%d <= %d", [_standing.violations, _need.violations]) | _standing.violations <= _need.violations},
	{sprintf("action_%s", [t]): sprintf("Has performed %s", [t]) | some t in _need.types; _performed(t)},
	{"modifications": sprintf("%d >= %d", [_standing.modifications, _need.modifications]) | _need.modifications > 0; _standing.modifications >= _need.modifications},
])

_status := "PENDING_REVIEW" if {
	count(_missing) == 0
	_need.review == true
} else := "ELIGIBLE" if {
	count(_missing) == 0
} else := "NOT_ELIGIBLE"

_recommendation := "All automatic criteria met. Manual review required." if {
	_status == "PENDING_REVIEW"
} else := "Agent meets all promotion criteria" if {
	_status == "ELIGIBLE"
} else := sprintf("Agent needs to complete %d requirements", [count(_missing)])

_target := sprintf("T%d", [evaluation.target_tier])

# METADATA
# title: Not promoted
# description: |
#   The agent has not shown enough, or a reviewer has not checked what the next
#   level asks for (REQUIREMENTS S2-12, S2-22, S2-25).
# custom:
#   id: trust.not_eligible
#   remedy: guard trust evaluate says what is missing
hit contains {"id": "trust.not_eligible", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg, "hint": _first_step} if {
	_asks("promote")
	msg := _obstacle
}

default _first_step := ""

# In place of the remedy: an evaluation does not show what a reviewer has checked.
_first_step := sprintf("a reviewer runs: guard trust review %s --checked %s", [input.trust.agent, concat(",", _unchecked)]) if {
	evaluation.status == "PENDING_REVIEW"
}

_asks(op) if {
	input.kind == "trust"
	input.trust.op == op
}

_obstacle := sprintf("Agent not eligible: %s", [evaluation.recommendation]) if {
	not evaluation.status in {"ELIGIBLE", "PENDING_REVIEW"}
} else := sprintf("Agent not eligible: a reviewer has not checked %s", [concat(", ", _unchecked)]) if {
	count(_unchecked) > 0
}

_unchecked := [c | some c in _need.checks; not c in _standing.reviewed]

# METADATA
# title: Somebody has to agree
# description: An agent rises by one level, when the people that the level asks for agree.
# custom:
#   id: trust.promotion
#   remedy: wait for a person to answer
hit contains {"id": "trust.promotion", "tier": data.guard.trust.tiers[_target], "verdict": "hold", "stage": -1, "msg": msg} if {
	_asks("promote")
	not _obstacle
	msg := sprintf("raises what is trusted to %s: from %s to %s", [input.trust.agent, _standing.level, _target])
}

# METADATA
# title: A review that does not fit
# description: Reviews are for agents that are known, and about what the next level asks for.
# custom:
#   id: trust.review
#   remedy: guard trust requirements lists what a reviewer checks
hit contains {"id": "trust.review", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	_asks("review")
	not _reviewable
	msg := _unfit
}

default _unfit := "nothing to review"

_unfit := sprintf("agent %s is not known", [input.trust.agent]) if {
	not _known
} else := sprintf("%s is no reviewer: guard.json names others under people or roles", [input.peer.name]) if {
	not _reviewer
} else := sprintf("the level after %s asks for no review", [_standing.level]) if {
	count(_need.checks) == 0
} else := sprintf("--checked takes one or more of: %s", [concat(", ", _need.checks)])

_reviewable if {
	_known
	_reviewer
	count(input.trust.items) > 0
	every item in input.trust.items {
		item in _need.checks
	}
}

_reviewer if data.guard.approval.may("reviewer", input.peer.name)

# METADATA
# title: Nothing to revoke
# description: Trust can only fall.
# custom:
#   id: trust.revoke
#   remedy: name an agent that is known and a level below its own
hit contains {"id": "trust.revoke", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	_asks("revoke")
	not _falls
	msg := sprintf("%s is not known, or its level is not above that", [input.trust.agent])
}

_falls if {
	_known
	_number(_fall) < _number(_standing.level)
}

_fall := input.trust.to if input.trust.to in data.guard.trust.levels

_fall := sprintf("T%d", [_number(_standing.level) - 1]) if {
	input.trust.to == ""
	_standing.level != "T0"
}

# METADATA
# title: Whose terms
# description: The act whose terms a promotion has.
act := sprintf("trust.promote.%s", [_target]) if _asks("promote")

# METADATA
# title: What happens
# description: An evaluation goes on record, a level changes, a review is noted.
effect contains {"do": "evaluate", "order": 0, "agent": input.trust.agent, "evaluation": evaluation} if _asks("evaluate")

effect contains {
	"do": "promote", "order": 0, "agent": input.trust.agent, "from": _standing.level, "to": _target,
	"reason": input.trust.reason, "evaluation": evaluation,
} if {
	_asks("promote")
	not _obstacle
}

effect contains {"do": "revoke", "order": 0, "agent": input.trust.agent, "uid": _standing.uid, "from": _standing.level, "to": _fall, "type": "manual", "reason": input.trust.reason} if {
	_asks("revoke")
	_falls
}

effect contains {"do": "review", "order": 0, "agent": input.trust.agent, "to": _target, "reason": input.trust.reason} if {
	_asks("review")
	_reviewable
}

# METADATA
# title: Trust that was lost
# description: |
#   A violation costs a level, the worst ones all of them, and so does a month of
#   idleness one (REQUIREMENTS S2-20).
lapse contains {"do": "revoke", "order": 0, "agent": s.agent, "uid": s.uid, "from": s.level, "to": why.to, "type": why.type, "reason": why.reason} if {
	input.kind == "due"
	some s in input.state.standings
	s.level != "T0"
	why := _lost(s)
}

_lost(s) := {"to": "T0", "type": "violation", "reason": sprintf("violation: %s", [concat(", ", {p.cause | some p in s.pending})])} if {
	_worst(s)
} else := {"to": _down(s.level), "type": "violation", "reason": sprintf("violation: %s", [concat(", ", {p.cause | some p in s.pending})])} if {
	some p in s.pending
	p.tier >= data.guard.trust.revocation.down
} else := {"to": _down(s.level), "type": "idle", "reason": "idle for 30 days"} if {
	s.idle_ms >= data.guard.trust.revocation.idle_ms
}

_worst(s) if {
	some p in s.pending
	p.tier >= data.guard.trust.revocation.bottom
}

_worst(s) if {
	some p in s.pending
	p.cause in data.guard.trust.revocation.worst
}

_down(level) := sprintf("T%d", [_number(level) - 1])

# METADATA
# title: When to look again
# description: Milliseconds until idleness could cost the next level.
next contains data.guard.trust.revocation.idle_ms - s.idle_ms if {
	some s in input.state.standings
	s.level != "T0"
	s.idle_ms < data.guard.trust.revocation.idle_ms
}

# METADATA
# title: Kinds of action
# description: |
#   What a command does as far as levels ask for it: of infrastructure tools by
#   name, of every other by the words that mean the same (REQUIREMENTS S2-26).
type contains t if {
	some s in input.cmd.stages
	s.name in {"terraform", "tofu", "terragrunt"}
	s.sub in {"plan", "apply"}
	some t in [sprintf("terraform_%s", [s.sub]), s.sub]
}

type contains t if {
	some s in input.cmd.stages
	s.name == "ansible-playbook"
	some t in _playbook(s)
}

_playbook(s) := ["ansible_check", "dry_run"] if "check" in s.flags

_playbook(s) := ["ansible_run", "apply"] if {
	not "check" in s.flags
	not "syntax-check" in s.flags
}

type contains "dry_run" if {
	some s in input.cmd.stages
	"dry-run" in s.flags
}

type contains s.sub if {
	some s in input.cmd.stages
	s.sub in {"plan", "apply"}
}

# METADATA
# title: What trust earns
# description: |
#   From T3 on, what is MEDIUM and stays inside the workspace needs nobody: every
#   path is there or temporary, nothing is remote, as another user or opaque.
# custom:
#   id: relief.trusted
#   remedy: nothing, it is allowed
relief contains {"id": "relief.trusted", "finding": f.id, "stage": s.id, "why": why} if {
	input.agent.trust in data.guard.trust.workspace
	some f in data.guard.tier.hit
	f.tier == 2
	not f.verdict
	some s in input.cmd.stages
	s.id == f.stage
	_inside(s)
	why := sprintf("%s inside the workspace, for an agent at %s", [f.id, input.agent.trust])
}

_inside(s) if {
	s.remote == false
	s.root == false
	s.hosts == []
	s.opaque == []
	input.session.workspace != ""
	_below(s.cwd, input.session.workspace)
	every p in s.paths {
		p.zone in {"workspace", "temporary", "null"}
	}
}

_below(folder, top) if folder == top

_below(folder, top) if startswith(folder, sprintf("%s/", [top]))
