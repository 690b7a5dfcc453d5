package guard.rules.persist_test

import data.guard.fixture

test_startup_file if {
	every name in [".bashrc", ".ssh/authorized_keys", ".config/autostart/x.desktop", ".ssh", ".gitconfig"] {
		fixture.tier(fixture.on("tee", fixture.home("write", name))) == 3
		"persist.startup" in fixture.ids(fixture.on("tee", fixture.home("write", name)))
	}
}

test_hooks if "persist.startup" in fixture.ids(fixture.on("tee", fixture.path("write", "workspace", "/home/dev/app/.git/hooks/pre-commit", {})))

test_notes if fixture.ids(fixture.on("touch", fixture.home("write", "notes.txt"))) == {"program.other"}

test_startup_file_read if not "persist.startup" in fixture.ids(fixture.on("cat", fixture.home("read", ".bashrc")))
