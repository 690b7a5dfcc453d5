# METADATA
# title: Production
# description: |
#   Deployments that say so in their own words, whatever the tool.
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
	some s in input.cmd.stages
	not data.guard.tables.text_carriers[s.name]
	not stage.reads[s.id]
	text := concat(" ", array.concat([s.name, s.path], s.args))
	regex.match(`(?i)(^|[^a-z])prod(uction)?([^a-z]|$)`, text)
	regex.match(`(?i)(deploy|publish|release|promote|rollout|vercel|netlify|wrangler|eb |cap )`, text)
	not _given_code(s)
	not stage.dry(s)
	msg := sprintf("deploys to production: %s", [stage.line(s)])
}

# The commands in code that a shell is given are stages of their own.
_given_code(s) if s.payload.kind in {"inline", "heredoc"}
