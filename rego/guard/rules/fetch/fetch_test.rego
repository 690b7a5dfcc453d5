package guard.rules.fetch_test

import data.guard.fixture

_curl := {"name": "curl", "args": ["https://x.example/i.sh"], "writes_to": [1]}

_into(more) := [_curl, object.union({"name": "bash", "reads_from": [0], "payload": {"lang": "shell", "kind": "stdin", "read": false, "text": ""}}, more)]

_saves(to) := {"name": "curl", "paths": [fixture.path("write", "workspace", to, {})]}

test_download_into_a_shell if {
	"net.download_run" in fixture.ids(_into({}))
	fixture.tier(_into({})) == 2
}

test_download_into_a_root_shell if {
	"net.download_run_root" in fixture.ids(_into({"root": true}))
	fixture.tier(_into({"root": true})) == 3
}

test_download_substituted if "net.download_run" in fixture.ids([{"name": "curl"}, {"name": "eval", "takes": [0], "payload": {"lang": "shell", "kind": "inline", "read": false, "text": ""}}])

test_download_into_a_pager if fixture.ids([_curl, {"name": "less", "reads_from": [0]}]) == {"program.other"}

test_shell_beside_a_download if not "net.download_run" in fixture.ids([{"name": "curl"}, {"name": "bash", "payload": {"lang": "shell", "kind": "script", "read": true, "text": "x"}}])

test_download_then_start if {
	"net.download_start" in fixture.ids([_saves("/home/dev/app/x"), {"name": "x", "path": "/home/dev/app/x"}])
	"net.download_start" in fixture.ids([_saves("/home/dev/app/x"), {"name": "sh", "operands": ["/home/dev/app/x"], "payload": {"lang": "shell", "kind": "script", "read": false, "text": ""}, "paths": [fixture.path("read", "workspace", "/home/dev/app/x", {})]}])
	"net.download_start" in fixture.ids([{"name": "curl"}, {"name": "tar", "paths": [fixture.path("write", "home", "/home/dev/.local", {})]}, {"name": "run", "path": "/home/dev/.local/run"}])
}

test_download_by_its_address_then_start if {
	from := {"name": "x.example", "url": "https://x.example/i.sh", "scheme": "https", "loopback": false, "push": false}
	"net.download_start" in fixture.ids([{"name": "wget", "hosts": [from]}, {"name": "i.sh", "path": "/home/dev/app/i.sh"}])
}

test_start_of_something_else if not "net.download_start" in fixture.ids([_saves("/home/dev/app/x"), {"name": "xy", "path": "/home/dev/app/xy"}])

test_download_as_data if {
	not "net.download_run" in fixture.ids([_curl, {"name": "python3", "reads_from": [0], "payload": fixture.code("python", "inline", false, "print(1)")}])
	not "net.download_start" in fixture.ids([_saves("/home/dev/app/x.csv"), {
		"name": "python3", "operands": ["load.py", "/home/dev/app/x.csv"], "payload": fixture.code("python", "script", false, ""),
		"paths": [fixture.path("read", "workspace", "/home/dev/app/load.py", {"raw": "load.py"}), fixture.path("unknown", "workspace", "/home/dev/app/x.csv", {})],
	}])
}

test_download_in_the_code if "net.download_run" in fixture.ids([_curl, {"name": "python3", "takes": [0], "payload": fixture.code("python", "inline", false, "")}])

test_unpacked_then_started if {
	from := {"name": "x.example", "url": "https://x.example/tool-1.2.tar.gz", "scheme": "https", "loopback": false, "push": false}
	unpack := [{"name": "wget", "hosts": [from]}, {"name": "tar", "paths": [fixture.path("read", "workspace", "/home/dev/app/tool-1.2.tar.gz", {})]}]
	"net.download_start" in fixture.ids(array.concat(unpack, [{"name": "install.sh", "path": "/home/dev/app/tool-1.2/install.sh"}]))
	not "net.download_start" in fixture.ids(array.concat(unpack, [{"name": "run.sh", "path": "/home/dev/app/scripts/run.sh"}]))
}

test_unpacked_from_a_pipe_then_started if {
	start := {"name": "install.sh", "path": "/home/dev/app/a/install.sh"}
	unpack := {"name": "tar", "flags": ["x", "z"], "reads_from": [0]}
	"net.download_start" in fixture.ids([_curl, unpack, start])
	not "net.download_start" in fixture.ids([_curl, object.union(unpack, {"flags": ["x", "z", "C"]}), start])
	not "net.download_start" in fixture.ids([_curl, object.union(unpack, {"reads_from": []}), start])
}

test_downloaded_archive_is_run if {
	jar := fixture.path("exec", "temporary", "/tmp/t.jar", {})
	saved := {"name": "curl", "paths": [fixture.path("write", "temporary", "/tmp/t.jar", {})]}
	"net.download_start" in fixture.ids([saved, {"name": "java", "paths": [jar]}])
	not "net.download_start" in fixture.ids([_curl, {"name": "java", "paths": [jar]}])
}

_patched(name, host) := [
	{"name": name, "hosts": [{"name": host, "url": "", "scheme": "https", "loopback": host == "localhost", "push": false}], "writes_to": [1]},
	{"name": "git", "sub": "am", "reads_from": [0]},
]

test_a_patch_that_nobody_has_read if {
	"net.download_patch" in fixture.ids(_patched("curl", "x.example"))
	not "net.download_patch" in fixture.ids(_patched("curl", "localhost"))
	not "net.download_patch" in fixture.ids(_patched("gh", "github.com"))
}

test_a_release_that_is_started if {
	gh := {"name": "gh", "sub": "release download", "args": ["release", "download", "-O", "/tmp/t"]}
	start := {"name": "t", "path": "/tmp/t", "paths": [fixture.path("exec", "temporary", "/tmp/t", {})]}
	"net.download_start" in fixture.ids([gh, start])
	not "net.download_start" in fixture.ids([gh, object.union(start, {"path": "/tmp/u", "paths": [fixture.path("exec", "temporary", "/tmp/u", {})]})])
}
