package guard.rules.gitconfig_test

import data.guard.fixture

_git(sub, flags, operands) := [{"name": "git", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

_with(key, value) := [{"name": "git", "sub": "fetch", "options": [{"name": "c", "value": sprintf("%s=%s", [key, value])}]}]

_set(key, value) := [{"name": "git", "sub": "config", "operands": [key, value], "args": ["config", key, value]}]

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

test_a_safety_catch_taken_away if {
	every words in [
		["remote.origin.push", "+refs/heads/*:refs/heads/*"], ["remote.origin.mirror", "true"], ["clean.requireForce", "false"],
	] {
		"git.unsafe_config" in fixture.ids([{"name": "git", "sub": "config", "operands": words}])
	}
	"git.unsafe_config" in fixture.ids([{"name": "git", "sub": "clean", "options": [{"name": "c", "value": "clean.requireForce=false"}]}])
	every words in [["remote.origin.push", "refs/heads/main"], ["remote.origin.url", "+x"], ["clean.requireForce", "true"]] {
		not "git.unsafe_config" in fixture.ids([{"name": "git", "sub": "config", "operands": words}])
	}
}

test_hooks_left_out if {
	"git.hooks_off" in fixture.ids(_with("core.hooksPath", "/dev/null"))
	every stage in [_git("commit", ["no-verify"], []), _git("commit", ["n", "m"], []), _git("merge", ["no-verify"], ["x"])] {
		"git.skips_checks" in fixture.ids(stage)
	}
	"git.skips_checks" in fixture.ids([{"name": "git", "sub": "commit", "env": [{"name": "HUSKY", "value": "0", "literal": true}]}])
	not "git.skips_checks" in fixture.ids(_git("commit", ["m"], []))
	not "git.skips_checks" in fixture.ids(_git("merge", ["n"], ["x"]))
}
