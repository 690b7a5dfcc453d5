# METADATA
# title: Persistence
# description: |
#   What is trusted or started long after the task.
package guard.rules.persist

import data.guard.stage

# METADATA
# title: Changes what starts later
# description: |
#   Shell start-up files, keys, hooks, units and agents' own settings run or
#   are trusted long after the task, without guard.
# custom:
#   id: persist.startup
#   remedy: set it for this one command, or ask a person to change the file
#   fires: echo 'x' >> ~/.bashrc
#   quiet: cat ~/.bashrc
hit contains {"id": "persist.startup", "tier": 3, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	_persists(p)
	not _tightens(s)
	msg := sprintf("changes %s, which later sessions trust", [stage.shown(p)])
}

_persists(p) if {
	strings.any_prefix_match(stage.below_home(p.path), data.guard.tables.persist_home)
}

_persists(p) if {
	regex.match(data.guard.tables.persist_anywhere, p.path)
}

# Takes rights away from others, as ssh itself asks for.
_tightens(s) if {
	s.name == "chmod"
	not "R" in s.flags
	s.operands[0] in {"600", "700", "400", "0600", "0700", "0400", "go-rwx", "u=rwx,go=", "u=rw,go=", "og-rwx", "go="}
}
