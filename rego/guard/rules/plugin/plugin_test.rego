package guard.rules.plugin_test

import data.guard.fixture

_adds(stages) := "package.plugin" in fixture.ids(stages)

test_adds_a_plug_in if {
	_adds(fixture.sub("gh", "extension install", [], ["a/b"]))
	_adds([{"name": "code", "flags": ["install-extension"]}])
	_adds(fixture.args("nvim", ["+PlugInstall", "+qa"]))
	_adds(fixture.sub("kubectl", "krew", [], ["install", "x"]))
}

test_lists_plug_ins if {
	not _adds(fixture.sub("gh", "extension list", [], []))
	not _adds([{"name": "code", "flags": ["list-extensions"]}])
	not _adds(fixture.args("nvim", ["+q"]))
}
