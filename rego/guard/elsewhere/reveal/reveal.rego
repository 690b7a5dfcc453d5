# METADATA
# title: Reliefs for what holds secrets
# description: |
#   Files of settings that are read in a way that shows nothing of what is
#   secret in them.
package guard.elsewhere.reveal

# METADATA
# title: Names without values
# description: |
#   Only the names in a file of NAME=value lines are shown, or whether one is
#   there: by the reader itself, or by what everything it prints goes through.
# custom:
#   id: relief.names_only
#   fires: cut -d= -f1 .env
#   quiet: cut -d= -f2 .env
hit contains {"id": "relief.names_only", "finding": f.id, "stage": s.id, "why": "only names are shown"} if {
	some f in candidates
	"names_only" in data.guard.elsewhere.reveal.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_settings(s)
	_shows_names(s)
}

# METADATA
# title: Variables for the next command
# description: The file's lines become variables of the shell, and nothing prints them.
# custom:
#   id: relief.into_environment
#   fires: export $(grep -v '^#' .env | xargs) && npm test
#   quiet: echo $(grep -v '^#' .env | xargs) && npm test
hit contains {"id": "relief.into_environment", "finding": f.id, "stage": s.id, "why": "its lines become variables, and nothing prints them"} if {
	some f in candidates
	"into_environment" in data.guard.elsewhere.reveal.cancels[f.id]
	some s in input.cmd.stages
	s.id == f.stage
	_settings(s)
	reached := {stage.id | some stage in input.cmd.stages; s.id in graph.reachable(data.guard.stage.feeds, [stage.id])}
	some last in reached
	_sets_variables(input.cmd.stages[last])
	every id in reached {
		_into_environment(input.cmd.stages[id])
	}
}

# METADATA
# title: Findings that some relief may cancel
# description: Where there are none, nothing else here needs to be asked.
candidates := [f |
	some f in data.guard.tier.hit
	data.guard.elsewhere.reveal.cancels[f.id]
]

_sets_variables(s) if s.name == "export"

# env $(grep -v '^#' .env | xargs) npm test
_sets_variables(s) if {
	"env" in s.via
	not data.guard.stage.reads[s.id]
}

_into_environment(s) if _sets_variables(s)

_into_environment(s) if {
	s.name in {"grep", "egrep", "xargs", "sed", "cut", "tr", "cat", "echo", "awk"}
	_prints_to_others(s)
}

# Files of NAME=value lines, and no other secret among what is read.
_settings(s) if {
	reads := [p | some p in s.paths; p.access in {"read", "unknown"}]
	count(reads) > 0
	every p in reads {
		_file_of_settings(split(p.path, "/"))
	}
}

# .env, .env.local
_file_of_settings(parts) if parts[count(parts) - 1] == ".env"

_file_of_settings(parts) if startswith(parts[count(parts) - 1], ".env.")

_shows_names(s) if _names(s)

_shows_names(s) if {
	count(s.writes_to) > 0
	not _to_file(s)
	every id in s.writes_to {
		_names(input.cmd.stages[id])
	}
}

_names(s) if {
	s.name in {"grep", "egrep", "rg"}
	some flag in s.flags
	flag in {"c", "q", "l", "L", "count", "quiet", "silent", "files-with-matches"}
}

# grep -o '^[A-Z_]*='
_names(s) if {
	s.name in {"grep", "egrep"}
	some flag in ["o", "only-matching"]
	flag in s.flags
	regex.match(`^\^?(\[[^\]=]*\]|[A-Za-z0-9_])([+*]|\\\+)?(\[[^\]=]*\][+*]?)?=?$`, s.operands[0])
}

_names(s) if {
	s.name == "cut"
	_option(s, "d", "=")
	_option(s, "f", "1")
}

_names(s) if {
	s.name in {"awk", "gawk"}
	_option(s, "F", "=")
	regex.match(`^[^{}$]*(\$1 *!?~ */[^/]*/ *)?\{ *print \$1( *"[^"]*")? *\}$`, s.operands[0])
}

_names(s) if {
	s.name == "sed"
	regex.match(`^s([/|#,])=\.\*\$?[/|#,](=?[^/|#,&\\]*)[/|#,]g?$`, s.operands[0])
}

_names(s) if s.name == "wc"

_option(s, name, value) if {
	some o in s.options
	o.name == name
	o.value == value
}

_to_file(s) if {
	some r in s.redirects
	r.path.access == "write"
	r.path.zone != "null"
}

_prints_to_others(s) if s.name == "export"

_prints_to_others(s) if {
	s.name != "export"
	not _to_file(s)
	some other in input.cmd.stages
	s.id in array.concat(other.reads_from, other.takes)
}
