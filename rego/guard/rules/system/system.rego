# METADATA
# title: System
# description: |
#   Accounts, kernel, firewall, mounts and scheduled work of the whole machine.
package guard.rules.system

import data.guard.form
import data.guard.stage

# METADATA
# title: Changes accounts
# description: Who can log in and with which rights.
# custom:
#   id: system.accounts
#   remedy: ask a person
#   fires: userdel -r dev
#   quiet: id dev
hit contains {"id": "system.accounts", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_account_tool(s.name)
	not stage.help(s)
	not stage.reads[s.id]
	msg := sprintf("changes accounts: %s", [stage.line(s)])
}

# METADATA
# title: Changes who may use sudo
# description: visudo edits the rules of sudo; -c only checks them.
# custom:
#   id: system.sudoers
#   remedy: ask a person; visudo -c only checks
#   fires: visudo
#   quiet: sudo -l
hit contains {"id": "system.sudoers", "tier": 3, "stage": s.id, "msg": "changes the rules of sudo"} if {
	"visudo" in input.cmd.names
	some s in input.cmd.stages
	s.name == "visudo"
	not "c" in s.flags
	not "check" in s.flags
	not stage.help(s)
}

# METADATA
# title: Changes the kernel
# description: Modules, parameters, boot entries and file attributes below everything else.
# custom:
#   id: system.kernel
#   remedy: ask a person
#   fires: sysctl -w kernel.x=0
#   quiet: sysctl kernel.x
hit contains {"id": "system.kernel", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_changes_kernel(s)
	not stage.help(s)
	not stage.reads[s.id]
	msg := sprintf("changes the kernel or boot set-up: %s", [stage.line(s)])
}

# METADATA
# title: Changes the firewall or routes
# description: Opens or closes the machine to the network.
# custom:
#   id: system.firewall
#   remedy: ask a person
#   fires: iptables -F
#   quiet: iptables -L -n
hit contains {"id": "system.firewall", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_changes_network(s)
	not stage.help(s)
	not stage.reads[s.id]
	msg := sprintf("changes the firewall or network: %s", [stage.line(s)])
}

# METADATA
# title: Mounts
# description: Puts a file system over, or takes it from under, what programs use.
# custom:
#   id: system.mount
#   remedy: ask a person
#   fires: umount /mnt
#   quiet: mount
hit contains {"id": "system.mount", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"mount", "umount", "swapon", "losetup", "pivot_root"}
	count(s.operands) > 0
	not stage.help(s)
	not stage.reads[s.id]
	msg := sprintf("changes mounts: %s", [stage.line(s)])
}

# METADATA
# title: Changes scheduled work
# description: A crontab runs commands later, without guard and without the agent.
# custom:
#   id: system.crontab
#   remedy: crontab -l only lists; ask a person to change it
#   fires: crontab -r
#   quiet: crontab -l
hit contains {"id": "system.crontab", "tier": 3, "stage": s.id, "msg": msg} if {
	"crontab" in input.cmd.names
	some s in input.cmd.stages
	s.name == "crontab"
	not "l" in s.flags
	not stage.help(s)
	msg := sprintf("changes scheduled work: %s", [stage.line(s)])
}

# METADATA
# title: Changes the machine's settings
# description: Its name, its default programs, its desktop settings and who is watched.
# custom:
#   id: system.settings
#   remedy: ask a person
#   fires: hostnamectl set-hostname web2
#   quiet: hostnamectl status
hit contains {"id": "system.settings", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_changes_settings(s)
	not stage.help(s)
	not stage.dry(s)
	not stage.shows(s)
	msg := sprintf("changes the machine's settings: %s", [stage.line(s)])
}

# METADATA
# title: Changes the clock
# description: Certificates, tokens and logs depend on it.
# custom:
#   id: system.clock
#   remedy: ask a person
#   fires: 'date -s 12:00'
#   quiet: date
hit contains {"id": "system.clock", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_sets_clock(s)
	msg := sprintf("changes the clock: %s", [stage.line(s)])
}

_account_tool(name) if data.guard.tables.account_tools[name]

_account_tool(name) if data.guard.rules.system.accounts[name]

_changes_kernel(s) if data.guard.tables.kernel_tools[s.name]

_changes_kernel(s) if data.guard.rules.system.boot_tools[s.name]

_changes_kernel(s) if {
	s.name in {"grub-mkconfig", "grub2-mkconfig"}
	some flag in s.flags
	flag in {"o", "output"}
}

_changes_kernel(s) if {
	s.name == "sysctl"
	some flag in s.flags
	flag in {"w", "write", "p", "load", "system"}
}

_changes_kernel(s) if {
	s.name == "sysctl"
	some word in s.operands
	contains(word, "=")
}

_changes_network(s) if {
	data.guard.tables.firewalls[s.name]
	not _lists_firewall(s)
}

_changes_network(s) if {
	s.name == "ip"
	some word in s.args
	word in {"add", "del", "delete", "flush", "set", "change", "replace"}
}

_changes_network(s) if {
	s.name in {"tc", "iw", "iwconfig", "rfkill", "ethtool", "brctl", "bridge", "wg", "wg-quick", "arptables", "ebtables"}
	some word in s.args
	word in {
		"add", "del", "delete", "change", "replace", "set", "flush", "block", "unblock", "-s", "-K", "-G", "-A", "-C", "up",
		"down", "addbr", "delbr", "addif", "delif", "connect", "disconnect",
	}
}

_changes_network(s) if {
	s.name in {"ifconfig", "route"}
	count(s.operands) > 1
}

_changes_network(s) if {
	s.name == "nmcli"
	some word in s.args
	word in {"up", "down", "modify", "delete", "add", "off", "on"}
}

_changes_settings(s) if {
	s.name == "hostname"
	count(s.operands) > 0
}

_changes_settings(s) if {
	s.name in {"hostnamectl", "localectl"}
	some word in s.args
	form.fits(word, {"starts": ["set-"], "words": {"hostname": true, "chassis": true, "deployment": true, "location": true}})
}

_changes_settings(s) if {
	s.name in {"update-alternatives", "alternatives"}
	some flag in s.flags
	flag in {"set", "install", "remove", "remove-all", "config", "auto"}
}

_changes_settings(s) if {
	s.name in {"dconf", "gsettings", "defaults", "faillock", "semanage", "setsebool", "auditctl", "logrotate"}
	some word in s.args
	word in {
		"reset", "reset-recursively", "set", "write", "delete", "load", "--reset", "-e", "-D", "-d", "-w", "-A", "-P",
		"fcontext", "port", "boolean", "-f", "--force",
	}
}

_changes_settings(s) if {
	s.name in {"networksetup", "scutil", "pmset", "tmutil", "spctl", "softwareupdate", "systemsetup"}
	some word in s.args
	form.fits(word, {
		"words": {"--set": true, "-a": true, "--master-disable": true, "-i": true, "--install": true},
		"starts": ["-set", "delete", "disable", "-create", "-remove", "-add"],
	})
}

_changes_settings(s) if data.guard.rules.system.watchers[s.name]

_lists_firewall(s) if {
	some flag in s.flags
	flag in {"L", "list", "S", "list-rules", "list-all", "state"}
}

_lists_firewall(s) if {
	some word in s.operands
	word in {"list", "status", "show"}
}

_sets_clock(s) if {
	s.name == "date"
	some flag in s.flags
	flag in {"s", "set"}
}

_sets_clock(s) if {
	s.name in {"timedatectl", "hwclock", "ntpdate"}
	some word in s.args
	strings.any_prefix_match(word, ["set-", "--set", "--systohc", "--hctosys", "-w", "-s"])
}

# ntpdate pool.ntp.org
_sets_clock(s) if {
	s.name in {"timedatectl", "hwclock", "ntpdate"}
	some word in s.args
	form.made_of(word, "abcdefghijklmnopqrstuvwxyz0123456789.-")
	parts := split(word, ".")
	count(parts) > 1
	parts[0] != ""
	form.made_of(parts[count(parts) - 1], "abcdefghijklmnopqrstuvwxyz")
}
