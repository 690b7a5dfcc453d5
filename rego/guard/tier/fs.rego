# Files: deleting, overwriting and opening up files; what is lost or exposed
# this way stays so.

package guard.tier

# METADATA
# title: Recursive delete
# description: Deletes a whole tree; nothing brings it back (REQUIREMENTS S1-21).
# custom:
#   id: fs.rm_recursive
#   remedy: delete named files, or move the folder away first
hit contains {"id": "fs.rm_recursive", "tier": 3, "stage": s.id, "msg": msg} if {
	"rm" in input.cmd.names
	some s in input.cmd.stages
	s.name == "rm"
	_rm_recursive(s)
	msg := sprintf("recursive delete of %s", [_words(s)])
}

# METADATA
# title: Deletes a system or a home folder
# description: |
#   The root of the file system, the folders it stands on, or a whole home
#   folder. There is no task for which this is the right command.
# custom:
#   id: fs.wipe
#   remedy: name the one folder that should go
hit contains {"id": "fs.wipe", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.name in {"rmdir", "unlink"}
	_deletes_trees(s)
	some p in s.paths
	p.access == "delete"
	_top(p)
	msg := sprintf("deletes %s", [_shown(p)])
}

# METADATA
# title: Locks out or opens up a system or a home folder
# description: Changing mode or owner of everything below such a folder makes it unusable or exposes it.
# custom:
#   id: fs.wipe_modes
#   remedy: name the one folder that should change
hit contains {"id": "fs.wipe_modes", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"chmod", "chown", "chgrp", "setfacl"}
	some flag in ["R", "recursive"]
	flag in s.flags
	some p in s.paths
	p.access == "meta"
	_top(p)
	msg := sprintf("changes everything below %s", [_shown(p)])
}

# METADATA
# title: Deletes what find finds
# description: find deletes every match without showing it first (REQUIREMENTS S1-28).
# custom:
#   id: fs.find_delete
#   remedy: run the same find without -delete and read the list first
hit contains {"id": "fs.find_delete", "tier": 3, "stage": s.id, "msg": msg} if {
	"find" in input.cmd.names
	some s in input.cmd.stages
	s.name == "find"
	"delete" in s.flags
	msg := sprintf("deletes everything find matches in %s", [_words(s)])
}

# METADATA
# title: Deletes outside the workspace
# description: Files outside the workspace are not the task's, and no git brings them back.
# custom:
#   id: fs.rm_outside
#   remedy: leave files outside the workspace alone
hit contains {"id": "fs.rm_outside", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.name in {"rmdir", "mv"}
	not s.remote
	some p in s.paths
	p.access == "delete"
	p.zone in {"home", "system"}
	msg := sprintf("deletes %s, outside the workspace", [_shown(p)])
}

# METADATA
# title: Deletes files on another host
# description: Nobody here can see what they are.
# custom:
#   id: fs.rm_remote
#   remedy: ask a person with access to that host
hit contains {"id": "fs.rm_remote", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"rm", "shred", "unlink"}
	s.remote
	msg := sprintf("deletes %s on another host or in a container", [_words(s)])
}

# METADATA
# title: Deletes or replaces the repository's history
# description: .git holds every commit that was not pushed.
# custom:
#   id: fs.git_folder
#   remedy: leave .git alone; clone again elsewhere
hit contains {"id": "fs.git_folder", "tier": 3, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name != "git"
	some p in s.paths
	p.access in {"delete", "write", "meta"}
	_in_git(p.path)
	msg := sprintf("changes %s, the repository's own storage", [_shown(p)])
}

# METADATA
# title: Overwrites beyond recovery
# description: shred and its like make sure that nothing can be brought back.
# custom:
#   id: fs.shred
#   remedy: delete the file, or move it away
hit contains {"id": "fs.shred", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"shred", "srm", "wipe", "scrub"}
	not _help(s)
	msg := sprintf("overwrites %s beyond recovery", [_words(s)])
}

# METADATA
# title: Empties a file
# description: truncate cuts a file in place; what was there is gone.
# custom:
#   id: fs.truncate
#   remedy: copy the file first
hit contains {"id": "fs.truncate", "tier": 2, "stage": s.id, "msg": msg} if {
	"truncate" in input.cmd.names
	some s in input.cmd.stages
	s.name == "truncate"
	some o in s.options
	o.name in {"s", "size"}
	_shrinks(o.value)
	msg := sprintf("cuts %s to %s", [_words(s), o.value])
}

# METADATA
# title: Everybody may write
# description: Any user and any program may then change the file (REQUIREMENTS S1-21).
# custom:
#   id: fs.chmod_world
#   remedy: give the right to the user or group that needs it, u+w or g+w
hit contains {"id": "fs.chmod_world", "tier": 3, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	some word in s.args
	_opens(word)
	msg := sprintf("lets everybody write: %s", [_line(s)])
}

# METADATA
# title: Runs as its owner
# description: A setuid or setgid program gives its owner's rights to whoever starts it.
# custom:
#   id: fs.chmod_setid
#   remedy: start it with sudo where those rights are needed
hit contains {"id": "fs.chmod_setid", "tier": 3, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	some word in s.args
	_setid(word)
	msg := sprintf("lets others run it with its owner's rights: %s", [_line(s)])
}

# METADATA
# title: Gives files to root
# description: The user can no longer change or delete them (REQUIREMENTS S1-21).
# custom:
#   id: fs.chown_root
#   remedy: keep the owner
hit contains {"id": "fs.chown_root", "tier": 3, "stage": s.id, "msg": msg} if {
	"chown" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chown"
	some word in s.args
	regex.match(`^(root|0)([:.].*)?$`, word)
	msg := sprintf("gives files to root: %s", [_line(s)])
}

# METADATA
# title: rsync that deletes
# description: Deletes in the target whatever the source does not have; an empty source empties the target.
# custom:
#   id: fs.rsync_delete
#   remedy: run it with --dry-run first
hit contains {"id": "fs.rsync_delete", "tier": 3, "stage": s.id, "msg": msg} if {
	"rsync" in input.cmd.names
	some s in input.cmd.stages
	s.name == "rsync"
	some flag in s.flags
	regex.match(`^(del|delete|delete-.*|remove-source-files)$`, flag)
	not "n" in s.flags
	not "dry-run" in s.flags
	msg := sprintf("deletes in the target what the source does not have: %s", [_words(s)])
}

# METADATA
# title: Writes to a raw disk
# description: Overwrites file systems below the feet of everything that runs on them.
# custom:
#   id: disk.raw_write
#   remedy: none; a person does this by hand
hit contains {"id": "disk.raw_write", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not _reads_disk[s.name]
	some p in s.paths
	p.zone == "device"
	p.access in {"write", "delete", "unknown"}
	_raw_disk(p.path)
	msg := sprintf("writes to the raw disk %s", [_shown(p)])
}

# METADATA
# title: Writes to a device
# description: What a device does with it is not known.
# custom:
#   id: disk.device_write
#   remedy: write to a file
hit contains {"id": "disk.device_write", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some p in s.paths
	p.zone == "device"
	p.access in {"write", "delete", "meta"}
	not _raw_disk(p.path)
	msg := sprintf("writes to the device %s", [_shown(p)])
}

# METADATA
# title: Reads a raw disk
# description: Reads everything on it, whoever owns it.
# custom:
#   id: disk.raw_read
#   remedy: read the file
hit contains {"id": "disk.raw_read", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.name in {"ls", "stat", "lsblk", "test", "[", "[[", "df", "file"}
	some p in s.paths
	p.zone == "device"
	p.access == "read"
	_raw_disk(p.path)
	msg := sprintf("reads the raw disk %s", [_shown(p)])
}

# METADATA
# title: Formats a file system or partition
# description: Everything on it is lost (REQUIREMENTS S1-20).
# custom:
#   id: disk.format
#   remedy: none; a person does this by hand
hit contains {"id": "disk.format", "tier": 4, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_formats(s)
	not _help(s)
	msg := sprintf("formats or repartitions: %s", [_line(s)])
}

# METADATA
# title: Formats a real disk
# description: As disk.format, on something that is not an image file of the workspace.
# custom:
#   id: disk.format_device
#   remedy: none; a person does this by hand
hit contains {"id": "disk.format_device", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_formats(s)
	not _help(s)
	not _on_image(s)
	msg := sprintf("formats or repartitions a disk: %s", [_line(s)])
}

# METADATA
# title: Changes the system
# description: Programs, configuration and state of the whole machine (REQUIREMENTS S1-21, S1-28).
# custom:
#   id: system.write
#   remedy: write inside the workspace
hit contains {"id": "system.write", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.remote
	some p in s.paths
	p.zone == "system"
	p.access in {"write", "delete", "meta"}
	_core(p.path)
	not _copies(s, p)
	msg := sprintf("changes the system file %s", [_shown(p)])
}

# METADATA
# title: Copies into the system's configuration
# description: |
#   LOW by REQUIREMENTS S1-23, yet it changes the whole machine, so a person is
#   asked.
# custom:
#   id: system.copy
#   remedy: keep the file in the workspace and let a person install it
hit contains {"id": "system.copy", "tier": 1, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.remote
	some p in s.paths
	p.zone == "system"
	p.access == "write"
	_copies(s, p)
	msg := sprintf("copies into the system's configuration: %s", [_shown(p)])
}

# METADATA
# title: A reading program that writes
# description: Its output goes to a file (REQUIREMENTS S1-23).
# custom:
#   id: fs.write
#   remedy: none needed
hit contains {"id": "fs.write", "tier": 1, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_reads[s.id]
	some p in s.paths
	p.access in {"write", "delete", "meta"}
	p.zone != "null"
	msg := sprintf("writes %s", [_shown(p)])
}

# METADATA
# title: Writes outside the workspace
# description: Not the system's core, but not the task's folder either.
# custom:
#   id: fs.write_outside
#   remedy: write inside the workspace or to a temporary folder
hit contains {"id": "fs.write_outside", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.remote
	some p in s.paths
	p.zone == "system"
	p.access in {"write", "meta"}
	not _core(p.path)
	msg := sprintf("changes %s, outside the workspace", [_shown(p)])
}

# METADATA
# title: Changes guard's own files
# description: An agent that can change its guard has none.
# custom:
#   id: guard.own_files
#   remedy: none; ask a person to change guard's policy or state
hit contains {"id": "guard.own_files", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some p in s.paths
	_changes_own(s, p)
	msg := sprintf("changes guard's own files: %s", [_shown(p)])
}

_changes_own(_, p) if {
	p.zone == "guard"
	p.access in {"write", "delete", "meta"}
}

_changes_own(s, p) if {
	p.zone == "guard"
	p.access == "unknown"
	not _reads[s.id]
	s.name != "guard"
	s.name != "guardd"
}

_changes_own(s, p) if {
	p.access in {"delete", "meta"}
	"guard" in p.covers
	_deletes_trees(s)
}

# METADATA
# title: Searches for artefacts only
# description: |
#   Stages of find that are limited to names of build output and caches inside
#   the workspace, with nothing that could widen the search.
names_artefacts[s.id] := true if {
	"find" in input.cmd.names
	some s in input.cmd.stages
	s.name == "find"
	names := [o.value | some o in s.options; o.name in {"name", "iname"}]
	count(names) > 0
	every name in names {
		_artefact_name(name)
	}
	count({word | some word in s.args; word in {"-o", "-or", "!", "-not", ","}}) == 0
	count(s.operands) > 0
	every p in s.paths {
		p.zone == "workspace"
	}
}

_artefact_name(name) if data.guard.tier.artefacts[name]

_artefact_name(name) if {
	some suffix in data.guard.tier.artefact_suffixes
	name == sprintf("*%s", [suffix])
}

_rm_recursive(s) if {
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
	data.guard.tier.system_tops[p.path]
}

_top(p) if {
	not p.zone in {"workspace", "temporary", "guard", "remote"}
	regex.match(`^/(home|Users)/[^/]+$`, p.path)
}

_in_git(path) if endswith(path, "/.git")

_in_git(path) if {
	contains(path, "/.git/")
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

_setid(word) if {
	regex.match(`^0*[2-7][0-7]{3}$`, word)
	bits.and(to_number(substring(word, count(word) - 4, 1)), 6) > 0
}

_setid(word) if {
	some part in split(word, ",")
	regex.match(`^[ugoa]*[+=][rwxXt]*s`, part)
}

_raw_disk(path) if strings.any_prefix_match(path, data.guard.tier.raw_disks)

_reads_disk := {
	"ls": true, "stat": true, "lsblk": true, "blkid": true, "df": true, "mount": true, "umount": true, "fsck": true,
	"smartctl": true, "test": true, "[": true, "[[": true, "file": true, "udevadm": true, "echo": true, "grep": true,
}

_formats(s) if data.guard.tier.formatters[s.name]

_formats(s) if startswith(s.name, "mkfs.")

_formats(s) if {
	s.name == "fdisk"
	not "l" in s.flags
}

_formats(s) if {
	s.name == "parted"
	some word in s.args
	word in {"mklabel", "mktable", "mkpart", "rm", "resizepart"}
}

_formats(s) if {
	s.name in {"zfs", "zpool", "btrfs", "cryptsetup", "nvme", "hdparm", "diskutil", "mdadm"}
	some word in s.args
	word in {"destroy", "delete", "luksFormat", "erase", "luksErase", "format", "--security-erase", "eraseDisk", "eraseVolume", "--zero-superblock"}
}

_formats(s) if {
	s.name == "fallocate"
	some p in s.paths
	p.zone == "device"
}

# An image: every path it names is a plain file of the workspace or temporary.
_on_image(s) if {
	count(s.paths) > 0
	every p in s.paths {
		p.zone in {"workspace", "temporary"}
	}
}

_core(path) if strings.any_prefix_match(sprintf("%s/", [path]), data.guard.tier.system_core)

_core("/")

_copies(s, p) if {
	s.name in {"cp", "mv"}
	startswith(sprintf("%s/", [p.path]), "/etc/")
	p.access == "write"
}

_shown(p) := _cut(p.raw) if p.raw != ""

_shown(p) := p.path if p.raw == ""
