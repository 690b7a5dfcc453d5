# METADATA
# title: Program files
# description: |
#   What the file that will run says against what it is called. Asked only where
#   the exec hook has seen the file, and it is not simply the system's. An own
#   program of the workspace that goes by its own name is judged by what it is
#   told to do, like any other.
package guard.rules.exe

# METADATA
# title: Program in memory
# description: What runs from memory was never a file that anybody could look at.
# custom:
#   id: exe.memory
#   remedy: write the program to a file in the workspace and run that
#   fires: {exec: ls -l, path: "", origin: memfd}
#   quiet: {exec: ls -l, path: /usr/bin/ls, origin: system}
hit contains {"id": "exe.memory", "tier": 3, "stage": s.id, "msg": "runs a program from memory, not from a file"} if {
	some s in input.cmd.stages
	s.exe.origin == "memfd"
}

# METADATA
# title: Program without a name
# description: A file that was deleted before it runs leaves nothing to look at afterwards.
# custom:
#   id: exe.deleted
#   remedy: run the program where it stands, and delete it later
#   fires: {exec: ./x, path: /home/dev/app/x, origin: deleted}
#   quiet: {exec: ./x, path: /home/dev/app/x, origin: session}
hit contains {"id": "exe.deleted", "tier": 3, "stage": s.id, "msg": "runs a file that has no name any more"} if {
	some s in input.cmd.stages
	s.exe.origin == "deleted"
}

# METADATA
# title: Program of another mount namespace
# description: |
#   Its path is not what is found under that path here, so that its name says
#   nothing.
# custom:
#   id: exe.foreign
#   remedy: run it outside of the container
#   fires: {exec: ls -l, path: /usr/bin/ls, origin: foreign}
#   quiet: {exec: ls -l, path: /usr/bin/ls, origin: system}
hit contains {"id": "exe.foreign", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.exe.origin == "foreign"
	msg := sprintf("%s is another file inside a container than here", [_shown(s.exe)])
}

# METADATA
# title: Execution under a debugger
# description: |
#   Who traces the caller can change what was judged, and keeps guard from
#   looking at what was loaded.
# custom:
#   id: exe.traced
#   remedy: start the program first and attach to it, as with gdb -p or strace -p
#   fires: {exec: ./app, path: /home/dev/app/app, origin: traced}
#   quiet: {exec: ./app, path: /home/dev/app/app, origin: session}
hit contains {"id": "exe.traced", "tier": 3, "verdict": "hold", "stage": s.id, "msg": "is started under a debugger"} if {
	some s in input.cmd.stages
	s.exe.traced
}

# METADATA
# title: Own file under a system program's name
# description: |
#   A file that the agent could have written, found in PATH or outside of the
#   workspace under a name that every system has: what is told by the name would
#   be believed.
# custom:
#   id: exe.poses
#   remedy: call the program something else, or run it by its path in the workspace
#   fires: {exec: ls -l, path: /home/dev/bin/ls, origin: writable}
#   quiet: {exec: ./ls -l, path: /home/dev/app/ls, origin: session}
hit contains {"id": "exe.poses", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.exe.origin in {"writable", "session"}
	not _own_program(s.exe)
	some name in s.exe.names
	data.guard.rules.exe.core[name]
	msg := sprintf("%s is not the system's %s", [_shown(s.exe), name])
}

# METADATA
# title: New file under a tool's name
# description: |
#   As exe.poses, for tools that people do install themselves: only what was
#   written since the session began counts.
# custom:
#   id: exe.replaces
#   remedy: have a person install the tool, or run it by its path in the workspace
#   fires: {exec: git status, path: /home/dev/.local/bin/git, origin: session}
#   quiet: {exec: git status, path: /home/dev/.local/bin/git, origin: writable}
hit contains {"id": "exe.replaces", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.exe.origin == "session"
	s.exe.zone != "system"
	not _own_program(s.exe)
	some name in s.exe.names
	data.guard.rules.exe.tools[name]
	msg := sprintf("%s was written since the session began", [_shown(s.exe)])
}

# METADATA
# title: Program that asks for rights
# description: Under the exec hook nothing can raise its rights; such programs mostly fail.
# custom:
#   id: exe.setuid
#   remedy: have a person run it outside of the session
#   fires: {exec: ping -c1 localhost, path: /usr/bin/ping, origin: setuid}
#   quiet: {exec: ping -c1 localhost, path: /usr/bin/ping, origin: system}
hit contains {"id": "exe.setuid", "tier": 1, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.exe.setuid
	msg := sprintf("%s does not get its owner's rights here (no_new_privs)", [_shown(s.exe)])
}

_own_program(exe) if {
	exe.zone == "workspace"
	exe.found == false
}

_shown(exe) := exe.path if exe.path != ""

_shown(exe) := exe.raw if exe.path == ""
