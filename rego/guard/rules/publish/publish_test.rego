package guard.rules.publish_test

import data.guard.fixture

test_publish if {
	every stage in [fixture.sub("npm", "publish", [], []), fixture.sub("cargo", "publish", [], []), fixture.sub("twine", "upload", [], ["dist/x"]), fixture.sub("gem", "push", [], ["x"])] {
		"package.publish" in fixture.ids(stage)
	}
}

test_publish_dry if not "package.publish" in fixture.ids(fixture.sub("npm", "publish", ["dry-run"], []))
