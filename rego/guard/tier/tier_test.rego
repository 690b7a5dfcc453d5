package guard.tier_test

import data.guard.fixture

test_no_stage_is_safe if fixture.ids([]) == set()
