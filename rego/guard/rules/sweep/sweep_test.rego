package guard.rules.sweep_test

import data.guard.fixture

test_backups if {
	every words in [
		["restic", "-r", "/mnt/b", "forget", "--prune"], ["borg", "prune", "/mnt/b"], ["kopia", "snapshot", "delete", "k1"], ["timeshift", "--delete-all"],
		["duplicity", "cleanup", "--force", "file:///b"],
	] {
		"loss.backup" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
}

test_backups_kept if {
	every words in [["restic", "snapshots"], ["restic", "backup", "prune"], ["borg", "list", "/mnt/b"], ["duplicity", "cleanup", "file:///b"]] {
		not "loss.backup" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	not "loss.backup" in fixture.ids([{"name": "restic", "flags": ["dry-run"], "args": ["forget", "--dry-run"]}])
}

test_mirrors if {
	every words in [["robocopy", "a", "b", "/mir"], ["unison", "-force", "/a", "p"], ["cpdup", "a", "b"], ["mutagen", "sync", "create", "--mode=one-way-replica", "a", "b"]] {
		"loss.mirror" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
}

test_copies if {
	every words in [["robocopy", "a", "b", "/E"], ["unison", "p", "-batch"], ["mutagen", "sync", "list"]] {
		not "loss.mirror" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	not "loss.mirror" in fixture.ids([{"name": "tar", "flags": ["x"], "args": ["-xf", "a.tar"]}])
}

test_packed_then_deleted if {
	"loss.moved_by_copy" in fixture.ids([{"name": "7z", "flags": ["sdel"], "args": ["a", "-sdel", "x.7z", "logs"]}])
	not "loss.moved_by_copy" in fixture.ids(fixture.args("7z", ["a", "x.7z", "logs"]))
}

test_every_file_of_a_kind if {
	every raw in ["*", "src/*", "src/*.py", "./*.*"] {
		"fs.rm_pattern" in fixture.ids(fixture.on("rm", fixture.path("delete", "workspace", "/home/dev/app", {"raw": raw, "glob": true})))
	}
	every raw in ["*.log", "test_*.py", "src/*.bak"] {
		not "fs.rm_pattern" in fixture.ids(fixture.on("rm", fixture.path("delete", "workspace", "/home/dev/app", {"raw": raw, "glob": true})))
	}
	not "fs.rm_pattern" in fixture.ids(fixture.on("rm", fixture.path("delete", "workspace", "/home/dev/app/a.py", {"raw": "a.py"})))
	not "fs.rm_pattern" in fixture.ids(fixture.on("rm", fixture.path("delete", "temporary", "/tmp", {"raw": "/tmp/x/*", "glob": true})))
}
