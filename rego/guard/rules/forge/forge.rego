# METADATA
# title: Forges
# description: |
#   The home of a repository: what others build on, who may change it, and what
#   runs there with its secrets.
package guard.rules.forge

import data.guard.stage

# METADATA
# title: Starts work on a forge
# description: A workflow runs elsewhere, with the repository's secrets.
# custom:
#   id: cloud.dispatch
#   remedy: push a branch and let its checks run
#   fires: gh workflow run deploy.yml
#   quiet: gh workflow list
hit contains {"id": "cloud.dispatch", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _asked
	data.guard.rules.forge.effects[_words(s)] == "dispatch"
	not _tries_again(s)
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
	some s in _asked
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
	some s in _asked
	_forge(s)
	msg := sprintf("changes the repository's home: %s", [stage.line(s)])
}

# METADATA
# title: Closes many on a forge
# description: Issues and requests out of a list; what others wrote and wait for ends at once.
# custom:
#   id: cloud.forge_many
#   remedy: show a person the list, then close them one by one
#   fires: gh issue list | xargs -n1 gh issue close
#   quiet: gh issue close 12
hit contains {"id": "cloud.forge_many", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _asked
	s.loop
	data.guard.rules.forge.effects[_words(s)] == "close"
	msg := sprintf("closes whatever is in a list: %s", [stage.line(s)])
}

# Stages that ask a forge for something, in earnest.
_asked := [s |
	some s in input.cmd.stages
	data.guard.rules.forge.tools[s.name]
	not stage.help(s)
	not stage.dry(s)
]

# What is asked for: issue close. Where classify does not know the program's
# commands, its first two words.
_words(s) := s.sub if s.sub != ""

_words(s) := concat(" ", array.slice(s.operands, 0, 2)) if s.sub == ""

# What others started and what failed of it.
_tries_again(s) if {
	_words(s) == "run rerun"
	"failed" in s.flags
}

_lands(s) if data.guard.rules.forge.effects[_words(s)] == "land"

# what a person is asked to do, done by the one who asks
_lands(s) if {
	_words(s) == "pr review"
	some flag in ["approve", "a"]
	flag in s.flags
}

_forge(s) if data.guard.rules.forge.effects[_words(s)] == "past"

_forge(s) if {
	_words(s) in {"pr merge", "mr merge"}
	"admin" in s.flags
}

# its branch goes with it
_forge(s) if {
	_words(s) == "pr close"
	some flag in ["d", "delete-branch"]
	flag in s.flags
}

_forge(s) if {
	_calls(s)
	some method in _methods(s)
	not upper(method) in {"GET", "HEAD"}
	not _comments(s)
}

# Fields make it a POST; for graphql only a mutation changes something.
_forge(s) if {
	_calls(s)
	some o in s.options
	o.name in {"f", "F", "field", "raw-field", "input"}
	count(_methods(s)) == 0
	not s.operands[0] == "graphql"
	not _comments(s)
}

_forge(s) if {
	_calls(s)
	s.operands[0] == "graphql"
	some o in s.options
	query := trim_prefix(lower(o.value), "query=")
	query != lower(o.value)
	startswith(trim_space(query), "mutation")
}

_forge(s) if {
	_calls(s)
	s.operands[0] == "graphql"
	"input" in s.flags
}

_calls(s) if s.sub == "api"

_methods(s) := [o.value | some o in s.options; o.name in {"X", "method"}]

# What gh pr comment and gh issue create do as well.
_comments(s) if {
	parts := split(s.operands[0], "/")
	count(parts) > 1
	parts[count(parts) - 1] in {"comments", "replies", "reviews", "issues", "pulls", "labels", "notes", "merge_requests", "discussions"}
	every method in _methods(s) {
		upper(method) != "DELETE"
	}
}
