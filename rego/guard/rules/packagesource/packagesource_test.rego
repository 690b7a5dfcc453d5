package guard.rules.packagesource_test

import data.guard.fixture

test_foreign if "package.foreign" in fixture.ids(fixture.sub("npm", "install", [], ["https://evil.example/x.tgz"]))

test_from_the_registry if not "package.foreign" in fixture.ids(fixture.sub("npm", "install", [], ["x@1"]))

test_package_config if {
	"package.config" in fixture.ids(fixture.sub("npm", "config", [], ["set", "ignore-scripts", "false"]))
	"package.config" in fixture.ids(fixture.sub("pip", "config set", [], ["global.index-url", "http://x"]))
}

test_package_config_read if not "package.config" in fixture.ids(fixture.sub("npm", "config", [], ["get", "registry"]))

test_replaced if {
	every stages in [
		[{"name": "go", "sub": "mod edit", "args": ["mod", "edit", "-replace", "example.com/a=example.org/b@v1.0.0"]}],
		[{"name": "go", "sub": "mod edit", "args": ["mod", "edit", "-replace=example.com/a=example.org/b@v1.0.0"]}],
		fixture.sub("npm", "pkg set", [], ["overrides.lodash=npm:other"]), fixture.sub("npm", "install", [], ["lodash@github:other/lodash"]),
	] {
		"package.replace" in fixture.ids(stages)
	}
}

test_replaced_by_a_folder if {
	every stages in [
		[{"name": "go", "sub": "mod edit", "args": ["mod", "edit", "-replace", "example.com/a=../a"]}],
		[{"name": "go", "sub": "mod edit", "args": ["mod", "edit", "-dropreplace", "example.com/a"]}],
		fixture.sub("npm", "pkg set", [], ["overrides.lodash=4.17.21"]), fixture.sub("npm", "install", [], ["@types/node@20"]),
	] {
		not "package.replace" in fixture.ids(stages)
	}
}

test_settings_that_trust_anybody if {
	every words in [["conda", "config", "--set", "ssl_verify", "false"], ["composer", "config", "secure-http", "false"], ["poetry", "config", "repositories.x", "http://x.example"]] {
		"package.config" in fixture.ids(fixture.args(words[0], array.slice(words, 1, 9)))
	}
	every words in [["poetry", "config", "virtualenvs.in-project", "true"], ["composer", "config", "repositories.x"], ["conda", "config", "show"]] {
		not "package.config" in fixture.ids(fixture.args(words[0], array.slice(words, 1, 9)))
	}
	"package.unverified" in fixture.ids(fixture.args("npm", ["install", "--strict-ssl=false", "x"]))
	not "package.unverified" in fixture.ids(fixture.args("npm", ["install", "--strict-ssl=true", "x"]))
}
