# METADATA
# title: Other version control
# description: Other programs that keep versions have commands of the same kinds as git.
package guard.rules.vcs

import data.guard.form
import data.guard.stage

# METADATA
# title: Discards work in another system
# description: Changes of the working copy, or versions that nobody else has, are gone afterwards.
# custom:
#   id: vcs.discard
#   remedy: commit or shelve the work first
#   fires: hg update --clean
#   quiet: hg update tip
hit contains {"id": "vcs.discard", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_discards(s)
	not _only_shows(s)
	msg := sprintf("discards work: %s", [stage.line(s)])
}

# METADATA
# title: Changes the shared repository at once
# description: There is no push in between; what is deleted or moved by its address is so for everybody.
# custom:
#   id: vcs.server
#   remedy: do it in a working copy, look at the difference, and let a person commit it
#   fires: svn delete -m cleanup https://svn.example/repos/core/trunk/lib
#   quiet: svn delete lib/old.c
hit contains {"id": "vcs.server", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_on_server(s)
	not _only_shows(s)
	msg := sprintf("changes the shared repository: %s", [stage.line(s)])
}

_discards(s) if stage.tells(s, data.guard.rules.vcs.discards[s.name])

_discards(s) if {
	s.name in {"hg", "sl"}
	stage.verb(s) in {"update", "up", "checkout", "co", "goto"}
	some flag in ["C", "clean", "f", "force"]
	flag in s.flags
}

_on_server(s) if {
	s.name != "svn"
	stage.tells(s, data.guard.rules.vcs.server[s.name])
}

_on_server(s) if {
	s.name == "svn"
	stage.tells(s, data.guard.rules.vcs.server.svn)
	some word in s.operands
	_address(word)
}

_on_server(s) if {
	s.name == "svn"
	"revprop" in s.flags
	stage.verb(s) in {"propset", "pset", "propdel", "pdel", "propedit", "pedit"}
}

# What other repositories get by force.
_on_server(s) if {
	s.name in {"hg", "sl", "bzr", "brz", "jj"}
	some word in array.concat([stage.verb(s)], array.slice(s.operands, 0, 2))
	word in {"push", "git push"}
	some flag in ["f", "force", "overwrite", "deleted"]
	flag in s.flags
}

_address(word) if startswith(word, "^/")

_address(word) if {
	contains(word, "://")
	form.made_of(split(word, "://")[0], "abcdefghijklmnopqrstuvwxyz+")
}

_only_shows(s) if stage.help(s)

_only_shows(s) if stage.dry(s)

_only_shows(s) if {
	some flag in ["n", "p", "print", "preview", "list", "l"]
	flag in s.flags
	s.name in {"hg", "sl", "bzr", "brz", "fossil", "p4", "svnadmin"}
}
