# METADATA
# title: Disks and devices
# description: |
#   Below the file systems: what is written here is lost for everything above.
package guard.rules.disk

import data.guard.stage

# METADATA
# title: Writes to a raw disk
# description: Overwrites file systems below the feet of everything that runs on them.
# custom:
#   id: disk.raw_write
#   remedy: none; a person does this by hand
#   fires: dd if=disk.img of=/dev/sda
#   quiet: dd if=/dev/zero of=disk.img count=1
hit contains {"id": "disk.raw_write", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not _reads_disk[s.name]
	not stage.shows(s)
	not _only_asks(s)
	some p in s.paths
	p.zone == "device"
	p.access in {"write", "delete", "unknown"}
	_raw_disk(p.path)
	msg := sprintf("writes to the raw disk %s", [stage.shown(p)])
}

# METADATA
# title: Writes to a device
# description: What a device does with it is not known.
# custom:
#   id: disk.device_write
#   remedy: write to a file
#   fires: echo x > /dev/ttyUSB0
#   quiet: echo x > /dev/null
hit contains {"id": "disk.device_write", "tier": 3, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "device"
	not _raw_disk(p.path)
	msg := sprintf("writes to the device %s", [stage.shown(p)])
}

# METADATA
# title: Reads a raw disk
# description: Reads everything on it, whoever owns it.
# custom:
#   id: disk.raw_read
#   remedy: read the file
#   fires: dd if=/dev/sda of=disk.img
#   quiet: dd if=disk.img of=/dev/null
hit contains {"id": "disk.raw_read", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.name in {"ls", "stat", "lsblk", "test", "[", "[[", "df", "file"}
	not data.guard.stage.looks[s.name]
	some p in s.paths
	p.zone == "device"
	p.access == "read"
	_raw_disk(p.path)
	msg := sprintf("reads the raw disk %s", [stage.shown(p)])
}

# METADATA
# title: Formats a file system or partition
# description: Everything on it is lost (REQUIREMENTS S1-20).
# custom:
#   id: disk.format
#   remedy: none; a person does this by hand
#   fires: mkfs.ext4 disk.img
#   quiet: fdisk -l
hit contains {"id": "disk.format", "tier": 4, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_formats(s)
	not stage.help(s)
	not stage.shows(s)
	msg := sprintf("formats or repartitions: %s", [stage.line(s)])
}

# METADATA
# title: Formats a real disk
# description: As disk.format, on something that is not an image file of the workspace.
# custom:
#   id: disk.format_device
#   remedy: none; a person does this by hand
#   fires: mkfs.ext4 /dev/sda1
#   quiet: mkfs.ext4 disk.img
hit contains {"id": "disk.format_device", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_formats(s)
	not stage.help(s)
	not stage.shows(s)
	not _on_image(s)
	msg := sprintf("formats or repartitions a disk: %s", [stage.line(s)])
}

# METADATA
# title: Changes a file system or volume in place
# description: Repairs, resizes and moves what holds the files; a mistake, or a mounted file system, costs all of them.
# custom:
#   id: disk.change
#   remedy: none; a person does this by hand
#   fires: fsck -y /dev/sda1
#   quiet: fsck -N /dev/sda1
hit contains {"id": "disk.change", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_changes_volume(s)
	not stage.help(s)
	not stage.shows(s)
	msg := sprintf("changes a file system or volume: %s", [stage.line(s)])
}

_changes_volume(s) if data.guard.rules.disk.volume_tools[s.name]

_changes_volume(s) if s.name == "fsck"

_changes_volume(s) if startswith(s.name, "fsck.")

_changes_volume(s) if {
	s.name in {"mdadm", "btrfs", "zfs", "zpool", "cryptsetup", "dmsetup", "nvme"}
	some word in s.args
	word in {
		"--stop", "--remove", "--fail", "--create", "--grow", "check", "rescue", "rollback", "resize", "luksFormat",
		"remove", "remove_all", "wipe_table", "labelclear", "offline", "detach", "import", "export", "replace",
		"reencrypt", "luksRemoveKey", "luksKillSlot", "sanitize",
	}
}

_only_asks(s) if {
	stage.reads[s.id]
	every p in s.paths {
		p.access in {"read", "unknown"}
	}
}

_raw_disk(path) if strings.any_prefix_match(path, data.guard.tables.raw_disks)

_reads_disk := {
	"ls": true, "stat": true, "lsblk": true, "blkid": true, "df": true, "mount": true, "umount": true,
	"smartctl": true, "test": true, "[": true, "[[": true, "file": true, "udevadm": true, "echo": true, "grep": true,
}

_formats(s) if {
	data.guard.tables.formatters[s.name]
	not _only_lists(s)
}

# wipefs without an option shows what it could wipe
_only_lists(s) if {
	s.name == "wipefs"
	every flag in s.flags {
		not flag in {"a", "all", "o", "offset", "f", "force", "t", "types"}
	}
}

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
