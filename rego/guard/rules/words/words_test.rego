package guard.rules.words_test

import data.guard.fixture

test_says_destroy if {
	"infra.says_destroy" in fixture.ids(fixture.args("frobctl", ["queue", "delete", "q"]))
	"infra.says_destroy" in fixture.ids([{"name": "frobctl", "flags": ["purge"]}])
	"infra.says_destroy" in fixture.ids(fixture.args("make", ["destroy"]))
}

test_says_no_destroy if {
	not "infra.says_destroy" in fixture.ids(fixture.args("frobctl", ["queue", "list"]))
	not "infra.says_destroy" in fixture.ids(fixture.args("frobctl", ["run", "scripts/delete.txt"]))
	not "infra.says_destroy" in fixture.ids(fixture.args("poetry", ["remove", "x"]))
	not "infra.says_destroy" in fixture.ids(fixture.args("make", ["clean"]))
}

test_insists if {
	every stage in [
		[{"name": "frobctl", "flags": ["force"], "operands": ["node", "remove", "n1"]}], [{"name": "frobctl", "operands": ["queue", "reset", "q"], "args": ["queue", "reset", "q", "--env=prod"]}],
		fixture.args("frobctl", ["forget", "all"]),
		[{"name": "frobctl", "operands": ["evict", "n1"], "hosts": [{"name": "x.example", "url": "https://x.example", "scheme": "https", "loopback": false, "push": false}]}],
	] {
		"infra.insists" in fixture.ids(stage)
	}
}

test_does_not_insist if {
	every stage in [
		fixture.args("frobctl", ["node", "remove", "n1"]), [{"name": "frobctl", "flags": ["all"], "operands": ["node", "list"]}],
		[{"name": "frobctl", "flags": ["all"], "operands": ["cache", "clear"], "args": ["cache", "clear", "--all"]}],
		[{"name": "x.sh", "path": "/home/dev/app/x.sh", "flags": ["all"], "operands": ["reset"]}],
		[{"name": "frobctl", "flags": ["all", "dry-run"], "operands": ["reset"]}],
	] {
		not "infra.insists" in fixture.ids(stage)
	}
}

_script(path, words) := [{"name": path, "path": sprintf("/home/dev/app/%s", [path]), "args": words, "operands": [w | some w in words; not startswith(w, "-")]}]

test_scripts_that_destroy if {
	"infra.says_destroy" in fixture.ids(_script("nuke-cluster.sh", []))
	"infra.says_destroy" in fixture.ids(fixture.args("bash", ["scripts/wipe_data.sh"]))
	not "infra.says_destroy" in fixture.ids(fixture.args("node", ["test/wipe.test.js"]))
	not "infra.says_destroy" in fixture.ids([object.union(fixture.args("bash", ["wipe.sh"])[0], {"payload": fixture.code("shell", "script", true, "true")})])
}

test_says_publish if {
	"infra.says_publish" in fixture.ids(fixture.args("frobctl", ["push", "x"]))
	not "infra.says_publish" in fixture.ids(fixture.args("frobctl", ["pull", "x"]))
	not "infra.says_publish" in fixture.ids(fixture.args("frobctl", ["push", "x", "--dry-run"]))
	not "infra.says_publish" in fixture.ids(_script("frobctl", ["push"]))
	not "infra.says_publish" in fixture.ids(fixture.args("act", ["push", "-j", "test"]))
}

test_takes_away_in_a_topic if {
	"infra.insists" in fixture.ids(fixture.args("frobctl", ["phone-numbers:remove", "17"]))
	not "infra.insists" in fixture.ids(fixture.args("frobctl", ["phone-numbers:list"]))
	not "infra.insists" in fixture.ids(fixture.args("frobctl", ["cache:clear"]))
}
