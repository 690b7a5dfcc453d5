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
#   quiet: aws s3 ls
hit contains {"id": "cloud.delete", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _asked
	_does(s) == "delete"
	msg := sprintf("deletes or stops in the cloud: %s", [stage.line(s)])
}

# METADATA
# title: Hands out access in a cloud
# description: Keys, policies and roles decide who can do everything else.
# custom:
#   id: cloud.access
#   remedy: ask a person
#   fires: aws iam create-access-key --user-name admin
#   quiet: aws iam list-access-keys
hit contains {"id": "cloud.access", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _asked
	_grants(s)
	msg := sprintf("hands out access: %s", [stage.line(s)])
}

# METADATA
# title: Changes a cloud
# description: |
#   Creates, changes or starts something that runs and costs elsewhere. A verb
#   that is not known to only read counts as one that changes.
# custom:
#   id: cloud.change
#   remedy: show a person what would change
#   fires: aws s3 cp dist/app.js s3://site/app.js
#   quiet: aws ec2 describe-instances
hit contains {"id": "cloud.change", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _asked
	_does(s) == "change"
	msg := sprintf("changes something in the cloud: %s", [stage.line(s)])
}

# METADATA
# title: Works on machines in a cloud
# description: A shell or a command on a machine elsewhere, where guard sees nothing.
# custom:
#   id: cloud.shell
#   remedy: read its logs, or ask a person with access to that machine
#   fires: gcloud compute ssh web-1 --command 'systemctl stop nginx'
#   quiet: gcloud compute instances list
hit contains {"id": "cloud.shell", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _asked
	some word in _words(s)
	word in {"ssh", "ssm", "send-command", "start-session", "execute-command", "connect", "psql", "console", "run-command"}
	not _reads(s)
	msg := sprintf("runs something elsewhere: %s", [stage.line(s)])
}

# METADATA
# title: Starts work on a forge
# description: A workflow runs elsewhere, with the repository's secrets.
# custom:
#   id: cloud.dispatch
#   remedy: push a branch and let its checks run
#   fires: gh workflow run deploy.yml
#   quiet: gh workflow list
hit contains {"id": "cloud.dispatch", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"gh", "glab"}
	s.sub in {"workflow run", "run rerun", "run cancel", "ci run", "ci retry", "pipeline run"}
	msg := sprintf("starts or ends work on the forge: %s", [stage.line(s)])
}

# METADATA
# title: Lands or publishes on a forge
# description: Merges what others build on, or shows files to others.
# custom:
#   id: cloud.publish
#   remedy: open a pull request and let a person merge it
#   fires: gh pr merge 12 --squash
#   quiet: gh pr create --fill
hit contains {"id": "cloud.publish", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"gh", "glab", "hub"}
	_lands(s)
	msg := sprintf("lands or publishes on the forge: %s", [stage.line(s)])
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

# Stages that ask a cloud for something, in earnest.
_asked := [s |
	some s in input.cmd.stages
	data.guard.rules.cloud.groups[s.name]
	not stage.dry(s)
	not stage.help(s)
	not "--help" in s.args
	count(_words(s)) > 0
]

# The words that say what is asked for. The first word of gcloud is a group of
# commands, some of them called run or deploy.
_words(s) := array.slice(_all(s), _skip(s, _all(s)), 5)

_all(s) := [word |
	some word in array.concat(split(s.sub, " "), s.operands)
	word != ""
]

_skip(s, all) := data.guard.rules.cloud.groups[s.name] if count(all) > 1

_skip(_, all) := 0 if count(all) < 2

# What the first word that is known says: read, delete, change or local. The
# words a program uses in its own way come first.
_does(s) := data.guard.rules.cloud.own[s.name][_own(s)]

_does(s) := what if {
	not _own(s)
	verbs := [_verb(word) | some word in _words(s); _verb(word)]
	what := _first(verbs)
	what in {"read", "delete"}
}

_does(s) := "read" if {
	not _own(s)
	count([1 | some word in _words(s); _verb(word)]) == 0
	_noun(s)
}

_does(s) := "change" if {
	not _own(s)
	verbs := [_verb(word) | some word in _words(s); _verb(word)]
	_first(verbs) == "change"
	not _inwards(s)
}

_does(s) := "change" if {
	not _own(s)
	count([1 | some word in _words(s); _verb(word)]) == 0
	not _noun(s)
}

_noun(s) if {
	some word in _words(s)
	data.guard.rules.cloud.nouns[regex.replace(word, `^.*:`, "")]
}

# cp, sync and their like change what is elsewhere only if that is where they copy to.
_inwards(s) if {
	some word in _words(s)
	word in {"cp", "mv", "sync", "copy", "copyto", "mirror", "rsync", "get"}
	not _outwards(s, word)
	not _deletes_more(s)
}

# Something elsewhere after the first of what is copied.
_outwards(s, word) if {
	some i, op in _all(s)
	op == word
	some target in array.slice(_all(s), i + 2, i + 20)
	_remote(s, target)
}

_remote(_, target) if regex.match(data.guard.rules.cloud.remote, target)

# mc writes its hosts as folders
_remote(s, target) if {
	s.name == "mc"
	regex.match(`^[A-Za-z0-9_-]+/`, target)
}

_first(verbs) := verbs[0] if count(verbs) > 0

# Only words that are also names of what is worked on, as in "secrets versions
# access": they count where nothing else says what is done.
_first([]) := "none"

_reads(s) if _does(s) == "read"

# The longest of the first words that the program uses in its own way.
_own(s) := key if {
	keys := [key |
		some n in [3, 2, 1]
		key := concat(" ", array.slice(_all(s), 0, n))
		data.guard.rules.cloud.own[s.name][key]
	]
	key := keys[0]
}

# delete, delete-bucket, batch-delete-image, apps:destroy
_verb(word) := data.guard.rules.cloud.verbs[part] if {
	some part in [regex.replace(word, `^.*:|^(batch|admin)-`, "")]
	data.guard.rules.cloud.verbs[part]
}

_verb(word) := data.guard.rules.cloud.verbs[part] if {
	whole := regex.replace(word, `^.*:|^(batch|admin)-`, "")
	not data.guard.rules.cloud.verbs[whole]
	part := split(whole, "-")[0]
	part != whole
}

_deletes_more(s) if {
	some flag in ["delete", "d", "delete-unmatched-destination-objects"]
	flag in s.flags
}

_grants(s) if {
	some word in _words(s)
	word in data.guard.tables.cloud_grants
}

_grants(s) if "with-decryption" in s.flags

_grants(s) if {
	regex.match(data.guard.rules.cloud.secrets, concat(" ", _all(s)))
}

_grants(s) if _does(s) == "secret"

_grants(s) if {
	concat(" ", _all(s)) == "ecr get-login-password"
	not _logs_in(s)
}

# A token that goes straight into a program's log-in.
_logs_in(s) if {
	count(s.writes_to) > 0
	every id in s.writes_to {
		input.cmd.stages[id].sub in {"login", "registry login", "auth login"}
	}
}

_lands(s) if s.sub in {"pr merge", "mr merge", "gist create", "repo create", "repo sync", "repo fork", "release upload", "release edit", "extension install", "alias set", "project delete"}

_lands(s) if {
	s.name == "glab"
	concat(" ", array.slice(_all(s), 0, 2)) in {"mr merge", "repo create", "snippet create"}
}

_forge(s) if {
	s.sub in data.guard.rules.cloud.forge
}

_forge(s) if {
	s.name == "glab"
	concat(" ", array.slice(_all(s), 0, 2)) in data.guard.rules.cloud.forge
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
	not _comments(s)
}

# Fields make it a POST; for graphql only a mutation changes something.
_forge(s) if {
	s.sub == "api"
	some o in s.options
	o.name in {"f", "F", "field", "raw-field", "input"}
	not _method(s)
	not s.operands[0] == "graphql"
	not _comments(s)
}

_forge(s) if {
	s.sub == "api"
	s.operands[0] == "graphql"
	some o in s.options
	regex.match(`(?i)^query=\s*mutation`, o.value)
}

_forge(s) if {
	s.sub == "api"
	s.operands[0] == "graphql"
	"input" in s.flags
}

_method(s) if {
	some o in s.options
	o.name in {"X", "method"}
}

# What gh pr comment and gh issue create do as well.
_comments(s) if {
	regex.match(`/(comments|replies|reviews|issues|pulls|labels)$`, s.operands[0])
	every o in s.options {
		not upper(o.value) == "DELETE"
	}
}
