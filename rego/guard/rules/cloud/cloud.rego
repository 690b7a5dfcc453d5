# METADATA
# title: Clouds and forges
# description: |
#   What runs, is stored or is published elsewhere; deletion there is at once
#   and for good.
package guard.rules.cloud

import data.guard.stage

# METADATA
# title: Deletes in a cloud
# description: Storage, databases and machines elsewhere; deletion there is at once and for good.
# custom:
#   id: cloud.delete
#   remedy: list or describe it first and show a person
#   fires: gcloud projects delete my-prod
#   quiet: 'aws s3 rm s3://site/old.js --dryrun'
hit contains {"id": "cloud.delete", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tables.clouds[s.name]
	not stage.dry(s)
	_deletes_in_cloud(s)
	msg := sprintf("deletes or stops in the cloud: %s", [stage.line(s)])
}

# METADATA
# title: Hands out access in a cloud
# description: Keys, policies and roles decide who can do everything else.
# custom:
#   id: cloud.access
#   remedy: ask a person
#   fires: aws iam create-access-key --user-name admin
#   quiet: aws sts get-caller-identity
hit contains {"id": "cloud.access", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tables.clouds[s.name]
	_grants(s)
	msg := sprintf("hands out access: %s", [stage.line(s)])
}

# METADATA
# title: Changes a cloud
# description: Creates, changes or starts something that runs and costs elsewhere.
# custom:
#   id: cloud.change
#   remedy: show a person what would change
#   fires: 'aws s3 cp dist/app.js s3://site/app.js'
#   quiet: 'aws s3 cp s3://site/app.js app.js'
hit contains {"id": "cloud.change", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tables.clouds[s.name]
	not stage.dry(s)
	some word in array.concat(split(s.sub, " "), s.operands)
	regex.match(`(^|:)(create|restart|promote|rotate|update|put|modify|start|run|set|add|attach|enable|deploy|import|restore|scale|up|mb|cp|mv|sync|invoke|send)(-|$)`, word)
	_outwards(s, word)
	msg := sprintf("changes something in the cloud: %s", [stage.line(s)])
}

# METADATA
# title: Starts work on a forge
# description: A workflow runs elsewhere, with the repository's secrets.
# custom:
#   id: cloud.dispatch
#   remedy: push a branch and let its checks run
#   fires: gh workflow run deploy.yml
#   quiet: gh run view 17
hit contains {"id": "cloud.dispatch", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"gh", "glab"}
	s.sub in {"workflow run", "run rerun", "ci run", "pipeline run"}
	msg := sprintf("starts work on the forge: %s", [stage.line(s)])
}

# METADATA
# title: Changes a forge past its rules
# description: Deletes repositories or releases, merges past review, changes secrets or protection.
# custom:
#   id: cloud.forge
#   remedy: ask a person with that right to do it
#   fires: gh api -X DELETE repos/acme/app
#   quiet: gh api repos/acme/app
hit contains {"id": "cloud.forge", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"gh", "glab", "hub"}
	_forge(s)
	msg := sprintf("changes the repository's home: %s", [stage.line(s)])
}

_grants(s) if {
	some word in array.concat(split(s.sub, " "), s.operands)
	word in data.guard.tables.cloud_grants
}

_grants(s) if "with-decryption" in s.flags

_deletes_in_cloud(s) if {
	some word in array.concat(split(s.sub, " "), s.operands)
	some verb in data.guard.tables.cloud_verbs
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
