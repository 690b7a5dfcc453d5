package guard.rules.own_test

import data.guard.fixture

test_kill_guard if {
	every stage in [
		fixture.args("pkill", ["-f", "guard"]), fixture.args("pkill", ["gua.d"]), fixture.args("pkill", ["-9", "."]), fixture.args("killall", ["guardd"]),
		fixture.args("pkill", ["[guard"]),
	] {
		"process.kill_guard" in fixture.ids(stage)
	}
}

test_kill_others if {
	every stage in [fixture.args("pkill", ["-f", "node"]), fixture.args("killall", ["safeguard"])] {
		not "process.kill_guard" in fixture.ids(stage)
	}
}

test_answering_for_a_person if {
	"guard.authority" in fixture.ids(fixture.args("guard", ["approve", "hold_7f3a90"]))
	"guard.authority" in fixture.ids(fixture.args("guard", ["policy", "accept"]))
}

test_asking_guard if not "guard.authority" in fixture.ids(fixture.args("guard", ["explain", "ls", "deny"]))

test_without_the_hook if {
	"guard.unhooked" in fixture.ids(fixture.args("guard", ["--exec-hook=off", "--", "bash"]))
	not "guard.unhooked" in fixture.ids(fixture.args("guard", ["--", "bash"]))
}
