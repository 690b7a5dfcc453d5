# METADATA
# title: History in git
# description: |
#   What makes commits unreachable, so that they are collected sooner or later.
package guard.rules.githistory

import data.guard.form
import data.guard.stage

# METADATA
# title: Deletes a branch that is not merged
# description: |
#   LOW by REQUIREMENTS S1-27, yet its commits may exist nowhere else, so a
#   person is asked.
# custom:
#   id: git.branch_delete
#   remedy: git branch -d deletes only what is merged
#   fires: git branch -D old-branch
#   quiet: git branch -d merged
hit contains {"id": "git.branch_delete", "tier": 1, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in stage.git.branch
	_deletes_unmerged(s)
	msg := sprintf("deletes %s even if it is not merged", [stage.words(s)])
}

# METADATA
# title: Moves or replaces a branch by force
# description: The commits it pointed to may be on no other branch.
# custom:
#   id: git.branch_force
#   remedy: make a branch with a new name
#   fires: git branch -f main HEAD~3
#   quiet: git branch fix/parser
hit contains {"id": "git.branch_force", "tier": 2, "stage": s.id, "msg": msg} if {
	some sub in {"branch", "fetch"}
	some s in stage.git[sub]
	not _deletes_unmerged(s)
	_moves_branch(s)
	msg := sprintf("moves a branch by force: %s", [stage.words(s)])
}

# METADATA
# title: Deletes a tag
# description: Releases are found by their tags.
# custom:
#   id: git.tag_delete
#   remedy: leave tags to a person
#   fires: git tag -d v1.0.0
#   quiet: git tag -l
hit contains {"id": "git.tag_delete", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in stage.git.tag
	some flag in ["d", "delete", "f", "force"]
	flag in s.flags
	msg := sprintf("deletes or moves the tag %s", [stage.words(s)])
}

# METADATA
# title: Rewrites or drops history
# description: Old commits become unreachable and are then collected.
# custom:
#   id: git.rewrite
#   remedy: work in a fresh clone
#   fires: git filter-branch --force HEAD
#   quiet: git log --oneline
hit contains {"id": "git.rewrite", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"git", "bfg", "git-filter-repo"}
	_rewrites(s)
	not stage.help(s)
	msg := sprintf("rewrites or drops history: git %s", [stage.cut(concat(" ", s.args))])
}

# git fetch --force origin main:main
_moves_branch(s) if {
	s.sub == "fetch"
	some flag in ["f", "force"]
	flag in s.flags
	some word in s.operands
	parts := split(word, ":")
	count(parts) == 2
	not contains(parts[1], "/")
}

_moves_branch(s) if {
	s.sub == "fetch"
	some flag in ["f", "force"]
	flag in s.flags
	some word in s.operands
	contains(word, ":refs/heads/")
}

# git fetch origin +main:main
_moves_branch(s) if {
	s.sub == "fetch"
	some word in s.operands
	startswith(word, "+")
	[source, target] := split(word, ":")
	source != "+"
	target != ""
	not strings.any_prefix_match(target, ["refs/remotes/", "refs/tags/", "refs/pull/", "refs/notes/"])
}

_moves_branch(s) if {
	s.sub == "branch"
	some flag in ["f", "force", "C"]
	flag in s.flags
}

# -M main names the branch that is checked out; with two names, another.
_moves_branch(s) if {
	"M" in s.flags
	count(s.operands) > 1
}

_deletes_unmerged(s) if "D" in s.flags

_deletes_unmerged(s) if {
	some flag in ["d", "delete"]
	flag in s.flags
	some force in ["f", "force"]
	force in s.flags
}

_rewrites(s) if s.sub in {"filter-branch", "filter-repo", "replace"}

# What it imports takes the place of branches that are there.
_rewrites(s) if {
	s.sub == "fast-import"
	"force" in s.flags
}

_rewrites(s) if {
	s.sub == "prune"
	not _only_old(s)
}

_rewrites(s) if {
	startswith(s.sub, "reflog")
	stage.told(s, "delete")
}

# Without a date it keeps what git keeps, as in git gc.
_rewrites(s) if {
	startswith(s.sub, "reflog")
	stage.told(s, "expire")
	_dated(s)
	not _only_old(s)
}

_dated(s) if {
	some arg in s.args
	startswith(arg, "--expire")
}

# gc.reflogExpire and its like
_dated(s) if {
	some option in s.options
	contains(lower(option.value), "expire")
}

# git gc tells git prune to drop only what has been out of reach for weeks.
_only_old(s) if {
	dates := [date |
		some i, arg in s.args
		startswith(arg, "--expire")
		date := _date(s.args, i)
	]
	count(dates) > 0
	every date in dates {
		_days_ago(split(date, "."))
	}
}

_days_ago(["never"])

_days_ago([n, unit, "ago"]) if {
	form.number(n)
	not startswith(n, "0")
	trim_suffix(unit, "s") in {"day", "week", "month", "year"}
}

_date(args, i) := args[i + 1] if not contains(args[i], "=")

_date(args, i) := substring(args[i], indexof(args[i], "=") + 1, -1) if contains(args[i], "=")

_rewrites(s) if {
	s.sub == "gc"
	"prune" in s.flags
}

# a list of changes that is not seen
_rewrites(s) if {
	s.sub == "update-ref"
	"stdin" in s.flags
}

_rewrites(s) if {
	s.sub == "update-ref"
	count(s.args) > 1
	not strings.any_prefix_match(s.operands[0], ["refs/remotes/", "refs/notes/", "refs/tags/tmp/"])
}

_rewrites(s) if {
	s.sub == "lfs migrate"
	s.operands[0] in {"import", "export"}
}

_rewrites(s) if {
	s.sub in {"svn", "p4"}
	s.operands[0] in {"dcommit", "reset", "submit"}
}

# Content that may be in no other place.
_rewrites(s) if {
	s.sub == "annex"
	s.operands[0] in {"drop", "dropunused", "uninit", "forget", "dead"}
	some flag in ["force", "all"]
	flag in s.flags
}

# Objects that no push has sent anywhere may be among them.
_rewrites(s) if {
	s.sub == "lfs prune"
	some flag in ["f", "force"]
	flag in s.flags
	not stage.dry(s)
}

_rewrites(s) if {
	s.sub == "lfs prune"
	"--verify-remote=false" in s.args
}

_rewrites(s) if s.name != "git"
