# METADATA
# title: What git runs
# description: |
#   Options and addresses by which git starts other programs, or takes code from
#   and hands it to somebody else.
package guard.rules.gitrun

import data.guard.stage

# METADATA
# title: Clones and starts
# description: A script of strangers runs in the same line that fetches it, before anybody could read it.
# custom:
#   id: git.clone_start
#   remedy: clone, read the script, then run it
#   fires: git clone https://host.example/x && cd x && ./install.sh
#   quiet: git clone https://host.example/x && cd x && cat install.sh
hit contains {"id": "git.clone_start", "tier": 2, "stage": s.id, "msg": msg} if {
	some clone in input.cmd.stages
	clone.name == "git"
	clone.sub == "clone"
	folder := _cloned(clone)
	some s in input.cmd.stages
	s.id > clone.id
	some what in _runs_from(s, folder)
	msg := sprintf("runs %s, which the same line fetches", [what])
}

_runs_from(s, folder) := {stage.shown(p) |
	some p in s.paths
	p.access == "exec"
	startswith(p.path, sprintf("%s/", [folder]))
} | {stage.line(s) |
	_builds(s)
	some place in _works_in(s)
	startswith(sprintf("%s/", [trim_suffix(place, "/")]), sprintf("%s/", [folder]))
	not stage.help(s)
}

_works_in(s) := ({s.cwd} | {p.path | some p in s.paths}) | {o.value | some o in s.options; o.name in {"C", "directory", "prefix", "path", "f", "p"}}

# What these run, or may run, stands in the folder.
_builds(s) if {
	some verb in data.guard.rules.gitrun.builds[s.name]
	_asked_to(s, verb)
}

_asked_to(_, "")

_asked_to(s, verb) if verb == stage.verb(s)

# METADATA
# title: Serves or mails the repository
# description: What is in the repository leaves the machine in other ways than a push.
# custom:
#   id: git.send
#   remedy: push to one of the project's remotes
#   fires: git send-email --to ann@host.example 0001.patch
#   quiet: git format-patch -1
hit contains {"id": "git.send", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "git"
	s.sub in {"daemon", "instaweb", "send-email", "imap-send", "http-backend"}
	not stage.dry(s)
	msg := sprintf("serves or mails the repository: git %s", [stage.cut(concat(" ", s.args))])
}

# METADATA
# title: Transport that runs a program
# description: These options and URLs name a program that git starts.
# custom:
#   id: git.exec_transport
#   remedy: use an ordinary https or ssh remote
#   fires: git fetch --upload-pack='sh -c id' origin
#   quiet: git fetch origin
hit contains {"id": "git.exec_transport", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "git"
	_exec_transport(s)
	msg := sprintf("makes git run a program: git %s", [stage.cut(concat(" ", s.args))])
}

# METADATA
# title: Runs a command for every step
# description: rebase --exec, bisect run and submodule foreach start a command that stands inside git's own.
# custom:
#   id: git.runs_command
#   remedy: run the command yourself at each step
#   fires: git rebase --exec "$CHECK" HEAD~3
#   quiet: git rebase main
hit contains {"id": "git.runs_command", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "git"
	not s.payload.read == true
	_runs_command(s)
	msg := sprintf("runs a command for every step: git %s", [stage.cut(concat(" ", s.args))])
}

_runs_command(s) if {
	s.sub == "rebase"
	some flag in ["x", "exec"]
	flag in s.flags
}

_runs_command(s) if {
	startswith(s.sub, "bisect")
	stage.told(s, "run")
}

_runs_command(s) if {
	startswith(s.sub, "submodule")
	stage.told(s, "foreach")
}

_runs_command(s) if {
	s.sub == "difftool"
	some flag in ["x", "extcmd"]
	flag in s.flags
}

_runs_command(s) if {
	s.sub == "grep"
	some o in s.options
	o.name in {"O", "open-files-in-pager"}
}

# Where a clone goes, absolute and without the / at the end.
_cloned(s) := _below(s.cwd, s.operands[1]) if count(s.operands) > 1

_cloned(s) := _below(s.cwd, trim_suffix(parts[count(parts) - 1], ".git")) if {
	count(s.operands) == 1
	parts := split(trim_suffix(replace(s.operands[0], ":", "/"), "/"), "/")
}

_below(_, name) := trim_suffix(name, "/") if startswith(name, "/")

_below(folder, name) := sprintf("%s/%s", [folder, trim_suffix(trim_prefix(name, "./"), "/")]) if {
	not startswith(name, "/")
	folder != ""
}

_exec_transport(s) if {
	s.sub in {"difftool", "grep"}
	some child in input.cmd.stages
	child.parent == s.id
	_no_viewer(child)
}

_no_viewer(child) if data.guard.tables.shells[child.name]

_no_viewer(child) if {
	child.path != ""
	not strings.any_prefix_match(child.path, data.guard.tables.program_folders)
	not startswith(child.path, sprintf("%s/", [input.session.workspace]))
}

_exec_transport(s) if {
	some flag in ["upload-pack", "receive-pack", "exec", "u"]
	flag in s.flags
	split(s.sub, " ")[0] in {"fetch", "clone", "pull", "ls-remote", "push", "fetch-pack", "archive"}
	not _upstream(s, flag)
}

_exec_transport(s) if {
	some word in array.concat(s.operands, [o.value | some o in s.options])
	startswith(word, "ext::")
}

_exec_transport(s) if {
	s.sub in {"init", "clone"}
	some o in s.options
	o.name == "template"
	o.value != ""
}

_exec_transport(s) if {
	some o in s.options
	o.name == "exec-path"
}

# push -u and pull -u are about upstream branches and updates.
_upstream(s, "u") if s.sub in {"push", "pull", "fetch"}
