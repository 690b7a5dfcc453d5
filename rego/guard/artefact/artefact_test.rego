package guard.artefact_test

import data.guard.fixture

test_artefact_names if {
	data.guard.artefact.finds[0] with input as fixture.line([{
		"name": "find", "operands": ["."], "options": [{"name": "name", "value": "*.pyc"}], "flags": ["name", "delete"],
		"args": [".", "-name", "*.pyc", "-delete"],
		"paths": [fixture.path("delete", "workspace", "/home/dev/app", {"covers": ["workspace"]})],
	}])
}

test_artefact_names_behind_the_action if {
	not data.guard.artefact.finds[0] with input as fixture.line([{
		"name": "find", "operands": ["."], "options": [{"name": "name", "value": "*.pyc"}], "flags": ["name", "delete"],
		"args": [".", "-delete", "-name", "*.pyc"],
		"paths": [fixture.path("delete", "workspace", "/home/dev/app", {"covers": ["workspace"]})],
	}])
}

test_artefact_names_or_others if {
	not data.guard.artefact.finds[0] with input as fixture.line([{
		"name": "find", "operands": ["."], "options": [{"name": "name", "value": "*.pyc"}], "flags": ["name", "delete"],
		"args": [".", "-name", "*.pyc", "-o", "-delete"],
		"paths": [fixture.path("delete", "workspace", "/home/dev/app", {"covers": ["workspace"]})],
	}])
}

test_set_aside if {
	data.guard.artefact.is("dist.old")
	data.guard.artefact.is("node_modules_old")
	not data.guard.artefact.is("src.old")
}

_found_in(raw) := [{
	"name": "find", "operands": [raw], "flags": ["delete"], "args": [raw, "-delete"],
	"paths": [
		fixture.path("delete", "workspace", sprintf("/home/dev/app/%s", [raw]), {"raw": raw}),
		fixture.path("write", "null", "/dev/null", {}),
	],
}]

test_folders_of_artefacts if {
	every raw in ["test-results", "./cypress/videos", "build/tmp"] {
		data.guard.artefact.finds[0] with input as fixture.line(_found_in(raw))
	}
	every raw in ["docs", "cypress", "test-results/../src"] {
		not data.guard.artefact.finds[0] with input as fixture.line(_found_in(raw))
	}
}
