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
#   rights of another user. sudo and its like would only fail.
# custom:
#   id: session.no_new_privs
#   remedy: ask a person to run it outside of the session
#   fires: {line: sudo apt-get update, session: hooked}
#   quiet: {line: apt-get --version, session: hooked}
hit contains {"id": "session.no_new_privs", "tier": 3, "verdict": "deny", "stage": s.id, "msg": msg} if {
	input.session.hook == "proven"
	some s in input.cmd.stages
	not s.remote
	some name in array.concat(s.via, [s.name])
	name in {"sudo", "sudoedit", "doas", "su", "pkexec", "run0", "newgrp", "sg"}
	not input.peer.uid == 0
	msg := sprintf("%s cannot raise rights in a session: the exec hook sets no_new_privs", [name])
}

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
