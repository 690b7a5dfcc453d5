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
	_holds_data(p)
	_loses(s, p)
	p.zone in {"workspace", "home"}
	not p.made
	p.exists != "no"
	not s.name in {"git", "find", "mv"}
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

# Data files of other kinds, where all of one goes at once.
_loses_all(s, p) if {
	strings.any_suffix_match(lower(p.raw), data.guard.rules.loss.records)
	_empties(s, p)
	not _for_tests(p)
}

# By its ending or name, unless the path says that it is only for tests.
_holds_data(p) if {
	strings.any_suffix_match(lower(p.raw), data.guard.rules.loss.suffixes)
	not _for_tests(p)
}

_holds_data(p) if {
	contains(p.raw, ".env")
	startswith(_name(p), ".env")
	data.guard.tables.secret_names[_name(p)]
	not _for_tests(p)
}

_for_tests(p) if regex.match(`(?i)(^|[._/-])(tests?|testing|test_?data|tmp|temp|fixtures?|mocks?|examples?|samples?|demo|spec|scratch|cache)([._/-]|\d|$)`, p.raw)
