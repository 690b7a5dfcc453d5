package guard.rules.fsmode_test

import data.guard.fixture

_chmod(words, p) := [{"name": "chmod", "args": words, "flags": ["R"], "paths": [p]}]

test_locks_home if "fs.wipe_modes" in fixture.ids(_chmod(["-R", "000", "/home/dev"], fixture.path("meta", "home", "/home/dev", {"covers": ["home"]})))

test_chmod_world if {
	every word in ["777", "0777", "666", "o+w", "a+w", "a+rwx", "+w", "ugo+w", "go=rw", "1777", "u=r,o+w"] {
		"fs.chmod_world" in fixture.ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_chmod_group if {
	every word in ["755", "0644", "u+w", "+x", "g+w", "o-w", "o+x", "a+r", "600", "u+rwX"] {
		not "fs.chmod_world" in fixture.ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_setuid if {
	every word in ["u+s", "4755", "2755", "6755", "ug+s", "04755"] {
		"fs.chmod_setid" in fixture.ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_not_setuid if {
	every word in ["755", "1777", "u+x", "0755", "u-s"] {
		not "fs.chmod_setid" in fixture.ids([{"name": "chmod", "args": [word, "x"]}])
	}
}

test_chown_root if {
	every word in ["root", "root:root", "0:0", "root.wheel"] {
		"fs.chown_root" in fixture.ids([{"name": "chown", "args": [word, "x"]}])
	}
}

test_chown_dev if not "fs.chown_root" in fixture.ids([{"name": "chown", "args": ["dev:dev", "x"]}])

test_locks_by_letters_and_digits if {
	every word in ["000", "0077", "u-rwx", "a=", "-r", "go+r,u-r", "u=w"] {
		"fs.chmod_lock" in fixture.ids(_chmod([word, "x"], fixture.path("meta", "workspace", "/home/dev/app/x", {})))
	}
	every word in ["444", "0600", "u-w", "go-rwx", "a=r", "4000", "u+r", "="] {
		not "fs.chmod_lock" in fixture.ids(_chmod([word, "x"], fixture.path("meta", "workspace", "/home/dev/app/x", {})))
	}
}

test_acl_for_everybody if {
	every entry in ["o::rw", "other:rwx", "d:o:rwx", "u:dev:r,default:other::rw"] {
		"fs.acl_world" in fixture.ids([{"name": "setfacl", "args": ["-m", entry, "x"]}])
	}
	every entry in ["u:www:rw", "o::r", "g:dev:rwx", "d:u:dev:rw"] {
		not "fs.acl_world" in fixture.ids([{"name": "setfacl", "args": ["-m", entry, "x"]}])
	}
}
