# METADATA
# title: Processes and services
# description: |
#   Ending what runs, and deciding what runs after the next start.
package guard.rules.process

import data.guard.devserver
import data.guard.form
import data.guard.stage

# METADATA
# title: Kills everything
# description: Process id -1 means every process the user may signal (REQUIREMENTS S1-20).
# custom:
#   id: process.kill_all
#   remedy: kill one process by its id
#   fires: kill -9 -1
#   quiet: kill -1 1234
hit contains {"id": "process.kill_all", "tier": 4, "verdict": "deny", "stage": s.id, "msg": "kills every process of the user"} if {
	"kill" in input.cmd.names
	some s in input.cmd.stages
	s.name == "kill"
	_kills_all(s)
}

# METADATA
# title: Kills everything but its own session
# description: killall5 ends all processes outside its own session.
# custom:
#   id: process.killall5
#   remedy: kill one process by its id
#   fires: killall5
#   quiet: pidof node
hit contains {"id": "process.killall5", "tier": 4, "verdict": "deny", "stage": s.id, "msg": "kills every process"} if {
	"killall5" in input.cmd.names
	some s in input.cmd.stages
	s.name == "killall5"
}

# METADATA
# title: Kills by name
# description: Every process of that name ends, also those that others started (REQUIREMENTS S1-14).
# custom:
#   id: process.kill_name
#   remedy: kill one process by its id
#   fires: killall node
#   quiet: pgrep node
hit contains {"id": "process.kill_name", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"pkill", "killall", "skill", "xkill", "taskkill", "pidwait"}
	not stage.help(s)
	not "l" in s.flags
	not "0" in s.flags
	not _only_children(s)
	not devserver.named(s)
	msg := sprintf("ends processes by name: %s", [stage.line(s)])
}

# METADATA
# title: Kills by port or file
# description: Whoever holds the port or file ends, which need not be the agent's own server.
# custom:
#   id: process.kill_holder
#   remedy: look who holds it, then kill one process by its id
#   fires: fuser -k 5432/tcp
#   quiet: fuser -k 3000/tcp
hit contains {"id": "process.kill_holder", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_kills_holder(s)
	not devserver.frees_port(s)
	msg := sprintf("ends whoever holds a port or file: %s", [stage.line(s)])
}

# METADATA
# title: Kills a user's processes
# description: The person's own session is among them.
# custom:
#   id: process.kill_user
#   remedy: kill one process by its id
#   fires: pkill -9 -u dev
#   quiet: pgrep -u dev
hit contains {"id": "process.kill_user", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"pkill", "killall", "skill", "loginctl"}
	_of_user(s)
	not stage.help(s)
	msg := sprintf("ends all processes of a user: %s", [stage.line(s)])
}

# METADATA
# title: Kills a process that is not known
# description: The process id comes from another program.
# custom:
#   id: process.kill_unknown
#   remedy: look the process up first, then kill it by its id
#   fires: 'kill $(lsof -t -i:5432)'
#   quiet: 'kill $(lsof -t -i:3000)'
hit contains {"id": "process.kill_unknown", "tier": 2, "stage": s.id, "msg": msg} if {
	"kill" in input.cmd.names
	some s in input.cmd.stages
	s.name == "kill"
	not s.args[0] in {"-0", "-l", "-L"}
	some o in s.opaque
	o.where in {"argument", "stdin"}
	some word in s.operands
	not _process_or_signal(word)
	not _own_process(s, o)
	msg := sprintf("ends a process that is not known before it runs: %s", [o.reason])
}

# METADATA
# title: Kills a system process
# description: Process 1 holds everything else.
# custom:
#   id: process.kill_init
#   remedy: end what you started, by its id; a person restarts the machine
#   fires: kill -9 1
#   quiet: kill 1001
hit contains {"id": "process.kill_init", "tier": 4, "stage": s.id, "msg": "ends process 1"} if {
	"kill" in input.cmd.names
	some s in input.cmd.stages
	s.name == "kill"
	count(s.args) > 0
	s.args[count(s.args) - 1] == "1"
	not s.args[0] in {"-l", "-L"}
	not _reloads(s)
}

# The first process of a container takes these as a request to read its settings again.
_reloads(s) if {
	s.remote
	startswith(s.args[0], "-")
	signal := trim_prefix(trim_prefix(trim_prefix(s.args[0], "-"), "s"), "=")
	trim_prefix(signal, "SIG") in {"HUP", "USR1", "USR2", "WINCH", "0", "1"}
}

_kills_all(s) if {
	n := count(s.args)
	n >= 2
	s.args[n - 1] == "-1"
	not s.args[n - 2] in {"-s", "-n", "--signal"}
}

_kills_all(s) if {
	some i, word in s.args
	word == "-1"
	i > 0
	not s.args[i - 1] in {"-s", "-n", "--signal"}
}

# The shell itself, what it started, or what a pid file of the project names.
_own_process(_, o) if startswith(o.reason, "$! ")

_own_process(_, o) if startswith(o.reason, "$$ ")

# A variable for the id of one process, as scripts keep it: SERVER_PID.
_own_process(_, o) if {
	name := split(o.reason, " ")[0]
	startswith(name, "$")
	strings.any_suffix_match(name, ["_PID", "_pid"])
}

_own_process(s, _) if {
	count(s.takes) > 0
	every id in s.takes {
		_tells_own(input.cmd.stages[id])
	}
}

_tells_own(source) if source.name == "jobs"

_tells_own(source) if {
	source.name == "lsof"
	devserver.frees_port(source)
}

_tells_own(source) if {
	source.name in {"cat", "head", "<"}
	count(source.paths) > 0
	every p in source.paths {
		p.zone in {"workspace", "temporary"}
		endswith(p.path, ".pid")
	}
}

_tells_own(source) if {
	source.name == "pgrep"
	_only_children(source)
}

_only_children(s) if {
	count(s.operands) == 0
	some o in s.options
	o.name in {"P", "parent"}
	_known_parent(o.value)
}

_known_parent("$!")

_known_parent(id) if {
	form.number(id)
	count(id) > 1
}

_kills_holder(s) if {
	s.name == "fuser"
	some flag in s.flags
	flag in {"k", "kill"}
}

_kills_holder(s) if {
	s.name in {"kill-port", "fkill", "fkill-cli", "killport"}
	count(s.operands) > 0
}

# 4711, -4711, %1, TERM
_process_or_signal(word) if startswith(word, "%")

_process_or_signal(word) if form.made_of(trim_prefix(word, "-"), "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789")

_of_user(s) if {
	some flag in s.flags
	flag in {"u", "U", "euid", "uid", "user"}
	s.name != "loginctl"
}

_of_user(s) if {
	s.name == "loginctl"
	some word in s.args
	word in {"kill-user", "kill-session", "terminate-user", "terminate-session", "terminate-seat"}
}
