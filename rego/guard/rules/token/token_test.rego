package guard.rules.token_test

import data.guard.fixture

test_token if {
	"secret.token" in fixture.ids(fixture.sub("gh", "auth token", [], []))
	"secret.token" in fixture.ids(fixture.args("security", ["find-generic-password", "-wa", "svc"]))
}

test_no_token if not "secret.token" in fixture.ids(fixture.sub("gh", "auth status", [], []))

test_keys if "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["f", "y"]}])

test_key_fingerprint if not "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["l", "f"]}])

_into_grep(word) := [
	{"name": "history", "writes_to": [1]},
	{"name": "grep", "operands": [word], "reads_from": [0]},
]

test_search_for_secrets if "secret.search" in fixture.ids(_into_grep("PASSWORD"))

test_search_for_something_else if not "secret.search" in fixture.ids(_into_grep("git"))
