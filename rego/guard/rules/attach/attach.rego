# METADATA
# title: Other processes from inside
# description: |
#   Debuggers and tracers that attach to what already runs.
package guard.rules.attach

import data.guard.form
import data.guard.stage

# METADATA
# title: Attaches to another process
# description: |
#   What holds on to a process reads everything in it, keys and passwords too,
#   and can change what it does. What the line itself started is the agent's own.
# custom:
#   id: process.attach
#   remedy: say which process that is and why; a person looks and approves
#   fires: strace -p $(pgrep ssh-agent)
#   quiet: strace -f ./app
hit contains {"id": "process.attach", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_attaches(s)
	not _own(s)
	not _only_looks(s)
	not stage.help(s)
	msg := sprintf("attaches to another process: %s", [stage.line(s)])
}

_attaches(s) if {
	data.guard.rules.attach.tracers[s.name]
	some flag in s.flags
	flag in {"p", "pid", "attach-pid", "attach-name", "n", "attach"}
	not _other_n(s, flag)
}

_attaches(s) if {
	data.guard.rules.attach.always[s.name]
	count(s.operands) > 0
}

# gdb ./app 4242
_attaches(s) if {
	s.name == "gdb"
	not "args" in s.flags
	_process(s.operands[1])
}

_process(word) if form.number(word)

_process(word) if startswith(word, "$")

_attaches(s) if {
	s.name in {"gdb", "lldb"}
	some o in s.options
	words := split(trim_prefix(o.value, "process "), " ")
	words[0] == "attach"
}

_attaches(s) if {
	s.name in {"frida", "frida-trace", "rr", "dlv"}
	s.operands[0] == "attach"
}

# lldb alone takes -n as the name of a process.
_other_n(s, "n") if s.name != "lldb"

# The line's own background program.
_own(s) if {
	some o in s.opaque
	startswith(o.reason, "$! ")
}

# gdb -p 4242 -batch -ex bt: where a process hangs, and nothing of what it holds
_only_looks(s) if {
	s.name == "gdb"
	"batch" in s.flags
	count(s.opaque) == 0
	asked := [o.value | some o in s.options; o.name in {"ex", "eval-command"}]
	count(asked) > 0
	every words in asked {
		trim_prefix(words, "thread apply all ") in {"bt", "backtrace", "where", "info threads", "set pagination off", "detach", "quit"}
	}
}
