package guard.rules.loss_test

import data.guard.fixture

_file(name) := fixture.path("write", "workspace", sprintf("/home/dev/app/%s", [name]), {"raw": name})

_to(name, op) := {"fd": 1, "op": op, "path": _file(name)}

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
