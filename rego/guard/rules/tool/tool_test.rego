package guard.rules.tool_test

import data.guard.fixture

test_tool_that_starts_programs if {
	"code.tool_exec" in fixture.ids([{"name": "gdb", "args": ["-batch", "-ex", "shell rm -rf ~"]}])
	"code.tool_exec" in fixture.ids([{"name": "vim", "args": ["-c", ":!rm x"]}])
	"code.tool_exec" in fixture.ids([{"name": "make", "args": ["SHELL=/tmp/x"]}])
}

test_tool_that_does_not if {
	not "code.tool_exec" in fixture.ids([{"name": "gdb", "args": ["-ex", "bt", "./shell"]}])
	not "code.tool_exec" in fixture.ids([{"name": "vim", "args": ["+12", "x.go"]}])
}

test_makefile_from_stdin if "code.make_stdin" in fixture.ids([{"name": "make", "options": [{"name": "f", "value": "-"}]}])

test_makefile if not "code.make_stdin" in fixture.ids([{"name": "make", "options": [{"name": "f", "value": "build.mk"}]}])
