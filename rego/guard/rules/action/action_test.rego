package guard.rules.action_test

import data.guard.fixture

_action(word, stages) := max({0} | {h.tier |
	some h in data.guard.tier.hit with input as object.union(fixture.line(stages), {"cmd": {"kind": "action", "action": word}})
})

_docker(sub, flags, operands) := [{"name": "docker", "sub": sub, "flags": flags, "operands": operands, "args": array.concat([sub], operands)}]

test_action_words_have_their_tier if {
	every word, tier in data.guard.tables.actions {
		_action(word, []) == tier
	}
}

test_the_table_is_whole if count(data.guard.tables.actions) == 52

test_format_is_two_words if {
	data.guard.tables.actions.format == 1
	data.guard.tables.actions.format_disk == 4
}

test_an_unknown_word_is_medium if _action("frobnicate", []) == 2

test_the_higher_of_word_and_command_wins if {
	_action("read", [{"name": "rm", "flags": ["r"], "operands": ["x"]}]) == 3
	_action("kill", [{"name": "ls"}]) == 4
}

test_a_word_is_not_asked_of_a_line if {
	count({h | some h in data.guard.tier.hit with input as fixture.line([]); startswith(h.id, "action.")}) == 0
}

test_container_remove if fixture.tier(_docker("rm", [], ["a"])) == 2

test_container_list if fixture.ids(_docker("ps", ["a"], [])) == set()
