# METADATA
# title: Git
# description: |
#   What rewrites published history, discards work that exists nowhere else, or
#   makes git run a program.
package guard.rules.git

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
	some s in _git.push
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
	some s in _git.push
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
	some s in _git.push
	not _dry(s)
	some word in _push_targets(s)
	regex.match(`://|^[^/:]+@?[^/:]*:[^:]`, word)
	msg := sprintf("pushes to %s", [stage.cut(word)])
}

# METADATA
# title: Discards uncommitted work
# description: reset --hard and --merge throw away changes that no commit holds (REQUIREMENTS S1-21).
# custom:
#   id: git.reset_hard
#   remedy: git stash first, or reset --soft
#   fires: git reset --hard HEAD~5
#   quiet: git reset --soft HEAD~1
hit contains {"id": "git.reset_hard", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _git.reset
	some flag in ["hard", "merge"]
	flag in s.flags
	msg := sprintf("discards uncommitted work (reset --%s)", [flag])
}

# METADATA
# title: Deletes untracked files
# description: Untracked files exist nowhere else (REQUIREMENTS S1-28).
# custom:
#   id: git.clean
#   remedy: git clean -n shows what would go; delete files by name
#   fires: git clean -fdx
#   quiet: git clean -ndx
hit contains {"id": "git.clean", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in _git.clean
	not _dry(s)
	some flag in ["f", "force", "i", "interactive"]
	flag in s.flags
	msg := "deletes files that git does not track"
}

# METADATA
# title: Overwrites changed files
# description: checkout of paths, or with force, replaces files whose changes no commit holds.
# custom:
#   id: git.checkout_discard
#   remedy: git stash first
#   fires: git checkout -- src
#   quiet: git checkout -b fix/parser
hit contains {"id": "git.checkout_discard", "tier": 2, "stage": s.id, "msg": msg} if {
	some sub in {"checkout", "switch"}
	some s in _git[sub]
	_discards(s)
	msg := sprintf("overwrites changed files: git %s", [stage.cut(concat(" ", s.args))])
}

# METADATA
# title: Restores files over changes
# description: restore replaces files in the working tree; --staged alone only unstages.
# custom:
#   id: git.restore
#   remedy: git stash first
#   fires: git restore src
#   quiet: git restore --staged src
hit contains {"id": "git.restore", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _git.restore
	not _only_unstages(s)
	msg := sprintf("overwrites changed files: git %s", [stage.cut(concat(" ", s.args))])
}

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
	some s in _git.branch
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
	some s in _git.branch
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
	some s in _git.tag
	some flag in ["d", "delete", "f", "force"]
	flag in s.flags
	msg := sprintf("deletes or moves the tag %s", [stage.words(s)])
}

# METADATA
# title: Loses stashed work
# description: A dropped stash is work that no branch holds.
# custom:
#   id: git.stash_drop
#   remedy: git stash list, then keep it or apply it
#   fires: git stash drop
#   quiet: git stash list
hit contains {"id": "git.stash_drop", "tier": 2, "stage": s.id, "msg": "drops stashed work"} if {
	some s in _git.stash
	some verb in ["drop", "clear"]
	stage.told(s, verb)
}

# METADATA
# title: Discards a worktree
# description: With force, its uncommitted changes go too.
# custom:
#   id: git.worktree_remove
#   remedy: remove it without --force
#   fires: git worktree remove --force ../wt
#   quiet: git worktree remove ../wt
hit contains {"id": "git.worktree_remove", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _git.worktree
	stage.told(s, "remove")
	some flag in ["f", "force"]
	flag in s.flags
	msg := sprintf("discards a worktree with its changes: %s", [stage.words(s)])
}

# METADATA
# title: Discards work in another system
# description: Other programs that keep versions have commands of the same kind.
# custom:
#   id: git.other_discard
#   remedy: commit or shelve the work first
#   fires: hg update --clean
#   quiet: hg update tip
hit contains {"id": "git.other_discard", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.rules.git.others[s.name]
	_other_discards(s)
	not stage.help(s)
	msg := sprintf("discards work: %s", [stage.line(s)])
}

# METADATA
# title: Removes a tracked tree
# description: git rm -r deletes files in the working tree; uncommitted changes in them are lost.
# custom:
#   id: git.rm_recursive
#   remedy: git rm --cached keeps the files
#   fires: git rm -r src
#   quiet: git rm -r --cached dist
hit contains {"id": "git.rm_recursive", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in _git.rm
	some flag in ["r", "f", "force"]
	flag in s.flags
	not "cached" in s.flags
	not "n" in s.flags
	not "dry-run" in s.flags
	msg := sprintf("deletes tracked files: %s", [stage.words(s)])
}

# METADATA
# title: Replaces the working tree
# description: Plumbing that writes files over changes no commit holds, or drops a submodule with its changes.
# custom:
#   id: git.overwrite_tree
#   remedy: git stash first, then git checkout
#   fires: git read-tree -u --reset HEAD~1
#   quiet: git read-tree --prefix=lib/ lib/main
hit contains {"id": "git.overwrite_tree", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "git"
	_overwrites_tree(s)
	msg := sprintf("overwrites changed files: git %s", [stage.cut(concat(" ", s.args))])
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

# Git's stages by first word of their subcommand.
_git[sub] contains s if {
	some s in input.cmd.stages
	s.name == "git"
	not stage.help(s)
	sub := split(s.sub, " ")[0]
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

_other_discards(s) if {
	data.guard.rules.git.others[s.name][s.operands[0]]
	not stage.dry(s)
	not "n" in s.flags
}

_other_discards(s) if {
	s.name in {"hg", "sl"}
	s.operands[0] in {"update", "up", "checkout", "co", "push", "goto"}
	some flag in ["C", "clean", "f", "force"]
	flag in s.flags
}

_moves_branch(s) if {
	some flag in ["f", "force", "C"]
	flag in s.flags
}

# -M main names the branch that is checked out; with two names, another.
_moves_branch(s) if {
	"M" in s.flags
	count(s.operands) > 1
}

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

_discards(s) if {
	some flag in ["f", "force", "discard-changes", "B", "C", "force-create"]
	flag in s.flags
}

# A tree and a path, or one word that is a file's name.
_discards(s) if {
	s.sub == "checkout"
	count(s.operands) > 1
	not _makes_branch(s)
	not _takes_side(s)
}

_discards(s) if {
	s.sub == "checkout"
	count(s.operands) == 1
	not _makes_branch(s)
	not _takes_side(s)
	regex.match(`(^|/)([A-Z][a-z]+file|LICENSE|README|CHANGELOG)$|(^\./|^\.\./|/$|(^|/)[^/]*[A-Za-z_-][^/]*\.[A-Za-z][A-Za-z0-9]{0,9}$)`, s.operands[0])
}

_discards(s) if {
	"." in s.operands
	not _makes_branch(s)
	not _takes_side(s)
}

_discards(s) if {
	"--" in s.args
	s.args[count(s.args) - 1] != "--"
	not _takes_side(s)
}

# In a merge with conflicts: both sides are committed.
_takes_side(s) if {
	some flag in ["ours", "theirs"]
	flag in s.flags
}

_discards(s) if {
	s.sub == "checkout"
	some p in s.paths
	p.access == "write"
	not _takes_side(s)
}

_makes_branch(s) if {
	some flag in ["b", "c", "create", "orphan", "track", "t", "detach", "d"]
	flag in s.flags
}

_only_unstages(s) if {
	some flag in ["staged", "S"]
	flag in s.flags
	not "worktree" in s.flags
	not "W" in s.flags
}

_deletes_unmerged(s) if "D" in s.flags

_deletes_unmerged(s) if {
	some flag in ["d", "delete"]
	flag in s.flags
	some force in ["f", "force"]
	force in s.flags
}

_overwrites_tree(s) if {
	s.sub == "read-tree"
	some flag in ["reset", "u"]
	flag in s.flags
	not "n" in s.flags
}

_overwrites_tree(s) if {
	s.sub == "checkout-index"
	some flag in ["f", "force"]
	flag in s.flags
}

_overwrites_tree(s) if {
	startswith(s.sub, "submodule")
	some verb in ["deinit", "update"]
	stage.told(s, verb)
	some flag in ["f", "force"]
	flag in s.flags
}

_rewrites(s) if s.sub in {"filter-branch", "filter-repo", "replace"}

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
		regex.match(`^([1-9][0-9]*\.(day|week|month|year)s?\.ago|never)$`, date)
	}
}

_date(args, i) := args[i + 1] if not contains(args[i], "=")

_date(args, i) := substring(args[i], indexof(args[i], "=") + 1, -1) if contains(args[i], "=")

_rewrites(s) if {
	s.sub == "gc"
	"prune" in s.flags
}

_rewrites(s) if {
	s.sub == "update-ref"
	count(s.args) > 1
	not regex.match(`^refs/(remotes|notes|tags/tmp)/`, s.operands[0])
}

_rewrites(s) if {
	s.sub == "lfs migrate"
	s.operands[0] in {"import", "export"}
}

_rewrites(s) if {
	s.sub in {"svn", "p4"}
	s.operands[0] in {"dcommit", "reset", "submit"}
}

_rewrites(s) if s.name != "git"
