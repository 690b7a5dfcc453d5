package guard.relief_test

import data.guard.fixture

_has(stages, relief) if {
	some pair in fixture.reliefs(stages)
	pair[0] == relief
}

_rm(p) := [{"name": "rm", "flags": ["r"], "operands": [p.raw], "paths": [p]}]

_in(zone, name, more) := fixture.path("delete", zone, name, more)

test_temporary if {
	_has(_rm(_in("temporary", "/tmp/build", {})), "relief.temporary")
	_has(_rm(_in("workspace", "/home/dev/app/x", {"made": true})), "relief.temporary")
	_has(_rm(_in("temporary", "/tmp", {"raw": "/tmp/build-*", "glob": true})), "relief.temporary")
}

test_not_temporary if {
	every p in [
		_in("temporary", "/tmp", {}), _in("temporary", "/tmp", {"raw": "/tmp/*", "glob": true}),
		_in("temporary", "", {"raw": "/tmp/$X"}), _in("home", "/home/dev/tmp", {}),
		_in("home", "/home/dev", {"made": true, "covers": ["home"]}),
	] {
		not _has(_rm(p), "relief.temporary")
	}
}

test_one_path_elsewhere_is_enough if {
	both := [{"name": "rm", "flags": ["r"], "paths": [_in("temporary", "/tmp/x", {}), _in("home", "/home/dev/x", {})]}]
	fixture.reliefs(both) == set()
}

test_regenerable if {
	every p in [
		_in("workspace", "/home/dev/app/node_modules", {}), _in("workspace", "/home/dev/app/web/dist/js", {}),
		_in("workspace", "/home/dev/app/x.egg-info", {}), _in("workspace", "/home/dev/app/vendor", {"git": "ignored"}),
		_in("workspace", "/home/dev/app/dist", {"raw": "dist/*", "glob": true}),
		_in("workspace", "/home/dev/app", {"raw": "*/__pycache__", "glob": true}), _in("home", "/home/dev/.pyenv/shims/.pyenv-shim", {}),
	] {
		_has(_rm(p), "relief.regenerable")
	}
}

test_not_regenerable if {
	every p in [
		_in("workspace", "/home/dev/app/src", {}), _in("workspace", "/home/dev/app/dist", {"git": "tracked"}),
		_in("workspace", "/home/dev/app", {"covers": ["workspace"]}), _in("home", "/home/dev/dist", {}), _in("home", "/home/dev/.pyenv/version", {}),
		_in("workspace", "/home/dev/app", {"raw": "*", "glob": true}), _in("workspace", "", {"raw": "$X/dist"}),
		_in("workspace", "/home/dev/app/.git/build", {"git": "ignored"}), _in("workspace", "/home/dev/app/vendor", {}),
	] {
		not _has(_rm(p), "relief.regenerable")
	}
}

_find(name) := [{
	"name": "find", "operands": ["."], "flags": ["name", "delete"], "options": [{"name": "name", "value": name}],
	"args": [".", "-name", name, "-delete"],
	"paths": [_in("workspace", "/home/dev/app", {"covers": ["workspace"]})],
}]

test_names_of_artefacts if _has(_find("*.pyc"), "relief.regenerable_names")

test_other_names if not _has(_find("*.py"), "relief.regenerable_names")

test_what_wipes_has_no_relief if {
	wipe := _rm(_in("system", "/usr", {}))
	"fs.wipe" in fixture.ids(wipe)
	fixture.reliefs(wipe) == set()
}

test_opacity_has_no_relief if {
	every id, _ in data.guard.relief.cancels {
		not startswith(id, "opaque.")
	}
}

test_image_made_by_the_line if {
	image := fixture.path("write", "workspace", "/home/dev/app/disk.img", {})
	format := {"name": "mkfs.ext4", "args": ["disk.img"], "paths": [image]}
	_has([{"name": "truncate", "paths": [image]}, format], "relief.made_image")
	_has([{"name": "dd", "options": [{"name": "if", "value": "/dev/zero"}], "paths": [image]}, format], "relief.made_image")
	not _has([{"name": "dd", "options": [{"name": "if", "value": "backup.img"}], "paths": [image]}, format], "relief.made_image")
	not _has([format, {"name": "truncate", "paths": [image]}], "relief.made_image")
	not _has([format], "relief.made_image")
}

test_made_by_the_line_again if {
	public := _rm(_in("workspace", "/home/dev/app/public", {}))
	_has(array.concat(public, [{"name": "hugo"}]), "relief.regenerable")
	not _has(array.concat(public, [{"name": "jekyll"}]), "relief.regenerable")
	not _has(public, "relief.regenerable")
}

test_lock_files_are_made_again if {
	lock := _in("workspace", "/home/dev/app/package-lock.json", {"access": "write"})
	["relief.regenerable", "git.restore"] in fixture.reliefs([{"name": "git", "sub": "restore", "operands": ["x"], "paths": [lock]}])
	["relief.regenerable", "git.checkout_discard"] in fixture.reliefs([{"name": "git", "sub": "checkout", "args": ["checkout", "--", "x"], "operands": ["x"], "paths": [lock]}])
	fixture.reliefs([{"name": "git", "sub": "restore", "operands": ["x", "y"], "paths": [lock, _in("workspace", "/home/dev/app/a.go", {"access": "write"})]}]) == set()
}

test_vendored_modules_again if {
	vendor := _rm(_in("workspace", "/home/dev/app/vendor", {}))
	_has(array.concat(vendor, [{"name": "go", "sub": "mod vendor"}]), "relief.regenerable")
	not _has(array.concat(vendor, [{"name": "go", "sub": "build"}]), "relief.regenerable")
}
