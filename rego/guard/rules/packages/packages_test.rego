package guard.rules.packages_test

import data.guard.fixture

test_system_package if "package.system" in fixture.ids(fixture.sub("apt-get", "install", [], ["jq"]))

test_system_package_search if not "package.system" in fixture.ids(fixture.sub("apt", "search", [], ["jq"]))

test_global if "package.global" in fixture.ids(fixture.sub("npm", "install", ["g"], ["x"]))

test_local if not "package.global" in fixture.ids(fixture.sub("npm", "install", [], ["x"]))

test_rimraf if "package.rimraf" in fixture.ids(fixture.sub("rimraf", "", [], ["/home/dev"]))

test_another_tool if not "package.rimraf" in fixture.ids(fixture.sub("npx", "", [], ["eslint", "."]))

test_own_environment if {
	every words in [["env", "remove", "-n", "app-test"], ["env", "remove", "--prefix", "./env"], ["env", "remove", "-p", ".conda"]] {
		not "package.environment" in fixture.ids(fixture.args("conda", words))
	}
	every words in [["env", "remove", "-n", "prod"], ["env", "remove", "-n", "contest"], ["env", "remove", "-p", "/opt/env"], ["env", "remove", "-p", "../env"]] {
		"package.environment" in fixture.ids(fixture.args("conda", words))
	}
}

test_trash_emptied if {
	"package.rimraf" in fixture.ids([{"name": "gio", "args": ["trash", "--empty"], "flags": ["empty"]}])
	not "package.rimraf" in fixture.ids([{"name": "gio", "args": ["trash", "notes.txt"]}])
}
