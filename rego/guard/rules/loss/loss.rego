# METADATA
# title: Files that exist once
# description: |
#   Ways to lose a file that no git, build or download brings back: databases,
#   keys and settings in the workspace, and whatever lies outside it.
package guard.rules.loss

import data.guard.emptying
import data.guard.naming
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
	_holds_data(p)
	_loses(s, p)
	p.zone in {"workspace", "home"}
	not p.made
	p.exists != "no"
	not s.name in {"git", "find", "mv"}
	msg := sprintf("loses the data in %s", [stage.shown(p)])
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

_loses(_, p) if p.access == "delete"

_loses(s, p) if emptying.whole(s, p)

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

# By its ending or name, unless the path says that it is only for tests.
_holds_data(p) if {
	strings.any_suffix_match(lower(p.raw), data.guard.rules.loss.suffixes)
	not naming.sample(p.raw)
}

_holds_data(p) if {
	contains(p.raw, ".env")
	startswith(_name(p), ".env")
	data.guard.tables.secret_names[_name(p)]
	not naming.sample(p.raw)
}
