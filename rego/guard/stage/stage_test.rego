package guard.stage_test

import data.guard.fixture

test_an_option_that_writes_is_not_reading if fixture.ids([{"name": "sort", "flags": ["o"]}]) == {"program.other"}

test_a_reading_subcommand_is_safe if fixture.ids([{"name": "docker", "sub": "ps"}]) == set()

test_another_subcommand_is_not if "program.other" in fixture.ids([{"name": "docker", "sub": "run"}])

test_help_is_safe if fixture.ids([{"name": "terraform", "args": ["--help"]}]) == set()

test_help_of_a_program_with_a_path_is_not if "program.other" in fixture.ids([{"name": "x", "path": "/tmp/x", "args": ["--help"]}])

test_an_unknown_subcommand_is_not_reading if {
	"program.other" in fixture.ids(fixture.args("guard", ["frobnicate", "x"]))
	"program.other" in fixture.ids(fixture.args("gh", ["frobnicate"]))
}

test_a_subcommand_that_only_stands_in_the_operands if fixture.ids(fixture.args("guard", ["policy", "check", "."])) == set()

test_a_program_of_the_system_by_its_path if fixture.ids([{"name": "ls", "path": "/usr/bin/ls"}]) == set()

test_a_program_that_only_has_the_name if {
	fixture.ids([{"name": "ls", "path": "/home/dev/app/ls"}]) == {"program.other"}
	fixture.ids([{"name": "git", "path": "/tmp/git", "sub": "status"}]) == {"program.other"}
}
