# METADATA
# title: Files that are emptied
# description: |
#   A file with nothing in it is still there, so nothing complains about what it
#   held.
package guard.rules.emptied

import data.guard.artefact
import data.guard.emptying
import data.guard.naming
import data.guard.stage

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
# title: Empties a file of the project
# description: |
#   Nothing is written in place of a source file or a manifest, so what it held
#   since the last commit is gone, and what is left does not build.
# custom:
#   id: loss.emptied_work
#   remedy: delete the file by name if it should go, or write the new text into it
#   fires: ": > src/main.py"
#   quiet: ": > src/__init__.py"
hit contains {"id": "loss.emptied_work", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	emptying.whole(s, p)
	p.zone == "workspace"
	not p.made
	p.exists != "no"
	_work(p)
	count([part | some part in split(p.raw, "/"); artefact.is(part)]) == 0
	msg := sprintf("empties %s", [stage.shown(p)])
}

# METADATA
# title: Reads from the file that it empties
# description: The shell empties the file before the programs start, so they read nothing and nothing is left.
# custom:
#   id: loss.emptied_self
#   remedy: write to another file, then move it over
#   fires: sort -u data/ledger.csv > data/ledger.csv
#   quiet: sort -u data/ledger.csv -o data/ledger.csv
hit contains {"id": "loss.emptied_self", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	some r in s.redirects
	r.op in {">", ">|", "&>"}
	r.path.path == p.path
	p.path != ""
	some id in graph.reachable({up.id: up.reads_from | some up in input.cmd.stages}, {s.id})
	some from in input.cmd.stages[id].paths
	from.access == "read"
	from.path == p.path
	p.zone in {"workspace", "home", "system"}
	msg := sprintf("empties %s before it is read", [stage.shown(p)])
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
	emptying.whole(s, p)
	p.zone == "home"
	msg := sprintf("empties %s", [stage.shown(p)])
}

# METADATA
# title: Deletes every line
# description: sed in place with d for all lines, or with nothing for each, leaves an empty file, which is not what an edit is for.
# custom:
#   id: loss.all_lines
#   remedy: name the lines that should go
#   fires: sed -i '1,$d' notes.txt
#   quiet: sed -i '1,3d' notes.txt
hit contains {"id": "loss.all_lines", "tier": 2, "stage": s.id, "msg": msg} if {
	some [s, p] in stage.changed
	s.name in {"sed", "perl"}
	emptying.whole(s, p)
	msg := sprintf("deletes every line of %s", [stage.shown(p)])
}

# Data files of other kinds, where all of one goes at once.
_loses_all(s, p) if {
	strings.any_suffix_match(lower(p.raw), data.guard.rules.emptied.records)
	emptying.whole(s, p)
	not naming.sample(p.raw)
}

# An empty __init__.py only says that a folder is a package.
_work(p) if {
	strings.any_suffix_match(_name(p), data.guard.rules.emptied.sources)
	_name(p) != "__init__.py"
}

_work(p) if data.guard.rules.emptied.manifests[_name(p)]

_name(p) := parts[count(parts) - 1] if parts := split(p.raw, "/")
