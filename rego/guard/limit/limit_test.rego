package guard.limit_test

import data.guard.fixture

_rows(more) := {r.id: r | some r in data.guard.limit.row with input as object.union(fixture.line([]), more)}

_words(text) := split(text, " ")

_profiles := {
	"observer": "allow deny deny deny deny",
	"operator": "allow allow hold hold hold",
	"guardian": "allow allow allow hold hold",
	"phoenix": "allow allow allow allow hold",
	"sovereign": "allow allow allow allow hold",
}

_trusts := {
	"T0": "allow hold hold deny deny",
	"T1": "allow allow allow allow allow",
	"T2": "allow allow allow allow allow",
	"T3": "allow allow allow allow allow",
	"T4": "allow allow allow allow allow",
}

_surges := [
	"allow allow allow allow allow",
	"allow hold hold hold hold",
	"allow hold hold hold deny",
	"allow deny deny deny deny",
]

test_every_cell_of_profile if {
	every level, cells in _profiles {
		_rows({"session": {"profile": level}}).profile == {"id": "profile", "level": level, "verdicts": _words(cells)}
	}
}

test_every_cell_of_trust if {
	every level, cells in _trusts {
		_rows({"agent": {"trust": level}}).trust == {"id": "trust", "level": level, "verdicts": _words(cells)}
	}
}

test_every_cell_of_surge if {
	every level, cells in _surges {
		_rows({"state": {"surge": level}}).surge.verdicts == _words(cells)
	}
}

test_lockout_denies_low_and_above_s3_20 if {
	_rows({"state": {"lockout": true}}).lockout.verdicts == ["allow", "deny", "deny", "deny", "deny"]
	_rows({"state": {"lockout": false}}).lockout.verdicts == ["allow", "allow", "allow", "allow", "allow"]
}

_denied := ["deny", "deny", "deny", "deny", "deny"]

test_an_unknown_level_is_denied_everything if {
	_rows({"session": {"profile": "root"}}).profile.verdicts == _denied
	_rows({"agent": {"trust": ""}}).trust.verdicts == _denied
	_rows({"state": {"surge": 4}}).surge.verdicts == _denied
	_rows({"state": {"lockout": "no"}}).lockout.verdicts == _denied
}

test_a_command_that_lost_its_levels_is_denied_everything if {
	rows := data.guard.limit.row with input as {"kind": "command"}
	{r.id | some r in rows} == {"profile", "trust", "surge", "lockout"}
	every r in rows {
		r.verdicts == _denied
	}
}

test_a_row_without_a_cell_is_denied_everything if {
	rows := {r.id: r | some r in data.guard.limit.row with input as fixture.line([]) with data.guard.config.rows.profile.operator as {"SAFE": "allow"}}
	rows.profile.verdicts == _denied
}

test_votes_have_no_rows if {
	every kind in ["vote", "stop", "accept", "session"] {
		_rows({"kind": kind}) == {}
	}
}
