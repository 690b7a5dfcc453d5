# METADATA
# title: Budgets
# description: |
#   Who may create a budget and who may debit one. What a command costs is not
#   asked here: the prices of guard.config are added up where findings are joined,
#   and the row budget says what happens when there is too little.
package guard.budget

import data.guard.form

# METADATA
# title: What a budget request lacks
# description: A name, units from 1, and a scope that there is.
# custom:
#   id: budget.malformed
#   remedy: a name of up to 64 letters, digits, dots and dashes, at least one unit, and --per session, agent or day if any
hit contains {"id": "budget.malformed", "tier": 0, "verdict": "deny", "stage": -1, "msg": "not a name, a number of units or a scope that a budget can have"} if {
	input.kind == "budget"
	not _formed
}

_formed if {
	form.made_of(input.budget.id, concat("", [form.alphanumeric, "._-"]))
	not strings.any_prefix_match(input.budget.id, [".", "_", "-"])
	count(input.budget.id) <= 64
	input.budget.units >= 1
	input.budget.units <= 1000000000000
	input.budget.per in {"", "session", "agent", "day"}
	input.budget.op in {"create", "debit"}
}

# METADATA
# title: A budget that is not there
# description: Only what was created can be debited.
# custom:
#   id: budget.unknown
#   remedy: guard budget show lists those there are
hit contains {"id": "budget.unknown", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	input.kind == "budget"
	input.budget.op == "debit"
	not _balance
	msg := sprintf("Budget %s not found", [input.budget.id])
}

_balance := b.balance if {
	some b in input.state.budgets
	b.id == input.budget.id
}

# METADATA
# title: Somebody else's units
# description: A guarded process spends what its own session has, and nothing else.
# custom:
#   id: budget.foreign
#   remedy: debit it from inside the session, or from a terminal outside every session
hit contains {"id": "budget.foreign", "tier": 0, "verdict": "deny", "stage": -1, "msg": "the units belong to another session"} if {
	input.kind == "budget"
	not _may_debit
}

_may_debit if input.peer.guarded == ""

_may_debit if input.peer.own == true

# METADATA
# title: Too little is left
# description: A debit is refused whole, before anything is written (REQUIREMENTS 5.4).
# custom:
#   id: budget.insufficient
#   remedy: let a person give more with guard budget create
hit contains {"id": "budget.insufficient", "tier": 0, "verdict": "deny", "stage": -1, "msg": msg} if {
	input.kind == "budget"
	input.budget.op == "debit"
	input.budget.units > _balance
	msg := sprintf("insufficient budget %s: it costs %d, %d are left", [input.budget.id, input.budget.units, _balance])
}

# METADATA
# title: What happens
# description: A budget is created or gets another size, or units of it are spent.
effect contains {"do": "allocate", "order": 0} if {
	input.kind == "budget"
	input.budget.op == "create"
}

effect contains {"do": "debit", "order": 0} if {
	input.kind == "budget"
	input.budget.op == "debit"
}
