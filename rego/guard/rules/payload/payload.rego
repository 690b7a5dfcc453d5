# METADATA
# title: Code given to interpreters
# description: |
#   Code as text, from a pipe, or from a file that nobody has read.
package guard.rules.payload

import data.guard.form
import data.guard.stage

# METADATA
# title: Code that cannot be seen
# description: |
#   A shell or interpreter is given code that guard cannot read: the output of
#   a program, a pipe, a variable. As root it counts as destructive.
# custom:
#   id: opaque.code
#   remedy: write the code to a file in the workspace, read it, then run it
#   fires: gzip -dc payload.gz | sh
#   quiet: echo 'echo hi' | sh
hit contains {"id": "opaque.code", "tier": tier, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.read == false
	_unseen(s)
	not _generated(s)
	tier := 3 - count([1 | not s.root])
	msg := sprintf("%s runs code that cannot be seen", [stage.program(s)])
}

# METADATA
# title: Inline shell code
# description: A shell is given code as text (REQUIREMENTS S1-22); what that code does is judged as well.
# custom:
#   id: shell.inline
#   remedy: run the commands without the extra shell
#   fires: bash -c 'echo hello'
#   quiet: bash --version
hit contains {"id": "shell.inline", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.kind in {"inline", "heredoc"}
	s.payload.lang == "shell"
	not s.name in {"eval", "source", ".", "trap"}
	msg := sprintf("%s runs code given as text", [stage.program(s)])
}

# METADATA
# title: Root shell
# description: Whatever is typed into it runs as root, and guard sees only that it was started.
# custom:
#   id: shell.root
#   remedy: run the one command that needs it with sudo
#   fires: sudo -i
#   quiet: sudo -l
hit contains {"id": "shell.root", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.root
	data.guard.tables.shells[s.name]
	count(s.operands) == 0
	not _given_code(s)
	msg := sprintf("starts a root shell (%s)", [s.name])
}

# METADATA
# title: Inline code
# description: An interpreter is given code as text (REQUIREMENTS S1-22).
# custom:
#   id: code.inline
#   remedy: put the code into a file of the project and run that
#   fires: python3 -c 'print(1)'
#   quiet: python3 -m pytest -q
hit contains {"id": "code.inline", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.kind in {"inline", "heredoc"}
	not s.payload.lang in {"shell", "awk", "sed", "sql"}
	msg := sprintf("%s runs code given as text", [stage.program(s)])
}

# METADATA
# title: Filter that starts programs
# description: |
#   awk and sed run programs with system(), pipes and the e command. What they
#   run or write here is computed from their input, or cannot be followed.
# custom:
#   id: code.filter_exec
#   remedy: run the program yourself and filter its output
#   fires: awk '{system($1)}' list.txt
#   quiet: awk '{print $1}' notes.txt
hit contains {"id": "code.filter_exec", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.lang in {"awk", "sed"}
	s.payload.read == false
	msg := sprintf("%s starts programs from its code", [stage.program(s)])
}

# METADATA
# title: Code that cannot be followed
# description: |
#   The code uses something that may start programs, delete or load code, and
#   what it does that to is not known before it runs.
# custom:
#   id: code.calls
#   remedy: do that with the plain command, so that it can be judged
#   fires: python3 -c 'exec(x)'
#   quiet: python3 -c 'print(1)'
hit contains {"id": "code.calls", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.read == false
	some o in s.opaque
	o.where == "payload"
	startswith(o.reason, "code that uses ")
	msg := sprintf("%s code uses %s", [s.payload.lang, trim_prefix(o.reason, "code that uses ")])
}

_given_code(s) if s.payload.kind

# eval "$(ssh-agent)": set-up code that a well-known program prints.
_generated(s) if {
	not s.root
	sources := stage.feeds[s.id]
	count(sources) > 0
	every id in sources {
		source := input.cmd.stages[id]
		_known_place(source.path)
		not source.remote
		_prints_setup(source)
	}
}

_prints_setup(s) if data.guard.tables.code_generators[s.name] == []

_prints_setup(s) if stage.verb(s) in data.guard.tables.code_generators[s.name]

_prints_setup(s) if {
	some flag in s.flags
	flag in data.guard.tables.code_generators[s.name]
}

_unseen(s) if {
	s.payload.kind in {"inline", "heredoc"}
	s.payload.lang == "shell"
}

_unseen(s) if {
	s.payload.kind in {"inline", "heredoc"}
	s.payload.text == ""
}

_unseen(s) if {
	s.payload.kind == "stdin"
	not _local_data(s)
	not _own_script(s)
}

_unseen(s) if {
	s.payload.kind == "script"
	not _local_data(s)
	not _own_script(s)
}

# SQL for a database that is one file.
_local_data(s) if {
	s.payload.lang == "sql"
	s.name in {"sqlite3", "sqlite", "duckdb"}
}

# wrangler's stand-in for a database elsewhere is such a file
_local_data(s) if {
	s.payload.lang == "sql"
	s.name == "wrangler"
	"local" in s.flags
	not "remote" in s.flags
}

# A script of the project is the project's own code, as its Makefile is.
# What shells source when they start; changing these is a finding of its own.
_own_script(s) if {
	s.name in {"source", "."}
	s.payload.text == ""
	count(s.opaque) == 0
	some p in s.paths
	_snapshot(p)
}

_own_script(s) if {
	s.name in {"source", "."}
	some p in s.paths
	stage.below_home(p.path) in {sprintf("%s/", [name]) | some name in data.guard.tables.home_scripts}
}

# A file of the container that runs it, as its own program is.
_own_script(s) if {
	s.remote
	s.payload.kind == "script"
	s.via[count(s.via) - 1] in {"docker", "podman", "nerdctl", "docker-compose", "kubectl"}
}

# bun test, deno task: the project's own tests and tasks.
_own_script(s) if s.operands[0] in data.guard.tables.project_runners[s.name]

_own_script(s) if {
	s.payload.kind == "script"
	not _written_here(s)
	some p in s.paths
	p.zone == "workspace"
	p.access in {"exec", "read", "unknown"}
}

# cat scripts/ci.sh | bash
_own_script(s) if {
	s.payload.kind == "stdin"
	sources := stage.feeds[s.id]
	count(sources) > 0
	every id in sources {
		input.cmd.stages[id].name == "cat"
		_only_project_files(input.cmd.stages[id])
	}
}

# What an agent saved of its own shell, to go on with in the next command.
# Writing one in its own folder is a finding of its own; one in a temporary
# folder counts only while nothing is known about it.
_snapshot(p) if {
	p.zone == "home"
	parts := split(p.path, "/")
	array.slice(parts, count(parts) - 2, count(parts) - 1) == ["shell-snapshots"]
	startswith(parts[count(parts) - 3], ".")
	strings.any_suffix_match(p.path, [".sh", ".bash", ".zsh"])
}

_snapshot(p) if {
	p.zone == "temporary"
	parts := split(p.path, "/")
	name := parts[count(parts) - 1]
	form.made_of(name, concat("", [form.alphanumeric, "-_."]))
	strings.any_prefix_match(trim_left(_agents_name(name), "-_."), ["snap", "shellsnap", "shell-snap", "shell_snap", "shell.snap"])
	strings.any_suffix_match(name, [".sh", ".bash", ".zsh"])
	some e in input.cmd.stages
	e.name == "eval"
	e.payload.text != ""
}

# what is left of a file's name without the program that it is called after
_agents_name(name) := substring(name, count(agent), -1) if {
	some agent in ["claude", "codex", "agent", "cursor", "gemini", "shell", "bash", "zsh"]
	startswith(name, agent)
}

_written_here(s) if {
	some o in s.opaque
	o.where == "payload"
	o.reason == "runs a file that the line itself writes"
}

_only_project_files(s) if {
	count(s.paths) > 0
	count(s.opaque) == 0
	every p in s.paths {
		p.zone == "workspace"
		p.access == "read"
		not p.made
	}
	count([w | some w in input.cmd.stages; w.id < s.id; some q in w.paths; q.access == "write"; q.path == s.paths[_].path]) == 0
}

_known_place("")

_known_place(path) if strings.any_prefix_match(path, data.guard.tables.program_folders)
