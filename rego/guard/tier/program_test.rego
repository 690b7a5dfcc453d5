package guard.tier_test

import data.guard.fixture.ids
import data.guard.fixture.line
import data.guard.fixture.path
import data.guard.fixture.tier

_code(lang, kind, read, text) := {"lang": lang, "kind": kind, "read": read, "text": text}

test_a_reading_program_is_safe if ids([{"name": "cat", "args": ["/etc/hostname"]}]) == set()

test_an_unknown_program_is_low if ids([{"name": "frobnicate"}]) == {"program.other"}

test_an_option_that_writes_is_not_reading if ids([{"name": "sort", "flags": ["o"]}]) == {"program.other"}

test_a_reading_subcommand_is_safe if ids([{"name": "docker", "sub": "ps"}]) == set()

test_another_subcommand_is_not if "program.other" in ids([{"name": "docker", "sub": "run"}])

test_help_is_safe if ids([{"name": "terraform", "args": ["--help"]}]) == set()

test_help_of_a_program_with_a_path_is_not if "program.other" in ids([{"name": "x", "path": "/tmp/x", "args": ["--help"]}])

test_no_stage_is_safe if ids([]) == set()

test_root if "program.as_root" in ids([{"name": "make", "root": true}])

test_reading_as_root_is_safe if ids([{"name": "cat", "root": true}]) == set()

test_opaque_program if "opaque.program" in ids([{"opaque": [{"where": "program", "reason": "$X"}]}])

test_opaque_argument_is_not_an_opaque_program if {
	ids([{"name": "echo", "opaque": [{"where": "argument", "reason": "$X"}]}]) == set()
}

test_unseen_pipe_into_a_shell if "opaque.code" in ids([{"name": "bash", "payload": _code("shell", "stdin", false, "")}])

test_unseen_code_as_root_is_high if tier([{"name": "bash", "root": true, "payload": _code("shell", "stdin", false, "")}]) == 3

test_unseen_code_is_medium if tier([{"name": "bash", "payload": _code("shell", "stdin", false, "")}]) == 2

test_code_that_was_read_is_not_unseen if {
	not "opaque.code" in ids([{"name": "bash", "payload": _code("shell", "inline", true, "ls")}])
}

test_a_script_of_the_project_is_not_unseen if {
	ids([{
		"name": "bash", "payload": _code("shell", "script", false, ""),
		"paths": [path("read", "workspace", "/home/dev/app/x.sh", {})],
	}]) == {"program.other"}
}

test_a_script_from_elsewhere_is_unseen if "opaque.code" in ids([{
	"name": "bash", "payload": _code("shell", "script", false, ""),
	"paths": [path("read", "temporary", "/tmp/x.sh", {})],
}])

test_sql_from_a_file_into_sqlite_is_not_unseen if {
	not "opaque.code" in ids([{"name": "sqlite3", "payload": _code("sql", "stdin", false, "")}])
}

test_sql_from_a_pipe_into_psql_is_unseen if "opaque.code" in ids([{"name": "psql", "payload": _code("sql", "stdin", false, "")}])

test_line_that_does_not_parse if {
	broken := object.union(line([]), {"cmd": {"opaque": [{"stage": -1, "where": "payload", "reason": "does not parse"}]}})
	"opaque.line" in {h.id | some h in data.guard.tier.hit with input as broken}
}

test_line_that_parses if not "opaque.line" in ids([{"name": "ls"}])

test_unknown_redirect if "opaque.redirect" in ids([{"name": "echo", "opaque": [{"where": "redirect", "reason": "$F"}]}])

test_known_redirect if not "opaque.redirect" in ids([{"name": "echo"}])

test_unknown_operand_of_rm if "opaque.operands" in ids([{"name": "rm", "opaque": [{"where": "argument", "reason": "$F"}]}])

test_unknown_operand_of_mkdir if not "opaque.operands" in ids([{"name": "mkdir", "opaque": [{"where": "argument", "reason": "$F"}]}])

test_inline_shell if "shell.inline" in ids([{"name": "bash", "payload": _code("shell", "inline", true, "echo")}])

test_eval_is_not_another_shell if not "shell.inline" in ids([{"name": "eval", "payload": _code("shell", "inline", true, "echo")}])

test_inline_python if tier([{"name": "python3", "payload": _code("python", "inline", false, "print(1)")}]) == 2

test_python_script_is_not_inline if not "code.inline" in ids([{"name": "python3", "payload": _code("python", "script", false, "")}])

test_awk_that_starts_programs if "code.filter_exec" in ids([{"name": "awk", "payload": _code("awk", "inline", true, "BEGIN{system(\"x\")}")}])

test_awk_that_prints if ids([{"name": "awk", "payload": _code("awk", "inline", true, "{print $1}")}]) == set()

test_code_that_starts_programs if "code.calls" in ids([{"name": "python3", "payload": _code("python", "inline", false, "import os; os.system('x')")}])

test_code_that_prints if not "code.calls" in ids([{"name": "python3", "payload": _code("python", "inline", false, "print(1)")}])

_set(name, value) := {"name": name, "value": value, "literal": true}

test_variable_that_runs_code if "shell.exec_env" in ids([{"name": "git", "sub": "diff", "env": [_set("GIT_EXTERNAL_DIFF", "/tmp/x")]}])

test_plain_pager if ids([{"name": "git", "sub": "diff", "env": [_set("PAGER", "cat")]}]) == set()

test_ordinary_variable if not "shell.exec_env" in ids([{"name": "npm", "env": [_set("FOO", "bar")]}])

test_node_options_that_load if "shell.exec_env" in ids([{"name": "npm", "env": [_set("NODE_OPTIONS", "--require /tmp/x.js")]}])

test_node_options_that_size if not "shell.exec_env" in ids([{"name": "npm", "env": [_set("NODE_OPTIONS", "--max-old-space-size=4096")]}])

test_fork_bomb if tier([{"name": ":", "recursive": true, "writes_to": [1]}, {"name": ":", "recursive": true, "reads_from": [0], "background": true}]) == 4

test_recursion if ids([{"name": ":", "recursive": true}]) == {"shell.recursion"}

test_no_recursion if not "shell.recursion" in ids([{"name": ":"}])

test_scheduler if "shell.delegated" in ids([{"name": "systemd-run", "args": ["--user", "rm"]}])

test_scheduler_help if ids([{"name": "systemd-run", "args": ["--help"]}]) == set()

test_typing_into_tmux if "shell.send_keys" in ids([{"name": "tmux", "args": ["send-keys", "rm -rf /", "Enter"]}])

test_listing_tmux if not "shell.send_keys" in ids([{"name": "tmux", "args": ["ls"]}])

test_agent_without_brakes if "agent.unguarded" in ids([{"name": "claude", "flags": ["dangerously-skip-permissions"]}])

test_agent_with_brakes if not "agent.unguarded" in ids([{"name": "claude", "flags": ["p"]}])

test_code_that_is_seen_is_not_opaque if {
	ids([{"name": "node", "payload": _code("node", "inline", false, "1")}]) == {"program.other", "code.inline"}
}

test_tool_that_starts_programs if {
	"code.tool_exec" in ids([{"name": "gdb", "args": ["-batch", "-ex", "shell rm -rf ~"]}])
	"code.tool_exec" in ids([{"name": "vim", "args": ["-c", ":!rm x"]}])
}

test_tool_that_does_not if {
	not "code.tool_exec" in ids([{"name": "gdb", "args": ["-ex", "bt", "./shell"]}])
	not "code.tool_exec" in ids([{"name": "vim", "args": ["+12", "x.go"]}])
}

test_makefile_from_stdin if "code.make_stdin" in ids([{"name": "make", "options": [{"name": "f", "value": "-"}]}])

test_makefile if not "code.make_stdin" in ids([{"name": "make", "options": [{"name": "f", "value": "build.mk"}]}])

test_name_that_misleads if "program.odd_name" in ids([{"name": "rm\u00a0-rf"}])

test_plain_name if not "program.odd_name" in ids([{"name": "g++"}])
