package guard.rules.emptied_test

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

test_opened_by_code if {
	open := {"name": "", "parent": 0, "paths": [_file("data/a.csv")], "redirects": [_to("data/a.csv", ">")]}
	not "loss.emptied_records" in fixture.ids([{"name": "python3", "payload": fixture.code("python", "inline", true, "x")}, open])
	"loss.emptied_records" in fixture.ids([{"name": "sh", "payload": fixture.code("shell", "inline", true, "x")}, open])
}

test_emptied_work if {
	every name in ["src/main.py", "go.mod", "web/app.tsx"] {
		"loss.emptied_work" in fixture.ids([{"name": ":", "builtin": true, "paths": [_file(name)], "redirects": [_to(name, ">")]}])
	}
	every name in ["src/__init__.py", "out.txt", "dist/app.js"] {
		not "loss.emptied_work" in fixture.ids([{"name": ":", "builtin": true, "paths": [_file(name)], "redirects": [_to(name, ">")]}])
	}
	not "loss.emptied_work" in fixture.ids([{"name": "cat", "args": ["a"], "paths": [_file("main.go")], "redirects": [_to("main.go", ">")]}])
}

test_emptied_by_tee if {
	nothing := {"fd": 0, "op": "<", "path": fixture.path("read", "null", "/dev/null", {"raw": "/dev/null"})}
	"loss.emptied_work" in fixture.ids([{"name": "tee", "paths": [_file("main.go")], "redirects": [nothing]}])
	not "loss.emptied_work" in fixture.ids([{"name": "tee", "flags": ["a"], "paths": [_file("main.go")], "redirects": [nothing]}])
	not "loss.emptied_work" in fixture.ids([{"name": "tee", "paths": [_file("main.go")]}])
}

test_every_line_blanked if {
	every name in ["sed", "perl"] {
		"loss.all_lines" in fixture.ids([{"name": name, "flags": ["i", "e"], "options": [{"name": "e", "value": "s/.*//"}], "paths": [_file("notes.md")]}])
		not "loss.all_lines" in fixture.ids([{"name": name, "flags": ["i", "e"], "options": [{"name": "e", "value": "s/#.*//"}], "paths": [_file("notes.md")]}])
	}
}

test_emptied_before_it_is_read if {
	ledger := fixture.path("read", "workspace", "/home/dev/app/a.csv", {"raw": "a.csv"})
	sort := {"name": "sort", "paths": [ledger, _file("a.csv")], "redirects": [_to("a.csv", ">")]}
	"loss.emptied_self" in fixture.ids([sort])
	"loss.emptied_self" in fixture.ids([{"name": "cat", "paths": [ledger]}, {"name": "sort", "reads_from": [0], "paths": [_file("a.csv")], "redirects": [_to("a.csv", ">")]}])
	not "loss.emptied_self" in fixture.ids([object.union(sort, {"redirects": [_to("a.csv", ">>")]})])
	not "loss.emptied_self" in fixture.ids([{"name": "sort", "paths": [ledger, _file("b.csv")], "redirects": [_to("b.csv", ">")]}])
}
