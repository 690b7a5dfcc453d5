package guard.velocity_test

import data.guard.fixture
import data.guard.velocity

_asked(low, medium, denied) := {
	"kind": "pace", "agent": {"trust": "T1"},
	"state": {"certainty_ppm": 1000000, "counts": ((_counts("low", low) | _counts("medium", medium)) | _counts("denied", denied))},
}

# How many there were in the last 15, 10 and 5 minutes.
_counts(counter, n) := {{"counter": counter, "minutes": m, "n": n[i]} | some i, m in [15, 10, 5]}

_coding(low, medium, denied) := n if {
	n := velocity.pace.level with input as _asked(low, medium, denied)
}

_strict(low) := n if n := velocity.pace.level with input as _asked(low, low, [0, 0, 0]) with data.guard.config.preset as "strict"

_none := [0, 0, 0]

test_s3_01_level_1_begins_with_12_in_15_minutes if {
	_strict([11, 0, 0]) == 0
	_strict([12, 0, 0]) == 1
	_coding(_none, [11, 0, 0], _none) == 0
	_coding(_none, [12, 0, 0], _none) == 1
	_coding([59, 0, 0], _none, _none) == 0
	_coding([60, 0, 0], _none, _none) == 1
}

test_s3_02_level_2_begins_with_15_in_10_minutes if {
	_strict([14, 14, 0]) == 1
	_strict([15, 15, 0]) == 2
	_coding(_none, [15, 14, 14], _none) == 1
	_coding(_none, [15, 15, 14], _none) == 2
	_coding([79, 79, 59], _none, _none) == 1
	_coding([80, 80, 59], _none, _none) == 2
}

test_s3_03_level_3_begins_with_15_in_5_minutes if {
	_strict([14, 14, 14]) == 1
	_strict([15, 15, 15]) == 3
	_coding([59, 59, 59], _none, _none) == 0
	_coding([60, 60, 60], _none, _none) == 3
}

test_s3_05_level_2_is_15_in_10_and_fewer_in_5 if {
	_strict([15, 15, 14]) == 2
	_strict([15, 15, 15]) == 3
}

test_s3_25_denied_attempts_lock_out if {
	_coding(_none, _none, [10, 10, 9]) == 0
	_coding(_none, _none, [10, 10, 10]) == 3
}

test_trust_widens_what_may_be_done_and_not_what_may_be_denied if {
	asked := object.union(_asked([60, 60, 60], _none, _none), {"agent": {"trust": "T4"}})
	velocity.pace.level == 0 with input as asked
	velocity.pace.room == 10 with input as asked
	denied := object.union(_asked(_none, _none, [10, 10, 10]), {"agent": {"trust": "T4"}})
	velocity.pace.level == 3 with input as denied
}

test_a_part_of_an_action_needs_one_more if {
	asked := object.union(_asked(_none, [14, 0, 0], _none), {"agent": {"trust": "T2"}})
	velocity.pace.level == 0 with input as asked
	velocity.pace.room == 1 with input as asked
	more := object.union(_asked(_none, [15, 0, 0], _none), {"agent": {"trust": "T2"}})
	velocity.pace.level == 1 with input as more
}

test_counts_that_are_missing_are_too_many if velocity.pace.level == 3 with input as {"kind": "pace"}

test_room_until_the_next_threshold if {
	object.remove(velocity.pace, ["thresholds"]) == {"level": 0, "room": 10, "surge": null} with input as _asked(_none, _none, _none)
	velocity.pace.room == 2 with input as _asked([58, 0, 0], _none, _none)
}

_signal := s if s := velocity.pace.surge with input as _asked([15, 15, 14], [15, 15, 14], _none) with data.guard.config.preset as "strict"

test_thresholds_are_those_of_the_agents_trust if {
	asked := object.union(_asked([7, 0, 0], _none, _none), {"agent": {"trust": "T2"}})
	{"counter": "low", "level": 1, "minutes": 15, "actions": 75, "count": 7} in velocity.pace.thresholds with input as asked
	{"counter": "denied", "level": 3, "minutes": 5, "actions": 10, "count": 0} in velocity.pace.thresholds with input as asked
}

test_s3_06_s3_07_what_level_2_says if {
	_signal.velocity == {"window_minutes": 10, "action_count": 15, "actions_per_minute_e4": 15000, "threshold_actions_per_minute_e4": 15000}
	_signal.tier == "tier_2"
	_signal.action == "route_to_autonomous_executor"
	_signal.risk_class == "high"
	_signal.executor == "autonomous_recovery_executor"
	_signal.rationale == "tier_2 triggered by velocity 1.5000/min over 10m window"
	_signal.status == "routed"
}

test_s3_06_rates_have_four_decimals if {
	velocity.rate(12, 15) == 8000
	velocity.rate(13, 15) == 8667
	velocity.decimal(velocity.rate(13, 15)) == "0.8667"
	velocity.decimal(120000) == "12.0000"
}

test_s3_08_confidence if {
	velocity.confidence(0, 1000000) == 550000
	velocity.confidence(3, 500000) == 900000
	velocity.confidence(20, 0) == 1000000
	velocity.confidence(0, 999000) == 550000
}

test_s3_10_level_3_has_no_executor if {
	s := velocity.pace.surge with input as _asked([60, 60, 60], _none, _none)
	s.executor == null
	s.action == "lockout_autonomous_edits"
	s.status == "lockout_enabled"
	s.brief == "Autonomous edits have been paused to protect account safety after sustained high-velocity actions."
}

_carries(request) if {
	velocity.carries with input as request
}

_exec(stages) := object.union(fixture.line(stages), {"cmd": {"kind": "exec"}})

test_build_drivers_and_lines_carry_one_action if {
	_carries(fixture.line([{"name": "claude"}]))
	_carries(_exec([{"name": "make"}]))
	_carries(_exec([{"name": "bash", "payload": {"kind": "inline", "lang": "shell", "text": "make", "read": true}}]))
	_carries(_exec([{"name": "node", "operands": ["/usr/lib/node_modules/npm/bin/npm-cli.js"], "payload": {"kind": "script", "lang": "node", "text": "", "read": false}}]))
	_carries(_exec([{"name": "runall"}, {"name": "touch", "parent": 0}]))
}

test_a_script_that_was_not_read_carries_one_action if {
	_carries(_exec([{"name": "bash", "operands": ["/usr/bin/tool"]}]))
	_carries(_exec([{"name": "tool", "exe": {"path": "/usr/bin/tool", "chain": ["/usr/bin/bash"]}}]))
	not _carries(_exec([{"name": "bash"}]))
}

test_an_agent_carries_none if {
	not _carries(_exec([{"name": "claude"}]))
	not _carries(_exec([{"name": "node", "operands": ["/usr/bin/claude"], "payload": {"kind": "script", "lang": "node", "text": "", "read": false}}]))
	not _carries({"cmd": {"kind": "exec", "stages": []}})
}

_lockout(lockout, more) := object.union(
	{
		"kind": "lockout", "lockout": object.union({"agent": "bot", "reset": true, "reason": "looked at it"}, lockout),
		"peer": {"guarded": "", "terminal": true}, "state": {"lockout": true}, "hold": null, "session": {"raised": ""},
	},
	more,
)

_rules(request) := {h.id | some h in velocity.hit with input as request}

_does(request) := {e.do | some e in velocity.effect with input as request}

test_s3_21_a_reset_is_held_for_people if {
	_rules(_lockout({}, {})) == {"velocity.held"}
	velocity.act == "lockout.reset" with input as _lockout({}, {})
	_does(_lockout({}, {})) == {"unlock"}
}

test_s3_21_a_reset_needs_a_reason_a_terminal_and_a_lockout if {
	_rules(_lockout({"reason": " "}, {})) == {"velocity.reason"}
	_rules(_lockout({}, {"peer": {"terminal": false}})) == {"velocity.terminal"}
	_rules(_lockout({}, {"peer": {"guarded": "descends from session s_1"}})) == {"velocity.terminal"}
	_rules(_lockout({}, {"state": {"lockout": false}})) == {"velocity.not_locked"}
	_does(_lockout({}, {"peer": {"terminal": false}})) == set()
	count(_rules({"kind": "lockout"})) > 0
}

test_what_people_approved_is_carried_out if {
	_does(_lockout({}, {"peer": {"guarded": "whoever asked for it"}, "hold": {"state": "approved"}})) == {"unlock"}
}

test_locking_out_needs_nobodys_leave if {
	free := {"state": {"lockout": false}}
	_rules(_lockout({"reset": false}, free)) == set()
	_does(_lockout({"reset": false}, free)) == {"lock"}
	inside := object.union(free, {"peer": {"guarded": "descends from session s_1"}})
	_rules(_lockout({"reset": false}, inside)) == {"velocity.power"}
	guardian := object.union(inside, {"session": {"raised": "guardian"}, "agent": {"name": "bot"}})
	_rules(_lockout({"reset": false, "agent": "bot"}, guardian)) == set()
	_rules(_lockout({"reset": false, "agent": "another"}, guardian)) == {"velocity.power"}
	_rules(_lockout({"reset": false}, {})) == {"velocity.locked"}
}

test_no_threshold_is_above_what_is_kept if {
	every t in {t | t := data.guard.config.presets[_].velocity[_][_]} {
		t.actions * max([p | some p in data.guard.config.velocity.percent]) <= 256 * 100
	}
}
