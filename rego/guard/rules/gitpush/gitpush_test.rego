package guard.rules.gitpush_test

import data.guard.fixture

_git(sub, flags, operands) := [{"name": "git", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

test_force_push if {
	every stage in [
		_git("push", ["f"], []), _git("push", ["force"], ["origin", "main"]), _git("push", ["force-with-lease"], []),
		_git("push", [], ["origin", "+main"]), _git("push", ["mirror"], ["x"]),
	] {
		fixture.tier(stage) == 3
		"git.push_force" in fixture.ids(stage)
	}
}

test_push if fixture.ids(_git("push", ["u"], ["origin", "main"])) == {"program.other"}

test_push_delete if {
	"git.push_delete" in fixture.ids(_git("push", [], ["origin", ":main"]))
	"git.push_delete" in fixture.ids(_git("push", ["delete"], ["origin", "main"]))
}

test_push_refspec if not "git.push_delete" in fixture.ids(_git("push", [], ["origin", "main:main"]))

test_push_to_a_new_remote if {
	every made in [
		_git("remote add", [], ["copy", "git@host.example:x/copy.git"]), _git("remote set-url", [], ["copy", "https://host.example/copy.git"]),
		_git("config", [], ["remote.copy.pushurl", "ssh://host.example/copy"]),
	] {
		"git.push_new_remote" in fixture.ids(array.concat(made, _git("push", ["all"], ["copy"])))
	}
}

test_push_to_an_old_remote if {
	add := _git("remote add", [], ["copy", "https://host.example/copy.git"])
	not "git.push_new_remote" in fixture.ids(array.concat(add, _git("push", [], ["origin", "main"])))
	not "git.push_new_remote" in fixture.ids(array.concat(add, _git("push", ["dry-run"], ["copy"])))
	every address in ["/srv/copy.git", "../copy.git", "file:///tmp/copy.git", "http://localhost:3000/x.git"] {
		not "git.push_new_remote" in fixture.ids(array.concat(_git("remote add", [], ["copy", address]), _git("push", [], ["copy"])))
	}
}

test_a_push_that_deploys if {
	"git.push_deploys" in fixture.ids(_git("push", ["no-verify"], ["production", "main"]))
	"git.push_deploys" in fixture.ids(_git("push", [], ["heroku-prod", "main"]))
	"git.push_deploys" in fixture.ids(_git("push", [], ["acme-live", "HEAD:main"]))
}

test_a_push_that_does_not_deploy if {
	not "git.push_deploys" in fixture.ids(_git("push", [], ["origin", "production"]))
	not "git.push_deploys" in fixture.ids(_git("push", [], ["product", "main"]))
	not "git.push_deploys" in fixture.ids(_git("push", ["dry-run"], ["production", "main"]))
}

test_push_of_what_is_listed if {
	words := [{"where": "argument", "reason": "words read from standard input"}]
	"git.push_unknown" in fixture.ids([object.union(_git("push", [], ["origin"])[0], {"opaque": words})])
	not "git.push_unknown" in fixture.ids([object.union(_git("push", ["n"], ["origin"])[0], {"opaque": words})])
}

test_a_remote_moved if {
	every stage in [
		_git("remote set-url", [], ["origin", "https://evil.example/app.git"]), _git("remote set-url", ["push"], ["origin", "git@evil.example:app.git"]),
		_git("config", [], ["remote.origin.pushurl", "ssh://git@github.com.evil.example/app"]),
	] {
		"git.remote_moved" in fixture.ids(stage)
	}
	every stage in [
		_git("remote set-url", [], ["origin", "git@github.com:acme/app.git"]), _git("remote set-url", [], ["origin", "https://x@gitlab.com/acme/app.git"]),
		_git("remote set-url", [], ["origin", "../app.git"]), _git("remote add", [], ["copy", "https://host.example/app.git"]),
	] {
		not "git.remote_moved" in fixture.ids(stage)
	}
}

test_a_push_past_the_checks if {
	"git.push_unchecked" in fixture.ids(_git("push", ["no-verify"], ["origin", "HEAD:refs/heads/main"]))
	not "git.push_unchecked" in fixture.ids(_git("push", ["no-verify"], ["origin", "fix/parser"]))
	not "git.push_unchecked" in fixture.ids(_git("push", ["no-verify", "n"], ["origin", "main"]))
	not "git.push_unchecked" in fixture.ids(_git("push", [], ["origin", "main"]))
}
