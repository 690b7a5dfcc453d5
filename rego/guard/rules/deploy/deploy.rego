# METADATA
# title: Deployments
# description: |
#   Programs, scripts and tasks that say in their own words that they deploy or
#   destroy, whatever the tool. Only words in the place of a task count: a file
#   below deploy/ is not a deployment.
package guard.rules.deploy

import data.guard.stage

# METADATA
# title: Deploys to production
# description: Its own words are deploy, publish or release, and production (REQUIREMENTS S1-21).
# custom:
#   id: infra.deploy_production
#   remedy: deploy to a preview or staging environment
#   fires: 'npm run deploy:prod'
#   quiet: 'npm run deploy:preview'
hit contains {"id": "infra.deploy_production", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _acting
	_releases(s)
	_production(s)
	msg := sprintf("deploys to production: %s", [stage.line(s)])
}

# METADATA
# title: Deploys
# description: What is deployed runs for others (REQUIREMENTS S1-12).
# custom:
#   id: infra.deploy
#   remedy: show a person what would be deployed, or deploy a preview
#   fires: 'make deploy'
#   quiet: 'make deploy-check'
hit contains {"id": "infra.deploy", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _acting
	some word in _tasks(s)
	some verb in _parts(word)
	_deploying(s, verb)
	every part in _parts(word) {
		not part in data.guard.rules.deploy.rehearsals
	}
	msg := sprintf("deploys: %s", [stage.line(s)])
}

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
	some s in _acting
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
	some s in _acting
	not _ruled(s)
	s.path == ""
	_undoes(s)
	_insists(s)
	msg := sprintf("takes something away and insists: %s", [stage.line(s)])
}

# METADATA
# title: Works on production
# description: |
#   A task or script of the project that changes something, and its own words
#   say that it is to do so in production.
# custom:
#   id: infra.production
#   remedy: run it on a copy, then let a person run it
#   fires: './scripts/backfill.sh --env=production'
#   quiet: './scripts/backfill.sh --env=development'
hit contains {"id": "infra.production", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _acting
	_of_project(s)
	_at_production(s)
	parts := {part | some word in (_tasks(s) | _names(s)); some part in _parts(word)}
	_works(s, parts)
	count([1 | some part in parts; part in data.guard.rules.deploy.rehearsals]) == 0
	msg := sprintf("works on production: %s", [stage.line(s)])
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
	some s in _acting
	not _ruled(s)
	s.path == ""
	s.name != "act" # runs the workflow of a push here
	stage.verb(s) in {"push", "publish", "upload"}
	msg := sprintf("says that it publishes: %s", [stage.line(s)])
}

# What does something: not what reads, carries text, or only rehearses.
_acting := [s |
	some s in input.cmd.stages
	s.name != ""
	not data.guard.tables.text_carriers[s.name]
	not s.builtin
	not stage.reads[s.id]
	not _given_code(s)
	not stage.dry(s)
	not stage.help(s)
	not _rehearses(s)
]

# npm run deploy -- --dry-run, ./deploy.sh --help; prisma migrate deploy is a
# migration.
_rehearses(s) if {
	some word in s.args
	word in {"--dry-run", "--help", "--check", "--plan", "--noop", "--what-if"}
}

_rehearses(s) if "migrate" in s.args

# ansible-lint deploy.yml
_rehearses(s) if endswith(s.name, "lint")

# cdklocal, tflocal: against a stand-in on this machine
_rehearses(s) if endswith(s.name, "local")

# The commands in code that a shell is given are stages of their own, and a
# shell that only checks a script runs nothing.
_given_code(s) if s.payload.kind in {"inline", "heredoc"}

_given_code(s) if {
	data.guard.tables.shells[s.name]
	"n" in s.flags
}

# Words in the place of a task: the program's own name, the first operands, and
# the name of the script that an interpreter runs.
_tasks(s) := (({s.name} | {word |
	some i, word in s.operands
	i < 3
	not contains(word, "/")
	not startswith(word, "-")
	not contains(word, " ")
	not contains(word, "=")
}) | {word | some word in split(s.sub, " ")}) | _script(s)

_script(s) := {name |
	some table in ["shells", "interpreters"]
	data.guard.tables[table][s.name]
	parts := split(s.operands[0], "/")
	name := parts[count(parts) - 1]
}

# Anything at all in programs that guard has no rules for; tasks of the project
# in those that run them.
_destroys(s) if {
	not _ruled(s)
	s.path == ""
	some word in _tasks(s)
	some part in _parts(word)
	data.guard.rules.deploy.destroying[part]
}

_destroys(s) if {
	not _ruled(s)
	some flag in s.flags
	data.guard.rules.deploy.destroying[flag]
}

_destroys(s) if {
	data.guard.rules.deploy.runners[s.name]
	some word in _tasks(s)
	some part in _parts(word)
	part in {"destroy", "nuke", "wipe", "teardown", "undeploy", "dropdb"}
}

# A cache is made again.
_undoes(s) if {
	some word in _tasks(s)
	word != s.name
	data.guard.rules.deploy.undoing[_verb(lower(word))]
	count({w | some w in s.args; contains(lower(w), "cache")}) == 0
}

# k3s-uninstall.sh
_destroys(s) if {
	not _ruled(s)
	s.path == ""
	"uninstall" in _parts(s.name)
}

_insists(s) if {
	some flag in s.flags
	data.guard.rules.deploy.insisting[flag]
}

_insists(s) if {
	some word in s.args
	word in {"*", "all", "--all", "--yes", "--force"}
}

_insists(s) if _production(s)

# phone-numbers:remove, of a program whose commands have a topic each
_insists(s) if {
	some word in _tasks(s)
	_verb(word) != word
	data.guard.rules.deploy.undoing[_verb(word)]
}

_verb(word) := regex.replace(word, `^[a-z0-9:-]+:`, "")

_insists(s) if {
	some h in s.hosts
	not h.loopback
}

# Scripts by their own names, unless what is in them was read.
_destroys(s) if {
	_of_project(s)
	not s.payload.read
	parts := {part | some name in (_names(s) | _script(s)); some part in _parts(name)}
	some part in parts
	part in {"destroy", "nuke", "wipe", "undeploy", "dropdb"}
	count(parts & {"test", "tests", "spec", "mock"}) == 0
}

# What the project itself brings along: its tasks and scripts.
_of_project(s) if data.guard.rules.deploy.runners[s.name]

_of_project(s) if count(_script(s)) > 0

_of_project(s) if count(_names(s)) > 0

# ./scripts/x.sh
_names(s) := {s.name | s.path != ""; not strings.any_prefix_match(s.path, data.guard.tables.program_folders)}

_works(_, parts) if {
	some part in parts
	data.guard.rules.deploy.working[part]
}

# dbt run builds tables
_works(s, parts) if {
	s.name == "dbt"
	some part in parts
	part in {"run", "build"}
}

# Exactly that word, alone or as the value of an option or variable.
_at_production(s) if {
	some word in s.args
	regex.match(`^((--?[a-z-]+|[A-Z_]+)=)?(prod|prd|production|live)$`, word)
}

_at_production(s) if {
	some word in _tasks(s)
	data.guard.rules.deploy.runners[s.name]
	some part in _parts(word)
	part in {"prod", "production"}
}

_ruled(s) if data.guard.rules.deploy.runners[s.name]

_ruled(s) if data.guard.tables.interpreters[s.name]

_ruled(s) if data.guard.tables.shells[s.name]

_ruled(s) if data.guard.rules.deploy.migrators[s.name]

_ruled(s) if {
	some family in data.guard.tables.families[s.name]
	not data.guard.rules.deploy.worded[family]
}

_parts(word) := {part | some part in regex.split(`[^a-z]+`, lower(word))}

_releases(s) if {
	some word in _tasks(s)
	some part in _parts(word)
	part in {"deploy", "deployment", "publish", "release", "promote", "rollout", "ship"}
}

_releases(s) if s.name in {"vercel", "netlify", "wrangler", "eb", "cap", "kamal", "dokku"}

_production(s) if {
	some word in s.args
	count(word) < 200
	regex.match(`(?i)(^|[^a-z])(prod|prd|production)([^a-z]|$)`, word)
}

_production(s) if {
	some v in s.env
	regex.match(`(?i)^(prod|prd|production)$`, v.value)
}

_deploying(_, "deploy")

_deploying(_, "redeploy")

_deploying(s, part) if {
	part in {"publish", "release", "ship"}
	data.guard.rules.deploy.runners[s.name]
	s.name != "make"
}
