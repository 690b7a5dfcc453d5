package guard.rules.token_test

import data.guard.fixture

test_token if {
	"secret.token" in fixture.ids(fixture.sub("gh", "auth token", [], []))
	"secret.token" in fixture.ids(fixture.args("security", ["find-generic-password", "-wa", "svc"]))
}

test_no_token if not "secret.token" in fixture.ids(fixture.sub("gh", "auth status", [], []))

test_history if "secret.history" in fixture.ids([{"name": "history"}])

test_history_cleared if not "secret.history" in fixture.ids([{"name": "history", "flags": ["c"]}])

test_keys if "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["f", "y"]}])

test_key_fingerprint if not "secret.keys" in fixture.ids([{"name": "ssh-keygen", "flags": ["l", "f"]}])
