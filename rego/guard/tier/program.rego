# METADATA
# title: Tiers
# description: |
#   What each stage of a command risks. Every rule adds findings to one set,
#   hit; the tier of a command is the highest of them, and a command that no
#   rule has anything to say about is SAFE. Rules state a reason, read facts
#   (never the line as text) and begin with the program's name, so that OPA's
#   index skips them for other commands.
#
#   The thing to get right: only what is listed as reading is SAFE. Whatever is
#   unknown is LOW, whatever cannot be understood is MEDIUM or more.
package guard.tier

# METADATA
# title: A program that is not known to only read
# description: |
#   Whatever is not listed as reading may write. That is ordinary work, so it
#   is LOW; rules about the program say if it is more.
# custom:
#   id: program.other
#   remedy: none needed; a program that only reads can be proposed for the table
hit contains {"id": "program.other", "tier": 1, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not _reads[s.id]
	msg := sprintf("%s may change things", [_program(s)])
}

# METADATA
# title: With root's rights
# description: What root runs is not held back by permissions; anything but reading needs a person.
# custom:
#   id: program.as_root
#   remedy: run it without sudo
hit contains {"id": "program.as_root", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.root
	not _reads[s.id]
	msg := sprintf("runs %s as root", [_program(s)])
}

# METADATA
# title: Unknown program
# description: |
#   The word in program position has no known value. It can be anything,
#   so it counts as destructive.
# custom:
#   id: opaque.program
#   remedy: write the program's name
hit contains {"id": "opaque.program", "tier": 3, "stage": o.stage, "msg": msg} if {
	some o in input.cmd.opaque
	o.where == "program"
	msg := sprintf("cannot tell which program runs: %s", [o.reason])
}

# METADATA
# title: Code that cannot be seen
# description: |
#   A shell or interpreter is given code that guard cannot read: the output of
#   a program, a pipe, a variable. As root it counts as destructive.
# custom:
#   id: opaque.code
#   remedy: write the code to a file in the workspace, read it, then run it
hit contains {"id": "opaque.code", "tier": tier, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.read == false
	_unseen(s)
	tier := 3 - count([1 | not s.root])
	msg := sprintf("%s runs code that cannot be seen", [_program(s)])
}

# METADATA
# title: A line that does not parse
# description: What no shell grammar explains may still be run by some shell.
# custom:
#   id: opaque.line
#   remedy: write it in plain POSIX shell
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
hit contains {"id": "opaque.redirect", "tier": 2, "stage": o.stage, "msg": msg} if {
	some o in input.cmd.opaque
	o.where == "redirect"
	o.stage >= 0
	msg := sprintf("writes to a file that is not known before it runs: %s", [o.reason])
}

# METADATA
# title: Destructive program, unknown operands
# description: |
#   What a deleting or permission-changing program works on comes from
#   somewhere else: a variable, another program's output, standard input.
# custom:
#   id: opaque.operands
#   remedy: list what it would work on first, then name it
hit contains {"id": "opaque.operands", "tier": 3, "stage": s.id, "msg": msg} if {
	some o in input.cmd.opaque
	o.where in {"argument", "stdin", "cwd"}
	some s in input.cmd.stages
	s.id == o.stage
	data.guard.tier.opaque_operands[s.name]
	not names_artefacts[s.parent]
	not _help(s)
	msg := sprintf("%s works on what is not known before it runs: %s", [_program(s), o.reason])
}

# METADATA
# title: Inline shell code
# description: A shell is given code as text (REQUIREMENTS S1-22); what that code does is judged as well.
# custom:
#   id: shell.inline
#   remedy: run the commands without the extra shell
hit contains {"id": "shell.inline", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.kind in {"inline", "heredoc"}
	s.payload.lang == "shell"
	not s.name in {"eval", "source", ".", "trap"}
	msg := sprintf("%s runs code given as text", [_program(s)])
}

# METADATA
# title: Inline code
# description: An interpreter is given code as text (REQUIREMENTS S1-22).
# custom:
#   id: code.inline
#   remedy: put the code into a file of the project and run that
hit contains {"id": "code.inline", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.kind in {"inline", "heredoc"}
	not s.payload.lang in {"shell", "awk", "sed", "sql"}
	msg := sprintf("%s runs code given as text", [_program(s)])
}

# METADATA
# title: Inline code that starts programs
# description: awk and sed run programs through a shell with system(), pipes and the e command.
# custom:
#   id: code.filter_exec
#   remedy: run the program yourself and filter its output
hit contains {"id": "code.filter_exec", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.payload.lang == "awk"
	some mark in ["system(", "system (", "| \"", "|\"", "|&", "getline", "@load"]
	contains(s.payload.text, mark)
	msg := sprintf("%s starts programs from its code", [_program(s)])
}

# METADATA
# title: Inline code that starts programs or deletes
# description: |
#   The code names calls that start processes, delete files or load code. A
#   plain search for words: it finds the ordinary spelling, and code it does
#   not find anything in is still inline code.
# custom:
#   id: code.calls
#   remedy: do that with the plain command, so that it can be judged
hit contains {"id": "code.calls", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not s.payload.lang in {"shell", "awk", "sed", "sql"}
	some mark in data.guard.tier.code_calls
	contains(s.payload.text, mark)
	msg := sprintf("%s code uses %s", [s.payload.lang, trim_right(mark, "( ")])
}

# METADATA
# title: Tools that start programs
# description: Debuggers and editors have commands that start a shell or run a script.
# custom:
#   id: code.tool_exec
#   remedy: run the program itself
hit contains {"id": "code.tool_exec", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	pattern := data.guard.tier.tool_exec[s.name]
	some word in s.args
	regex.match(pattern, word)
	msg := sprintf("%s starts a program: %s", [s.name, _cut(word)])
}

# METADATA
# title: Makefile that is not a file
# description: make is given its rules as text or through a pipe; they run commands that nobody has seen.
# custom:
#   id: code.make_stdin
#   remedy: write the Makefile, read it, then run make
hit contains {"id": "code.make_stdin", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"make", "gmake", "just", "task", "rake"}
	some o in s.options
	o.name in {"f", "file", "makefile", "eval", "E", "justfile", "e"}
	_not_a_file(o)
	msg := sprintf("%s runs rules that are not in a file", [s.name])
}

# METADATA
# title: Program name that looks like another
# description: |
#   A blank, an invisible or a foreign character in a program's name makes it
#   look like a different program to whoever reads the line.
# custom:
#   id: program.odd_name
#   remedy: write the name in plain letters
hit contains {"id": "program.odd_name", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	regex.match(`[^!-~]`, s.name)
	msg := sprintf("the program's name %q has characters that mislead", [_cut(s.name)])
}

# METADATA
# title: Variables that run code
# description: |
#   Loaders, pagers, editors and hooks are taken from the environment: setting
#   them makes a harmless program start something else.
# custom:
#   id: shell.exec_env
#   remedy: leave the variable out, or set it to a plain pager or editor
hit contains {"id": "shell.exec_env", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some v in s.env
	_runs_code(v)
	msg := sprintf("%s=%s makes programs run code", [v.name, _cut(v.value)])
}

# METADATA
# title: Fork bomb
# description: A function that starts itself more than once fills the machine until it stops.
# custom:
#   id: shell.fork_bomb
#   remedy: none
hit contains {
	"id": "shell.fork_bomb", "tier": 4, "verdict": "deny", "stage": s.id,
	"msg": "starts itself without end",
} if {
	some s in input.cmd.stages
	s.recursive
	_multiplies(s)
}

# METADATA
# title: Calls itself without end
# description: A function that calls itself with no way to stop.
# custom:
#   id: shell.recursion
#   remedy: give the function an end
hit contains {"id": "shell.recursion", "tier": 2, "stage": s.id, "msg": "a function calls itself"} if {
	some s in input.cmd.stages
	s.recursive
	not _multiplies(s)
}

# METADATA
# title: Work handed to a scheduler
# description: |
#   at, batch, systemd-run and their like run a command later and outside the
#   session, where guard does not see it.
# custom:
#   id: shell.delegated
#   remedy: run the command here
hit contains {"id": "shell.delegated", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tier.delegates[s.name]
	not _help(s)
	not s.sub in {"list", "print"}
	msg := sprintf("%s runs commands outside the session", [s.name])
}

# METADATA
# title: Keys typed into a terminal
# description: tmux and screen can type into shells that nobody guards.
# custom:
#   id: shell.send_keys
#   remedy: run the command here
hit contains {"id": "shell.send_keys", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"tmux", "screen"}
	some word in s.args
	word in {"send-keys", "send", "stuff", "run-shell", "new-session", "new", "new-window", "neww", "split-window", "respawn-pane", "-X", "-dm", "-dmS"}
	msg := sprintf("%s runs commands outside the session", [s.name])
}

# METADATA
# title: An agent without its brakes
# description: Starts a coding agent with its own permission prompts turned off.
# custom:
#   id: agent.unguarded
#   remedy: start it without that option, under guard
hit contains {"id": "agent.unguarded", "tier": 3, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tier.agents[s.name]
	some flag in s.flags
	data.guard.tier.unguarded_agents[flag] == true
	msg := sprintf("starts %s with --%s", [s.name, flag])
}

# Stages that change nothing: by program, by subcommand, or because nothing but
# help was asked for. Redirections are findings of their own.
_reads[s.id] := true if {
	some s in input.cmd.stages
	void := data.guard.tier.readonly[s.name]
	not _voided(s, void)
	not _opaque_program[s.id]
}

_reads[s.id] := true if {
	some s in input.cmd.stages
	void := data.guard.tier.readonly_sub[s.name][s.sub]
	not _voided(s, void)
}

_reads[s.id] := true if {
	some s in input.cmd.stages
	_help(s)
}

_reads[s.id] := true if {
	"git" in input.cmd.names
	some s in input.cmd.stages
	s.name == "git"
	_git_lists(s)
}

_opaque_program[o.stage] := true if {
	some o in input.cmd.opaque
	o.where == "program"
}

_voided(s, void) if {
	some flag in s.flags
	flag in void
}

# Asks only for help or the version. A single -h or -V means other things to
# many programs.
_help(s) if {
	count(s.args) == 1
	s.args[0] in {"--help", "--version", "-version", "-V", "version", "help"}
	s.path == ""
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
	s.payload.lang != "sql"
}

_unseen(s) if {
	s.payload.kind == "stdin"
	s.payload.lang == "sql"
	s.name != "sqlite3"
}

_unseen(s) if {
	s.payload.kind == "script"
	not _own_script(s)
}

# A script of the project is the project's own code, as its Makefile is.
_own_script(s) if {
	some p in s.paths
	p.zone == "workspace"
	p.access in {"exec", "read", "unknown"}
}

_not_a_file(o) if o.name in {"eval", "E"}

_not_a_file(o) if o.value in {"-", "/dev/stdin", "/dev/fd/0"}

_multiplies(s) if count(s.reads_from) > 0

_multiplies(s) if count(s.writes_to) > 0

_multiplies(s) if s.background

_runs_code(v) if {
	data.guard.tier.exec_env[v.name] == true
	not _harmless_value(v)
}

_runs_code(v) if startswith(v.name, "GIT_CONFIG_KEY_")

_runs_code(v) if startswith(v.name, "BASH_FUNC_")

_runs_code(v) if {
	some mark in data.guard.tier.exec_env_words[v.name]
	contains(v.value, mark)
}

_harmless_value(v) if {
	v.literal
	data.guard.tier.exec_env_harmless[v.value]
}

_program(s) := s.name if s.name != ""

_program(s) := "the shell" if s.name == ""

_line(s) := _cut(concat(" ", array.concat([_program(s)], s.args)))

_words(s) := _cut(concat(" ", s.operands))

_cut(text) := text if count(text) <= 120

_cut(text) := sprintf("%s...", [substring(text, 0, 117)]) if count(text) > 120
