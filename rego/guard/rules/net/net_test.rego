package guard.rules.net_test

import data.guard.fixture

test_request if {
	"net.request" in fixture.ids([{"name": "curl", "flags": ["X"], "options": [{"name": "X", "value": "POST"}]}])
	"net.request" in fixture.ids([{"name": "curl", "flags": ["data-raw"]}])
	"net.request" in fixture.ids(fixture.args("http", ["POST", "https://x.example", "a=1"]))
}

test_get if {
	fixture.ids([{"name": "curl", "flags": ["s"]}]) == {"program.other"}
	not "net.request" in fixture.ids([{"name": "curl", "options": [{"name": "X", "value": "get"}]}])
}

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

test_ssh_that_runs if "net.ssh_exec" in fixture.ids([{"name": "ssh", "options": [{"name": "o", "value": "ProxyCommand=sh -c id"}]}])

test_ssh_option if not "net.ssh_exec" in fixture.ids([{"name": "ssh", "options": [{"name": "o", "value": "ConnectTimeout=5"}]}])

test_message if "net.message" in fixture.ids([{"name": "send_message", "args": ["--platform", "telegram", "hi"]}])

test_no_message if not "net.message" in fixture.ids([{"name": "echo", "args": ["hi"]}])

test_delete_data if {
	"net.delete_data" in fixture.ids([{"name": "curl", "operands": ["localhost:9200/users"], "options": [{"name": "X", "value": "DELETE"}]}])
	"net.delete_data" in fixture.ids([{"name": "curl", "operands": ["http://es:9200/users/_delete_by_query"], "options": [{"name": "X", "value": "POST"}]}])
}

test_search if {
	not "net.delete_data" in fixture.ids(fixture.args("curl", ["localhost:9200/users"]))
	not "net.delete_data" in fixture.ids([{"name": "curl", "operands": ["localhost:9200/users/_doc/1"], "options": [{"name": "X", "value": "DELETE"}]}])
}
