package guard.tier_test

import data.guard.fixture.line

_action(word, stages) := max({0} | {h.tier |
	some h in data.guard.tier.hit with input as object.union(line(stages), {"cmd": {"kind": "action", "action": word}})
})

test_action_words_have_their_tier if {
	every word, tier in data.guard.tier.actions {
		_action(word, []) == tier
	}
}

test_the_table_is_whole if count(data.guard.tier.actions) == 52

test_format_is_two_words if {
	data.guard.tier.actions.format == 1
	data.guard.tier.actions.format_disk == 4
}

test_an_unknown_word_is_medium if _action("frobnicate", []) == 2

test_the_higher_of_word_and_command_wins if {
	_action("read", [{"name": "rm", "flags": ["r"], "operands": ["x"]}]) == 3
	_action("kill", [{"name": "ls"}]) == 4
}

test_a_word_is_not_asked_of_a_line if {
	count({h | some h in data.guard.tier.hit with input as line([]); startswith(h.id, "action.")}) == 0
}
