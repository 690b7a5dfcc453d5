# METADATA
# title: Clouds
# description: |
#   What runs or is stored elsewhere; deletion there is at once and for good.
package guard.rules.cloud

import data.guard.form
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

# Stages that ask a cloud for something, in earnest.
_asked := [s |
	some s in input.cmd.stages
	data.guard.rules.cloud.groups[s.name]
	not stage.dry(s)
	not stage.help(s)
	not _stands_in(s)
	count(_words(s)) > 0
]

# wrangler's stand-in on this machine
_stands_in(s) if {
	s.name == "wrangler"
	"local" in s.flags
	not "remote" in s.flags
}

# The words that say what is asked for. The first word of gcloud is a group of
# commands, some of them called run or deploy.
_words(s) := array.slice(_all(s), _skip(s, _all(s)), 5)

_all(s) := [word |
	some i, word in array.concat(split(s.sub, " "), s.operands)
	word != ""
	not _stage_of_release(i, word)
]

# gcloud beta run deploy
_stage_of_release(i, word) if {
	i < 2
	word in {"alpha", "beta", "preview"}
}

_skip(s, all) := data.guard.rules.cloud.groups[s.name] if count(all) > 1

_skip(_, all) := 0 if count(all) < 2

# What the first word that is known says: read, delete, change or local. The
# words a program uses in its own way come first.
_does(s) := data.guard.rules.cloud.own[s.name][_own(s)] if not _then_deletes(s)

_does(s) := "delete" if _then_deletes(s)

# fly machines destroy: machines alone lists them
_then_deletes(s) if {
	key := _own(s)
	not contains(key, " ")
	data.guard.rules.cloud.own[s.name][key] == "read"
	data.guard.rules.cloud.verbs[_all(s)[1]] == "delete"
}

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
	data.guard.rules.cloud.nouns[_last(word)]
}

_last(word) := parts[count(parts) - 1] if parts := split(word, ":")

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

# s3://bucket, gs://bucket, remote:folder
_remote(_, target) if {
	contains(target, ":")
	_plain(split(target, ":")[0])
}

# mc writes its hosts as folders
_remote(s, target) if {
	s.name == "mc"
	contains(target, "/")
	_plain(split(target, "/")[0])
}

_plain(name) if form.made_of(name, concat("", [form.alphanumeric, "_-"]))

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
	some part in [_whole(word)]
	data.guard.rules.cloud.verbs[part]
}

_whole(word) := _last(word) if contains(word, ":")

_whole(word) := trim_prefix(trim_prefix(word, "batch-"), "admin-") if not contains(word, ":")

_verb(word) := data.guard.rules.cloud.verbs[part] if {
	whole := _whole(word)
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
	_says(lower(concat(" ", _all(s))), data.guard.rules.cloud.secrets)
}

_says(text, table) if form.fits(text, table)

_says(text, table) if {
	some pair in table.pairs
	contains(text, pair[0])
	contains(text, pair[1])
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
