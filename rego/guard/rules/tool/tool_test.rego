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

test_debugger_that_changes if {
	every word in ["call (void)exit(0)", "set var *(int*)0x601050=1", "print f(1)", "jump 12"] {
		"code.debug_change" in fixture.ids([{"name": "gdb", "flags": ["p"], "args": ["-p", "4242", "-ex", word]}])
		not "code.debug_change" in fixture.ids([{"name": "gdb", "args": ["./app", "-ex", word]}])
	}
	every word in ["bt", "info threads", "thread apply all bt", "print x", "set pagination off"] {
		not "code.debug_change" in fixture.ids([{"name": "gdb", "flags": ["p"], "args": ["-p", "4242", "-ex", word]}])
	}
}

test_a_compressor_by_its_path if {
	"code.tool_exec" in fixture.ids(fixture.args("sort", ["--compress-program=/tmp/x", "big.txt"]))
	not "code.tool_exec" in fixture.ids(fixture.args("sort", ["--compress-program=zstd", "big.txt"]))
}

test_options_that_start_programs if {
	every words in [["go", "-exec=/tmp/x"], ["go", "--toolexec", "x"], ["rg", "--pre=x"], ["make", "SHELL=/tmp/x"], ["bazel", "--run_under=$X"], ["cmake", "-DCMAKE_CXX_COMPILER:STRING=../x"]] {
		"code.tool_exec" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	every words in [["go", "-execute"], ["rg", "--pretty"], ["make", "MYSHELL=x"], ["bazel", "--run_under=strace"], ["cmake", "-DCMAKE_BUILD_TYPE=/tmp/x"]] {
		not "code.tool_exec" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
}
