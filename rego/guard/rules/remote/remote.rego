# METADATA
# title: Other hosts
# description: |
#   Work on another host or in a container, where guard cannot see the files.
package guard.rules.remote

import data.guard.stage

# METADATA
# title: Deletes files on another host
# description: Nobody here can see what they are.
# custom:
#   id: fs.rm_remote
#   remedy: ask a person with access to that host
#   fires: ssh web rm /srv/x
#   quiet: ssh web ls /srv/x
hit contains {"id": "fs.rm_remote", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"rm", "shred", "unlink"}
	s.remote
	msg := sprintf("deletes %s on another host or in a container", [stage.words(s)])
}

# METADATA
# title: Changes something on another host
# description: What it does there, guard cannot see.
# custom:
#   id: net.ssh_command
#   remedy: ask a person with access to that host
#   fires: ssh web make deploy
#   quiet: ssh web uptime
hit contains {"id": "net.ssh_command", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.remote
	"ssh" in s.via
	not stage.reads[s.id]
	not _asks(s)
	msg := sprintf("runs on another host: %s", [stage.line(s)])
}

# METADATA
# title: Sends data through a remote shell
# description: What is piped into ssh leaves this machine; nobody sees what the other end does with it.
# custom:
#   id: net.ssh_send
#   remedy: show a person what would be sent, and where
#   fires: tar cz . | ssh web 'cat > app.tgz'
#   quiet: ssh web cat app.tgz
hit contains {"id": "net.ssh_send", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "ssh"
	_gets_data(s)
	msg := sprintf("sends data to another host: %s", [stage.line(s)])
}

# METADATA
# title: Moves or mounts files of another host
# description: What is done there, guard cannot see.
# custom:
#   id: net.remote_files
#   remedy: copy the one file with scp
#   fires: sftp -b batch.txt web
#   quiet: scp web:notes.txt .
hit contains {"id": "net.remote_files", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"sftp", "sshfs", "ftp", "lftp", "ncftp", "mount.cifs", "mount.nfs"}
	count(s.operands) > 0
	not stage.help(s)
	msg := sprintf("works on files of another host: %s", [stage.line(s)])
}

# METADATA
# title: A shell elsewhere
# description: A shell on another host or in a cluster that whoever types at it commands.
# custom:
#   id: net.remote_shell_open
#   remedy: run the one command that is needed
#   fires: kubectl exec -it web-0 -- bash
#   quiet: kubectl exec web-0 -- ls
hit contains {"id": "net.remote_shell_open", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.remote
	data.guard.tables.shells[s.name]
	count(s.operands) == 0
	not _given_code(s)
	some way in s.via
	way in {"ssh", "kubectl", "oc"}
	msg := sprintf("opens a shell elsewhere (%s)", [s.name])
}

# curl that fetches and prints
_asks(s) if {
	s.name == "curl"
	every flag in s.flags {
		flag in {"s", "S", "f", "L", "i", "I", "k", "v", "H", "u", "m", "silent", "show-error", "fail", "location", "include", "head", "header", "max-time"}
	}
	count(s.writes_to) == 0
}

_given_code(s) if s.payload.kind in {"inline", "heredoc"}

_gets_data(s) if count(s.reads_from) > 0

_gets_data(s) if {
	some r in s.redirects
	r.op == "<"
	r.path.zone != "null"
}
