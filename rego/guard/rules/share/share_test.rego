package guard.rules.share_test

import data.guard.fixture

test_files_handed_to_others if {
	"net.share" in fixture.ids(fixture.args("croc", ["send", "dist"]))
	not "net.share" in fixture.ids(fixture.args("croc", ["7-guitar"]))
}

test_display_opened if {
	"system.display_open" in fixture.ids(fixture.args("xhost", ["+local:docker"]))
	not "system.display_open" in fixture.ids(fixture.args("xhost", ["-"]))
}
