# METADATA
# title: Artefacts
# description: |
#   Files that are made again by building, testing or installing: what a folder
#   or file is called says so. Names that are also used for other things (bin,
#   vendor) are not in the table; those count if git ignores them.
package guard.artefact

# METADATA
# title: Name of an artefact
# description: One component of a path.
is(name) if data.guard.tables.artefacts[name]

is(name) if {
	some suffix in data.guard.tables.artefact_suffixes
	endswith(name, suffix)
	name != suffix
}

# dist.old, node_modules.bak: set aside while a new one is made
is(name) if {
	some suffix in [".old", ".prev", ".previous", "-old", "_old", ".backup", "-backup", ".new"]
	endswith(name, suffix)
	data.guard.tables.artefacts[trim_suffix(name, suffix)]
}

# METADATA
# title: Searches for artefacts only
# description: |
#   Stages of find that are limited to names of artefacts inside the workspace,
#   with nothing that could widen the search.
finds[s.id] := true if some s in _finds

# xargs, with nothing between it and such a find but programs that leave names out.
finds[s.id] := true if {
	"xargs" in input.cmd.names
	some s in input.cmd.stages
	s.name == "xargs"
	some find in _finds
	_fed(s, find.id)
}

# ls *.log | xargs rm
_finds contains s if {
	"xargs" in input.cmd.names
	some s in input.cmd.stages
	s.name == "ls"
	count(s.paths) > 0
	every p in s.paths {
		p.zone in {"workspace", "temporary"}
		p.git != "tracked"
		not contains(p.raw, "..")
		some part in split(p.raw, "/")
		is(part)
	}
}

_finds contains s if {
	"find" in input.cmd.names
	some s in input.cmd.stages
	s.name == "find"
	_only_artefacts(s)
	count({i | some i, word in s.args; _widens(s, i, word)}) == 0
	_tests_first(s)
	count(s.operands) > 0
}

# Below the temporary folders, by a name of its own or below a folder in there.
_only_artefacts(s) if {
	count(_places(s)) > 0
	every p in _places(s) {
		p.zone == "temporary"
		_named(s, p)
	}
}

# Below a folder that is an artefact itself.
_only_artefacts(s) if {
	count(_places(s)) > 0
	every p in _places(s) {
		p.git != "tracked"
		_named_by_folder(p)
	}
}

# Where it looks and writes: all but /dev/null.
_places(s) := [p | some p in s.paths; p.zone != "null"]

# Folders with nothing in them.
_only_artefacts(s) if {
	"empty" in s.flags
	some o in s.options
	o.name == "type"
	o.value == "d"
	every p in _places(s) {
		p.zone in {"workspace", "temporary"}
	}
}

_only_artefacts(s) if {
	names := [o.value | some o in s.options; o.name in {"name", "iname"}]
	count(names) > 0
	every name in names {
		_pattern(name)
	}
	every p in _places(s) {
		p.zone in {"workspace", "temporary"}
	}
}

# find acts on what passed the tests before the action.
_tests_first(s) if {
	some i, word in s.args
	word in {"-name", "-iname", "-empty"}
	every before in array.slice(s.args, 0, i) {
		not before in {"-delete", "-exec", "-execdir", "-ok", "-okdir", "-print", "-print0", "-printf", "-fprint", "-fprint0", "-ls", "-fls"}
	}
}

_tests_first(s) if {
	every p in _places(s) {
		_named_by_folder(p)
	}
}

_named_by_folder(p) if {
	p.zone == "temporary"
	not data.guard.relief.tops[p.path]
}

_named_by_folder(p) if {
	p.zone == "workspace"
	some part in split(p.raw, "/")
	is(part)
	not contains(p.raw, "..")
}

# cypress/screenshots
_named_by_folder(p) if {
	p.zone == "workspace"
	some folder in data.guard.relief.folders
	contains(sprintf("/%s/", [p.raw]), sprintf("/%s/", [folder]))
	not contains(p.raw, "..")
}

# -not before a test of the path leaves files out; before others it turns the names around.
_widens(_, _, ",")

_widens(s, i, word) if {
	word in {"-o", "-or"}
	not _between_names(s, i)
}

_between_names(s, i) if {
	s.args[i - 2] in {"-name", "-iname"}
	s.args[i + 1] in {"-name", "-iname"}
}

_widens(s, i, word) if {
	word in {"!", "-not"}
	not s.args[i + 1] in {"-path", "-ipath", "-wholename", "-iwholename"}
}

_fed(s, id) if s.reads_from == [id]

_fed(s, id) if {
	count(s.reads_from) == 1
	between := input.cmd.stages[s.reads_from[0]]
	between.reads_from == [id]
	between.name in {"grep", "head", "tail", "sort", "uniq"}
}

_named(_, p) if not data.guard.relief.tops[p.path]

_named(s, p) if {
	data.guard.relief.tops[p.path]
	some o in s.options
	o.name in {"name", "iname"}
	count(split(replace(replace(o.value, "?", "*"), "[", "*"), "*")[0]) >= 3
}

_pattern(name) if data.guard.tables.artefacts[name]

_pattern(name) if {
	some suffix in data.guard.tables.artefact_suffixes
	name == sprintf("*%s", [suffix])
}
