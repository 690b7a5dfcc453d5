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

test_sed_that_runs_or_writes if {
	every script in ["s/x/rm -rf x/e", "1e rm x", "1w /etc/passwd", "s#a#b#ge", "s/a/b/w out", "p; w out"] {
		"code.tool_exec" in fixture.ids([{"name": "sed", "args": [script, "file"]}])
	}
}

test_sed_that_edits if {
	every script in ["s/x/y/g", "s/e/w/", "/we /d", "1,20p", "s|a|b|", "s/a/ w /", "/start/,/end/d", "$a text"] {
		not "code.tool_exec" in fixture.ids([{"name": "sed", "args": [script, "file"]}])
	}
}
