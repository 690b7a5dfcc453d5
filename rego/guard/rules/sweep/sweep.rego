# METADATA
# title: What programs pick to delete
# description: |
#   Whatever a pattern matches, originals that were packed or sent, files that are
#   alike or old, and backups.
package guard.rules.sweep

import data.guard.form
import data.guard.stage

# METADATA
# title: Deletes what it has packed or sent
# description: These options delete the originals when the copy is made, or when the program thinks so.
# custom:
#   id: loss.moved_by_copy
#   remedy: leave the option out, look at the copy, then delete
#   fires: tar --remove-files -czf old.tgz src
#   quiet: tar -czf old.tgz src
hit contains {"id": "loss.moved_by_copy", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_deletes_originals(s)
	not stage.dry(s)
	msg := sprintf("deletes the originals: %s", [stage.line(s)])
}

# METADATA
# title: Deletes in the copy what the original lacks
# description: |
#   Told to mirror, a copying program deletes in the target whatever the source
#   does not have; the wrong way round, or with an empty source, that is all of it.
# custom:
#   id: loss.mirror
#   remedy: list first what it would delete; most have a dry run
#   fires: robocopy src dest /MIR
#   quiet: robocopy src dest /E
hit contains {"id": "loss.mirror", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some word in s.args
	_mirrors(s, word)
	not stage.dry(s)
	not stage.help(s)
	msg := sprintf("deletes in the target what the source does not have: %s", [stage.line(s)])
}

# METADATA
# title: Deletes what a program picks
# description: These programs choose by age or by sameness what to delete, and do not ask.
# custom:
#   id: loss.sweeper
#   remedy: let the program list what it would delete
#   fires: fdupes -dN photos
#   quiet: fdupes -r photos
hit contains {"id": "loss.sweeper", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"fdupes", "jdupes", "rdfind", "duperemove", "rmlint", "tmpwatch", "tmpreaper", "bleachbit"}
	_sweeps(s)
	not stage.help(s)
	msg := sprintf("deletes what it picks: %s", [stage.line(s)])
}

# METADATA
# title: Throws backups away
# description: What a backup holds is often nowhere else, and it is missed when it is too late.
# custom:
#   id: loss.backup
#   remedy: list what would go, and show a person; most have a dry run
#   fires: restic -r /mnt/backup forget --keep-last 1 --prune
#   quiet: restic -r /mnt/backup snapshots
hit contains {"id": "loss.backup", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	stage.tells(s, data.guard.rules.sweep.backups[s.name])
	not stage.help(s)
	not stage.dry(s)
	not "n" in s.flags
	msg := sprintf("throws backups away: %s", [stage.line(s)])
}

# METADATA
# title: Deletes every file of a kind
# description: |
#   The shell makes a list of whatever is there, or of all source files; what was
#   not committed is gone, and nobody has read the list.
# custom:
#   id: fs.rm_pattern
#   remedy: ls the same pattern first, then delete by name
#   fires: rm src/*.ts
#   quiet: rm *.log
hit contains {"id": "fs.rm_pattern", "tier": 2, "stage": s.id, "msg": msg} if {
	"rm" in input.cmd.names
	some s in input.cmd.stages
	s.name == "rm"
	count({"r", "R", "recursive"} & {flag | some flag in s.flags}) == 0
	some p in s.paths
	p.glob
	p.zone == "workspace"
	not p.made
	_takes_all(split(p.raw, "/"))
	msg := sprintf("deletes every file that matches %s", [stage.cut(p.raw)])
}

_takes_all(parts) if parts[count(parts) - 1] in {"*", "*.*", "**", ".*"}

_takes_all(parts) if {
	some suffix in data.guard.rules.emptied.sources
	parts[count(parts) - 1] == sprintf("*%s", [suffix])
}

_sweeps(s) if {
	some flag in ["d", "delete", "c", "clean"]
	flag in s.flags
}

_sweeps(s) if {
	s.name in {"jdupes", "rdfind", "rmlint", "duperemove"}
	some flag in ["L", "B", "linkhard", "l", "linksoft", "deleteduplicates", "makehardlinks", "makesymlinks"]
	flag in s.flags
}

_sweeps(s) if {
	s.name in {"tmpwatch", "tmpreaper"}
	not "t" in s.flags
	not "test" in s.flags
}

_mirrors(s, word) if form.fits(word, data.guard.rules.sweep.mirrors[s.name])

# These do nothing else.
_mirrors(s, word) if {
	data.guard.rules.sweep.mirroring[s.name]
	word != ""
	not startswith(word, "-")
}

_deletes_originals(s) if {
	s.name in {"tar", "bsdtar", "gtar"}
	"remove-files" in s.flags
}

_deletes_originals(s) if {
	s.name == "zip"
	some flag in s.flags
	flag in {"m", "move"}
}

_deletes_originals(s) if {
	s.name in {"7z", "7za", "7zz"}
	"sdel" in s.flags
}

_deletes_originals(s) if {
	s.name == "rsync"
	"remove-source-files" in s.flags
	not "n" in s.flags
}
