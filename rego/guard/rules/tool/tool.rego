# METADATA
# title: Tools that start programs
# description: |
#   Debuggers, editors and build tools with commands of their own.
package guard.rules.tool

import data.guard.form
import data.guard.stage

# METADATA
# title: Tools that start programs
# description: Debuggers and editors have commands that start a shell or run a script.
# custom:
#   id: code.tool_exec
#   remedy: run the program itself
#   fires: gdb -batch -ex 'shell ls'
#   quiet: gdb -batch -ex bt ./app core
hit contains {"id": "code.tool_exec", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some word in s.args
	_starts_program(s, word)
	msg := sprintf("%s starts a program: %s", [s.name, stage.cut(word)])
}

# METADATA
# title: Makefile that is not a file
# description: make is given its rules as text or through a pipe; they run commands that nobody has seen.
# custom:
#   id: code.make_stdin
#   remedy: write the Makefile, read it, then run make
#   fires: 'cat rules.mk | make -f -'
#   quiet: make all
hit contains {"id": "code.make_stdin", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"make", "gmake", "just", "task", "rake"}
	some o in s.options
	o.name in {"f", "file", "makefile", "eval", "E", "justfile", "e"}
	_not_a_file(o)
	not s.payload.read == true
	msg := sprintf("%s runs rules that are not in a file", [s.name])
}

# METADATA
# title: Changes a running program
# description: A debugger that is attached to a process writes its memory and calls its functions.
# custom:
#   id: code.debug_change
#   remedy: look only; bt and info change nothing
#   fires: gdb -p 4242 -batch -ex 'call (void)exit(0)'
#   quiet: gdb -p 4242 -batch -ex bt
hit contains {"id": "code.debug_change", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"gdb", "lldb"}
	some flag in ["p", "pid", "attach-pid"]
	flag in s.flags
	some command in s.args
	regex.match(`^(call|jump|return|signal|kill|thread return|expression|expr|e|memory write|set (var|\*|\{|[a-z]*\())\b|^(p|print) .*\(|^set [*{]`, command)
	msg := sprintf("changes a running program: %s", [stage.line(s)])
}

_starts_program(s, word) if form.fits(word, data.guard.tables.tool_exec[s.name])

# commands of a debugger, an editor or a pager, and settings written in TOML
_starts_program(s, code) if regex.match(data.guard.tables.tool_code[s.name], code)

# bazel's --run_under=./x, and not the name of a target or a program
_starts_program(s, word) if {
	strings.any_prefix_match(word, data.guard.tables.tool_programs[s.name])
	form.fits(word, {"holds": ["/", "$", "~"]})
}

# cmake -DCMAKE_C_COMPILER_LAUNCHER=/tmp/x
_starts_program(s, word) if {
	s.name == "cmake"
	startswith(word, "-DCMAKE_")
	[name, value] := split(word, "=")
	strings.any_suffix_match(split(name, ":")[0], ["_LAUNCHER", "_COMPILER"])
	strings.any_prefix_match(value, ["/tmp", "/var/tmp", "/dev/shm", "~", "../"])
}

_not_a_file(o) if o.name in {"eval", "E"}

_not_a_file(o) if o.value in {"-", "/dev/stdin", "/dev/fd/0"}
