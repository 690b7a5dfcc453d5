# METADATA
# title: Files that exist once
# description: |
#   Ways to lose a file that no git, build or download brings back: databases,
#   keys and settings in the workspace, and whatever lies outside it.
package guard.rules.loss

import data.guard.artefact
import data.guard.stage

# METADATA
# title: Loses a database or a settings file
# description: Such files are not in git as a rule, and what is in them was made by hand or by use.
# custom:
#   id: loss.data_file
#   remedy: copy the file first, or name a file that is only for tests
#   fires: rm data/prod.db
#   quiet: rm test.db
hit contains {"id": "loss.data_file", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	_loses(s, p)
	p.zone in {"workspace", "home"}
	not p.made
	p.exists != "no"
	not s.name in {"git", "find", "mv"}
	_holds_data(p)
	msg := sprintf("loses the data in %s", [stage.shown(p)])
}

# METADATA
# title: Empties a file of records
# description: Tables and dumps in the workspace are seldom in git whole, and nothing is written in place of them.
# custom:
#   id: loss.emptied_records
#   remedy: copy the file first, or write the new one beside it
#   fires: ": > data/customers.csv"
#   quiet: ": > build/report.csv"
hit contains {"id": "loss.emptied_records", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	_loses_all(s, p)
	p.zone == "workspace"
	not p.made
	p.exists != "no"
	count([part | some part in split(p.raw, "/"); artefact.is(part)]) == 0
	msg := sprintf("empties %s", [stage.shown(p)])
}

# METADATA
# title: Empties a file outside the workspace
# description: Nothing is written, so whatever was in the file is gone.
# custom:
#   id: loss.emptied
#   remedy: leave files outside the workspace alone
#   fires: ": > ~/notes.txt"
#   quiet: ": > notes.txt"
hit contains {"id": "loss.emptied", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	_empties(s, p)
	p.zone == "home"
	msg := sprintf("empties %s", [stage.shown(p)])
}

# METADATA
# title: Deletes every line
# description: sed in place with d for all lines leaves an empty file, which is not what an edit is for.
# custom:
#   id: loss.all_lines
#   remedy: name the lines that should go
#   fires: sed -i '1,$d' notes.txt
#   quiet: sed -i '1,3d' notes.txt
hit contains {"id": "loss.all_lines", "tier": 2, "stage": s.id, "msg": msg} if {
	"sed" in input.cmd.names
	some [s, p] in stage.changed
	s.name == "sed"
	_empties(s, p)
	msg := sprintf("deletes every line of %s", [stage.shown(p)])
}

# METADATA
# title: Overwrites a file outside the workspace
# description: |
#   A named file in another folder of the person is replaced; whether that
#   folder has a git that knows it, guard cannot tell.
# custom:
#   id: loss.replaced_outside
#   remedy: write inside the workspace and let a person copy it
#   fires: cp dist/config.json ../infra/prod/config.json
#   quiet: cp dist/config.json /tmp/config.json
hit contains {"id": "loss.replaced_outside", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.access == "write"
	p.zone == "home"
	p.exists != "no"
	not p.made
	_replaces(s, p)
	_named_file(p)
	msg := sprintf("replaces %s, outside the workspace", [stage.shown(p)])
}

# METADATA
# title: Rewrites files outside the workspace
# description: |
#   These programs change the files they are given in place, or write over what
#   is there without asking.
# custom:
#   id: loss.rewritten_outside
#   remedy: copy the files into the workspace and work there
#   fires: mogrify -resize 50% ~/photos/a.jpg
#   quiet: mogrify -path build/thumbs -resize 200x200 assets/a.png
hit contains {"id": "loss.rewritten_outside", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	data.guard.rules.loss.rewriters[s.name]
	p.access == "write"
	p.zone == "home"
	not p.made
	not stage.dry(s)
	msg := sprintf("rewrites %s, outside the workspace", [stage.shown(p)])
}

# METADATA
# title: Copies over the home folder
# description: Start-up files, keys and settings among what is copied take the place of the person's own.
# custom:
#   id: loss.copied_home
#   remedy: copy the one file that is needed
#   fires: cp -rf dotfiles/. ~/
#   quiet: cp -r dotfiles/. build/
hit contains {"id": "loss.copied_home", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	s.name in {"cp", "rsync", "stow"}
	p.access == "write"
	"home" in p.covers
	_many(s)
	not stage.dry(s)
	msg := sprintf("copies over %s", [stage.shown(p)])
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

# METADATA
# title: Moves a file to nowhere
# description: A file moved onto a device without content is gone, or takes the device's place.
# custom:
#   id: loss.moved_to_null
#   remedy: delete the file by name
#   fires: mv notes.txt /dev/null
#   quiet: mv notes.txt old.txt
hit contains {"id": "loss.moved_to_null", "tier": 2, "stage": s.id, "msg": msg} if {
	"mv" in input.cmd.names
	some s in input.cmd.stages
	s.name == "mv"
	some p in s.paths
	p.zone == "null"
	p.access == "write"
	msg := sprintf("moves %s to nowhere", [stage.words(s)])
}

# METADATA
# title: Takes a folder out of the home folder, or everything out of the workspace
# description: A folder or a hidden file of the person moves to where neither they nor their programs look for it.
# custom:
#   id: loss.moved_out
#   remedy: copy what is needed into the workspace
#   fires: mv ~/Documents /tmp/
#   quiet: mv ~/Downloads/data.csv data/
hit contains {"id": "loss.moved_out", "tier": 2, "stage": s.id, "msg": msg} if {
	"mv" in input.cmd.names
	some s in input.cmd.stages
	s.name == "mv"
	some p in s.paths
	p.access == "delete"
	_belongs_there(p)
	msg := sprintf("moves %s away", [stage.shown(p)])
}

# METADATA
# title: Changes a shell history
# description: The history is a person's record of what was done; who changes it hides something.
# custom:
#   id: loss.history
#   remedy: leave the history alone
#   fires: ln -sf /dev/null ~/.bash_history
#   quiet: ls -l ~/.bash_history
hit contains {"id": "loss.history", "tier": 3, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone == "home"
	some name in data.guard.rules.loss.histories
	stage.below_home(p.path) == sprintf("%s/", [name])
	msg := sprintf("changes the history in %s", [stage.shown(p)])
}

# METADATA
# title: Stops the shell history
# description: What follows leaves no trace in the person's record.
# custom:
#   id: loss.no_history
#   remedy: leave the history on
#   fires: export HISTFILE=/dev/null
#   quiet: export HISTFILE=/tmp/history
hit contains {"id": "loss.no_history", "tier": 2, "stage": s.id, "msg": "stops the shell history"} if {
	some s in input.cmd.stages
	_stops_history(s)
}

# METADATA
# title: Unpacks over the home folder
# description: An archive may hold start-up files, keys and settings that take the place of the person's own.
# custom:
#   id: loss.unpacked_home
#   remedy: unpack it into an empty folder and look
#   fires: tar -xzf backup.tgz -C ~
#   quiet: tar -xzf backup.tgz -C restored
hit contains {"id": "loss.unpacked_home", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	data.guard.rules.loss.extractors[s.name]
	p.access == "write"
	"home" in p.covers
	msg := sprintf("unpacks over %s", [stage.shown(p)])
}

# METADATA
# title: Unpacks wherever the archive says
# description: With absolute names an archive writes to any place of the machine.
# custom:
#   id: loss.unpacked_absolute
#   remedy: leave the option out; the files then go below the folder
#   fires: tar -xPf backup.tar
#   quiet: tar -xpf backup.tar
hit contains {"id": "loss.unpacked_absolute", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.rules.loss.extractors[s.name]
	some flag in ["P", "absolute-names", "absolute-filenames", "absolute-paths"]
	flag in s.flags
	not _only_packs(s)
	msg := sprintf("unpacks wherever the archive says: %s", [stage.line(s)])
}

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
	stage.tells(s, data.guard.rules.loss.backups[s.name])
	not stage.help(s)
	not stage.dry(s)
	not "n" in s.flags
	msg := sprintf("throws backups away: %s", [stage.line(s)])
}

# METADATA
# title: Overwrites a file in place
# description: Writes zeros, holes or other bytes into a file that is there.
# custom:
#   id: loss.overwritten
#   remedy: write to a new file
#   fires: fallocate --punch-hole -l 1M data.bin
#   quiet: fallocate -l 1M data.bin
hit contains {"id": "loss.overwritten", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	p.zone in {"workspace", "home"}
	_overwrites(s, p)
	msg := sprintf("overwrites %s in place", [stage.shown(p)])
}

_many(s) if s.name == "stow"

_many(s) if {
	some flag in ["r", "R", "a", "recursive", "archive"]
	flag in s.flags
}

_belongs_there(p) if {
	p.zone == "home"
	regex.match(`^(\.[^/]+|[^/.]+)/$`, stage.below_home(p.path))
}

_belongs_there(p) if "workspace" in p.covers

_replaces(s, _) if s.name in {"cp", "mv", "install", "sed", "perl", "dd", "ln", "rsync"}

_replaces(s, p) if {
	some r in s.redirects
	r.op in {">", ">|", "&>"}
	r.path.raw == p.raw
}

_replaces(s, _) if {
	s.name == "tee"
	not "a" in s.flags
	not "append" in s.flags
}

# In a folder of the home folder, with an ending, and not what a program writes anew.
_named_file(p) if {
	below := stage.below_home(p.path)
	regex.match(`^[^./][^/]*/(.*/)?[^/]+\.[A-Za-z0-9]+/$`, below)
	parts := split(trim_suffix(below, "/"), "/")
	count({part | some part in parts; artefact.is(part)}) == 0
}

_loses(_, p) if p.access == "delete"

_loses(s, p) if _empties(s, p)

_loses(s, p) if _overwrites(s, p)

# Whether a database is there may not be known; that it is to be replaced is. A
# settings file is often made from an example.
_there(p) if p.exists == "yes"

_there(p) if not startswith(_name(p), ".env")

_name(p) := parts[count(parts) - 1] if parts := split(p.raw, "/")

_loses(s, p) if {
	s.name in {"cp", "install"}
	p.access == "write"
	_there(p)
}

_loses(s, p) if {
	s.name == "tee"
	p.access == "write"
	_there(p)
	not "a" in s.flags
	not "append" in s.flags
}

_loses(s, p) if {
	s.name == "dd"
	p.access == "write"
}

_empties(s, p) if {
	some r in s.redirects
	r.op in {">", ">|", "&>"}
	r.path.raw == p.raw
	_writes_nothing(s)
}

_empties(s, p) if {
	s.name == "cp"
	p.access == "write"
	s.operands[0] == "/dev/null"
}

_empties(s, p) if {
	s.name == "dd"
	p.access == "write"
	some o in s.options
	o.name == "if"
	o.value == "/dev/null"
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

_stops_history(s) if {
	s.name in {"export", "declare", "typeset"}
	some word in s.args
	regex.match(`^(HISTFILE=(/dev/null)?|HIST(FILE)?SIZE=0)$`, word)
}

_stops_history(s) if {
	s.name == "unset"
	"HISTFILE" in s.operands
}

_stops_history(s) if {
	s.name == "set"
	s.args == ["+o", "history"]
}

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

# sed's d without an address, or for every line
_empties(s, p) if {
	s.name == "sed"
	p.access == "write"
	some script in array.concat(s.operands, [o.value | some o in s.options; o.name in {"e", "expression"}])
	regex.match(`^(1,\$|/\.\*?/)?\s*d$`, script)
}

_writes_nothing(s) if {
	data.guard.rules.loss.nothing[s.name]
	not _of_code(s)
}

# What code opens for writing, it writes to.
_of_code(s) if {
	s.parent >= 0
	input.cmd.stages[s.parent].payload.lang != "shell"
}

_writes_nothing(s) if {
	s.name == "cat"
	s.operands == ["/dev/null"]
}

_writes_nothing(s) if {
	s.name in {"echo", "printf"}
	every word in s.args {
		word in {"", "-n"}
	}
}

_overwrites(s, p) if {
	s.name == "dd"
	p.access == "write"
	p.exists == "yes"
}

# A file that is only to be written into has to be there.
_overwrites(s, p) if {
	s.name == "dd"
	p.access == "write"
	some o in s.options
	o.name == "conv"
	contains(o.value, "notrunc")
}

_overwrites(s, p) if {
	s.name == "fallocate"
	p.access == "write"
	some flag in s.flags
	flag in {"p", "punch-hole", "z", "zero-range", "c", "collapse-range"}
}

_only_packs(s) if {
	some flag in ["c", "create", "t", "list", "o", "l"]
	flag in s.flags
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

# Data files of other kinds, where all of one goes at once.
_loses_all(s, p) if {
	_empties(s, p)
	some suffix in data.guard.rules.loss.records
	endswith(lower(p.raw), suffix)
	not _for_tests(p)
}

# By its ending or name, unless the path says that it is only for tests.
_holds_data(p) if {
	some suffix in data.guard.rules.loss.suffixes
	endswith(lower(p.raw), suffix)
	not _for_tests(p)
}

_holds_data(p) if {
	startswith(_name(p), ".env")
	data.guard.tables.secret_names[_name(p)]
	not _for_tests(p)
}

_for_tests(p) if regex.match(`(?i)(^|[._/-])(tests?|testing|test_?data|tmp|temp|fixtures?|mocks?|examples?|samples?|demo|spec|scratch|cache)([._/-]|\d|$)`, p.raw)
