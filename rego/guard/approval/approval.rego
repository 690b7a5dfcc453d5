# METADATA
# title: Who may answer, stop and accept
# description: |
#   Requests that use a person's authority: votes, stopping sessions, accepting
#   a loosened policy, opening a session. Each refusal negates a helper that
#   states what must be proven, so a request that lost a field is refused.
package guard.approval

# METADATA
# title: Asked from inside a session
# description: |
#   A process that a guarded agent started speaks for the agent, whoever's name
#   it carries. An agent that could answer would approve itself.
# custom:
#   id: approval.guarded
#   remedy: ask, or answer, at a terminal outside the session
hit contains {"id": "approval.guarded", "tier": 0, "verdict": "deny", "stage": -1, "msg": "asked from inside a guarded session"} if {
	not _judged_otherwise
	not _unguarded
}

# METADATA
# title: Unknown kind of request
# description: A request nobody has written rules for is not permitted by their absence.
# custom:
#   id: approval.unknown_kind
#   remedy: use guard and guardd of the same version
hit contains {"id": "approval.unknown_kind", "tier": 0, "verdict": "deny", "stage": -1, "msg": "this kind of request is not known"} if {
	not _known_kind
}

# METADATA
# title: The requester answers its own request
# description: Nobody approves what they asked for.
# custom:
#   id: approval.own_request
#   remedy: ask another person
hit contains {"id": "approval.own_request", "tier": 0, "verdict": "deny", "stage": -1, "msg": "nobody answers their own request"} if {
	input.kind == "vote"
	not _another
}

# METADATA
# title: Reason too long
# description: Reasons go into receipts, which are bounded (REQUIREMENTS S0-48).
# custom:
#   id: approval.reason_too_long
#   remedy: shorten the reason
hit contains {"id": "approval.reason_too_long", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	input.kind == "vote"
	not _short
	msg := sprintf("the reason is longer than %d bytes", [data.guard.config.reason_bytes])
}

# METADATA
# title: Assurance below what the step asks for
# description: |
#   How sure guard is of who answered has to match what is at stake. Saying no
#   needs no proof.
# custom:
#   id: approval.assurance
#   remedy: answer in a way that proves who you are, as the hold's terms say
hit contains {"id": "approval.assurance", "tier": 0, "verdict": "deny", "stage": -1, "msg": "the answer does not prove enough who gave it"} if {
	input.kind == "vote"
	not _assured
}

# METADATA
# title: Somebody who has no say
# description: |
#   Only people who are enrolled count, where any are, with the role that the
#   step asks for; whoever acts for an agent never does. Saying no needs no proof.
# custom:
#   id: approval.not_entitled
#   remedy: let somebody answer whom guard.json names under people and roles
hit contains {"id": "approval.not_entitled", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	input.kind == "vote"
	not _entitled
	msg := sprintf("%s may not answer this", [input.vote.approver])
}

# METADATA
# title: Not answered in person
# description: |
#   Some acts take a person at a terminal, outside every session
#   (data.guard.approval.in_person). Saying no needs no proof.
# custom:
#   id: approval.in_person
#   remedy: answer at a terminal
hit contains {"id": "approval.in_person", "tier": 0, "verdict": "deny", "stage": -1, "msg": "this takes a person at a terminal"} if {
	input.kind == "vote"
	input.vote.approve == true
	not _in_person
}

_in_person if {
	act := input.hold.act
	not act in data.guard.approval.in_person
}

_in_person if input.peer.terminal == true

# METADATA
# title: A person votes twice
# description: Two approvals are two people. Taking an approval back is possible at any time.
# custom:
#   id: approval.twice
#   remedy: let another person answer
hit contains {"id": "approval.twice", "tier": 0, "verdict": "deny", "stage": -1, "msg": "this person has already answered"} if {
	input.kind == "vote"
	not _first
}

# METADATA
# title: The hold has ended
# description: Each hold is answered once (REQUIREMENTS S1-45, S1-49); what comes later changes nothing.
# custom:
#   id: approval.ended
#   remedy: repeat the command, which opens a new hold
hit contains {"id": "approval.ended", "tier": 0, "verdict": "deny", "stage": -1, "msg": _ended_msg} if {
	input.kind == "vote"
	not _open
}

_known_kind if input.kind in {
	"command", "vote", "stop", "accept", "session",
	"elevate", "release", "threat", "tem", "trust", "lockout", "budget",
}

# Commands come from inside; raising is held for a person; a session may give up
# its own authority, weigh threats with what it has, and spend from its own budget.
# What people have approved is carried out, whoever asked for it.
_judged_otherwise if {
	input.kind in {"accept", "trust", "lockout"}
	input.hold.state == "approved"
}

_judged_otherwise if input.kind in {"command", "elevate", "release", "tem"}

_judged_otherwise if {
	input.kind == "budget"
	input.budget.op == "debit"
}

# Locking an agent out takes authority away; guard.velocity says which session may.
_judged_otherwise if {
	input.kind == "lockout"
	input.lockout.reset == false
}

# What people have approved is carried out by guardd itself.
_judged_otherwise if {
	input.kind == "lockout"
	input.hold.state == "approved"
}

_unguarded if input.peer.guarded == ""

_another if {
	input.vote.approver != ""
	input.hold.requester != ""
	input.vote.approver != input.hold.requester
}

# Bytes, not characters.
_short if count(hex.encode(input.vote.reason)) <= 2 * data.guard.config.reason_bytes

_assured if input.vote.approve == false

_assured if _enough(input.vote)

_enough(vote) if {
	rank := data.guard.approval.assurance
	rank[vote.assurance] >= rank[input.hold.step.assurance]
}

_entitled if input.vote.approve == false

_entitled if _counts(input.vote.approver)

_counts(name) if {
	may(input.hold.step.role, name)
	not name in input.hold.excluded
}

# METADATA
# title: Who has a say
# description: People who are enrolled, where any are, in a role ("" for any); never an agent's delegates.
may(role, name) if {
	_among(data.guard.config.people, name)
	_in_role(role, name)
	not name in data.guard.config.delegates
}

_in_role("", _)

_in_role(role, name) if _among(data.guard.config.roles[role], name)

_among([], _)

_among(list, name) if name in list

_first if input.vote.approve == false

_first if {
	count(input.votes) == count([vote |
		some vote in input.votes
		vote.approver != input.vote.approver
	])
}

_open if input.hold.state == "pending"

default _ended_msg := "Approval not found"

_ended_msg := sprintf("Approval %s has expired", [input.hold.id]) if input.hold.state == "expired"

_ended_msg := sprintf("Approval %s not found (already %s by %s)", [input.hold.id, input.hold.state, input.hold.by]) if {
	input.hold.state in {"approved", "denied"}
}

_ended_msg := sprintf("Approval %s not found (already cancelled)", [input.hold.id]) if input.hold.state == "cancelled"

# METADATA
# title: A loosened policy is accepted
# description: Whoever may answer holds of its terms agrees; a person who asks has said yes.
# custom:
#   id: policy.accept
#   remedy: wait for another person to agree
hit contains {"id": "policy.accept", "tier": 3, "verdict": "hold", "stage": -1, "msg": "lets a policy that loosens take effect"} if {
	input.kind == "accept"
}

# METADATA
# title: Whose terms
# description: The act whose terms an acceptance has.
act := "policy.accept" if input.kind == "accept"

# METADATA
# title: What happens
# description: The newer policy counts alone.
effect contains {"do": "accept", "order": 0} if input.kind == "accept"

# METADATA
# title: How the votes stand
# description: |
#   Denied as soon as one person says no; approved when enough different people
#   said yes with the assurance that the current step asks for; else pending.
default outcome := "pending"

outcome := "denied" if _refused

outcome := "approved" if {
	count(input.votes) > 0
	not _refused
	people := {vote.approver |
		some vote in input.votes
		vote.approve == true
		vote.approver != ""
		vote.approver != input.hold.requester
		_counts(vote.approver)
		_enough(vote)
	}
	count(people) >= input.hold.step.approvers
	input.hold.step.approvers >= 1
}

_refused if {
	some vote in input.votes
	vote.approve == false
}
