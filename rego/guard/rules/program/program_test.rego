package guard.rules.program_test

import data.guard.fixture

test_a_reading_program_is_safe if fixture.ids([{"name": "cat", "args": ["/etc/hostname"]}]) == set()

test_an_unknown_program_is_low if fixture.ids([{"name": "frobnicate"}]) == {"program.other"}

test_root if "program.as_root" in fixture.ids([{"name": "make", "root": true}])

test_reading_as_root_is_safe if fixture.ids([{"name": "cat", "root": true}]) == set()

test_name_that_misleads if "program.odd_name" in fixture.ids([{"name": "rm\u00a0-rf"}])

test_plain_name if not "program.odd_name" in fixture.ids([{"name": "g++"}])

test_words_for_a_container if not "program.odd_name" in fixture.ids([{"name": ".services | keys", "remote": true, "via": ["docker"]}])
