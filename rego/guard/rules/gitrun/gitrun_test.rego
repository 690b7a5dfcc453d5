package guard.rules.gitrun_test

import data.guard.fixture

_git(sub, flags, operands) := [{"name": "git", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

test_transport_that_runs if {
	"git.exec_transport" in fixture.ids(_git("fetch", ["upload-pack"], ["origin"]))
	"git.exec_transport" in fixture.ids(_git("clone", [], ["ext::sh -c id"]))
}

test_transport if not "git.exec_transport" in fixture.ids(_git("push", ["u"], ["origin", "main"]))

test_command_for_every_step if {
	"git.runs_command" in fixture.ids(_git("rebase", ["exec", "i"], ["HEAD~3"]))
	"git.runs_command" in fixture.ids(_git("submodule foreach", [], ["make clean"]))
	"git.runs_command" in fixture.ids(_git("bisect", [], ["run", "make"]))
}

test_steps_without_a_command if not "git.runs_command" in fixture.ids(_git("rebase", ["i"], ["HEAD~3"]))

test_a_shell_that_shows_differences if {
	difftool := {"name": "git", "sub": "difftool", "flags": ["x"], "payload": fixture.code("shell", "inline", true, "x")}
	"git.exec_transport" in fixture.ids([difftool, {"name": "sh", "parent": 0, "args": ["-c", "id"]}])
	"git.exec_transport" in fixture.ids([object.union(difftool, {"sub": "grep"}), {"name": "sh", "parent": 0, "args": ["-c", "id"]}])
	"git.exec_transport" in fixture.ids([difftool, {"name": "x.sh", "path": "/tmp/x.sh", "parent": 0}])
	not "git.exec_transport" in fixture.ids([difftool, {"name": "x.sh", "path": "/home/dev/app/x.sh", "parent": 0}])
	not "git.exec_transport" in fixture.ids([difftool, {"name": "diff", "parent": 0, "args": ["-u"]}])
}

_then(stage) := [
	{"name": "git", "sub": "clone", "operands": ["https://host.example/x", "/tmp/x"], "cwd": "/home/dev/app"},
	object.union({"cwd": "/home/dev/app"}, stage),
]

test_what_was_just_cloned_is_built if {
	every stage in [
		{"name": "make", "options": [{"name": "C", "value": "/tmp/x"}], "operands": ["install"]}, {"name": "npm", "sub": "install", "cwd": "/tmp/x"},
		{"name": "cargo", "sub": "build", "cwd": "/tmp/x/cli"},
	] {
		"git.clone_start" in fixture.ids(_then(stage))
	}
	every stage in [{"name": "make"}, {"name": "npm", "sub": "install", "cwd": "/tmp/xy"}, {"name": "npm", "sub": "ls", "cwd": "/tmp/x"}, {"name": "ls", "cwd": "/tmp/x"}] {
		not "git.clone_start" in fixture.ids(_then(stage))
	}
}
