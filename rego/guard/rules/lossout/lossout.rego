# METADATA
# title: The person's files
# description: |
#   Ways to replace, move or bury files outside the workspace, which no git brings
#   back.
package guard.rules.lossout

import data.guard.artefact
import data.guard.form
import data.guard.stage

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
	data.guard.rules.lossout.rewriters[s.name]
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
# title: Unpacks over the home folder
# description: An archive may hold start-up files, keys and settings that take the place of the person's own.
# custom:
#   id: loss.unpacked_home
#   remedy: unpack it into an empty folder and look
#   fires: tar -xzf backup.tgz -C ~
#   quiet: tar -xzf backup.tgz -C restored
hit contains {"id": "loss.unpacked_home", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	data.guard.rules.lossout.extractors[s.name]
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
	data.guard.rules.lossout.extractors[s.name]
	some flag in ["P", "absolute-names", "absolute-filenames", "absolute-paths"]
	flag in s.flags
	not _only_packs(s)
	msg := sprintf("unpacks wherever the archive says: %s", [stage.line(s)])
}

_many(s) if s.name == "stow"

_many(s) if {
	some flag in ["r", "R", "a", "recursive", "archive"]
	flag in s.flags
}

_belongs_there(p) if {
	p.zone == "home"
	_top_entry(split(stage.below_home(p.path), "/"))
}

_belongs_there(p) if "workspace" in p.covers

# ~/.cache, ~/Downloads; not ~/notes.txt
_top_entry([name, ""]) if {
	name != ""
	not contains(name, ".")
}

_top_entry([name, ""]) if startswith(name, ".")

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
	parts := split(trim_suffix(below, "/"), "/")
	count(parts) > 1
	not strings.any_prefix_match(below, [".", "/"])
	_has_ending(split(parts[count(parts) - 1], "."))
	count({part | some part in parts; artefact.is(part)}) == 0
}

_has_ending(parts) if {
	last := count(parts) - 1
	concat("", array.slice(parts, 0, last)) != ""
	form.made_of(parts[last], form.alphanumeric)
}

_only_packs(s) if {
	some flag in ["c", "create", "t", "list", "o", "l"]
	flag in s.flags
}
