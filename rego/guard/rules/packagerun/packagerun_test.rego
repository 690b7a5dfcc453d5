package guard.rules.packagerun_test

import data.guard.fixture

test_fetch_run if {
	"package.fetch_run" in fixture.ids(fixture.sub("npx", "", ["y"], ["x"]))
	"package.fetch_run" in fixture.ids(fixture.sub("npx", "", [], ["x@latest"]))
	"package.fetch_run" in fixture.ids(fixture.sub("go", "run", [], ["github.com/x/y@latest"]))
	"package.fetch_run" in fixture.ids(fixture.sub("nix", "run", [], ["github:stranger/tool"]))
}

test_run_installed if {
	not "package.fetch_run" in fixture.ids(fixture.sub("npx", "", [], ["tsc"]))
	not "package.fetch_run" in fixture.ids(fixture.sub("npx", "", [], ["@scope/tool"]))
	not "package.fetch_run" in fixture.ids(fixture.sub("go", "run", [], ["./cmd/x"]))
	not "package.fetch_run" in fixture.ids(fixture.sub("nix", "run", [], ["nixpkgs#hello"]))
}
