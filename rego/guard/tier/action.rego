# Action words: what a tool call says it does, before what it does is looked at
# (REQUIREMENTS S1-10 to S1-17). The table is data.guard.tier.actions; a command
# that comes with the word is judged too and the higher tier wins.

package guard.tier

# METADATA
# title: Known action word
# description: The tier of the word.
# custom:
#   id: action.word
#   remedy: none
hit contains {"id": "action.word", "tier": tier, "stage": -1, "msg": msg} if {
	input.cmd.kind == "action"
	tier := data.guard.tier.actions[input.cmd.action]
	tier > 0
	msg := sprintf("the action is called %s", [input.cmd.action])
}

# METADATA
# title: Unknown action word
# description: A word that is not in the table is not SAFE for that (REQUIREMENTS X-21).
# custom:
#   id: action.unknown
#   remedy: name the action with a word of the table
hit contains {"id": "action.unknown", "tier": 2, "stage": -1, "msg": msg} if {
	input.cmd.kind == "action"
	not data.guard.tier.actions[input.cmd.action]
	msg := sprintf("the action %q is not known", [_cut(input.cmd.action)])
}
