# METADATA
# title: What is shared
# description: |
#   Files and the display, given to people elsewhere without a server of one's own.
package guard.rules.share

import data.guard.stage

# METADATA
# title: Hands files to others
# description: Whoever has the code or the link gets them, and nobody on this machine sees who that was.
# custom:
#   id: net.share
#   remedy: put the file where the project's people can get it
#   fires: wormhole send notes.txt
#   quiet: wormhole receive 7-guitar
hit contains {"id": "net.share", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some verb in data.guard.rules.share.sharing[s.name]
	verb in s.args
	not stage.help(s)
	msg := sprintf("hands files to others: %s", [stage.line(s)])
}

# METADATA
# title: Opens the display to others
# description: Whoever may draw on it also sees what is typed into every window.
# custom:
#   id: system.display_open
#   remedy: ask a person; a container gets the one cookie of xauth
#   fires: xhost +
#   quiet: xhost
hit contains {"id": "system.display_open", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name == "xhost"
	some word in s.args
	startswith(word, "+")
	msg := sprintf("opens the display to others: %s", [stage.line(s)])
}
