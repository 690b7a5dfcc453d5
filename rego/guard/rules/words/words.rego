# METADATA
# title: Words that say enough
# description: |
#   Programs that guard has no rules for, and tasks of the project, by what their
#   own words say.
package guard.rules.words

import data.guard.stage
import data.guard.task

# METADATA
# title: Says that it destroys
# description: |
#   guard has no rules for the program, or it runs a task of the project, and
#   its own words are delete, destroy, drop or the like.
# custom:
#   id: infra.says_destroy
#   remedy: list first what would go, and show a person
#   fires: 'rabbitmqctl delete_queue orders'
#   quiet: 'rabbitmqctl list_queues'
hit contains {"id": "infra.says_destroy", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in task.acting
	_destroys(s)
	msg := sprintf("says that it destroys: %s", [stage.line(s)])
}

# METADATA
# title: Takes something away and insists
# description: |
#   guard has no rules for the program. It is told to remove, reset or stop
#   something, and not to ask, to take all, or on a system that others use.
# custom:
#   id: infra.insists
#   remedy: leave the option out and see what it says, or show a person
#   fires: frobctl queue reset --all
#   quiet: frobctl queue reset q1
hit contains {"id": "infra.insists", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in task.acting
	not task.ruled(s)
	s.path == ""
	_undoes(s)
	_insists(s)
	msg := sprintf("takes something away and insists: %s", [stage.line(s)])
}

# METADATA
# title: Says that it publishes
# description: guard has no rules for the program, and its command is to push, publish or upload.
# custom:
#   id: infra.says_publish
#   remedy: show a person what would go where
#   fires: 'frobctl push app:v1 dist.tgz'
#   quiet: 'frobctl pull app:v1'
hit contains {"id": "infra.says_publish", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in task.acting
	not task.ruled(s)
	s.path == ""
	s.name != "act" # runs the workflow of a push here
	stage.verb(s) in {"push", "publish", "upload"}
	msg := sprintf("says that it publishes: %s", [stage.line(s)])
}

# Anything at all in programs that guard has no rules for; tasks of the project
# in those that run them.
_destroys(s) if {
	not task.ruled(s)
	s.path == ""
	some word in task.tasks(s)
	some part in task.parts(word)
	data.guard.rules.deploy.destroying[part]
}

_destroys(s) if {
	not task.ruled(s)
	some flag in s.flags
	data.guard.rules.deploy.destroying[flag]
}

_destroys(s) if {
	data.guard.rules.deploy.runners[s.name]
	some word in task.tasks(s)
	some part in task.parts(word)
	part in {"destroy", "nuke", "wipe", "teardown", "undeploy", "dropdb"}
}

# A cache is made again.
_undoes(s) if {
	some word in task.tasks(s)
	word != s.name
	data.guard.rules.deploy.undoing[_verb(lower(word))]
	count({w | some w in s.args; contains(lower(w), "cache")}) == 0
}

# k3s-uninstall.sh
_destroys(s) if {
	not task.ruled(s)
	s.path == ""
	"uninstall" in task.parts(s.name)
}

_insists(s) if {
	some flag in s.flags
	data.guard.rules.deploy.insisting[flag]
}

_insists(s) if {
	some word in s.args
	word in {"*", "all", "--all", "--yes", "--force"}
}

_insists(s) if task.production(s)

# phone-numbers:remove, of a program whose commands have a topic each
_insists(s) if {
	some word in task.tasks(s)
	contains(word, ":")
	data.guard.rules.deploy.undoing[_verb(word)]
}

_verb(word) := parts[count(parts) - 1] if parts := split(word, ":")

_insists(s) if {
	some h in s.hosts
	not h.loopback
}

# Scripts by their own names, unless what is in them was read.
_destroys(s) if {
	task.of_project(s)
	not s.payload.read
	parts := {part | some name in (task.names(s) | task.script(s)); some part in task.parts(name)}
	some part in parts
	part in {"destroy", "nuke", "wipe", "undeploy", "dropdb"}
	count(parts & {"test", "tests", "spec", "mock"}) == 0
}
