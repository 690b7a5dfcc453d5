# METADATA
# title: Rights on files
# description: |
#   Who may read, change and run a file, and whose it is.
package guard.rules.fsmode

import data.guard.form
import data.guard.place
import data.guard.stage

# METADATA
# title: Locks out or opens up a system or a home folder
# description: Changing mode or owner of everything below such a folder makes it unusable or exposes it.
# custom:
#   id: fs.wipe_modes
#   remedy: name the one folder that should change
#   fires: chmod -R 000 ~
#   quiet: chmod -R u+w dist
hit contains {"id": "fs.wipe_modes", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"chmod", "chown", "chgrp", "setfacl"}
	some flag in ["R", "recursive"]
	flag in s.flags
	some p in s.paths
	p.access == "meta"
	_top(p)
	msg := sprintf("changes everything below %s", [stage.shown(p)])
}

# METADATA
# title: Everybody may write
# description: Any user and any program may then change the file (REQUIREMENTS S1-21).
# custom:
#   id: fs.chmod_world
#   remedy: give the right to the user or group that needs it, u+w or g+w
#   fires: chmod 0777 x
#   quiet: chmod 0755 x
hit contains {"id": "fs.chmod_world", "tier": 3, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	some word in s.args
	_opens(word)
	msg := sprintf("lets everybody write: %s", [stage.line(s)])
}

# METADATA
# title: Makes something that everybody may write
# description: As chmod for everybody, from the start.
# custom:
#   id: fs.made_world
#   remedy: leave the mode to the umask
#   fires: mkdir -m 777 shared
#   quiet: mkdir -m 755 shared
hit contains {"id": "fs.made_world", "tier": 2, "stage": s.id, "msg": msg} if {
	some name in ["mkdir", "install"]
	name in input.cmd.names
	some s in input.cmd.stages
	s.name == name
	some o in s.options
	o.name in {"m", "mode"}
	_opens(o.value)
	msg := sprintf("lets everybody write: %s", [stage.line(s)])
}

# METADATA
# title: Takes rights away below a folder
# description: |
#   Without the right to read or enter it, the owner's own programs fail on
#   everything below.
# custom:
#   id: fs.chmod_lock
#   remedy: change the one file that others must not read
#   fires: chmod -R 000 src
#   quiet: chmod -R u+rwX src
hit contains {"id": "fs.chmod_lock", "tier": 2, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	_recursive(s)
	some word in s.args
	_locks(word)
	msg := sprintf("takes its owner's rights away: %s", [stage.line(s)])
}

# METADATA
# title: Gives a folder to somebody else
# description: Everything below it then belongs to another user, and the agent's user can no longer change it.
# custom:
#   id: fs.chown_other
#   remedy: keep the owner
#   fires: chown -R nobody:nogroup .
#   quiet: chown -R dev:dev .
hit contains {"id": "fs.chown_other", "tier": 2, "stage": s.id, "msg": msg} if {
	"chown" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chown"
	_recursive(s)
	owner := split(split(s.operands[0], ":")[0], ".")[0]
	_user_name(owner)
	not endswith(input.session.home, sprintf("/%s", [owner]))
	msg := sprintf("gives files to %s: %s", [owner, stage.line(s)])
}

# METADATA
# title: Opens files to everybody by a list
# description: The entry for others in an access control list gives every user the right to write.
# custom:
#   id: fs.acl_world
#   remedy: name the one user that needs the right
#   fires: setfacl -R -m o::rwx .
#   quiet: setfacl -m u:ann:rw notes.txt
hit contains {"id": "fs.acl_world", "tier": 3, "stage": s.id, "msg": msg} if {
	"setfacl" in input.cmd.names
	some s in input.cmd.stages
	s.name == "setfacl"
	some word in s.args
	some entry in split(word, ",")
	parts := split(trim_prefix(trim_prefix(entry, "d:"), "default:"), ":")
	parts[0] in {"o", "other"}
	some rights in array.slice(parts, 1, count(parts))
	contains(rights, "w")
	msg := sprintf("lets everybody write: %s", [stage.line(s)])
}

# METADATA
# title: Runs as its owner
# description: A setuid or setgid program gives its owner's rights to whoever starts it.
# custom:
#   id: fs.chmod_setid
#   remedy: start it with sudo where those rights are needed
#   fires: chmod u+s tool
#   quiet: chmod u+x tool
hit contains {"id": "fs.chmod_setid", "tier": 3, "stage": s.id, "msg": msg} if {
	"chmod" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chmod"
	some word in s.args
	_setid(word)
	msg := sprintf("lets others run it with its owner's rights: %s", [stage.line(s)])
}

# METADATA
# title: Gives files to root
# description: The user can no longer change or delete them (REQUIREMENTS S1-21).
# custom:
#   id: fs.chown_root
#   remedy: keep the owner
#   fires: 'chown root:root x'
#   quiet: 'chown dev:dev x'
hit contains {"id": "fs.chown_root", "tier": 3, "stage": s.id, "msg": msg} if {
	"chown" in input.cmd.names
	some s in input.cmd.stages
	s.name == "chown"
	some word in s.args
	split(replace(word, ".", ":"), ":")[0] in {"root", "0"}
	msg := sprintf("gives files to root: %s", [stage.line(s)])
}

_recursive(s) if {
	some flag in ["r", "R", "recursive"]
	flag in s.flags
}

_top(p) if {
	some zone in ["root", "home"]
	zone in p.covers
}

_top(p) if {
	p.zone != "workspace"
	p.zone != "temporary"
	data.guard.tables.system_tops[p.path]
}

_top(p) if {
	not p.zone in {"workspace", "temporary", "guard", "remote"}
	place.home_folder(p.path)
}

# Octal: the last digit holds what others may do, and 2 is the right to write.
_opens(word) if {
	_octal(word)
	count(word) < 6
	bits.and(to_number(substring(word, count(word) - 1, 1)), 2) == 2
}

_opens(word) if {
	some part in split(word, ",")
	some sign in ["+", "="]
	[who, rights] := _halves(part, sign)
	_of(who, ["o", "a"])
	startswith(trim_left(rights, "rxXst"), "w")
}

_opens(word) if {
	strings.any_prefix_match(word, ["+", "="])
	startswith(trim_left(substring(word, 1, -1), "rxXst"), "w")
}

# Octal: the owner's digit without the right to read, in three digits or more.
_locks(word) if {
	_octal(word)
	count(word) in {3, 4}
	count(trim_prefix(word, "0")) < 4
	substring(word, count(word) - 3, 1) in {"0", "1", "2", "3"}
}

_locks(word) if {
	some part in split(word, ",")
	[who, rights] := _halves(part, "-")
	_of(sprintf("%s%s", [who, _all_if_nobody(who)]), ["u", "a"])
	startswith(trim_left(rights, "wxXst"), "r")
}

_locks(word) if {
	some part in split(word, ",")
	[who, rights] := _halves(part, "=")
	_of(who, ["u", "a"])
	trim(rights, "wxXst") == ""
}

_setid(word) if {
	_octal(word)
	count(trim_left(word, "0")) == 4
	bits.and(to_number(substring(word, count(word) - 4, 1)), 6) > 0
}

_setid(word) if {
	some part in split(word, ",")
	some sign in ["+", "="]
	[who, rights] := _halves(part, sign)
	trim(who, "ugoa") == ""
	startswith(trim_left(rights, "rwxXt"), "s")
}

_octal(word) if form.made_of(word, "01234567")

# u+rwx: who and what
_halves(part, sign) := [substring(part, 0, i), substring(part, i + 1, -1)] if {
	i := indexof(part, sign)
	i >= 0
}

# those users, and some of them
_of(who, some_of) if {
	form.made_of(who, "ugoa")
	form.fits(who, {"holds": some_of})
}

_all_if_nobody("") := "a"

_all_if_nobody(who) := "" if who != ""

# no number, and no variable
_user_name(word) if {
	form.made_of(word, "abcdefghijklmnopqrstuvwxyz0123456789_-")
	trim_left(word, "0123456789-") == word
}
