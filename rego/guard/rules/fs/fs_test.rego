package guard.rules.fs_test

import data.guard.fixture

_rm(p) := [{"name": "rm", "flags": ["r", "f"], "operands": [p.raw], "paths": [p]}]

_chmod(words, p) := [{"name": "chmod", "args": words, "flags": ["R"], "paths": [p]}]

test_recursive_delete if fixture.tier(_rm(fixture.path("delete", "temporary", "/tmp/build", {}))) == 3

test_recursive_in_capitals if "fs.rm_recursive" in fixture.ids([{"name": "rm", "flags": ["R"], "operands": ["x"]}])

test_plain_delete if fixture.ids(fixture.on("rm", fixture.path("delete", "workspace", "/home/dev/app/x", {}))) == {"program.other"}

test_wipes_home if "fs.wipe" in fixture.ids(_rm(fixture.path("delete", "home", "/home/dev", {"covers": ["home"]})))

test_wipes_usr if "fs.wipe" in fixture.ids(_rm(fixture.path("delete", "system", "/usr", {})))

test_wipes_another_home if "fs.wipe" in fixture.ids(_rm(fixture.path("delete", "system", "/home/ann", {})))

test_moves_home_away if "fs.wipe" in fixture.ids(fixture.on("mv", fixture.path("delete", "home", "/home/dev", {"covers": ["home"]})))

test_root_without_recursion if "fs.wipe" in fixture.ids(fixture.on("rm", fixture.path("delete", "system", "/", {"covers": ["root", "system", "home"]})))

test_folder_without_recursion if not "fs.wipe" in fixture.ids(fixture.on("rm", fixture.path("delete", "system", "/usr", {})))

test_folder_in_home if not "fs.wipe" in fixture.ids(_rm(fixture.path("delete", "home", "/home/dev/old", {})))

test_modes_in_the_project if fixture.ids(_chmod(["-R", "u+rwX", "dist"], fixture.path("meta", "workspace", "/home/dev/app/dist", {}))) == {"program.other"}

test_find_delete if fixture.tier([{"name": "find", "flags": ["delete"], "operands": ["."]}]) == 3

test_find if fixture.ids([{"name": "find", "flags": ["name"], "operands": ["."]}]) == set()

test_delete_in_home if "fs.rm_outside" in fixture.ids(fixture.on("rm", fixture.path("delete", "home", "/home/dev/notes", {})))

test_delete_in_temporary if not "fs.rm_outside" in fixture.ids(fixture.on("rm", fixture.path("delete", "temporary", "/tmp/x", {})))

test_git_folder if "fs.git_folder" in fixture.ids(_rm(fixture.path("delete", "workspace", "/home/dev/app/.git", {})))

test_what_git_asks_its_editor_for if {
	every name in ["COMMIT_EDITMSG", "rebase-merge/git-rebase-todo", "worktrees/wt/rebase-merge/git-rebase-todo", "modules/lib/MERGE_MSG"] {
		not "fs.git_folder" in fixture.ids(fixture.on("sed", fixture.path("write", "workspace", sprintf("/home/dev/app/.git/%s", [name]), {})))
	}
	every name in ["rebase-merge/done", "HEAD", "rebase-merge", "worktrees/wt"] {
		"fs.git_folder" in fixture.ids(fixture.on("sed", fixture.path("write", "workspace", sprintf("/home/dev/app/.git/%s", [name]), {})))
	}
}

test_gitignore if not "fs.git_folder" in fixture.ids(_rm(fixture.path("delete", "workspace", "/home/dev/app/.gitignore", {})))

test_shred if "fs.shred" in fixture.ids([{"name": "shred", "args": ["x"], "operands": ["x"]}])

test_shred_help if not "fs.shred" in fixture.ids([{"name": "shred", "args": ["--help"]}])

test_truncate_to_nothing if "fs.truncate" in fixture.ids([{"name": "truncate", "options": [{"name": "s", "value": "0"}], "operands": ["x"]}])

test_truncate_to_a_size if not "fs.truncate" in fixture.ids([{"name": "truncate", "options": [{"name": "s", "value": "10M"}], "operands": ["x"]}])

test_rsync_delete if "fs.rsync_delete" in fixture.ids([{"name": "rsync", "flags": ["a", "delete-after"], "operands": ["a", "b"]}])

test_rsync_dry if not "fs.rsync_delete" in fixture.ids([{"name": "rsync", "flags": ["a", "n", "delete"], "operands": ["a", "b"]}])

test_system_read if fixture.ids(fixture.on("cat", fixture.path("read", "system", "/etc/x", {}))) == set()

test_own_files_read if fixture.ids(fixture.on("cat", fixture.path("read", "guard", "/home/dev/.config/guard/policy/x.rego", {}))) == set()

test_redirected_output if fixture.ids(fixture.on("echo", fixture.path("write", "workspace", "/home/dev/app/x", {}))) == {"fs.write"}

_fills(stage) := "loss.fills_disk" in fixture.ids([object.union(stage, {"paths": [fixture.path("write", "temporary", "/tmp/x", {})]})])

test_fills_the_disk if {
	_fills({"name": "cat", "operands": ["/dev/zero"]})
	_fills({"name": "dd", "flags": ["if"], "options": [{"name": "if", "value": "/dev/zero"}]})
	_fills({"name": "yes"})
}

test_writes_so_much if {
	not _fills({"name": "dd", "flags": ["if", "count"], "options": [{"name": "if", "value": "/dev/zero"}]})
	not _fills({"name": "cat", "operands": ["notes.txt"]})
	not _fills({"name": "yes", "writes_to": [1]})
}
