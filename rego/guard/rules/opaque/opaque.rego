# METADATA
# title: What cannot be understood
# description: |
#   No relief cancels these findings: that something was not understood is no
#   context that makes it harmless.
package guard.rules.opaque

import data.guard.artefact
import data.guard.stage

# METADATA
# title: Unknown program
# description: |
#   The word in program position has no known value. It can be anything,
#   so it counts as destructive.
# custom:
#   id: opaque.program
#   remedy: write the program's name
#   fires: $CMD
#   quiet: CMD=ls; $CMD
hit contains {"id": "opaque.program", "tier": 3, "stage": o.stage, "msg": msg} if {
	some o in input.cmd.opaque
	o.where == "program"
	msg := sprintf("cannot tell which program runs: %s", [o.reason])
}

# METADATA
# title: A line that does not parse
# description: What no shell grammar explains may still be run by some shell.
# custom:
#   id: opaque.line
#   remedy: write it in plain POSIX shell
#   fires: echo 'unfinished
#   quiet: echo 'finished'
hit contains {"id": "opaque.line", "tier": 2, "stage": -1, "msg": o.reason} if {
	some o in input.cmd.opaque
	o.stage == -1
	o.where != "program"
}

# METADATA
# title: Writes to an unknown file
# description: The target of a redirection has no known value.
# custom:
#   id: opaque.redirect
#   remedy: name the file
#   fires: echo x > "$FILE"
#   quiet: FILE=out.txt; echo x > "$FILE"
hit contains {"id": "opaque.redirect", "tier": 2, "stage": s.id, "msg": msg} if {
	some o in input.cmd.opaque
	o.where == "redirect"
	some s in input.cmd.stages
	s.id == o.stage
	some r in s.redirects
	r.path.access == "write"
	r.path.path == ""
	msg := sprintf("writes to a file that is not known before it runs: %s", [r.path.raw])
}

# METADATA
# title: Unknown subcommand
# description: What the program is told to do comes from a variable or another program's output.
# custom:
#   id: opaque.subcommand
#   remedy: write the subcommand
#   fires: docker $ACTION web
#   quiet: docker logs $CONTAINER
hit contains {"id": "opaque.subcommand", "tier": 3, "stage": s.id, "msg": msg} if {
	some o in input.cmd.opaque
	o.where == "argument"
	some s in input.cmd.stages
	s.id == o.stage
	data.guard.rules.opaque.told[s.name]
	s.sub == ""
	strings.any_prefix_match(s.operands[0], ["$", "`"])
	msg := sprintf("cannot tell what %s is told to do: %s", [s.name, o.reason])
}

# METADATA
# title: Destructive program, unknown operands
# description: |
#   What a deleting or permission-changing program works on comes from
#   somewhere else: a variable, another program's output, standard input.
# custom:
#   id: opaque.operands
#   remedy: list what it would work on first, then name it
#   fires: rm "$FILE"
#   quiet: FILE=notes.txt; rm "$FILE"
hit contains {"id": "opaque.operands", "tier": 3, "stage": s.id, "msg": msg} if {
	some o in input.cmd.opaque
	o.where in {"argument", "stdin", "cwd"}
	some s in input.cmd.stages
	s.id == o.stage
	data.guard.tables.opaque_operands[s.name]
	not _found_artefacts(s)
	not _modes_of_found(s, o)
	not endswith(o.reason, "is a number that is not known") # it changes no path
	not stage.help(s)
	not stage.reads[s.id]
	msg := sprintf("%s works on what is not known before it runs: %s", [stage.program(s), o.reason])
}

# Nothing but what a search for artefacts found.
_found_artefacts(s) if {
	artefact.finds[s.parent]
	every p in s.paths {
		p.path != ""
	}
}

# find limits chmod to files of the workspace, and the mode itself is judged.
_modes_of_found(s, o) if {
	s.name in {"chmod", "chgrp"}
	o.reason == "a path found at run time"
	every p in s.paths {
		p.zone in {"workspace", "temporary"}
		p.path != ""
	}
}
