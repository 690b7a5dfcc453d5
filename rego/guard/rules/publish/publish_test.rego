package guard.rules.publish_test

import data.guard.fixture

test_publish if {
	every stage in [fixture.sub("npm", "publish", [], []), fixture.sub("cargo", "publish", [], []), fixture.sub("twine", "upload", [], ["dist/x"]), fixture.sub("gem", "push", [], ["x"])] {
		"package.publish" in fixture.ids(stage)
	}
}

test_publish_dry if not "package.publish" in fixture.ids(fixture.sub("npm", "publish", ["dry-run"], []))

test_publishes_by_words if {
	every words in [["butler", "push", "build/win", "acme/game:win"], ["steamcmd", "+login", "x", "+run_app_build", "a.vdf"], ["luarocks", "upload", "x.rockspec"], ["dput", "ppa:a/b", "x.changes"]] {
		"package.publish" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
	every words in [["butler", "status", "acme/game"], ["luarocks", "install", "x"], ["conan", "install", "upload"], ["quarto", "render"]] {
		not "package.publish" in fixture.ids(fixture.args(words[0], array.slice(words, 1, count(words))))
	}
}

test_tasks_that_publish if {
	every word in ["deploy", "release:perform", "publish", ":app:publish", "publishAllToCentral", ":lib:uploadArchives"] {
		"package.publish" in fixture.ids(fixture.args("gradle", [word]))
	}
	every word in ["publishToMavenLocal", "publishing", "build", ":app:assemble", "deploy-check"] {
		not "package.publish" in fixture.ids(fixture.args("gradle", [word]))
	}
}
