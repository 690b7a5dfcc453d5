package guard.rules.lossout_test

import data.guard.fixture

test_rewritten_outside if {
	photo := fixture.path("write", "home", "/home/dev/photos/a.jpg", {})
	"loss.rewritten_outside" in fixture.ids([{"name": "mogrify", "paths": [photo]}])
	not "loss.rewritten_outside" in fixture.ids([{"name": "mogrify", "paths": [object.union(photo, {"zone": "workspace"})]}])
	not "loss.rewritten_outside" in fixture.ids([{"name": "mogrify", "paths": [object.union(photo, {"access": "read"})]}])
}

test_copied_over_home if {
	home := fixture.path("write", "home", "/home/dev", {"covers": ["home"]})
	"loss.copied_home" in fixture.ids([{"name": "cp", "flags": ["r", "f"], "paths": [home]}])
	"loss.copied_home" in fixture.ids([{"name": "stow", "paths": [home]}])
	not "loss.copied_home" in fixture.ids([{"name": "cp", "paths": [home]}])
	not "loss.copied_home" in fixture.ids([{"name": "rsync", "flags": ["a", "dry-run"], "paths": [home]}])
}
