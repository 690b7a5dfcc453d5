package guard.release_test

_up(id, from, to, more) := object.union(
	{
		"id": id, "session": "s_1", "from": from, "to": to, "type": "operator_request", "reversible": true, "auto": true,
		"ttl": 3600, "age_ms": 1000, "condition": "timeout", "confirmed": true,
	},
	more,
)

_stack := [
	_up("esc_1", "observer", "operator", {}),
	_up("esc_2", "operator", "guardian", {}),
	_up("esc_3", "guardian", "phoenix", {"type": "crisis_declared"}),
]

_highest := _up("esc_4", "phoenix", "sovereign", {"reversible": false, "auto": false, "ttl": 0})

_person := {"guarded": "", "own": false, "terminal": true}

_agent := {"guarded": "descends from session s_1", "own": true, "terminal": false}

_release(id, stack, peer) := {
	"kind": "release", "release": {"id": id, "session": "s_1", "reason": "done"},
	"state": {"elevations": stack}, "peer": peer,
}

_hits(request) := {h.id: h.msg | some h in data.guard.release.hit with input as request}

_ends(request) := ids if {
	effects := data.guard.release.effect with input as request
	ids := [e.id | some order in sort({e.order | some e in effects}); some e in effects; e.order == order]
}

_types(request) := {e.id: e.type | some e in data.guard.release.effect with input as request}

test_what_is_not_there_cannot_end_s0_70 if {
	_hits(_release("esc_9", _stack, _person)) == {"elevation.unknown": "Escalation esc_9 not found or already inactive"}
	_hits(_release("", [], _person)) == {"elevation.unknown": "no escalation is active"}
}

test_the_highest_is_taken_back_at_a_terminal_s0_71 if {
	stack := array.concat(_stack, [_highest])
	refused := {"elevation.irreversible": "Escalation esc_4 is not reversible without sovereign override"}
	_hits(_release("esc_4", stack, _agent)) == refused
	_hits(_release("esc_1", stack, _agent)) == refused
	_hits(_release("esc_4", stack, object.union(_person, {"terminal": false}))) == refused
	_hits(_release("esc_4", stack, _person)) == {}
	_types(_release("esc_4", stack, _person)) == {"esc_4": "sovereign_revoke"}
}

test_those_built_on_it_end_first_s0_75 if {
	_ends(_release("esc_1", _stack, _person)) == ["esc_3", "esc_2", "esc_1"]
	_ends(_release("esc_2", _stack, _person)) == ["esc_3", "esc_2"]
	_ends(_release("", _stack, _person)) == ["esc_3"]
}

test_a_release_has_its_type_s0_12 if {
	_types(_release("esc_1", _stack, _person)) == {"esc_1": "operator_release", "esc_2": "operator_release", "esc_3": "crisis_concluded"}
	_types(_release("esc_3", _stack, _agent)) == {"esc_3": "operator_release"}
}

test_an_agent_gives_up_its_own_and_no_other if {
	_hits(_release("esc_1", _stack, _agent)) == {}
	_hits(_release("esc_1", _stack, object.union(_agent, {"own": false}))) == {"elevation.foreign": "the elevation belongs to another session"}
	"elevation.foreign" in object.keys(_hits({"kind": "release"}))
}

_quiet := {"threats_ms": -1, "alerts_ms": -1, "incident": false}

_due(stack, quiet) := {"kind": "due", "state": {"elevations": stack, "quiet": object.union(_quiet, quiet)}}

_lapsed(request) := {e.id: [e.type, e.reason] | some e in data.guard.release.lapse with input as request}

_next(request) := n if n := data.guard.release.next with input as request

test_time_ends_what_has_a_time_s0_80 if {
	_lapsed(_due([_up("esc_1", "observer", "operator", {"age_ms": 3600000})], {})) == {}
	_lapsed(_due([_up("esc_1", "observer", "operator", {"age_ms": 3600001})], {})) == {"esc_1": ["timeout_expired", "TTL of 3600s expired"]}
}

test_what_has_no_time_stays_s0_81 if {
	_lapsed(_due([_up("esc_1", "observer", "operator", {"ttl": 0, "age_ms": 99999999})], {})) == {}
	_lapsed(_due([_up("esc_1", "observer", "operator", {"auto": false, "age_ms": 99999999})], {})) == {}
}

test_what_is_built_on_the_ended_ends_with_it_s0_75 if {
	stack := [_up("esc_1", "observer", "operator", {"age_ms": 3600001}), _up("esc_2", "operator", "guardian", {}), _up("esc_3", "observer", "operator", {"session": "s_2"})]
	object.keys(_lapsed(_due(stack, {}))) == {"esc_1", "esc_2"}
	_lapsed(_due(stack, {})).esc_2 == ["timeout_expired", "esc_1, on which it was built, ended"]
	orders := {e.id: e.order | some e in data.guard.release.lapse} with input as _due(stack, {})
	orders.esc_2 < orders.esc_1
}

test_quiet_ends_what_threats_raised_s0_103 if {
	stack := [_up("esc_1", "operator", "guardian", {"condition": "no_active_threats_1h"})]
	_lapsed(_due(stack, {"threats_ms": 0})) == {}
	_lapsed(_due(stack, {"threats_ms": 3599999})) == {}
	_lapsed(_due(stack, {"threats_ms": 3600000})) == {"esc_1": ["threat_resolved", "No active threats for 1 hour"]}
	_lapsed(_due(stack, {})) == {}
}

test_a_day_without_alerts_s0_103 if {
	stack := [_up("esc_1", "operator", "guardian", {"condition": "no_active_alerts_24h"})]
	_lapsed(_due(stack, {"alerts_ms": 86399999})) == {}
	_lapsed(_due(stack, {"alerts_ms": 86400000})) == {"esc_1": ["threat_resolved", "No active alerts for 24 hours"]}
}

test_the_end_of_the_incident_ends_all_it_raised_s0_103 if {
	stack := [_up("esc_1", "guardian", "phoenix", {"condition": "crisis_resolved"})]
	_lapsed(_due(stack, {"incident": true})) == {}
	_lapsed(_due(stack, {"incident": false})) == {"esc_1": ["crisis_concluded", "Crisis formally concluded"]}
	lost := json.remove(_due(stack, {}), ["state/quiet/incident"])
	object.keys(_lapsed(lost)) == {"esc_1"}
}

test_when_to_look_again if {
	_next(_due([_up("esc_1", "observer", "operator", {"age_ms": 3599000})], {})) == {1001}
	quiet := [_up("esc_1", "observer", "operator", {"age_ms": 0, "condition": "no_active_threats_1h"})]
	_next(_due(quiet, {"threats_ms": 3500000})) == {3600001, 100000}
	_next(_due(quiet, {"threats_ms": 0})) == {3600001}
	_next(_due([], {})) == set()
}
