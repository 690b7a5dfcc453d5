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

test_probe if {
	"net.probe" in fixture.ids(fixture.args("nmap", ["-sS", "10.0.0.0/24"]))
	"net.probe" in fixture.ids(fixture.args("tcpdump", ["-i", "any"]))
}

test_probe_of_this_machine if not "net.probe" in fixture.ids(fixture.args("nmap", ["-p", "8080", "localhost"]))

test_httpie if {
	"net.request" in fixture.ids(fixture.args("http", ["x.example/users", "name=x"]))
	not "net.request" in fixture.ids(fixture.args("http", ["x.example/users", "name==x"]))
}

test_remote_call if {
	"net.request" in fixture.ids([{"name": "grpcurl", "flags": ["d"], "args": ["-d", "{}", "api.example.com:443", "shop.Orders/Cancel"], "operands": ["{}", "api.example.com:443", "shop.Orders/Cancel"]}])
	not "net.request" in fixture.ids([{"name": "grpcurl", "flags": ["d"], "args": ["-d", "{}", "localhost:50051", "shop.Orders/Cancel"], "operands": ["{}", "localhost:50051", "shop.Orders/Cancel"]}])
	not "net.request" in fixture.ids([{"name": "grpcurl", "flags": ["d"], "args": ["-d", "{}", "api.example.com:443", "shop.Orders/GetOrder"], "operands": ["{}", "api.example.com:443", "shop.Orders/GetOrder"]}])
}

test_statement_over_http if {
	"net.delete_data" in fixture.ids([{"name": "curl", "operands": ["localhost:8086/query"], "options": [{"name": "data-urlencode", "value": "q=DROP DATABASE m"}]}])
	"net.delete_data" in fixture.ids([{"name": "curl", "operands": ["http://localhost:8123/?query=DROP%20TABLE%20t"], "options": [{"name": "X", "value": "POST"}]}])
	not "net.delete_data" in fixture.ids([{"name": "curl", "operands": ["localhost:8086/query"], "options": [{"name": "data-urlencode", "value": "q=SHOW DATABASES"}]}])
}

test_recorded_traffic if not "net.probe" in fixture.ids(fixture.args("tshark", ["-r", "x.pcap"]))
