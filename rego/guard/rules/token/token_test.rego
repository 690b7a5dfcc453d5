package guard.rules.token_test

import data.guard.fixture

test_token if {
	"secret.token" in fixture.ids(fixture.sub("gh", "auth token", [], []))
	"secret.token" in fixture.ids(fixture.args("security", ["find-generic-password", "-wa", "svc"]))
}

test_no_token if not "secret.token" in fixture.ids(fixture.sub("gh", "auth status", [], []))

test_keys if "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["f", "y"]}])

test_key_fingerprint if not "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["l", "f"]}])

test_decrypted if {
	"secret.token" in fixture.ids([{"name": "sops", "flags": ["d"], "operands": ["x.yaml"]}])
	"secret.token" in fixture.ids([{"name": "gpg", "flags": ["d"], "operands": ["x.gpg"]}])
	"secret.token" in fixture.ids(fixture.args("openssl", ["rsa", "-in", "server.key", "-text"]))
	"secret.token" in fixture.ids(fixture.args("rails", ["credentials:show"]))
}

test_not_decrypted if {
	not "secret.token" in fixture.ids([{"name": "sops", "flags": ["e"], "operands": ["x.yaml"]}])
	not "secret.token" in fixture.ids([{"name": "gpg", "flags": ["verify"]}])
	not "secret.token" in fixture.ids(fixture.args("openssl", ["rsa", "-in", "server.key", "-pubout"]))
	not "secret.token" in fixture.ids(fixture.args("openssl", ["rand", "-hex", "32"]))
}

test_secret_out_of_history if {
	"secret.token" in fixture.ids(fixture.sub("git", "show", [], ["HEAD:.env"]))
	"secret.token" in fixture.ids(fixture.sub("git", "log", ["p"], [".env"]))
	not "secret.token" in fixture.ids(fixture.sub("git", "log", [], [".env"]))
	not "secret.token" in fixture.ids(fixture.sub("git", "show", [], ["HEAD:.env.example"]))
	not "secret.token" in fixture.ids(fixture.sub("git", "show", [], ["HEAD:main.go"]))
}

test_throwaway_key if {
	not "secret.keys" in fixture.ids(fixture.args("ssh-keygen", ["-t", "ed25519", "-f", "/tmp/key"]))
	"secret.keys" in fixture.ids(fixture.args("ssh-keygen", ["-t", "ed25519", "-f", "/tmp/../home/dev/.ssh/id"]))
}

test_text_of_a_key if {
	"secret.token" in fixture.ids(fixture.args("openssl", ["rsa", "-in", "key.pem", "-text", "-noout"]))
	not "secret.token" in fixture.ids(fixture.args("openssl", ["rsa", "-in", "key.pem", "-check", "-noout"]))
}

test_a_key_for_tests if {
	not "secret.keys" in fixture.ids(fixture.args("ssh-keygen", ["-f", "tests/fixtures/id"]))
	every name in ["id", "keys/test_id", "tests/../../id", "~/tests/id", "/home/dev/tests/id"] {
		"secret.keys" in fixture.ids(fixture.args("ssh-keygen", ["-f", name]))
	}
}
