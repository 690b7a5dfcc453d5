package guard.rules.vcs_test

import data.guard.fixture

test_discards if {
	every words in [
		["hg", "purge", "--all"], ["hg", "--config", "extensions.purge=", "purge"], ["hg", "revert", "-a"], ["jj", "abandon", "@"],
		["jj", "op", "restore", "abc"], ["p4", "revert", "//..."], ["fossil", "clean"], ["cvs", "release", "-d", "lib"],
	] {
		"vcs.discard" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	"vcs.discard" in fixture.ids([{"name": "hg", "sub": "update", "flags": ["clean"], "args": ["update", "--clean"]}])
}

test_keeps if {
	every words in [
		["hg", "commit", "-m", "purge"], ["hg", "update", "tip"], ["jj", "log"], ["svn", "update"],
		["p4", "sync"], ["fossil", "status"], ["cvs", "release", "lib"],
	] {
		not "vcs.discard" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	not "vcs.discard" in fixture.ids([{"name": "hg", "sub": "purge", "flags": ["p"], "args": ["purge", "-p"]}])
}

test_server if {
	every words in [["svn", "rm", "^/branches/old"], ["svn", "mv", "https://svn.example/a", "https://svn.example/b"], ["p4", "obliterate", "-y", "//depot/a"]] {
		"vcs.server" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	"vcs.server" in fixture.ids([{"name": "svn", "sub": "propset", "flags": ["revprop"], "args": ["propset", "--revprop"]}])
	"vcs.server" in fixture.ids([{"name": "hg", "sub": "push", "flags": ["force"], "args": ["push", "--force"]}])
}

test_working_copy if {
	every words in [["svn", "rm", "lib/a.c"], ["svn", "mkdir", "lib"], ["hg", "push"], ["svn", "checkout", "https://svn.example/a"]] {
		not "vcs.server" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
}
