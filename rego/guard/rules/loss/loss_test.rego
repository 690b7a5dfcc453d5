package guard.rules.loss_test

import data.guard.fixture

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

test_opened_by_code if {
	open := {"name": "", "parent": 0, "paths": [_file("data/a.csv")], "redirects": [_to("data/a.csv", ">")]}
	not "loss.emptied_records" in fixture.ids([{"name": "python3", "payload": fixture.code("python", "inline", true, "x")}, open])
	"loss.emptied_records" in fixture.ids([{"name": "sh", "payload": fixture.code("shell", "inline", true, "x")}, open])
}
