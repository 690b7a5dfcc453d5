# METADATA
# title: Files
# description: |
#   Deleting, overwriting and opening up files; what is lost or exposed this way
#   stays so.
package guard.rules.fs

import data.guard.form
import data.guard.place
import data.guard.stage

# METADATA
# title: Recursive delete
# description: Deletes a whole tree; nothing brings it back (REQUIREMENTS S1-21).
# custom:
#   id: fs.rm_recursive
#   remedy: delete named files, or move the folder away first
#   fires: rm -rf src
#   quiet: rm notes.txt
hit contains {"id": "fs.rm_recursive", "tier": 3, "stage": s.id, "msg": msg} if {
	"rm" in input.cmd.names
	some s in input.cmd.stages
	s.name == "rm"
	_rm_recursive(s)
	msg := sprintf("recursive delete of %s", [stage.words(s)])
}

# METADATA
# title: Deletes a system or a home folder
# description: |
#   The root of the file system, the folders it stands on, or a whole home
#   folder. There is no task for which this is the right command.
# custom:
#   id: fs.wipe
#   remedy: name the one folder that should go
#   fires: rm -rf ~
#   quiet: rm -rf ~/app/dist
hit contains {"id": "fs.wipe", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.access == "delete"
	_top(p)
	not s.name in {"rmdir", "unlink"}
	_deletes_trees(s)
	msg := sprintf("deletes %s", [stage.shown(p)])
}

# METADATA
# title: Deletes what find finds
# description: find deletes every match without showing it first (REQUIREMENTS S1-28).
# custom:
#   id: fs.find_delete
#   remedy: run the same find without -delete and read the list first
#   fires: find . -delete
#   quiet: find . -name '*.orig'
hit contains {"id": "fs.find_delete", "tier": 3, "stage": s.id, "msg": msg} if {
	"find" in input.cmd.names
	some s in input.cmd.stages
	s.name == "find"
	"delete" in s.flags
	msg := sprintf("deletes everything find matches in %s", [stage.words(s)])
}

# METADATA
# title: Deletes outside the workspace
# description: Files outside the workspace are not the task's, and no git brings them back.
# custom:
#   id: fs.rm_outside
#   remedy: leave files outside the workspace alone
#   fires: rm ~/notes.txt
#   quiet: rm notes.txt
hit contains {"id": "fs.rm_outside", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.access == "delete"
	p.zone in {"home", "system"}
	not s.name in {"rmdir", "mv"}
	not s.remote
	msg := sprintf("deletes %s, outside the workspace", [stage.shown(p)])
}

# METADATA
# title: Deletes or replaces the repository's history
# description: .git holds every commit that was not pushed.
# custom:
#   id: fs.git_folder
#   remedy: leave .git alone; clone again elsewhere
#   fires: rm -rf .git
#   quiet: rm -f .gitignore.orig
hit contains {"id": "fs.git_folder", "tier": 3, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	_in_git(p.path)
	s.name != "git"
	msg := sprintf("changes %s, the repository's own storage", [stage.shown(p)])
}

# METADATA
# title: Overwrites beyond recovery
# description: shred and its like make sure that nothing can be brought back.
# custom:
#   id: fs.shred
#   remedy: delete the file, or move it away
#   fires: shred notes.txt
#   quiet: shred --help
hit contains {"id": "fs.shred", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"shred", "srm", "wipe", "scrub"}
	not stage.help(s)
	msg := sprintf("overwrites %s beyond recovery", [stage.words(s)])
}

# METADATA
# title: Empties a file
# description: truncate cuts a file in place; what was there is gone.
# custom:
#   id: fs.truncate
#   remedy: copy the file first
#   fires: truncate -s 0 data/prod.sqlite3
#   quiet: truncate -s +1M disk.img
hit contains {"id": "fs.truncate", "tier": 2, "stage": s.id, "msg": msg} if {
	"truncate" in input.cmd.names
	some s in input.cmd.stages
	s.name == "truncate"
	some o in s.options
	o.name in {"s", "size"}
	_shrinks(o.value)
	msg := sprintf("cuts %s to %s", [stage.words(s), o.value])
}

# METADATA
# title: rsync that deletes
# description: Deletes in the target whatever the source does not have; an empty source empties the target.
# custom:
#   id: fs.rsync_delete
#   remedy: run it with --dry-run first
#   fires: rsync -a --delete a/ b/
#   quiet: rsync -an --delete a/ b/
hit contains {"id": "fs.rsync_delete", "tier": 3, "stage": s.id, "msg": msg} if {
	"rsync" in input.cmd.names
	some s in input.cmd.stages
	s.name == "rsync"
	some flag in s.flags
	_takes_away(flag)
	not "n" in s.flags
	not "dry-run" in s.flags
	msg := sprintf("deletes in the target what the source does not have: %s", [stage.words(s)])
}

# METADATA
# title: A reading program that writes
# description: Its output goes to a file (REQUIREMENTS S1-23).
# custom:
#   id: fs.write
#   remedy: none needed
#   fires: echo hello > output.txt
#   quiet: echo hello > /dev/null
hit contains {"id": "fs.write", "tier": 1, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	stage.reads[s.id]
	msg := sprintf("writes %s", [stage.shown(p)])
}

# METADATA
# title: Fills the disk
# description: |
#   The source never ends, and nothing says when to stop. Everything else on the
#   disk then fails to write.
# custom:
#   id: loss.fills_disk
#   remedy: "say how much: dd count=, head -c"
#   fires: cat /dev/zero > /tmp/fill
#   quiet: dd if=/dev/zero of=/tmp/fill bs=1M count=10
hit contains {"id": "loss.fills_disk", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.access == "write"
	p.zone != "device"
	_never_ends(s)
	msg := sprintf("fills %s without end", [stage.shown(p)])
}

_rm_recursive(s) if _recursive(s)

_recursive(s) if {
	some flag in ["r", "R", "recursive"]
	flag in s.flags
}

# Programs whose delete reaches below the path they are given. rm without -r
# only complains about a folder, except that / as operand is an intent of its
# own (REQUIREMENTS S1-20).
_deletes_trees(s) if s.name != "rm"

_deletes_trees(s) if _rm_recursive(s)

_deletes_trees(s) if {
	some p in s.paths
	p.path == "/"
}

_top(p) if {
	some zone in ["root", "home"]
	zone in p.covers
}

_top(p) if {
	p.zone != "workspace"
	p.zone != "temporary"
	data.guard.tables.system_tops[p.path]
}

_top(p) if {
	not p.zone in {"workspace", "temporary", "guard", "remote"}
	place.home_folder(p.path)
}

_in_git(path) if endswith(path, "/.git")

_in_git(path) if {
	contains(path, "/.git/")
	not endswith(path, ".lock") # what a git that was killed left behind
	not contains(path, "/.git/hooks/")
	not strings.any_suffix_match(path, ["/.git/config", "/.git/info/exclude"])
	not _for_editor(path)
}

# What git asks its editor for.
_for_editor(path) if strings.any_suffix_match(path, ["_EDITMSG", "/MERGE_MSG", "/rebase-merge/git-rebase-todo", "/addp-hunk-edit.diff"])

_shrinks(size) if strings.any_prefix_match(size, ["-", "<", "%", "/"])

# 0, 0K
_shrinks(size) if {
	startswith(size, "0")
	form.made_of(lower(size), "0abcdefghijklmnopqrstuvwxyz")
}

_takes_away(flag) if flag in {"del", "delete", "remove-source-files"}

_takes_away(flag) if startswith(flag, "delete-")

_never_ends(s) if {
	s.name == "yes"
	count(s.writes_to) == 0
}

_never_ends(s) if {
	s.name == "cat"
	some word in s.operands
	word in {"/dev/zero", "/dev/urandom", "/dev/random"}
}

_never_ends(s) if {
	s.name == "dd"
	some o in s.options
	o.name == "if"
	o.value in {"/dev/zero", "/dev/urandom", "/dev/random"}
	not "count" in s.flags
}
