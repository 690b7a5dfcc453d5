# METADATA
# title: Places that are not the task's
# description: |
#   The system's files, what lies outside the workspace, and guard's own.
package guard.rules.fsplace

import data.guard.stage

# METADATA
# title: Changes the system
# description: Programs, configuration and state of the whole machine (REQUIREMENTS S1-21, S1-28).
# custom:
#   id: system.write
#   remedy: write inside the workspace
#   fires: tee /etc/x
#   quiet: cat /etc/hosts
hit contains {"id": "system.write", "tier": 3, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "system"
	_core(p.path)
	not s.remote
	not _copies(s, p)
	msg := sprintf("changes the system file %s", [stage.shown(p)])
}

# METADATA
# title: Copies into the system's configuration
# description: |
#   LOW by REQUIREMENTS S1-23, yet it changes the whole machine, so a person is
#   asked.
# custom:
#   id: system.copy
#   remedy: keep the file in the workspace and let a person install it
#   fires: cp x /etc/x
#   quiet: cp /etc/hosts hosts.txt
hit contains {"id": "system.copy", "tier": 1, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "system"
	_copies(s, p)
	not s.remote
	msg := sprintf("copies into the system's configuration: %s", [stage.shown(p)])
}

# METADATA
# title: Writes outside the workspace
# description: Not the system's core, but not the task's folder either.
# custom:
#   id: fs.write_outside
#   remedy: write inside the workspace or to a temporary folder
#   fires: touch /data/x
#   quiet: touch /tmp/x
hit contains {"id": "fs.write_outside", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "system"
	p.access in {"write", "meta"}
	not _core(p.path)
	not s.remote
	msg := sprintf("changes %s, outside the workspace", [stage.shown(p)])
}

# METADATA
# title: Changes guard's own files
# description: An agent that can change its guard has none.
# custom:
#   id: guard.own_files
#   remedy: none; ask a person to change guard's policy or state
#   fires: echo x > ~/.config/guard/policy/x.rego
#   quiet: cat ~/.config/guard/policy/x.rego
hit contains {"id": "guard.own_files", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some p in s.paths
	_changes_own(s, p)
	msg := sprintf("changes guard's own files: %s", [stage.shown(p)])
}

# METADATA
# title: Changes the workspace's policy for guard
# description: The rules that this project has for its agents are for people to change.
# custom:
#   id: guard.workspace_policy
#   remedy: show a person the rule that should change
#   fires: rm .guard/policy/publish.rego
#   quiet: cat .guard/policy/publish.rego
hit contains {"id": "guard.workspace_policy", "tier": 3, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	contains(sprintf("%s/", [p.path]), "/.guard/")
	p.zone != "guard"
	msg := sprintf("changes the workspace's policy: %s", [stage.shown(p)])
}

_changes_own(_, p) if {
	p.zone == "guard"
	p.access in {"write", "delete", "meta"}
}

_changes_own(s, p) if {
	p.zone == "guard"
	p.access == "unknown"
	not stage.reads[s.id]
	s.name != "guard"
	s.name != "guardd"
}

_changes_own(s, p) if {
	p.access in {"delete", "meta"}
	"guard" in p.covers
	_deletes_trees(s)
}

_rm_recursive(s) if _recursive(s)

_recursive(s) if {
	some flag in ["r", "R", "recursive"]
	flag in s.flags
}

# Programs whose delete reaches below the path they are given. rm without -r
# only complains about a folder, except that / as operand is an intent of its
# own (REQUIREMENTS S1-20).
_deletes_trees(s) if s.name != "rm"

_deletes_trees(s) if _rm_recursive(s)

_deletes_trees(s) if {
	some p in s.paths
	p.path == "/"
}

_core(path) if strings.any_prefix_match(sprintf("%s/", [path]), data.guard.tables.system_core)

_core("/")

_copies(s, p) if {
	s.name in {"cp", "mv"}
	startswith(sprintf("%s/", [p.path]), "/etc/")
	p.access == "write"
}
