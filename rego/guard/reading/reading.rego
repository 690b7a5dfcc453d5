# METADATA
# title: Reading
# description: |
#   Which stages change nothing, by the tables of what programs and their
#   subcommands do. Rules ask data.guard.stage.reads.
package guard.reading

import data.guard.stage

# METADATA
# title: Stages that change nothing
# description: By their ids.
ids contains s.id if {
	some s in input.cmd.stages
	void := data.guard.tables.readonly[s.name]
	not _voided(s, void)
	not _opaque_program[s.id]
	_known(s)
}

ids contains s.id if {
	some s in input.cmd.stages
	subs := data.guard.tables.readonly_sub[s.name]
	some sub in _subs(s)
	not _voided(s, subs[sub])
	_known(s)
}

ids contains s.id if {
	some s in input.cmd.stages
	stage.shows(s)
	_known(s)
}

ids contains s.id if {
	some s in input.cmd.stages
	stage.help(s)
	_known(s)
}

ids contains s.id if {
	some s in input.cmd.stages
	s.name == "git"
	_git_lists(s)
	_known(s)
}

# The program is the one of that name.
_known(s) if {
	_installed(s.path)
	not _own_file(s)
}

# A program that was found by its name or stands where the system keeps
# programs. ./ls is not ls.
_installed("")

_installed(path) if strings.any_prefix_match(path, data.guard.tables.program_folders)

# The file that will run was seen, and is not the system's, whatever its name.
_own_file(s) if s.exe.origin != "system"

# What may be the subcommand, where classify does not know the program's.
_subs(s) := [s.sub] if s.sub != ""

_subs(s) := [""] if {
	s.sub == ""
	count(s.operands) == 0
}

_subs(s) := [s.operands[0], concat(" ", array.slice(s.operands, 0, 2))] if {
	s.sub == ""
	count(s.operands) > 0
}

_opaque_program := {o.stage: true |
	some o in input.cmd.opaque
	o.where in {"program", "folder"}
}

_voided(s, void) if {
	some flag in void
	flag in s.flags
}

_git_lists(s) if {
	s.sub in {"branch", "tag", "remote", "reflog", "notes", "submodule"}
	count(s.operands) == 0
	every flag in s.flags {
		flag in _listing
	}
}

_git_lists(s) if {
	s.sub in {"config", "branch", "tag"}
	some flag in ["l", "list", "get", "get-all", "get-regexp", "show-current", "contains", "merged", "no-merged", "points-at"]
	flag in s.flags
	not "unset" in s.flags
}

_git_lists(s) if {
	s.sub == "config"
	count(s.operands) == 1
	every flag in s.flags {
		flag in {"global", "local", "system", "get", "type", "bool", "int", "z", "null"}
	}
}

_git_lists(s) if {
	s.sub == "clean"
	some flag in ["n", "dry-run"]
	flag in s.flags
}

_git_lists(s) if {
	s.sub in {"stash", "worktree", "submodule", "bisect", "notes", "remote", "reflog"}
	s.operands[0] in {"list", "show", "status", "log", "get-url"}
}

_listing := {
	"a", "all", "r", "remotes", "v", "vv", "verbose", "l", "list", "n", "merged", "no-merged", "contains",
	"show-current", "sort", "format", "column", "points-at", "no-color", "color",
}
