# Infrastructure and clouds: what runs for others, and what it costs to get it
# back.

package guard.tier

# METADATA
# title: Destroys infrastructure
# description: Machines, networks and data go at once.
# custom:
#   id: infra.destroy
#   remedy: terraform plan -destroy shows what would go
hit contains {"id": "infra.destroy", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"terraform", "tofu", "terragrunt", "pulumi", "cdk", "sam", "serverless", "sls", "vagrant", "copilot"}
	_destroys(s)
	msg := sprintf("destroys infrastructure: %s", [_line(s)])
}

# METADATA
# title: Changes infrastructure
# description: Applies a plan to what runs.
# custom:
#   id: infra.apply
#   remedy: run plan and show it to a person
hit contains {"id": "infra.apply", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"terraform", "tofu", "terragrunt", "pulumi", "cdk", "sam", "serverless", "sls"}
	some verb in ["apply", "up", "deploy", "import", "taint", "untaint", "refresh", "force-unlock", "state rm", "state mv", "state push", "run-all", "workspace delete"]
	_verb(s, verb)
	not _dry(s)
	not _destroys(s)
	msg := sprintf("changes infrastructure: %s", [_line(s)])
}

# METADATA
# title: Runs a playbook
# description: Changes every host of its inventory (REQUIREMENTS S1-21).
# custom:
#   id: infra.playbook
#   remedy: run it with --check --diff first
hit contains {"id": "infra.playbook", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"ansible-playbook", "ansible", "ansible-pull", "salt", "puppet", "chef-client", "knife"}
	not _plays_dry(s)
	not _help(s)
	msg := sprintf("changes the hosts of an inventory: %s", [_line(s)])
}

# METADATA
# title: Deploys to production
# description: Its own words are deploy, publish or release, and production (REQUIREMENTS S1-21).
# custom:
#   id: infra.deploy_production
#   remedy: deploy to a preview or staging environment
hit contains {"id": "infra.deploy_production", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not data.guard.tier.text_carriers[s.name]
	not _reads[s.id]
	text := lower(concat(" ", array.concat([s.name, s.path], s.args)))
	regex.match(`(deploy|publish|release|promote|rollout|vercel|netlify|wrangler|eb |cap )`, text)
	regex.match(`(^|[^a-z])prod(uction)?([^a-z]|$)`, text)
	not _dry(s)
	msg := sprintf("deploys to production: %s", [_line(s)])
}

# METADATA
# title: Deletes in a cloud
# description: Storage, databases and machines elsewhere; deletion there is at once and for good.
# custom:
#   id: cloud.delete
#   remedy: list or describe it first and show a person
hit contains {"id": "cloud.delete", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tier.clouds[s.name]
	not _dry(s)
	_deletes_in_cloud(s)
	msg := sprintf("deletes or stops in the cloud: %s", [_line(s)])
}

# METADATA
# title: Hands out access in a cloud
# description: Keys, policies and roles decide who can do everything else.
# custom:
#   id: cloud.access
#   remedy: ask a person
hit contains {"id": "cloud.access", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tier.clouds[s.name]
	some word in array.concat(split(s.sub, " "), s.operands)
	word in data.guard.tier.cloud_grants
	msg := sprintf("hands out access: %s", [_line(s)])
}

# METADATA
# title: Changes a cloud
# description: Creates, changes or starts something that runs and costs elsewhere.
# custom:
#   id: cloud.change
#   remedy: show a person what would change
hit contains {"id": "cloud.change", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tier.clouds[s.name]
	not _dry(s)
	some word in array.concat(split(s.sub, " "), s.operands)
	regex.match(`^(create|update|put|modify|start|run|set|add|attach|enable|deploy|import|restore|scale|up|mb|cp|mv|sync|invoke|send)(-|$)`, word)
	_outwards(s, word)
	msg := sprintf("changes something in the cloud: %s", [_line(s)])
}

# METADATA
# title: Changes a forge past its rules
# description: Deletes repositories or releases, merges past review, changes secrets or protection.
# custom:
#   id: cloud.forge
#   remedy: ask a person with that right to do it
hit contains {"id": "cloud.forge", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"gh", "glab", "hub"}
	_forge(s)
	msg := sprintf("changes the repository's home: %s", [_line(s)])
}

_destroys(s) if _verb(s, "destroy")

_destroys(s) if {
	"destroy" in s.flags
	s.sub != "plan"
}

_destroys(s) if {
	s.name in {"serverless", "sls", "sam", "copilot", "terragrunt"}
	some word in s.operands
	word in {"remove", "delete", "destroy"}
}

_plays_dry(s) if {
	some flag in ["C", "check", "syntax-check", "list-hosts", "list-tasks", "list-tags"]
	flag in s.flags
}

_plays_dry(s) if {
	s.name == "ansible"
	some o in s.options
	o.name in {"m", "module-name"}
	o.value in {"ping", "setup", "ansible.builtin.ping", "ansible.builtin.setup"}
}

_deletes_in_cloud(s) if {
	some word in array.concat(split(s.sub, " "), s.operands)
	some verb in data.guard.tier.cloud_verbs
	_is_verb(word, verb)
}

_deletes_in_cloud(s) if {
	some word in array.concat(split(s.sub, " "), s.operands)
	word == "sync"
	some flag in ["delete", "d", "delete-unmatched-destination-objects"]
	flag in s.flags
}

# delete, delete-bucket, apps:destroy
_is_verb(word, verb) if word == verb

_is_verb(word, verb) if startswith(word, sprintf("%s-", [verb]))

_is_verb(word, verb) if endswith(word, sprintf(":%s", [verb]))

# Copies count when something goes there.
_outwards(_, word) if not word in {"cp", "mv", "sync", "run", "set", "import"}

_outwards(s, word) if {
	word in {"cp", "mv", "sync"}
	regex.match(`^(s3|gs|az|r2|https?):`, s.operands[count(s.operands) - 1])
}

_outwards(s, word) if {
	word in {"run", "set", "import"}
	s.name != "vercel"
}

_forge(s) if {
	s.sub in {"repo delete", "repo archive", "repo edit", "repo rename", "release delete", "secret set", "secret delete", "secret remove", "variable delete", "ssh-key add", "gpg-key add", "auth refresh", "workflow disable", "cache delete", "ruleset delete"}
}

_forge(s) if {
	s.sub in {"pr merge", "mr merge"}
	"admin" in s.flags
}

_forge(s) if {
	s.sub == "api"
	some o in s.options
	o.name in {"X", "method"}
	not upper(o.value) in {"GET", "HEAD"}
}
