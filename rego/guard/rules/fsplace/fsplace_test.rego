package guard.rules.fsplace_test

import data.guard.fixture

_rm(p) := [{"name": "rm", "flags": ["r", "f"], "operands": [p.raw], "paths": [p]}]

test_system_write if "system.write" in fixture.ids(fixture.on("tee", fixture.path("write", "system", "/etc/x", {})))

test_copy_to_etc if {
	found := fixture.ids(fixture.on("cp", fixture.path("write", "system", "/etc/x", {})))
	"system.copy" in found
	not "system.write" in found
	fixture.tier(fixture.on("cp", fixture.path("write", "system", "/etc/x", {}))) == 1
}

test_copy_in_the_project if not "system.copy" in fixture.ids(fixture.on("cp", fixture.path("write", "workspace", "/home/dev/app/x", {})))

test_write_outside if "fs.write_outside" in fixture.ids(fixture.on("touch", fixture.path("write", "system", "/data/x", {})))

test_write_inside if not "fs.write_outside" in fixture.ids(fixture.on("touch", fixture.path("write", "workspace", "/home/dev/app/x", {})))

test_own_files if "guard.own_files" in fixture.ids(fixture.on("tee", fixture.path("write", "guard", "/home/dev/.config/guard/policy/x.rego", {})))

test_own_files_below if "guard.own_files" in fixture.ids(_rm(fixture.path("delete", "home", "/home/dev/.config", {"covers": ["guard"]})))

test_workspace_policy if {
	"guard.workspace_policy" in fixture.ids(fixture.on("sed", fixture.path("write", "workspace", "/home/dev/app/.guard/policy/x.rego", {})))
	"guard.workspace_policy" in fixture.ids(fixture.on("rm", fixture.path("delete", "workspace", "/home/dev/app/.guard", {})))
	not "guard.workspace_policy" in fixture.ids(fixture.on("cat", fixture.path("read", "workspace", "/home/dev/app/.guard/policy/x.rego", {})))
	not "guard.workspace_policy" in fixture.ids(fixture.on("tee", fixture.path("write", "workspace", "/home/dev/app/lifeguard/x", {})))
}
