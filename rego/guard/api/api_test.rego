package guard.api_test

import data.guard.api
import data.guard.fixture

_ask := fixture.line([{
	"name": "scp", "root": true,
	"hosts": [fixture.host("prod.example", true), object.union(fixture.host("localhost", false), {"loopback": true})],
	"paths": [fixture.home("read", "a"), fixture.home("write", "b"), fixture.home("delete", "c"), fixture.path("read", "unknown", "", {})],
	"opaque": [{"where": "argument", "reason": "x"}],
}])

test_answers if {
	api.hosts == {"prod.example"} with input as _ask
	api.reads == {"/home/dev/a"} with input as _ask
	api.changes == {"/home/dev/b", "/home/dev/c"} with input as _ask
	api.deletes == {"/home/dev/c"} with input as _ask
	api.as_root with input as _ask
	api.opaque with input as _ask
	not api.unknown_host with input as _ask
}

test_unknown_host if api.unknown_host with input as fixture.line([{"name": "ssh", "hosts": [fixture.host("", false)]}])

test_nothing_to_answer if {
	plain := fixture.line([{"name": "ls"}])
	api.hosts == set() with input as plain
	not api.as_root with input as plain
	not api.opaque with input as plain
}

test_tiers if api.tiers.HIGH == 3

test_local if {
	api.local("UTC") == {"weekday": "Thursday", "hour": 0, "minute": 0} with input as {"now_ns": 1767225600000000000}
	api.local("Europe/Berlin").hour == 1 with input as {"now_ns": 1767225600000000000}
}
