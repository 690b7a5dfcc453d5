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

test_build_settings_that_start_programs if {
	every stage in [
		fixture.args("cargo", ["--config", "build.rustc-wrapper=\"/tmp/w.sh\"", "build"]), fixture.args("bazel", ["test", "--run_under=/tmp/x", "//..."]),
		fixture.args("cmake", ["-DCMAKE_C_COMPILER_LAUNCHER=/tmp/x", "."]),
	] {
		"code.tool_exec" in fixture.ids(stage)
	}
	every stage in [
		fixture.args("cargo", ["--config", "build.rustc-wrapper=\"sccache\"", "build"]), fixture.args("cargo", ["--config", "net.git-fetch-with-cli=true", "build"]),
		fixture.args("cmake", ["-DCMAKE_C_COMPILER_LAUNCHER=ccache", "."]),
	] {
		not "code.tool_exec" in fixture.ids(stage)
	}
}
