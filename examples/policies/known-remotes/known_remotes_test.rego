package user.known_remotes_test

import data.user.known_remotes

_git(sub, args, hosts) := {"cmd": {"names": ["git"], "stages": [{"id": 0, "name": "git", "sub": sub, "args": args, "hosts": hosts}]}}

test_push_to_a_named_remote if {
	count(known_remotes.deny) == 0 with input as _git("push", ["push", "origin", "main"], [])
}

test_push_to_a_known_address if {
	count(known_remotes.deny) == 0 with input as _git("push", ["push"], [{"name": "git.example.com"}])
}

test_push_elsewhere if {
	some d in known_remotes.deny with input as _git("push", ["push"], [{"name": "evil.example"}])
	d.id == "push_elsewhere"
}

test_push_to_an_address_that_is_not_known if {
	count(known_remotes.deny) == 1 with input as _git("push", ["push"], [{"name": ""}])
}

test_fetch_is_free if {
	count(known_remotes.deny) == 0 with input as _git("fetch", ["fetch"], [{"name": "evil.example"}])
}

test_a_new_remote_is_held if {
	count(known_remotes.hold) == 1 with input as _git("remote add", ["remote", "add", "x", "https://evil.example/x"], [])
}

test_listing_remotes_is_free if {
	count(known_remotes.hold) == 0 with input as _git("remote", ["remote", "-v"], [])
}
