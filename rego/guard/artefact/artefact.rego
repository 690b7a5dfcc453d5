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

# METADATA
# title: Searches for artefacts only
# description: |
#   Stages of find that are limited to names of artefacts inside the workspace,
#   with nothing that could widen the search.
finds[s.id] := true if {
	"find" in input.cmd.names
	some s in input.cmd.stages
	s.name == "find"
	names := [o.value | some o in s.options; o.name in {"name", "iname"}]
	count(names) > 0
	every name in names {
		_pattern(name)
	}
	count({word | some word in s.args; word in {"-o", "-or", "!", "-not", ","}}) == 0
	count(s.operands) > 0
	every p in s.paths {
		p.zone == "workspace"
	}
}

_pattern(name) if data.guard.tables.artefacts[name]

_pattern(name) if {
	some suffix in data.guard.tables.artefact_suffixes
	name == sprintf("*%s", [suffix])
}
