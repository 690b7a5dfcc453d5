# METADATA
# title: Deployments
# description: |
#   Programs, scripts and tasks that say in their own words that they deploy or
#   destroy, whatever the tool. Only words in the place of a task count: a file
#   below deploy/ is not a deployment.
package guard.rules.deploy

import data.guard.stage
import data.guard.task

# METADATA
# title: Deploys to production
# description: Its own words are deploy, publish or release, and production (REQUIREMENTS S1-21).
# custom:
#   id: infra.deploy_production
#   remedy: deploy to a preview or staging environment
#   fires: 'npm run deploy:prod'
#   quiet: 'npm run deploy:preview'
hit contains {"id": "infra.deploy_production", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in task.acting
	_releases(s)
	task.production(s)
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
	some s in task.acting
	some word in task.tasks(s)
	some verb in task.parts(word)
	_deploying(s, verb)
	every part in task.parts(word) {
		not part in data.guard.rules.deploy.rehearsals
	}
	msg := sprintf("deploys: %s", [stage.line(s)])
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
	some s in task.acting
	task.of_project(s)
	_at_production(s)
	parts := {part | some word in (task.tasks(s) | task.names(s)); some part in task.parts(word)}
	_works(s, parts)
	count([1 | some part in parts; part in data.guard.rules.deploy.rehearsals]) == 0
	msg := sprintf("works on production: %s", [stage.line(s)])
}

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
	_says_production(split(word, "="))
}

_says_production([word]) if _production[word]

# --env=prod, STAGE=prod
_says_production([name, value]) if {
	_production[value]
	upper(name) == name
}

_says_production([name, value]) if {
	_production[value]
	startswith(name, "-")
}

_production := {"prod": true, "prd": true, "production": true, "live": true}

_at_production(s) if {
	some word in task.tasks(s)
	data.guard.rules.deploy.runners[s.name]
	some part in task.parts(word)
	part in {"prod", "production"}
}

_releases(s) if {
	some word in task.tasks(s)
	some part in task.parts(word)
	part in {"deploy", "deployment", "publish", "release", "promote", "rollout", "ship"}
}

_releases(s) if s.name in {"vercel", "netlify", "wrangler", "eb", "cap", "kamal", "dokku"}

_deploying(_, "deploy")

_deploying(_, "redeploy")

_deploying(s, part) if {
	part in {"publish", "release", "ship"}
	data.guard.rules.deploy.runners[s.name]
	s.name != "make"
}
