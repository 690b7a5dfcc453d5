package guard.rules.attach_test

import data.guard.fixture

_attaches(stages) if "process.attach" in fixture.ids(stages)

test_attaches if {
	_attaches([{"name": "strace", "flags": ["f", "p"], "operands": ["4242"]}])
	_attaches([{"name": "gdb", "flags": ["pid", "batch"]}])
	_attaches(fixture.args("gdb", ["./app", "4242"]))
	_attaches(fixture.args("gcore", ["4242"]))
	_attaches([{"name": "lldb", "options": [{"name": "o", "value": "process attach --name vault"}]}])
	_attaches(fixture.args("dlv", ["attach", "4242"]))
}

test_starts_it_itself if {
	not _attaches([{"name": "strace", "flags": ["c"], "operands": ["./app"]}])
	not _attaches([{"name": "gdb", "flags": ["args"], "operands": ["./app", "1"]}])
	not _attaches(fixture.args("gdb", ["./app", "core.17"]))
	not _attaches(fixture.args("dlv", ["test", "./..."]))
}

test_its_own_process if not _attaches([{"name": "strace", "flags": ["p"], "opaque": [{"where": "argument", "reason": "$! is not known"}]}])

_gdb(asked) := [{"name": "gdb", "flags": ["p", "batch", "ex"], "options": [{"name": "p", "value": "4242"}, {"name": "ex", "value": asked}]}]

test_a_backtrace if {
	not _attaches(_gdb("thread apply all bt"))
	_attaches(_gdb("bt full"))
	_attaches(_gdb("generate-core-file"))
	_attaches([object.union(_gdb("bt")[0], {"options": []})])
}
