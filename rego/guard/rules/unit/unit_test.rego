package guard.rules.unit_test

import data.guard.fixture

test_shutdown if {
	every stage in [
		fixture.args("shutdown", ["now"]), fixture.args("reboot", []), fixture.args("init", ["0"]),
		[{"name": "systemctl", "sub": "poweroff", "args": ["poweroff"]}],
	] {
		"process.shutdown" in fixture.ids(stage)
		fixture.tier(stage) == 3
	}
}

test_no_shutdown if not "process.shutdown" in fixture.ids(fixture.args("shutdown", ["--help"]))

test_service_stop if "process.service_stop" in fixture.ids([{"name": "systemctl", "sub": "stop", "operands": ["nginx"]}])

test_service_restart if {
	"process.service_change" in fixture.ids([{"name": "systemctl", "sub": "restart", "operands": ["nginx"]}])
	"process.service_change" in fixture.ids(fixture.args("service", ["nginx", "restart"]))
}

test_service_show if not "process.service_change" in fixture.ids([{"name": "systemctl", "sub": "show"}])
