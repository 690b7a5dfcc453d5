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
	msg := sprintf("runs on another host: %s", [stage.line(s)])
}
