package guard.rules.exe_test

import data.guard.fixture

_exe := {
	"path": "/usr/bin/ls", "raw": "/usr/bin/ls", "dev": 1, "ino": 2, "origin": "system", "zone": "system", "setuid": false,
	"traced": false, "chain": [], "names": ["ls"], "found": true,
}

_ids(more) := {h.id |
	some h in data.guard.tier.hit with input as object.union(
		fixture.line([{"name": "make", "exe": object.union(_exe, more)}]),
		{"cmd": {"has": ["exe", "stage"]}},
	)
	startswith(h.id, "exe.")
}

_own(origin, path, name, found) := {"origin": origin, "path": path, "zone": "home", "names": [name], "found": found}

_here(origin, name, found) := {"origin": origin, "zone": "workspace", "names": [name], "found": found}

test_system if _ids({}) == set()

test_memory if _ids({"origin": "memfd", "path": ""}) == {"exe.memory"}

test_deleted if _ids({"origin": "deleted"}) == {"exe.deleted"}

test_foreign if _ids({"origin": "foreign"}) == {"exe.foreign"}

test_traced if _ids({"traced": true}) == {"exe.traced"}

test_setuid if _ids({"setuid": true}) == {"exe.setuid"}

test_poses_in_path if _ids(_own("writable", "/home/dev/bin/ls", "ls", true)) == {"exe.poses"}

test_poses_by_path if _ids(_own("session", "/home/dev/bin/ls", "ls", false)) == {"exe.poses"}

test_poses_in_the_workspaces_path if _ids(_here("session", "ls", true)) == {"exe.poses"}

test_poses_by_a_link if _ids({"origin": "session", "zone": "home", "names": ["x", "ls"], "found": true}) == {"exe.poses"}

test_own_program_of_the_workspace if _ids(_here("session", "test", false)) == set()

test_installed_tools if {
	every name in ["cargo", "node", "python3", "rg", "eslint", "git"] {
		_ids(_own("writable", "/home/dev/.local/bin/x", name, true)) == set()
	}
}

test_tools_of_the_session if {
	_ids(_own("session", "/home/dev/.local/bin/git", "git", true)) == {"exe.replaces"}
	_ids(_own("session", "/home/dev/.venv/bin/pip", "pip", true)) == set()
}

test_root_installs_a_package if _ids({"origin": "session", "path": "/usr/bin/git", "zone": "system", "names": ["git"]}) == set()

test_an_own_file_is_never_safe if {
	own := fixture.line([{"name": "ls", "exe": object.union(_exe, {"origin": "writable"})}])
	not data.guard.stage.reads[0] with input as own
	data.guard.stage.reads[0] with input as fixture.line([{"name": "ls", "exe": _exe}])
	data.guard.stage.reads[0] with input as fixture.line([{"name": "ls"}])
}
