package guard.rules.payload_test

import data.guard.fixture

test_unseen_pipe_into_a_shell if "opaque.code" in fixture.ids([{"name": "bash", "payload": fixture.code("shell", "stdin", false, "")}])

test_unseen_code_as_root_is_high if fixture.tier([{"name": "bash", "root": true, "payload": fixture.code("shell", "stdin", false, "")}]) == 3

test_unseen_code_is_medium if fixture.tier([{"name": "bash", "payload": fixture.code("shell", "stdin", false, "")}]) == 2

test_code_that_was_read_is_not_unseen if {
	not "opaque.code" in fixture.ids([{"name": "bash", "payload": fixture.code("shell", "inline", true, "ls")}])
}

test_a_script_of_the_project_is_not_unseen if {
	fixture.ids([{
		"name": "bash", "payload": fixture.code("shell", "script", false, ""),
		"paths": [fixture.path("read", "workspace", "/home/dev/app/x.sh", {})],
	}]) == {"program.other"}
}

test_words_for_piped_code_make_it_no_script_of_the_project if {
	"opaque.code" in fixture.ids([{
		"name": "bash", "payload": fixture.code("shell", "stdin", false, ""),
		"paths": [fixture.path("unknown", "workspace", "/home/dev/app/a", {})],
	}])
}

test_a_runner_of_the_project if {
	not "opaque.code" in fixture.ids([{"name": "bun", "operands": ["test"], "payload": fixture.code("node", "script", false, "")}])
}

test_a_script_from_elsewhere_is_unseen if "opaque.code" in fixture.ids([{
	"name": "bash", "payload": fixture.code("shell", "script", false, ""),
	"paths": [fixture.path("read", "temporary", "/tmp/x.sh", {})],
}])

test_a_script_of_a_container_is_not_unseen if {
	_manage := {"name": "python", "remote": true, "payload": fixture.code("python", "script", false, "")}
	not "opaque.code" in fixture.ids([object.union(_manage, {"via": ["docker"]})])
	"opaque.code" in fixture.ids([object.union(_manage, {"via": ["ssh"]})])
}

test_sql_from_a_file_into_sqlite_is_not_unseen if {
	not "opaque.code" in fixture.ids([{"name": "sqlite3", "payload": fixture.code("sql", "stdin", false, "")}])
}

test_sql_from_a_pipe_into_psql_is_unseen if "opaque.code" in fixture.ids([{"name": "psql", "payload": fixture.code("sql", "stdin", false, "")}])

test_inline_shell if "shell.inline" in fixture.ids([{"name": "bash", "payload": fixture.code("shell", "inline", true, "echo")}])

test_eval_is_not_another_shell if not "shell.inline" in fixture.ids([{"name": "eval", "payload": fixture.code("shell", "inline", true, "echo")}])

test_inline_python if fixture.tier([{"name": "python3", "payload": fixture.code("python", "inline", false, "print(1)")}]) == 2

test_python_script_is_not_inline if not "code.inline" in fixture.ids([{"name": "python3", "payload": fixture.code("python", "script", false, "")}])

test_awk_that_starts_programs if "code.filter_exec" in fixture.ids([{"name": "awk", "payload": fixture.code("awk", "inline", false, "{system($1)}")}])

test_awk_that_prints if fixture.ids([{"name": "awk", "payload": fixture.code("awk", "inline", true, "{print $1}")}]) == set()

_follow(read, reason) := [{
	"name": "python3", "payload": fixture.code("python", "inline", read, "x"),
	"opaque": [{"where": "payload", "reason": reason}],
}]

test_code_that_cannot_be_followed if "code.calls" in fixture.ids(_follow(false, "code that uses eval"))

test_code_that_is_not_literal if not "code.calls" in fixture.ids(_follow(false, "$X has no literal value"))

test_code_that_is_seen_is_not_opaque if {
	fixture.ids([{"name": "node", "payload": fixture.code("node", "inline", false, "1")}]) == {"program.other", "code.inline"}
}

test_start_up_file if {
	not "opaque.code" in fixture.ids([{
		"name": "source", "payload": fixture.code("shell", "script", false, ""),
		"paths": [fixture.home("read", ".nvm/nvm.sh")],
	}])
}

test_script_in_home if "opaque.code" in fixture.ids([{
	"name": "source", "payload": fixture.code("shell", "script", false, ""),
	"paths": [fixture.home("read", "x.sh")],
}])

_eval(source) := [source, {"name": "eval", "takes": [0], "payload": fixture.code("shell", "inline", false, "")}]

test_code_of_a_known_generator if {
	not "opaque.code" in fixture.ids(_eval({"name": "ssh-agent"}))
	not "opaque.code" in fixture.ids(_eval({"name": "brew", "path": "/opt/homebrew/bin/brew", "operands": ["shellenv"]}))
	not "opaque.code" in fixture.ids(_eval({"name": "gh", "sub": "completion"}))
	not "opaque.code" in fixture.ids(_eval({"name": "fzf", "flags": ["bash"]}))
}

test_code_of_anything_else if {
	"opaque.code" in fixture.ids(_eval({"name": "cat"}))
	"opaque.code" in fixture.ids(_eval({"name": "gh", "sub": "issue view"}))
	"opaque.code" in fixture.ids(_eval({"name": "kubectl", "sub": "get", "operands": ["configmap", "completion"]}))
	"opaque.code" in fixture.ids(_eval({"name": "ssh-agent", "path": "/tmp/ssh-agent"}))
}

test_root_shell if "shell.root" in fixture.ids([{"name": "bash", "root": true}])

test_root_shell_with_a_command if not "shell.root" in fixture.ids([{"name": "bash", "root": true, "payload": fixture.code("shell", "inline", true, "ls")}])

_sourced(p, line) := array.concat([{"name": "source", "payload": fixture.code("shell", "script", false, ""), "paths": [p]}], line)

_eval_line := [{"name": "eval", "payload": fixture.code("shell", "inline", true, "ls")}]

test_an_agent_s_snapshot_of_its_shell if {
	not "opaque.code" in fixture.ids(_sourced(fixture.home("read", ".claude/shell-snapshots/snapshot-zsh-1.sh"), []))
	not "opaque.code" in fixture.ids(_sourced(fixture.path("read", "temporary", "/tmp/claude-snapshot-1.sh", {}), _eval_line))
}

test_no_snapshot if {
	"opaque.code" in fixture.ids(_sourced(fixture.home("read", "shell-snapshots/x.sh"), _eval_line))
	"opaque.code" in fixture.ids(_sourced(fixture.path("read", "temporary", "/tmp/setup.sh", {}), _eval_line))
	"opaque.code" in fixture.ids(_sourced(fixture.path("read", "temporary", "/tmp/claude-snapshot-1.sh", {}), []))
}

test_a_snapshot_that_was_read_and_not_understood if {
	seen := {"name": "source", "payload": fixture.code("shell", "script", false, "$X"), "paths": [fixture.path("read", "temporary", "/tmp/claude-snap.sh", {})]}
	"opaque.code" in fixture.ids(array.concat([seen], _eval_line))
}

_piped(source) := [source, {"name": "bash", "reads_from": [0], "payload": fixture.code("shell", "stdin", false, "")}]

_cat(p) := {"name": "cat", "paths": [p]}

test_a_file_of_the_project_through_cat if {
	not "opaque.code" in fixture.ids(_piped(_cat(fixture.path("read", "workspace", "/home/dev/app/ci.sh", {}))))
}

test_another_file_through_cat if {
	"opaque.code" in fixture.ids(_piped(_cat(fixture.path("read", "temporary", "/tmp/ci.sh", {}))))
	"opaque.code" in fixture.ids(_piped(_cat(fixture.path("read", "workspace", "/home/dev/app/ci.sh", {"made": true}))))
	"opaque.code" in fixture.ids(_piped({"name": "gunzip", "paths": [fixture.path("read", "workspace", "/home/dev/app/ci.gz", {})]}))
}

test_a_file_that_the_line_writes_is_not_the_project_s if {
	written := {
		"name": "bash", "payload": fixture.code("shell", "script", false, ""),
		"opaque": [{"where": "payload", "reason": "runs a file that the line itself writes"}],
		"paths": [fixture.path("read", "workspace", "/home/dev/app/x.sh", {})],
	}
	"opaque.code" in fixture.ids([written])
}

test_sql_from_a_file_for_a_stand_in if {
	not "opaque.code" in fixture.ids([{"name": "wrangler", "flags": ["local"], "payload": fixture.code("sql", "script", false, "")}])
	"opaque.code" in fixture.ids([{"name": "wrangler", "flags": ["local", "remote"], "payload": fixture.code("sql", "script", false, "")}])
}
