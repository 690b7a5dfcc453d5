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
