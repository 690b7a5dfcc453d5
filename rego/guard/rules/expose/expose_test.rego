package guard.rules.expose_test

import data.guard.fixture

_server(words) := [{"name": "python3", "args": array.concat(["-m", "http.server"], words)}]

test_remote_shell if {
	"net.remote_shell" in fixture.ids([{"name": "nc", "flags": ["e"], "args": ["-e", "/bin/sh"]}])
	"net.remote_shell" in fixture.ids([{"name": "socat", "args": ["TCP:x:1", "EXEC:/bin/sh"]}])
}

test_port_test if not "net.remote_shell" in fixture.ids([{"name": "nc", "flags": ["z"]}])

test_listen if "net.listen" in fixture.ids([{"name": "nc", "flags": ["l", "p"]}])

test_connect if not "net.listen" in fixture.ids([{"name": "nc", "flags": ["v"]}])

test_tunnel if {
	"net.tunnel" in fixture.ids([{"name": "ngrok", "args": ["http", "80"]}])
	"net.tunnel" in fixture.ids([{"name": "ssh", "flags": ["R"]}])
}

test_ssh if not "net.tunnel" in fixture.ids([{"name": "ssh", "flags": ["v"]}])

test_serving if {
	"net.serve" in fixture.ids(_server(["8000", "--bind", "0.0.0.0"]))
	"net.serve" in fixture.ids(_server(["--directory", "/home/dev"]))
	"net.serve" in fixture.ids([{"name": "php", "args": ["-S", "0.0.0.0:8000"]}])
	"net.serve" in fixture.ids([{"name": "python3", "args": ["-m", "http.server"], "cwd": "/home/dev"}])
}

test_serving_here if {
	not "net.serve" in fixture.ids(_server(["8000", "--bind", "127.0.0.1"]))
	not "net.serve" in fixture.ids(_server(["8000", "--directory", "dist"]))
}

test_tunnel_verbs if {
	"net.tunnel" in fixture.ids(fixture.args("tailscale", ["funnel", "3000"]))
	not "net.tunnel" in fixture.ids(fixture.args("tailscale", ["status"]))
}

test_listening_to_this_machine if not "net.listen" in fixture.ids([{"name": "nc", "flags": ["l"], "operands": ["127.0.0.1", "9999"]}])

test_forward_for_others if {
	"net.tunnel" in fixture.ids([{"name": "ssh", "flags": ["L", "N"], "options": [{"name": "L", "value": "0.0.0.0:5432:db:5432"}], "args": ["web"]}])
	"net.tunnel" in fixture.ids([{"name": "ssh", "flags": ["L", "g"], "options": [{"name": "L", "value": "5432:db:5432"}], "args": ["web"]}])
	not "net.tunnel" in fixture.ids([{"name": "ssh", "flags": ["L", "N"], "options": [{"name": "L", "value": "5432:localhost:5432"}], "args": ["web"]}])
	not "net.tunnel" in fixture.ids([{"name": "ssh", "flags": ["L"], "options": [{"name": "L", "value": "127.0.0.1:5432:db:5432"}], "args": ["web"]}])
}

test_code_server if {
	"net.code_server" in fixture.ids(fixture.args("jupyter", ["lab", "--ip=0.0.0.0"]))
	"net.code_server" in fixture.ids(fixture.args("ttyd", ["bash"]))
	"net.code_server" in fixture.ids(fixture.args("node", ["--inspect=0.0.0.0:9229", "server.js"]))
	not "net.code_server" in fixture.ids(fixture.args("jupyter", ["lab"]))
	not "net.code_server" in fixture.ids(fixture.args("ttyd", ["-i", "lo", "bash"]))
	not "net.code_server" in fixture.ids(fixture.args("node", ["server.js", "--host", "0.0.0.0"]))
	not "net.code_server" in fixture.ids([object.union(fixture.args("jupyter", ["lab", "--ip=0.0.0.0"])[0], {"remote": true})])
}
