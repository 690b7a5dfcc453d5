# METADATA
# title: Machines and devices
# description: |
#   Firmware of boards and phones, virtual machines, and what a desktop or server
#   is set up to do, by tables of what each tool's subcommands do.
package guard.rules.machine

import data.guard.form
import data.guard.stage

# METADATA
# title: Erases or rewrites a device
# description: |
#   The memory of a board, phone or controller, its fuses, or the power of a
#   machine somewhere else. Fuses cannot be set back, and firmware that does not
#   start cannot repair itself.
# custom:
#   id: machine.firmware
#   remedy: read the device's state first, and let a person erase or burn it
#   fires: esptool.py --port /dev/ttyUSB0 erase_flash
#   quiet: esptool.py --port /dev/ttyUSB0 flash_id
hit contains {"id": "machine.firmware", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_rewrites(s)
	not _only_looks(s)
	msg := sprintf("erases or rewrites a device: %s", [stage.line(s)])
}

# METADATA
# title: Ends or changes a virtual machine
# description: What runs in it stops, goes back to an earlier state, or is deleted with its disks.
# custom:
#   id: machine.virtual
#   remedy: list the machines, take a snapshot, and let a person end them
#   fires: virsh undefine vm1 --remove-all-storage
#   quiet: virsh list --all
hit contains {"id": "machine.virtual", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_ends(s)
	not _only_looks(s)
	msg := sprintf("ends or changes a virtual machine: %s", [stage.line(s)])
}

# METADATA
# title: Sets the machine up differently
# description: Hardware, printers, boot entries, certificates and servers that the person and other programs use.
# custom:
#   id: machine.settings
#   remedy: ask a person
#   fires: bluetoothctl remove 00:11:22:33:44:55
#   quiet: bluetoothctl devices
hit contains {"id": "machine.settings", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_sets_up(s)
	not _only_looks(s)
	msg := sprintf("sets the machine up differently: %s", [stage.line(s)])
}

_sets_up(s) if stage.tells(s, data.guard.rules.machine.desktop[s.name])

_sets_up(s) if {
	data.guard.rules.machine.always[s.name]
	count(s.args) > 0
}

_rewrites(s) if stage.tells(s, data.guard.rules.machine.firmware[s.name])

_rewrites(s) if {
	some word in s.args
	_rewriting(s, word)
}

_rewriting(s, word) if form.fits(word, data.guard.rules.machine.firmware_words[s.name])

# commands in a language of the programmer's own
_rewriting(s, code) if regex.match(data.guard.rules.machine.firmware_code[s.name], code)

# What a programmer is fed from elsewhere was not read.
_rewrites(s) if {
	data.guard.rules.machine.firmware_shells[s.name]
	count(s.reads_from) > 0
}

_rewrites(s) if {
	data.guard.rules.machine.firmware_shells[s.name]
	some r in s.redirects
	startswith(r.op, "<")
}

_ends(s) if stage.tells(s, data.guard.rules.machine.virtual[s.name])

_ends(s) if {
	some word in s.args
	form.fits(word, data.guard.rules.machine.virtual_words[s.name])
}

_only_looks(s) if stage.help(s)

_only_looks(s) if stage.dry(s)

_only_looks(s) if stage.shows(s)
