# METADATA
# title: Work outside the session
# description: |
#   What guard does not see: schedulers, terminals of others, agents without
#   brakes.
package guard.rules.outside

import data.guard.stage

# METADATA
# title: Work handed to a scheduler
# description: |
#   at, batch, systemd-run and their like run a command later and outside the
#   session, where guard does not see it.
# custom:
#   id: shell.delegated
#   remedy: run the command here
#   fires: systemd-run --user ls
#   quiet: systemctl --user status app
hit contains {"id": "shell.delegated", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some name in array.concat([s.name], s.via)
	data.guard.tables.delegates[name]
	not stage.help(s)
	not s.sub in {"list", "print"}
	not _lists(s)
	msg := sprintf("%s runs commands outside the session", [name])
}

# METADATA
# title: Keys typed into a terminal
# description: tmux and screen can type into shells that nobody guards.
# custom:
#   id: shell.send_keys
#   remedy: run the command here
#   fires: tmux send-keys 'ls' Enter
#   quiet: tmux list-sessions
hit contains {"id": "shell.send_keys", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"tmux", "screen"}
	some word in s.args
	word in {"send-keys", "send", "stuff", "run-shell", "new-session", "new", "new-window", "neww", "split-window", "respawn-pane", "-X", "-dm", "-dmS"}
	msg := sprintf("%s runs commands outside the session", [s.name])
}

# METADATA
# title: Ends every terminal session
# description: The person's own terminals, and what runs in them, end too.
# custom:
#   id: process.kill_sessions
#   remedy: end the one session that you started, by its name
#   fires: tmux kill-server
#   quiet: tmux kill-session -t build
hit contains {"id": "process.kill_sessions", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_ends_sessions(s)
	msg := sprintf("ends terminal sessions that others may have started: %s", [stage.line(s)])
}

_ends_sessions(s) if {
	s.name == "tmux"
	"kill-server" in s.args
	count({"L", "S"} & {flag | some flag in s.flags}) == 0
}

_ends_sessions(s) if {
	s.name == "tmux"
	"kill-session" in s.args
	"-a" in s.args
}

_ends_sessions(s) if {
	s.name == "zellij"
	some word in s.args
	word in {"kill-all-sessions", "ka", "delete-all-sessions", "da"}
}

# METADATA
# title: An agent without its brakes
# description: Starts a coding agent with its own permission prompts turned off.
# custom:
#   id: agent.unguarded
#   remedy: start it without that option, under guard
#   fires: claude --dangerously-skip-permissions -p 'do it'
#   quiet: claude --version
hit contains {"id": "agent.unguarded", "tier": 3, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	data.guard.tables.agents[s.name]
	some word in _brakes_off(s)
	msg := sprintf("starts %s with %s", [s.name, word])
}

_brakes_off(s) := {sprintf("--%s", [flag]) |
	some flag in s.flags
	data.guard.tables.unguarded_agents[flag] == true
} | {o.value |
	some o in s.options
	[o.name, o.value] in [["permission-mode", "bypassPermissions"], ["sandbox", "danger-full-access"], ["s", "danger-full-access"], ["approval-mode", "yolo"]]
}

# at -l, atq's other name
_lists(s) if {
	s.name in {"at", "batch"}
	some flag in ["l", "V"]
	flag in s.flags
}
