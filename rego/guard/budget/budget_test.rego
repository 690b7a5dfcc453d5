package guard.budget_test

_request(more) := object.union(
	{
		"kind": "budget",
		"budget": {"op": "debit", "id": "b", "units": 5, "per": ""},
		"peer": {"guarded": "", "own": false},
		"state": {"budgets": [{"id": "b", "unit": "u", "balance": 5}]},
	},
	more,
)

_ids(more) := {h.id | some h in data.guard.budget.hit with input as _request(more)}

test_the_last_units_can_be_spent if _ids({}) == set()

test_more_than_there_is_is_refused_whole if _ids({"budget": {"units": 6}}) == {"budget.insufficient"}

test_what_is_not_there_cannot_be_spent if _ids({"budget": {"id": "c"}}) == {"budget.unknown"}

test_names_and_units_are_checked if {
	every bad in [{"id": "a b"}, {"id": ""}, {"units": 0}, {"units": -1}, {"per": "week"}, {"op": "drop"}] {
		"budget.malformed" in _ids({"budget": bad})
	}
}

test_creating_needs_no_balance if _ids({"budget": {"op": "create", "id": "new", "units": 1}}) == set()

test_a_guarded_process_spends_its_own if {
	_ids({"peer": {"guarded": "was started inside a session"}}) == {"budget.foreign"}
	_ids({"peer": {"guarded": "descends from session s_1", "own": true}}) == set()
}
