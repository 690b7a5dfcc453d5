# METADATA
# title: Files
# description: |
#   Deleting, overwriting and opening up files; what is lost or exposed this way
#   stays so.
package guard.rules.fs

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
# title: Locks out or opens up a system or a home folder
# description: Changing mode or owner of everything below such a folder makes it unusable or exposes it.
# custom:
#   id: fs.wipe_modes
#   remedy: name the one folder that should change
#   fires: chmod -R 000 ~
#   quiet: chmod -R u+w dist
hit contains {"id": "fs.wipe_modes", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"chmod", "chown", "chgrp", "setfacl"}
	some flag in ["R", "recursive"]
	flag in s.flags
	some p in s.paths
	p.access == "meta"
	_top(p)
	msg := sprintf("changes everything below %s", [stage.shown(p)])
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
# title: Everybody may write
# description: Any user and any program may then change the file (REQUIREMENTS S1-21).
# custom:
#   id: fs.chmod_world
#   remedy: give the right to the user or group that needs it, u+w or g+w
#   fires: chmod 0777 x
#   quiet: chmod 0755 x
hit contains {"id": "fs.chmod_world", "tier": 3, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	some word in s.args
	_opens(word)
	msg := sprintf("lets everybody write: %s", [stage.line(s)])
}

# METADATA
# title: Makes something that everybody may write
# description: As chmod for everybody, from the start.
# custom:
#   id: fs.made_world
#   remedy: leave the mode to the umask
#   fires: mkdir -m 777 shared
#   quiet: mkdir -m 755 shared
hit contains {"id": "fs.made_world", "tier": 2, "stage": s.id, "msg": msg} if {
	some name in ["mkdir", "install"]
	name in input.cmd.names
	some s in input.cmd.stages
	s.name == name
	some o in s.options
	o.name in {"m", "mode"}
	_opens(o.value)
	msg := sprintf("lets everybody write: %s", [stage.line(s)])
}

# METADATA
# title: Takes rights away below a folder
# description: |
#   Without the right to read or enter it, the owner's own programs fail on
#   everything below.
# custom:
#   id: fs.chmod_lock
#   remedy: change the one file that others must not read
#   fires: chmod -R 000 src
#   quiet: chmod -R u+rwX src
hit contains {"id": "fs.chmod_lock", "tier": 2, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	_recursive(s)
	some word in s.args
	_locks(word)
	msg := sprintf("takes its owner's rights away: %s", [stage.line(s)])
}

# METADATA
# title: Gives a folder to somebody else
# description: Everything below it then belongs to another user, and the agent's user can no longer change it.
# custom:
#   id: fs.chown_other
#   remedy: keep the owner
#   fires: chown -R nobody:nogroup .
#   quiet: chown -R dev:dev .
hit contains {"id": "fs.chown_other", "tier": 2, "stage": s.id, "msg": msg} if {
	"chown" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chown"
	_recursive(s)
	owner := split(split(s.operands[0], ":")[0], ".")[0]
	regex.match(`^[a-z_][a-z0-9_-]*$`, owner)
	not endswith(input.session.home, sprintf("/%s", [owner]))
	msg := sprintf("gives files to %s: %s", [owner, stage.line(s)])
}

# METADATA
# title: Opens files to everybody by a list
# description: The entry for others in an access control list gives every user the right to write.
# custom:
#   id: fs.acl_world
#   remedy: name the one user that needs the right
#   fires: setfacl -R -m o::rwx .
#   quiet: setfacl -m u:ann:rw notes.txt
hit contains {"id": "fs.acl_world", "tier": 3, "stage": s.id, "msg": msg} if {
	"setfacl" in input.cmd.names
	some s in input.cmd.stages
	s.name == "setfacl"
	some word in s.args
	regex.match(`(^|,)(d:|default:)?(o|other):[^,]*w`, word)
	msg := sprintf("lets everybody write: %s", [stage.line(s)])
}

# METADATA
# title: Runs as its owner
# description: A setuid or setgid program gives its owner's rights to whoever starts it.
# custom:
#   id: fs.chmod_setid
#   remedy: start it with sudo where those rights are needed
#   fires: chmod u+s tool
#   quiet: chmod u+x tool
hit contains {"id": "fs.chmod_setid", "tier": 3, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	some word in s.args
	_setid(word)
	msg := sprintf("lets others run it with its owner's rights: %s", [stage.line(s)])
}

# METADATA
# title: Gives files to root
# description: The user can no longer change or delete them (REQUIREMENTS S1-21).
# custom:
#   id: fs.chown_root
#   remedy: keep the owner
#   fires: 'chown root:root x'
#   quiet: 'chown dev:dev x'
hit contains {"id": "fs.chown_root", "tier": 3, "stage": s.id, "msg": msg} if {
	"chown" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chown"
	some word in s.args
	regex.match(`^(root|0)([:.].*)?$`, word)
	msg := sprintf("gives files to root: %s", [stage.line(s)])
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
	regex.match(`^(del|delete|delete-.*|remove-source-files)$`, flag)
	not "n" in s.flags
	not "dry-run" in s.flags
	msg := sprintf("deletes in the target what the source does not have: %s", [stage.words(s)])
}

# METADATA
# title: Changes the system
# description: Programs, configuration and state of the whole machine (REQUIREMENTS S1-21, S1-28).
# custom:
#   id: system.write
#   remedy: write inside the workspace
#   fires: tee /etc/x
#   quiet: cat /etc/hosts
hit contains {"id": "system.write", "tier": 3, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "system"
	_core(p.path)
	not s.remote
	not _copies(s, p)
	msg := sprintf("changes the system file %s", [stage.shown(p)])
}

# METADATA
# title: Copies into the system's configuration
# description: |
#   LOW by REQUIREMENTS S1-23, yet it changes the whole machine, so a person is
#   asked.
# custom:
#   id: system.copy
#   remedy: keep the file in the workspace and let a person install it
#   fires: cp x /etc/x
#   quiet: cp /etc/hosts hosts.txt
hit contains {"id": "system.copy", "tier": 1, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "system"
	_copies(s, p)
	not s.remote
	msg := sprintf("copies into the system's configuration: %s", [stage.shown(p)])
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
# title: Writes outside the workspace
# description: Not the system's core, but not the task's folder either.
# custom:
#   id: fs.write_outside
#   remedy: write inside the workspace or to a temporary folder
#   fires: touch /data/x
#   quiet: touch /tmp/x
hit contains {"id": "fs.write_outside", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "system"
	p.access in {"write", "meta"}
	not _core(p.path)
	not s.remote
	msg := sprintf("changes %s, outside the workspace", [stage.shown(p)])
}

# METADATA
# title: Changes guard's own files
# description: An agent that can change its guard has none.
# custom:
#   id: guard.own_files
#   remedy: none; ask a person to change guard's policy or state
#   fires: echo x > ~/.config/guard/policy/x.rego
#   quiet: cat ~/.config/guard/policy/x.rego
hit contains {"id": "guard.own_files", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some p in s.paths
	_changes_own(s, p)
	msg := sprintf("changes guard's own files: %s", [stage.shown(p)])
}

# METADATA
# title: Changes the workspace's policy for guard
# description: The rules that this project has for its agents are for people to change.
# custom:
#   id: guard.workspace_policy
#   remedy: show a person the rule that should change
#   fires: rm .guard/policy/publish.rego
#   quiet: cat .guard/policy/publish.rego
hit contains {"id": "guard.workspace_policy", "tier": 3, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	regex.match(`/\.guard(/|$)`, p.path)
	p.zone != "guard"
	msg := sprintf("changes the workspace's policy: %s", [stage.shown(p)])
}

_changes_own(_, p) if {
	p.zone == "guard"
	p.access in {"write", "delete", "meta"}
}

_changes_own(s, p) if {
	p.zone == "guard"
	p.access == "unknown"
	not stage.reads[s.id]
	s.name != "guard"
	s.name != "guardd"
}

_changes_own(s, p) if {
	p.access in {"delete", "meta"}
	"guard" in p.covers
	_deletes_trees(s)
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
	regex.match(`^/(home|Users)/[^/]+$`, p.path)
}

_in_git(path) if endswith(path, "/.git")

_in_git(path) if {
	contains(path, "/.git/")
	not endswith(path, ".lock") # what a git that was killed left behind
	not contains(path, "/.git/hooks/")
	not regex.match(`/\.git/(config|info/exclude|[A-Z]+_EDITMSG|MERGE_MSG)$`, path)
}

_shrinks(size) if regex.match(`^[-<%/]`, size)

_shrinks(size) if regex.match(`^0+[A-Za-z]*$`, size)

# Octal: the last digit holds what others may do, and 2 is the right to write.
_opens(word) if {
	regex.match(`^[0-7]{1,5}$`, word)
	bits.and(to_number(substring(word, count(word) - 1, 1)), 2) == 2
}

_opens(word) if {
	some part in split(word, ",")
	regex.match(`^[ugo]*[oa][ugoa]*[+=][rxXst]*w`, part)
}

_opens(word) if regex.match(`^[+=][rxXst]*w.*$`, word)

# Octal: the owner's digit without the right to read, in three digits or more.
_locks(word) if regex.match(`^0?[0-3][0-7]{2}$`, word)

_locks(word) if {
	some part in split(word, ",")
	regex.match(`^([ugo]*[ua][ugoa]*)?-[wxXst]*r|^[ugo]*[ua][ugoa]*=[wxXst]*$`, part)
}

_setid(word) if {
	regex.match(`^0*[2-7][0-7]{3}$`, word)
	bits.and(to_number(substring(word, count(word) - 4, 1)), 6) > 0
}

_setid(word) if {
	some part in split(word, ",")
	regex.match(`^[ugoa]*[+=][rwxXt]*s`, part)
}

_core(path) if strings.any_prefix_match(sprintf("%s/", [path]), data.guard.tables.system_core)

_core("/")

_copies(s, p) if {
	s.name in {"cp", "mv"}
	startswith(sprintf("%s/", [p.path]), "/etc/")
	p.access == "write"
}
