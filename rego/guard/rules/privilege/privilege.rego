# METADATA
# title: Rights of containers
# description: |
#   What a container may reach of the machine it runs on.
package guard.rules.privilege

import data.guard.form
import data.guard.stage

# METADATA
# title: Container with the host's rights
# description: Privileged, or with the host's disks, processes or engine inside, a container is root on the host.
# custom:
#   id: container.privileged
#   remedy: mount only the folder that is needed
#   fires: 'docker run -v /:/host alpine true'
#   quiet: 'docker run --rm -v "$PWD:/src" alpine ls /src'
hit contains {"id": "container.privileged", "tier": 3, "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	_engine[s.name]
	stage.verb(s) in {
		"run", "create", "container run", "container create", "exec",
		"up", "start", "compose up", "compose run", "compose create", "compose start",
	}
	_gives_host(s)
	msg := sprintf("gives a container rights on the host: %s", [stage.line(s)])
}

_engine := {"docker": true, "podman": true, "nerdctl": true, "docker-compose": true}

_gives_host(s) if {
	"privileged" in s.flags
	not _switched_off(s)
}

_switched_off(s) if {
	some o in s.options
	o.name == "privileged"
	o.value == "false"
}

# A folder of the host, by any spelling: -v, --volume, --mount.
_gives_host(s) if {
	some p in s.paths
	p.access == "unknown"
	some zone in p.covers
	zone in {"root", "home", "system"}
}

_gives_host(s) if {
	some p in s.paths
	p.access == "unknown"
	_host_folder(p)
}

_gives_host(s) if {
	some o in s.options
	o.name == "device"
	strings.any_prefix_match(o.value, data.guard.tables.raw_disks)
}

_gives_host(s) if {
	some o in s.options
	o.name in {"pid", "ipc", "userns", "uts", "cgroupns"}
	o.value == "host"
}

_gives_host(s) if {
	some o in s.options
	o.name == "security-opt"
	form.fits(lower(o.value), {"holds": ["unconfined", "disable", "=false"]})
}

_gives_host(s) if {
	some o in s.options
	o.name == "cap-add"
	trim_prefix(lower(o.value), "cap_") in {"all", "sys_admin", "sys_ptrace", "sys_module", "sys_rawio", "dac_read_search"}
}

_host_folder(p) if endswith(p.path, "/docker.sock")

_host_folder(p) if endswith(p.path, "/containerd.sock")

_host_folder(p) if p.zone == "device"

_host_folder(p) if strings.any_prefix_match(sprintf("%s/", [p.path]), ["/proc/", "/sys/", "/boot/", "/root/", "/etc/cron", "/etc/sudoers", "/etc/ssh/", "/var/run/", "/run/", "/var/lib/docker/"])
