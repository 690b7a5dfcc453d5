# METADATA
# title: Work in git
# description: |
#   What discards changes of the working tree that exist nowhere else.
package guard.rules.git

import data.guard.form
import data.guard.stage

# METADATA
# title: Discards uncommitted work
# description: reset --hard and --merge throw away changes that no commit holds (REQUIREMENTS S1-21).
# custom:
#   id: git.reset_hard
#   remedy: git stash first, or reset --soft
#   fires: git reset --hard HEAD~5
#   quiet: git reset --soft HEAD~1
hit contains {"id": "git.reset_hard", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in stage.git.reset
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
	some s in stage.git.clean
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
	some s in stage.git[sub]
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
	some s in stage.git.restore
	not _only_unstages(s)
	msg := sprintf("overwrites changed files: git %s", [stage.cut(concat(" ", s.args))])
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
	some s in stage.git.stash
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
	some s in stage.git.worktree
	stage.told(s, "remove")
	some flag in ["f", "force"]
	flag in s.flags
	msg := sprintf("discards a worktree with its changes: %s", [stage.words(s)])
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
	some s in stage.git.rm
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
# title: Takes all changes back
# description: The difference to the last commit, applied backwards, is what no commit holds.
# custom:
#   id: git.apply_back
#   remedy: git stash keeps the changes
#   fires: git diff HEAD | git apply -R
#   quiet: git diff HEAD > changes.patch
hit contains {"id": "git.apply_back", "tier": 2, "stage": s.id, "msg": "takes uncommitted changes back"} if {
	some s in stage.git.apply
	not _dry(s)
	some flag in ["R", "reverse"]
	flag in s.flags
	some id in s.reads_from
	from := input.cmd.stages[id]
	from.name == "git"
	from.sub == "diff"
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
	_is_file(s.operands[0])
}

# Makefile, README, ./x, x/, main.go; not v1.2 and 1.x
_is_file(word) if strings.any_prefix_match(word, ["./", "../"])

_is_file(word) if endswith(word, "/")

_is_file(word) if {
	parts := split(word, "/")
	_file_name(parts[count(parts) - 1])
}

_file_name(name) if name in {"LICENSE", "README", "CHANGELOG"}

_file_name(name) if {
	endswith(name, "file")
	count(name) > 5
	form.made_of(substring(name, 0, 1), "ABCDEFGHIJKLMNOPQRSTUVWXYZ")
	form.made_of(substring(name, 1, -1), "abcdefghijklmnopqrstuvwxyz")
}

_file_name(name) if {
	parts := split(name, ".")
	ending := parts[count(parts) - 1]
	count(ending) <= 10
	form.made_of(ending, form.alphanumeric)
	trim_left(ending, "0123456789") == ending
	trim(trim_suffix(name, ending), "0123456789.*?[]") != ""
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

_discards(s) if {
	s.sub == "checkout"
	some p in s.paths
	p.access == "write"
	not _takes_side(s)
}

# In a merge with conflicts: both sides are committed.
_takes_side(s) if {
	some flag in ["ours", "theirs"]
	flag in s.flags
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
