package guard.terms_test

_times(label) := [[step.tier, step.seconds] | some step in data.guard.terms.steps[label]]

test_coding if {
	_times("MEDIUM") == [[2, 60], [3, 120], [4, 300]]
	_times("HIGH") == [[3, 120], [4, 300]]
	_times("CRITICAL") == [[4, 300]]
}

test_a_held_low_begins_at_medium if _times("LOW") == _times("MEDIUM")

test_strict_s1_48 if {
	steps := data.guard.terms.steps with data.guard.config.preset as "strict"
	{label: sum([step.seconds | some step in list]) | some label, list in steps} == {"LOW": 100, "MEDIUM": 100, "HIGH": 40, "CRITICAL": 10}
}

test_every_step_asks_for_people_and_assurance if {
	every list in data.guard.terms.steps {
		every step in list {
			step.approvers >= 1
			step.assurance in {"tty", "peercred"}
		}
	}
}

_critical(config) := step.approvers if {
	step := data.guard.terms.acts["trust.promote.T3"][0] with data.guard.config.people as config.people
		with data.guard.config.roles as config.roles
		with data.guard.config.delegates as config.delegates
}

test_two_people_have_to_agree_where_two_may_s2_22 if {
	_critical({"people": [], "roles": {"reviewer": []}, "delegates": []}) == 1
	_critical({"people": ["ann"], "roles": {"reviewer": []}, "delegates": []}) == 1
	_critical({"people": ["ann", "bob"], "roles": {"reviewer": []}, "delegates": []}) == 2
	_critical({"people": [], "roles": {"reviewer": ["ann", "bob"]}, "delegates": []}) == 2
}

# The second one of them could never answer.
test_one_person_is_enough_where_only_one_may_s2_22 if {
	_critical({"people": ["ann", "bob"], "roles": {"reviewer": ["bob"]}, "delegates": []}) == 1
	_critical({"people": ["ann", "bob"], "roles": {"reviewer": []}, "delegates": ["ann"]}) == 1
	_critical({"people": ["ann", "bob"], "roles": {"reviewer": ["bob", "cy"]}, "delegates": []}) == 1
}
