package guard.rules.loss_test

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

_file(name) := fixture.path("write", "workspace", sprintf("/home/dev/app/%s", [name]), {"raw": name})

_to(name, op) := {"fd": 1, "op": op, "path": _file(name)}

test_emptied_records if {
	"loss.emptied_records" in fixture.ids([{"name": ":", "builtin": true, "paths": [_file("data/a.csv")], "redirects": [_to("data/a.csv", ">")]}])
	every name in ["build/a.csv", "tests/a.csv", "notes.md"] {
		not "loss.emptied_records" in fixture.ids([{"name": ":", "builtin": true, "paths": [_file(name)], "redirects": [_to(name, ">")]}])
	}
	not "loss.emptied_records" in fixture.ids([{"name": "cat", "paths": [_file("data/a.csv")], "redirects": [_to("data/a.csv", ">")]}])
}

test_data_file_written_over if {
	every name in ["dd", "tee", "cp"] {
		"loss.data_file" in fixture.ids([{"name": name, "paths": [_file("data/main.db")]}])
		not "loss.data_file" in fixture.ids([{"name": name, "paths": [_file("data/test.db")]}])
	}
	not "loss.data_file" in fixture.ids([{"name": "tee", "flags": ["a"], "paths": [_file("data/main.db")]}])
}

test_written_into if {
	dd := {"name": "dd", "paths": [_file("disk.bin")], "options": [{"name": "conv", "value": "notrunc"}]}
	"loss.overwritten" in fixture.ids([dd])
	not "loss.overwritten" in fixture.ids([object.union(dd, {"options": []})])
}

test_packed_then_deleted if {
	"loss.moved_by_copy" in fixture.ids([{"name": "7z", "flags": ["sdel"], "args": ["a", "-sdel", "x.7z", "logs"]}])
	not "loss.moved_by_copy" in fixture.ids(fixture.args("7z", ["a", "x.7z", "logs"]))
}

test_opened_by_code if {
	open := {"name": "", "parent": 0, "paths": [_file("data/a.csv")], "redirects": [_to("data/a.csv", ">")]}
	not "loss.emptied_records" in fixture.ids([{"name": "python3", "payload": fixture.code("python", "inline", true, "x")}, open])
	"loss.emptied_records" in fixture.ids([{"name": "sh", "payload": fixture.code("shell", "inline", true, "x")}, open])
}

test_rewritten_outside if {
	photo := fixture.path("write", "home", "/home/dev/photos/a.jpg", {})
	"loss.rewritten_outside" in fixture.ids([{"name": "mogrify", "paths": [photo]}])
	not "loss.rewritten_outside" in fixture.ids([{"name": "mogrify", "paths": [object.union(photo, {"zone": "workspace"})]}])
	not "loss.rewritten_outside" in fixture.ids([{"name": "mogrify", "paths": [object.union(photo, {"access": "read"})]}])
}

test_copied_over_home if {
	home := fixture.path("write", "home", "/home/dev", {"covers": ["home"]})
	"loss.copied_home" in fixture.ids([{"name": "cp", "flags": ["r", "f"], "paths": [home]}])
	"loss.copied_home" in fixture.ids([{"name": "stow", "paths": [home]}])
	not "loss.copied_home" in fixture.ids([{"name": "cp", "paths": [home]}])
	not "loss.copied_home" in fixture.ids([{"name": "rsync", "flags": ["a", "dry-run"], "paths": [home]}])
}
