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
