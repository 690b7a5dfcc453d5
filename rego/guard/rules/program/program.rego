# METADATA
# title: Programs
# description: |
#   The tier that a program has by itself. Only what is listed as reading is
#   SAFE.
package guard.rules.program

import data.guard.stage

# METADATA
# title: A program that is not known to only read
# description: |
#   Whatever is not listed as reading may write. That is ordinary work, so it
#   is LOW; rules about the program say if it is more.
# custom:
#   id: program.other
#   remedy: none needed; a program that only reads can be proposed for the table
#   fires: make
#   quiet: grep -rn TODO src
hit contains {"id": "program.other", "tier": 1, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not stage.reads[s.id]
	msg := sprintf("%s may change things", [stage.program(s)])
}

# METADATA
# title: With root's rights
# description: What root runs is not held back by permissions; anything but reading needs a person.
# custom:
#   id: program.as_root
#   remedy: run it without sudo
#   fires: sudo make install
#   quiet: sudo ls /root
hit contains {"id": "program.as_root", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.root
	not stage.reads[s.id]
	msg := sprintf("runs %s as root", [stage.program(s)])
}

# METADATA
# title: Program name that looks like another
# description: |
#   A blank, an invisible or a foreign character in a program's name makes it
#   look like a different program to whoever reads the line.
# custom:
#   id: program.odd_name
#   remedy: write the name in plain letters
#   fires: "rm\u00a0-rf x"
#   quiet: rm -f x
hit contains {"id": "program.odd_name", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	not _in_container(s)
	trim(s.name, _visible) != ""
	msg := sprintf("the program's name %q has characters that mislead", [stage.cut(s.name)])
}

# What stands after an image may be words for its own program.
_in_container(s) if {
	s.remote
	s.via[count(s.via) - 1] in {"docker", "podman", "nerdctl", "docker-compose"}
}

# Those characters of ASCII that leave a mark.
_visible := "!\"#$%&'()*+,-./0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~"
