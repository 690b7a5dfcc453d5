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

test_env_of_any_kind if {
	every name in [".env.prod2", ".env.staging.local"] {
		"secret.read" in fixture.ids(fixture.on("cat", fixture.path("read", "workspace", sprintf("/home/dev/app/%s", [name]), {})))
	}
	not "secret.read" in fixture.ids(fixture.on("cat", fixture.path("read", "workspace", "/home/dev/app/.env.test", {})))
}

test_secret_given_to_a_container if {
	"secret.read" in fixture.ids(fixture.on("docker", fixture.home("unknown", ".aws")))
	not "secret.read" in fixture.ids(fixture.on("docker", fixture.home("unknown", ".m2")))
}

_find(name) := {"name": "find", "options": [{"name": "name", "value": name}], "paths": [fixture.home("read", "x")]}

test_hunt if {
	"secret.hunt" in fixture.ids([_find("*.pem"), {"name": "cat", "parent": 0}])
	"secret.hunt" in fixture.ids([_find("id_rsa"), {"name": "xargs", "reads_from": [0]}, {"name": "cat", "parent": 1}])
	"secret.hunt" in fixture.ids([{"name": "grep", "flags": ["r"], "operands": ["BEGIN RSA PRIVATE KEY", "/home/dev"], "paths": [fixture.path("read", "home", "/home/dev", {"covers": ["home"]})]}])
}

test_no_hunt if {
	not "secret.hunt" in fixture.ids([_find("*.pem")])
	not "secret.hunt" in fixture.ids([_find("*.go"), {"name": "cat", "parent": 0}])
	not "secret.hunt" in fixture.ids([_find("*.pem"), {"name": "ls", "parent": 0}])
	not "secret.hunt" in fixture.ids([{"name": "grep", "flags": ["r"], "operands": ["API_KEY", "src"], "paths": [fixture.path("read", "workspace", "/home/dev/app/src", {})]}])
}

test_secret_committed if "secret.commit" in fixture.ids([{"name": "git", "sub": "add", "paths": [fixture.path("read", "workspace", "/home/dev/app/.env", {})]}])

test_example_committed if not "secret.commit" in fixture.ids([{"name": "git", "sub": "add", "paths": [fixture.path("read", "workspace", "/home/dev/app/.env.example", {})]}])

test_env_by_a_pattern if {
	"secret.read" in fixture.ids(fixture.on("cat", fixture.path("read", "workspace", "/home/dev/app", {"glob": true, "raw": ".env*"})))
	not "secret.read" in fixture.ids(fixture.on("cat", fixture.path("read", "workspace", "/home/dev/app", {"glob": true, "raw": "*.md"})))
}

test_key_to_log_in_with if not "secret.read" in fixture.ids([{"name": "curl", "options": [{"name": "key", "value": "client.key"}], "paths": [fixture.path("read", "workspace", "/home/dev/app/client.key", {"raw": "client.key"})]}])

test_secret_into_a_connection if {
	"secret.read" in fixture.ids([{"name": "openssl", "args": ["s_client", "-connect", "x.example:443"], "paths": [fixture.home("read", ".pgpass")]}])
	"secret.read" in fixture.ids([{"name": "openssl", "args": ["base64", "-in", "x"], "paths": [fixture.home("read", ".npmrc")]}])
	not "secret.read" in fixture.ids([{"name": "openssl", "args": ["rsa", "-in", "x"], "paths": [fixture.home("read", ".pgpass")]}])
}
