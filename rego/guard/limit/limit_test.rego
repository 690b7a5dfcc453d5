package guard.limit_test

import data.guard.fixture

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

_surges := {
	"0": "allow allow allow allow allow",
	"1": "allow hold hold hold hold",
	"2": "allow hold hold hold deny",
	"3": "allow deny deny deny deny",
}

_lockouts := {
	"off": "allow allow allow allow allow",
	"on": "allow deny deny deny deny",
}

_table(want) := {level: _words(cells) | some level, cells in want}

test_every_cell_of_profile if data.guard.limit.rows.profile == _table(_profiles)

test_every_cell_of_trust if data.guard.limit.rows.trust == _table(_trusts)

test_every_cell_of_surge if data.guard.limit.rows.surge == _table(_surges)

test_lockout_denies_low_and_above_s3_20 if data.guard.limit.rows.lockout == _table(_lockouts)

test_a_row_without_a_cell_is_no_row if {
	not data.guard.limit.rows.profile.clerk with data.guard.config.rows.profile.clerk as {"SAFE": "allow"}
}

_levels(more) := {l.id: l.level | some l in data.guard.limit.level with input as object.union(fixture.line([]), more)}

test_levels_of_a_request if {
	_levels({}) == {"profile": "operator", "trust": "T1", "surge": "0", "lockout": "off"}
	_levels({"state": {"surge": 3, "lockout": true}}) == {"profile": "operator", "trust": "T1", "surge": "3", "lockout": "on"}
}

test_what_a_command_lost_is_missing if {
	data.guard.limit.level == set() with input as {"kind": "command"}
	object.keys(_levels({"state": {"lockout": "no"}})) == {"profile", "trust", "surge"}
}

test_votes_have_no_limits if {
	every kind in ["vote", "stop", "accept", "session"] {
		_levels({"kind": kind}) == {}
	}
}
