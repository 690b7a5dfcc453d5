package guard.tier_test

import data.guard.fixture.ids
import data.guard.fixture.path
import data.guard.fixture.tier

_curl := {"name": "curl", "args": ["https://x.example/i.sh"], "writes_to": [1]}

_into(more) := [_curl, object.union({"name": "bash", "reads_from": [0], "payload": {"lang": "shell", "kind": "stdin", "read": false, "text": ""}}, more)]

test_download_into_a_shell if {
	"net.download_run" in ids(_into({}))
	tier(_into({})) == 2
}

test_download_into_a_root_shell if {
	"net.download_run_root" in ids(_into({"root": true}))
	tier(_into({"root": true})) == 3
}

test_download_substituted if "net.download_run" in ids([{"name": "curl"}, {"name": "eval", "takes": [0], "payload": {"lang": "shell", "kind": "inline", "read": false, "text": ""}}])

test_download_into_a_pager if ids([_curl, {"name": "less", "reads_from": [0]}]) == {"program.other"}

test_shell_beside_a_download if not "net.download_run" in ids([{"name": "curl"}, {"name": "bash", "payload": {"lang": "shell", "kind": "script", "read": true, "text": "x"}}])

_host(name, push) := {"name": name, "url": "", "scheme": "https", "loopback": false, "push": push}

test_upload if "net.upload" in ids([{"name": "scp", "hosts": [_host("x.example", true)]}])

test_download if not "net.upload" in ids([{"name": "scp", "hosts": [_host("x.example", false)]}])

test_request if {
	"net.request" in ids([{"name": "curl", "flags": ["X"], "options": [{"name": "X", "value": "POST"}]}])
	"net.request" in ids([{"name": "curl", "flags": ["data-raw"]}])
}

test_get if {
	ids([{"name": "curl", "flags": ["s"]}]) == {"program.other"}
	not "net.request" in ids([{"name": "curl", "options": [{"name": "X", "value": "get"}]}])
}

test_remote_shell if {
	"net.remote_shell" in ids([{"name": "nc", "flags": ["e"], "args": ["-e", "/bin/sh"]}])
	"net.remote_shell" in ids([{"name": "socat", "args": ["TCP:x:1", "EXEC:/bin/sh"]}])
}

test_port_test if not "net.remote_shell" in ids([{"name": "nc", "flags": ["z"]}])

test_dev_tcp if "net.dev_tcp" in ids([{"name": "cat", "paths": [path("write", "device", "/dev/tcp/10.0.0.1/1", {})]}])

test_dev_null if not "net.dev_tcp" in ids([{"name": "cat", "paths": [path("write", "null", "/dev/null", {})]}])

test_listen if "net.listen" in ids([{"name": "nc", "flags": ["l", "p"]}])

test_connect if not "net.listen" in ids([{"name": "nc", "flags": ["v"]}])

test_tunnel if {
	"net.tunnel" in ids([{"name": "ngrok", "args": ["http", "80"]}])
	"net.tunnel" in ids([{"name": "ssh", "flags": ["R"]}])
}

test_ssh if not "net.tunnel" in ids([{"name": "ssh", "flags": ["v"]}])

test_ssh_that_runs if "net.ssh_exec" in ids([{"name": "ssh", "options": [{"name": "o", "value": "ProxyCommand=sh -c id"}]}])

test_ssh_option if not "net.ssh_exec" in ids([{"name": "ssh", "options": [{"name": "o", "value": "ConnectTimeout=5"}]}])

test_on_another_host if "net.ssh_command" in ids([{"name": "make", "remote": true, "via": ["ssh"]}])

test_reading_on_another_host if not "net.ssh_command" in ids([{"name": "ls", "remote": true, "via": ["ssh"]}])

test_message if "net.message" in ids([{"name": "send_message", "args": ["--platform", "telegram", "hi"]}])

test_no_message if not "net.message" in ids([{"name": "echo", "args": ["hi"]}])

_saves(to) := {"name": "curl", "paths": [path("write", "workspace", to, {})]}

test_download_then_start if {
	"net.download_start" in ids([_saves("/home/dev/app/x"), {"name": "x", "path": "/home/dev/app/x"}])
	"net.download_start" in ids([_saves("/home/dev/app/x"), {"name": "sh", "payload": {"lang": "shell", "kind": "script", "read": false, "text": ""}, "paths": [path("read", "workspace", "/home/dev/app/x", {})]}])
	"net.download_start" in ids([{"name": "curl"}, {"name": "tar", "paths": [path("write", "home", "/home/dev/.local", {})]}, {"name": "run", "path": "/home/dev/.local/run"}])
}

test_start_of_something_else if not "net.download_start" in ids([_saves("/home/dev/app/x"), {"name": "xy", "path": "/home/dev/app/xy"}])
