package guard.tier_test

import data.guard.fixture.ids
import data.guard.fixture.path
import data.guard.fixture.tier

_on(name, p) := [{"name": name, "paths": [p]}]

_rm(p) := [{"name": "rm", "flags": ["r", "f"], "operands": [p.raw], "paths": [p]}]

test_recursive_delete if tier(_rm(path("delete", "temporary", "/tmp/build", {}))) == 3

test_recursive_in_capitals if "fs.rm_recursive" in ids([{"name": "rm", "flags": ["R"], "operands": ["x"]}])

test_plain_delete if ids(_on("rm", path("delete", "workspace", "/home/dev/app/x", {}))) == {"program.other"}

test_wipes_home if "fs.wipe" in ids(_rm(path("delete", "home", "/home/dev", {"covers": ["home"]})))

test_wipes_usr if "fs.wipe" in ids(_rm(path("delete", "system", "/usr", {})))

test_wipes_another_home if "fs.wipe" in ids(_rm(path("delete", "system", "/home/ann", {})))

test_moves_home_away if "fs.wipe" in ids(_on("mv", path("delete", "home", "/home/dev", {"covers": ["home"]})))

test_root_without_recursion if "fs.wipe" in ids(_on("rm", path("delete", "system", "/", {"covers": ["root", "system", "home"]})))

test_folder_without_recursion if not "fs.wipe" in ids(_on("rm", path("delete", "system", "/usr", {})))

test_folder_in_home if not "fs.wipe" in ids(_rm(path("delete", "home", "/home/dev/old", {})))

_chmod(words, p) := [{"name": "chmod", "args": words, "flags": ["R"], "paths": [p]}]

test_locks_home if "fs.wipe_modes" in ids(_chmod(["-R", "000", "/home/dev"], path("meta", "home", "/home/dev", {"covers": ["home"]})))

test_modes_in_the_project if ids(_chmod(["-R", "u+rwX", "dist"], path("meta", "workspace", "/home/dev/app/dist", {}))) == {"program.other"}

test_find_delete if tier([{"name": "find", "flags": ["delete"], "operands": ["."]}]) == 3

test_find if ids([{"name": "find", "flags": ["name"], "operands": ["."]}]) == set()

test_delete_in_home if "fs.rm_outside" in ids(_on("rm", path("delete", "home", "/home/dev/notes", {})))

test_delete_in_temporary if not "fs.rm_outside" in ids(_on("rm", path("delete", "temporary", "/tmp/x", {})))

test_delete_elsewhere if "fs.rm_remote" in ids([{"name": "rm", "remote": true, "via": ["ssh"], "operands": ["/x"]}])

test_delete_here if not "fs.rm_remote" in ids([{"name": "rm", "operands": ["x"]}])

test_git_folder if "fs.git_folder" in ids(_rm(path("delete", "workspace", "/home/dev/app/.git", {})))

test_gitignore if not "fs.git_folder" in ids(_rm(path("delete", "workspace", "/home/dev/app/.gitignore", {})))

test_shred if "fs.shred" in ids([{"name": "shred", "args": ["x"], "operands": ["x"]}])

test_shred_help if not "fs.shred" in ids([{"name": "shred", "args": ["--help"]}])

test_truncate_to_nothing if "fs.truncate" in ids([{"name": "truncate", "options": [{"name": "s", "value": "0"}], "operands": ["x"]}])

test_truncate_to_a_size if not "fs.truncate" in ids([{"name": "truncate", "options": [{"name": "s", "value": "10M"}], "operands": ["x"]}])

test_chmod_world if {
	every word in ["777", "0777", "666", "o+w", "a+w", "a+rwx", "+w", "ugo+w", "go=rw", "1777", "u=r,o+w"] {
		"fs.chmod_world" in ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_chmod_group if {
	every word in ["755", "0644", "u+w", "+x", "g+w", "o-w", "o+x", "a+r", "600", "u+rwX"] {
		not "fs.chmod_world" in ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_setuid if {
	every word in ["u+s", "4755", "2755", "6755", "ug+s", "04755"] {
		"fs.chmod_setid" in ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_not_setuid if {
	every word in ["755", "1777", "u+x", "0755", "u-s"] {
		not "fs.chmod_setid" in ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_chown_root if {
	every word in ["root", "root:root", "0:0", "root.wheel"] {
		"fs.chown_root" in ids([{"name": "chown", "args": [word, "x"]}])
	}
}

test_chown_dev if not "fs.chown_root" in ids([{"name": "chown", "args": ["dev:dev", "x"]}])

test_rsync_delete if "fs.rsync_delete" in ids([{"name": "rsync", "flags": ["a", "delete-after"], "operands": ["a", "b"]}])

test_rsync_dry if not "fs.rsync_delete" in ids([{"name": "rsync", "flags": ["a", "n", "delete"], "operands": ["a", "b"]}])

test_raw_disk_write if "disk.raw_write" in ids(_on("dd", path("write", "device", "/dev/sda", {})))

test_raw_disk_list if ids(_on("ls", path("unknown", "device", "/dev/sda", {}))) == set()

test_device_write if "disk.device_write" in ids(_on("cat", path("write", "device", "/dev/ttyUSB0", {})))

test_null_write if ids(_on("echo", path("write", "null", "/dev/null", {}))) == set()

test_raw_disk_read if "disk.raw_read" in ids(_on("dd", path("read", "device", "/dev/sda", {})))

test_raw_disk_stat if not "disk.raw_read" in ids(_on("stat", path("read", "device", "/dev/sda", {})))

test_mkfs if {
	ids([{"name": "mkfs.ext4", "args": ["/dev/sda1"], "paths": [path("write", "device", "/dev/sda1", {})]}]) & {"disk.format", "disk.format_device"} == {"disk.format", "disk.format_device"}
}

test_mkfs_on_an_image if {
	found := ids([{"name": "mkfs.ext4", "args": ["disk.img"], "paths": [path("write", "workspace", "/home/dev/app/disk.img", {})]}])
	"disk.format" in found
	not "disk.format_device" in found
}

test_fdisk_list if not "disk.format" in ids([{"name": "fdisk", "flags": ["l"], "args": ["-l"]}])

test_system_write if "system.write" in ids(_on("tee", path("write", "system", "/etc/x", {})))

test_system_read if ids(_on("cat", path("read", "system", "/etc/x", {}))) == set()

test_copy_to_etc if {
	found := ids(_on("cp", path("write", "system", "/etc/x", {})))
	"system.copy" in found
	not "system.write" in found
	tier(_on("cp", path("write", "system", "/etc/x", {}))) == 1
}

test_copy_in_the_project if not "system.copy" in ids(_on("cp", path("write", "workspace", "/home/dev/app/x", {})))

test_write_outside if "fs.write_outside" in ids(_on("touch", path("write", "system", "/data/x", {})))

test_write_inside if not "fs.write_outside" in ids(_on("touch", path("write", "workspace", "/home/dev/app/x", {})))

test_own_files if "guard.own_files" in ids(_on("tee", path("write", "guard", "/home/dev/.config/guard/policy/x.rego", {})))

test_own_files_below if "guard.own_files" in ids(_rm(path("delete", "home", "/home/dev/.config", {"covers": ["guard"]})))

test_own_files_read if ids(_on("cat", path("read", "guard", "/home/dev/.config/guard/policy/x.rego", {}))) == set()

test_artefact_names if {
	data.guard.tier.names_artefacts[0] with input as data.guard.fixture.line([{
		"name": "find", "operands": ["."], "options": [{"name": "name", "value": "*.pyc"}], "flags": ["name", "delete"],
		"paths": [path("delete", "workspace", "/home/dev/app", {"covers": ["workspace"]})],
	}])
}

test_artefact_names_or_others if {
	not data.guard.tier.names_artefacts[0] with input as data.guard.fixture.line([{
		"name": "find", "operands": ["."], "options": [{"name": "name", "value": "*.pyc"}], "flags": ["name", "delete"],
		"args": [".", "-name", "*.pyc", "-o", "-delete"],
		"paths": [path("delete", "workspace", "/home/dev/app", {"covers": ["workspace"]})],
	}])
}

test_redirected_output if ids(_on("echo", path("write", "workspace", "/home/dev/app/x", {}))) == {"fs.write"}
