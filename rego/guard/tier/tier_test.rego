package guard.tier_test

import data.guard.fixture

test_no_stage_is_safe if fixture.ids([]) == set()

test_only_what_is_called_for_is_asked if {
	data.guard.tier.family == {"program", "deploy", "words", "db", "dbtool", "migrate", "expose", "token", "environ"} with input as fixture.line([{"name": "make-coffee"}])
	data.guard.tier.family == {"program", "deploy", "words", "db", "dbtool", "migrate", "expose", "token", "environ", "gitconfig", "gitrun"} with input as fixture.line([{"name": "git"}])
	data.guard.tier.family == {"program", "deploy", "words", "db", "dbtool", "migrate", "expose", "token", "environ", "gitconfig", "gitrun", "gitpush"} with input as fixture.line([{"name": "git", "sub": "push"}])
}

test_every_family_of_the_table_exists if {
	every names in data.guard.tables.families {
		every name in names {
			data.guard.rules[name].hit == data.guard.rules[name].hit with input as fixture.line([])
		}
	}
}
