# METADATA
# title: The shell's history
# description: |
#   A person's record of what was done.
package guard.rules.history

import data.guard.stage

# METADATA
# title: Changes a shell history
# description: The history is a person's record of what was done; who changes it hides something.
# custom:
#   id: loss.history
#   remedy: leave the history alone
#   fires: ln -sf /dev/null ~/.bash_history
#   quiet: ls -l ~/.bash_history
hit contains {"id": "loss.history", "tier": 3, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "home"
	some name in data.guard.rules.history.histories
	stage.below_home(p.path) == sprintf("%s/", [name])
	msg := sprintf("changes the history in %s", [stage.shown(p)])
}

# METADATA
# title: Stops the shell history
# description: What follows leaves no trace in the person's record.
# custom:
#   id: loss.no_history
#   remedy: leave the history on
#   fires: export HISTFILE=/dev/null
#   quiet: export HISTFILE=/tmp/history
hit contains {"id": "loss.no_history", "tier": 2, "stage": s.id, "msg": "stops the shell history"} if {
	some s in input.cmd.stages
	_stops_history(s)
}

_stops_history(s) if {
	s.name in {"export", "declare", "typeset"}
	some word in s.args
	word in {"HISTFILE=", "HISTFILE=/dev/null", "HISTSIZE=0", "HISTFILESIZE=0"}
}

_stops_history(s) if {
	s.name == "history"
	some flag in s.flags
	flag in {"c", "d"}
}

_stops_history(s) if {
	s.name == "unset"
	"HISTFILE" in s.operands
}

_stops_history(s) if {
	s.name == "set"
	s.args == ["+o", "history"]
}
