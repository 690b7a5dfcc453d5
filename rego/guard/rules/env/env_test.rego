package guard.rules.env_test

import data.guard.fixture

_set(name, value) := {"name": name, "value": value, "literal": true}

test_variable_that_runs_code if "shell.exec_env" in fixture.ids([{"name": "git", "sub": "diff", "env": [_set("GIT_EXTERNAL_DIFF", "/tmp/x")]}])

test_plain_pager if fixture.ids([{"name": "git", "sub": "diff", "env": [_set("PAGER", "cat")]}]) == set()

test_ordinary_variable if not "shell.exec_env" in fixture.ids([{"name": "npm", "env": [_set("FOO", "bar")]}])

test_node_options_that_load if "shell.exec_env" in fixture.ids([{"name": "npm", "env": [_set("NODE_OPTIONS", "--require /tmp/x.js")]}])

test_node_options_that_size if not "shell.exec_env" in fixture.ids([{"name": "npm", "env": [_set("NODE_OPTIONS", "--max-old-space-size=4096")]}])

test_fork_bomb if fixture.tier([{"name": ":", "recursive": true, "writes_to": [1]}, {"name": ":", "recursive": true, "reads_from": [0], "background": true}]) == 4
