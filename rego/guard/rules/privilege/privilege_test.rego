package guard.rules.privilege_test

import data.guard.fixture

_docker(sub, flags, operands) := [{"name": "docker", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

_run(name, value) := [{"name": "docker", "sub": "run", "options": [{"name": name, "value": value}], "flags": [name], "args": ["run", sprintf("--%s", [name]), value]}]

_mount(zone, name, covers) := [{"name": "docker", "sub": "run", "paths": [fixture.path("unknown", zone, name, {"covers": covers})]}]

test_privileged if {
	every stage in [
		_docker("run", ["privileged"], ["x"]), _run("pid", "host"), _run("cap-add", "SYS_ADMIN"), _run("device", "/dev/sda"),
		_run("security-opt", "apparmor=unconfined"), _mount("system", "/", ["root"]), _mount("home", "/home/dev", ["home"]),
		_mount("system", "/var/run/docker.sock", []), _mount("system", "/etc/cron.d", []), _mount("device", "/dev/sda", []),
	] {
		"container.privileged" in fixture.ids(stage)
	}
}

test_not_privileged if {
	every stage in [
		_docker("run", ["rm"], ["x"]), _mount("workspace", "/home/dev/app", ["workspace"]), _mount("home", "/home/dev/.m2", []),
		_mount("system", "/etc/localtime", []), _run("network", "host"), _run("cap-add", "NET_ADMIN"), _run("security-opt", "no-new-privileges"),
	] {
		not "container.privileged" in fixture.ids(stage)
	}
}

test_rights_by_their_names if {
	every value in ["ALL", "CAP_SYS_ADMIN", "sys_ptrace", "DAC_READ_SEARCH"] {
		"container.privileged" in fixture.ids(_run("cap-add", value))
	}
	every value in ["seccomp=unconfined", "label=disable", "no-new-privileges=false"] {
		"container.privileged" in fixture.ids(_run("security-opt", value))
	}
	not "container.privileged" in fixture.ids(_run("cap-add", "CAP_CHOWN"))
}
