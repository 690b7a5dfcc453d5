package guard.rules.history_test

import data.guard.fixture

test_history_changed if {
	"loss.history" in fixture.ids(fixture.on("ln", fixture.home("write", ".bash_history")))
	not "loss.history" in fixture.ids(fixture.on("cat", fixture.home("read", ".bash_history")))
	not "loss.history" in fixture.ids(fixture.on("tee", fixture.home("write", "notes.txt")))
}

test_history_stopped if {
	every stage in [
		fixture.args("export", ["HISTFILE=/dev/null"]), fixture.args("unset", ["HISTFILE"]), [{"name": "set", "args": ["+o", "history"]}],
	] {
		"loss.no_history" in fixture.ids(stage)
	}
	not "loss.no_history" in fixture.ids(fixture.args("export", ["HISTFILE=/tmp/history"]))
}

test_history_cleared if {
	"loss.no_history" in fixture.ids([{"name": "history", "builtin": true, "flags": ["c"], "args": ["-c"]}])
	not "loss.no_history" in fixture.ids([{"name": "history", "builtin": true, "args": ["20"]}])
}
