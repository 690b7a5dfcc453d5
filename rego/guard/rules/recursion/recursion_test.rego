package guard.rules.recursion_test

import data.guard.fixture

test_recursion if fixture.ids([{"name": ":", "recursive": true}]) == {"shell.recursion"}

test_no_recursion if not "shell.recursion" in fixture.ids([{"name": ":"}])
