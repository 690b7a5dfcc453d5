# METADATA
# title: What cannot work in this session
# description: |
#   What the session's own restrictions would let fail half way, said before it
#   begins, and with what would change that.
package guard.rules.session

# METADATA
# title: Raised rights below the exec hook
# description: |
#   The exec hook sets no_new_privs, so that nothing a session starts gains the
#   rights of another user. sudo and its like would only fail. A person can run
#   the command outside; or "sudo": "hold" in a guard.json has guard do that for
#   sudo COMMAND and doas COMMAND, see session.outside_tree.
# custom:
#   id: session.no_new_privs
#   remedy: ask a person to run it outside of the session
#   fires: {line: sudo apt-get update, session: hooked}
#   quiet: {line: apt-get --version, session: hooked}
hit contains {"id": "session.no_new_privs", "tier": 3, "verdict": "deny", "stage": s.id, "msg": _refusal(s, raisers[0])} if {
	input.session.hook == "proven"
	some s in input.cmd.stages
	raisers := _raisers(s)
	count(raisers) > 0
	not input.peer.uid == 0
	not _held(s, raisers[0])
}

# METADATA
# title: Command outside of the session
# description: |
#   With "sudo": "hold" in a guard.json, sudo COMMAND and doas COMMAND are run by
#   guard itself, outside of the session, after a person has approved exactly that
#   command. guard sees how it ends, but what it starts is not judged. So it is
#   always asked about, whatever the session's profile, and options that hand
#   anything of the agent's on to it (its environment, other files or folders)
#   are refused.
# custom:
#   id: session.outside_tree
#   remedy: ask a person to run it, or do without other rights
#   fires: {line: sudo apt-get update, session: raising}
#   quiet: {line: sudo apt-get update, session: hooked}
hit contains {"id": "session.outside_tree", "tier": 3, "verdict": "hold", "stage": s.id, "msg": _warning(s, raisers[0])} if {
	input.session.hook == "proven"
	some s in input.cmd.stages
	raisers := _raisers(s)
	count(raisers) > 0
	not input.peer.uid == 0
	_held(s, raisers[0])
}

# What raises rights on this machine, outermost first.
_raisers(s) := [name |
	not s.remote
	some name in array.concat(s.via, [s.name])
	name in {"sudo", "sudoedit", "doas", "su", "pkexec", "run0", "newgrp", "sg"}
]

_held(s, outermost) if {
	data.guard.config.sudo == "hold"
	outermost in s.via
	is_array(s.raise)
	count(_odd(s, outermost)) == 0
	_genuine(s, outermost)
}

# The file that is about to be executed, where the hook has seen it, is the system's
# own and would raise rights. What a line names is looked at when it is executed.
_genuine(s, _) if not s.exe.origin

_genuine(s, outermost) if s.via[0] != outermost

_genuine(s, _) if {
	s.exe.origin == "system"
	s.exe.setuid == true
}

# Options that are not for a command run as another user and nothing else.
_odd(s, outermost) := {o | some o in s.raise} - _plain[outermost]

_plain := {
	"sudo": {
		"n", "non-interactive", "u", "user", "g", "group", "H", "set-home", "k", "reset-timestamp",
		"s", "shell", "i", "login",
	},
	"doas": {"n", "u", "s"},
}

_refusal(s, name) := sprintf("%s with %s cannot be run outside of the session; leave that out", [name, _shown(_odd(s, name))]) if {
	data.guard.config.sudo == "hold"
	name in s.via
	count(_odd(s, name)) > 0
} else := sprintf("%s cannot raise rights in a session: the exec hook sets no_new_privs", [name])

_shown(options) := concat(", ", sort([_option(o) | some o in options]))

_option("=") := "variables"

_option("?") := "words that are not literal"

_option(o) := sprintf("-%s", [o]) if {
	count(o) == 1
	not o in {"=", "?"}
}

_option(o) := sprintf("--%s", [o]) if count(o) > 1

_warning(s, name) := sprintf("%s runs a shell outside of the session, and what is typed there is not judged", [name]) if {
	some o in s.raise
	o in {"s", "shell", "i", "login"}
} else := sprintf("%s %s runs outside of the session, and what it starts is not judged", [name, s.name])

# METADATA
# title: Write outside the sandbox
# description: |
#   The session may write in its workspace, in temporary folders and where it was
#   told; the kernel refuses the rest, program by program, without a word of why.
# custom:
#   id: session.outside_sandbox
#   remedy: 'let it be written there: guard --sandbox=workspace --allow-write FOLDER'
#   fires: {line: cp notes /home/dev/notes, session: sandboxed}
#   quiet: {line: cp /home/dev/notes notes, session: sandboxed}
hit contains {"id": "session.outside_sandbox", "tier": 2, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some _ in input.session.writable
	some s in input.cmd.stages
	some p in s.paths
	p.access in {"write", "delete"}
	not p.zone in {"null", "device", "remote", "unknown"}
	p.path != ""
	not _within(p.path)
	msg := sprintf("the sandbox does not let %s be written", [p.path])
}

_within(path) if {
	some folder in input.session.writable
	path == folder
}

_within(path) if {
	some folder in input.session.writable
	startswith(path, concat("", [folder, "/"]))
}
