package guard.rules.gitrun_test

import data.guard.fixture

_git(sub, flags, operands) := [{"name": "git", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

_with(key, value) := [{"name": "git", "sub": "fetch", "options": [{"name": "c", "value": sprintf("%s=%s", [key, value])}]}]

test_config_that_runs if {
	every stage in [
		_with("core.sshCommand", "sh -c id"), _with("core.hooksPath", "/tmp/h"), _with("alias.x", "!rm -rf ~"),
		_git("config", ["global"], ["core.pager", "sh -c id"]), _git("config set", [], ["filter.x.clean", "evil"]),
	] {
		"git.exec_config" in fixture.ids(stage)
	}
}

test_config_that_does_not if {
	every stage in [
		_with("core.pager", "cat"), _with("color.ui", "always"), _with("alias.st", "status"),
		_git("config", [], ["user.name", "x"]),
	] {
		not "git.exec_config" in fixture.ids(stage)
	}
}

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

_set(key, value) := [{"name": "git", "sub": "config", "operands": [key, value], "args": ["config", key, value]}]

test_pager_of_one_command if {
	"git.exec_config" in fixture.ids(_set("pager.log", "sh -c id"))
	not "git.exec_config" in fixture.ids(_set("pager.log", "false"))
	not "git.exec_config" in fixture.ids(_set("pager.log", "less -R"))
}

test_hooks_of_the_project if {
	every folder in [".husky", ".husky/_", "./.githooks", "web/.husky"] {
		not "git.exec_config" in fixture.ids(_set("core.hooksPath", folder))
	}
	every folder in ["/tmp/hooks", "../.husky", "hooks", "~/.githooks"] {
		"git.exec_config" in fixture.ids(_set("core.hooksPath", folder))
	}
}

test_a_shell_that_shows_differences if {
	difftool := {"name": "git", "sub": "difftool", "flags": ["x"], "payload": fixture.code("shell", "inline", true, "x")}
	"git.exec_transport" in fixture.ids([difftool, {"name": "sh", "parent": 0, "args": ["-c", "id"]}])
	not "git.exec_transport" in fixture.ids([difftool, {"name": "diff", "parent": 0, "args": ["-u"]}])
}
