# METADATA
# title: Services and the machine
# description: |
#   What runs for the whole machine, what decides that, and the record of it.
package guard.rules.unit

import data.guard.stage

# METADATA
# title: Ends everything a process manager runs
# description: Process managers also hold what others started, and forget what they delete.
# custom:
#   id: process.manager
#   remedy: stop the one process by its name
#   fires: pm2 delete all
#   quiet: pm2 list
hit contains {"id": "process.manager", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"pm2", "forever", "overmind", "foreman", "circusctl", "monit"}
	some word in s.args
	_ends_managed(word, s)
	not stage.help(s)
	msg := sprintf("ends what a process manager runs: %s", [stage.line(s)])
}

# METADATA
# title: Asks a service over D-Bus
# description: The desktop and the system do what they are asked there, outside the session and with their own rights.
# custom:
#   id: process.dbus
#   remedy: use the program that is made for it, so that it can be judged
#   fires: busctl call org.example.App / org.example.App Quit
#   quiet: busctl list
hit contains {"id": "process.dbus", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"busctl", "dbus-send", "gdbus", "qdbus"}
	_calls(s)
	not stage.help(s)
	msg := sprintf("asks a service over D-Bus: %s", [stage.line(s)])
}

# METADATA
# title: Deletes system logs
# description: The record of what happened on the machine.
# custom:
#   id: process.logs
#   remedy: read them; journalctl and dmesg only show without these options
#   fires: journalctl --vacuum-time=1s
#   quiet: journalctl -u nginx -n 50
hit contains {"id": "process.logs", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"journalctl", "dmesg"}
	some flag in s.flags
	flag in data.guard.tables.readonly[s.name]
	msg := sprintf("deletes system logs: %s", [stage.line(s)])
}

# METADATA
# title: Switches the machine off
# description: Everything that runs on it stops (REQUIREMENTS S1-28).
# custom:
#   id: process.shutdown
#   remedy: ask a person
#   fires: shutdown now
#   quiet: uptime
hit contains {"id": "process.shutdown", "tier": 3, "verdict": "hold", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_shuts_down(s)
	not stage.help(s)
	not "c" in s.flags
	msg := sprintf("stops the machine: %s", [stage.line(s)])
}

# METADATA
# title: Stops a service
# description: Whoever uses the service loses it, now or after the next start (REQUIREMENTS S1-21).
# custom:
#   id: process.service_stop
#   remedy: ask a person; systemctl status only looks
#   fires: systemctl stop nginx
#   quiet: systemctl status nginx
hit contains {"id": "process.service_stop", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some verb in _service_verbs(s)
	verb in {"stop", "disable", "mask", "kill", "isolate", "unload", "bootout", "remove", "shutdown"}
	not stage.help(s)
	msg := sprintf("stops a service: %s", [stage.line(s)])
}

# METADATA
# title: Changes a service
# description: Starts, restarts or enables something that runs for the whole machine.
# custom:
#   id: process.service_change
#   remedy: ask a person
#   fires: systemctl restart nginx
#   quiet: systemctl list-units
hit contains {"id": "process.service_change", "tier": 2, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	some verb in _service_verbs(s)
	verb in {
		"start", "restart", "reload", "try-restart", "enable", "reenable", "unmask", "edit", "set-default",
		"daemon-reload", "daemon-reexec", "set-property", "load", "bootstrap", "link", "revert", "set-environment",
		"unset-environment", "import-environment", "preset", "preset-all", "add-wants", "add-requires", "clean",
		"enable-linger", "disable-linger", "reload-or-restart", "try-reload-or-restart", "kickstart",
	}
	not stage.help(s)
	msg := sprintf("changes a service: %s", [stage.line(s)])
}

_calls(s) if s.operands[0] in {"call", "set-property", "emit"}

_calls(s) if {
	s.name == "dbus-send"
	count(s.operands) > 0
}

_calls(s) if {
	s.name == "qdbus"
	count(s.operands) > 2
}

_ends_managed(word, _) if word in {"kill", "delete", "del", "stopall", "quit"}

_ends_managed("all", s) if s.args[0] in {"stop", "unmonitor"}

_shuts_down(s) if data.guard.tables.shutdowns[s.name]

_shuts_down(s) if {
	s.name in {"init", "telinit"}
	s.args[0] in {"0", "1", "6", "s", "S"}
}

_shuts_down(s) if {
	s.name in {"systemctl", "loginctl"}
	stage.verb(s) in {
		"poweroff", "reboot", "halt", "kexec", "emergency", "rescue", "suspend", "hibernate", "soft-reboot", "exit",
	}
}

# The words that may be what a service is told to do.
_service_verbs(s) := [stage.verb(s)] if s.name in {"systemctl", "launchctl", "loginctl"}

_service_verbs(s) := s.args if {
	s.name in {"service", "rc-service", "invoke-rc.d", "supervisorctl", "sv", "brew"}
	_manages_services(s)
}

_service_verbs(s) := s.args if startswith(s.path, "/etc/init.d/")

_manages_services(s) if s.name != "brew"

_manages_services(s) if s.args[0] == "services"
