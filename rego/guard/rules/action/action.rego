# METADATA
# title: Action words
# description: |
#   What a tool call says it does, before what it does is looked at
#   (REQUIREMENTS S1-10 to S1-17). A command that comes with the word is judged
#   too and the higher tier wins.
package guard.rules.action

import data.guard.stage

# METADATA
# title: Known action word
# description: The tier of the word.
# custom:
#   id: action.word
#   remedy: ask with the command itself, so that what it does can be judged
#   fires: {action: deploy}
#   quiet: {action: read}
hit contains {"id": "action.word", "tier": tier, "stage": -1, "msg": msg} if {
	input.cmd.kind == "action"
	tier := data.guard.tables.actions[input.cmd.action]
	tier > 0
	msg := sprintf("the action is called %s", [input.cmd.action])
}

# METADATA
# title: Unknown action word
# description: A word that is not in the table is not SAFE for that (REQUIREMENTS X-21).
# custom:
#   id: action.unknown
#   remedy: name the action with a word of the table
#   fires: {action: frobnicate}
#   quiet: {action: list}
hit contains {"id": "action.unknown", "tier": 2, "stage": -1, "msg": msg} if {
	input.cmd.kind == "action"
	not data.guard.tables.actions[input.cmd.action]
	msg := sprintf("the action %q is not known", [stage.cut(input.cmd.action)])
}
