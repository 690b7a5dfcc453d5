# METADATA
# title: Services
# description: |
#   Programs that tell a service what to do: secret stores, queues, schedulers
#   of clusters and workflows, messengers, shops. The table says what their own
#   commands do; a command that is not in it is ordinary work, and one that
#   says that it destroys is a finding of the deployments.
package guard.rules.service

import data.guard.stage

# METADATA
# title: Takes something away from a service
# description: Others use what is deleted, stopped or emptied there.
# custom:
#   id: service.delete
#   remedy: list it first and show a person
#   fires: scancel 4711
#   quiet: scontrol show job 4711
hit contains {"id": "service.delete", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _asked
	_does(s) == "delete"
	msg := sprintf("deletes or stops at a service: %s", [stage.line(s)])
}

# METADATA
# title: Changes a service
# description: Settings, jobs and data of something that others use, or that costs.
# custom:
#   id: service.change
#   remedy: show a person what would change
#   fires: vault write auth/approle/role/ci token_policies=admin
#   quiet: vault kv list secret/
hit contains {"id": "service.change", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _asked
	_does(s) == "change"
	msg := sprintf("changes a service: %s", [stage.line(s)])
}

# METADATA
# title: Hands out access to a service
# description: Tokens and keys decide who can do everything else.
# custom:
#   id: service.access
#   remedy: ask a person
#   fires: vault token create -policy=admin
#   quiet: vault token lookup
hit contains {"id": "service.access", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _asked
	_does(s) == "access"
	msg := sprintf("hands out access: %s", [stage.line(s)])
}

# METADATA
# title: Sends a message through a service
# description: Messages are read by people and cannot be taken back (REQUIREMENTS S1-22).
# custom:
#   id: service.message
#   remedy: show the text to a person first
#   fires: slack chat send --text hi --channel general
#   quiet: slack chat list
hit contains {"id": "service.message", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _asked
	_does(s) == "message"
	msg := sprintf("sends a message: %s", [stage.line(s)])
}

# METADATA
# title: Work for a shared cluster
# description: A job on machines that others share takes them, and what it does there nobody here sees.
# custom:
#   id: service.job
#   remedy: run it here with --master 'local[2]' first
#   fires: spark-submit --master yarn jobs/rebuild.py
#   quiet: spark-submit --master 'local[2]' jobs/rebuild.py
hit contains {"id": "service.job", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _asked
	s.name in {"spark-submit", "spark-sql"}
	some i, word in s.args
	split(word, "=")[0] == "--master"
	not startswith(_value(s, i), "local")
	msg := sprintf("starts work on a shared cluster: %s", [stage.line(s)])
}

# Stages that ask a service for something, in earnest.
_asked := [s |
	some s in input.cmd.stages
	data.guard.rules.service.commands[s.name]
	not stage.help(s)
	not stage.dry(s)
	not _asks_about_itself(s)
]

_asks_about_itself(s) if {
	count(s.args) == 1
	s.args[0] in {"-h", "-V", "-v", "version"}
}

# The first words that the program knows, the longest of them; without any, what
# the program does at all.
_does(s) := effect if {
	words := array.slice(array.concat([word | some word in split(s.sub, " "); word != ""], s.operands), 0, 6)
	found := [what |
		some i, _ in words
		some n in [3, 2, 1]
		what := data.guard.rules.service.commands[s.name][concat(" ", array.slice(words, i, i + n))]
	]
	effect := array.concat(array.concat(found, _by_flag(s)), _always(s))[0]
}

_by_flag(s) := [what | some flag in s.flags; what := data.guard.rules.service.flags[s.name][flag]]

_always(s) := [what | what := data.guard.rules.service.commands[s.name][""]]

# --name=value, or --name value
_value(s, i) := split(s.args[i], "=")[1] if contains(s.args[i], "=")

_value(s, i) := s.args[i + 1] if not contains(s.args[i], "=")
