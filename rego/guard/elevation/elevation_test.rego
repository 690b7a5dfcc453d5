package guard.elevation_test

_person := {"uid": 1000, "name": "ann", "guarded": "", "own": false, "terminal": true}

_agent := {"uid": 1000, "name": "ann", "guarded": "descends from session s_1", "own": true, "terminal": false}

_asks(from, to, more) := object.union(
	{
		"kind": "elevate",
		"elevate": {
			"session": "s_1", "from": from, "to": to, "reason": "to fix it", "ttl": null, "incident": false,
			"condition": "", "threat": "",
		},
		"session": {"raised": from, "profile": from},
		"state": {"lockout": false, "elevations": [], "quiet": {"threats_ms": -1, "alerts_ms": -1, "incident": false}},
		"votes": [],
		"peer": _person,
	},
	more,
)

_hits(request) := {h.id: h.msg | some h in data.guard.elevation.hit with input as request}

_verdicts(request) := {h.verdict | some h in data.guard.elevation.hit with input as request}

_effects(request) := {e | some e in data.guard.elevation.effect with input as request}

_raise(request) := e if some e in _effects(request)

_profiles := ["observer", "operator", "guardian", "phoenix", "sovereign"]

test_four_edges_and_no_other_s0_34 if {
	paths := {[from, to] | some from in _profiles; some to in _profiles; not _hits(_asks(from, to, {}))["elevation.edge"]}
	paths == {["observer", "operator"], ["operator", "guardian"], ["guardian", "phoenix"], ["phoenix", "sovereign"]}
}

test_no_path_has_its_exact_words_s0_40 if {
	_hits(_asks("operator", "phoenix", {})) == {"elevation.edge": "No escalation path from operator to phoenix"}
	_effects(_asks("operator", "phoenix", {})) == set()
	_hits(_asks("operator", "emperor", {})) == {"elevation.edge": "No escalation path from operator to emperor"}
}

test_a_refusal_says_what_to_do_instead if {
	locked := {"state": {"lockout": true, "elevations": []}}
	every request in [
		_asks("operator", "phoenix", {}), _asks("operator", "guardian", {"elevate": {"reason": " "}}),
		_asks("operator", "guardian", {"elevate": {"ttl": 0}}), _asks("operator", "guardian", locked),
		_asks("operator", "guardian", {"session": {"raised": "observer"}}), _asks("operator", "guardian", {"peer": {"guarded": "x", "own": false}}),
		_asks("phoenix", "sovereign", {"peer": {"terminal": false}}),
	] {
		hints := {h.hint | some h in data.guard.elevation.hit with input as request}
		count(hints) == 1
		not "" in hints
	}
}

test_where_some_never_count_nobody_rises_by_asking_alone if {
	_hits(_asks("operator", "guardian", {})) == {} with data.guard.config.delegates as []
	_hits(_asks("operator", "guardian", {})) == {"elevation.approval": "Escalation to guardian requires approval"} with data.guard.config.delegates as ["ann"]
}

test_an_edge_has_its_terms_s0_30 if {
	_raise(_asks("observer", "operator", {})) == {
		"do": "raise", "order": 0, "from": "observer", "to": "operator", "type": "operator_request", "reason": "to fix it",
		"ttl": 3600, "reversible": true, "auto": true, "condition": "timeout", "confirmed": true,
	}
	_hits(_asks("observer", "operator", {})) == {}
}

test_the_second_edge_s0_31 if {
	e := _raise(_asks("operator", "guardian", {}))
	[e.ttl, e.reversible, e.auto, e.type] == [7200, true, true, "operator_request"]
	_hits(_asks("operator", "guardian", {})) == {}
}

test_the_third_edge_takes_an_approval_s0_32 if {
	_hits(_asks("guardian", "phoenix", {})) == {"elevation.approval": "Escalation to phoenix requires approval"}
	_verdicts(_asks("guardian", "phoenix", {})) == {"hold"}
	e := _raise(_asks("guardian", "phoenix", {"votes": [{"approver": "ann", "approve": true}]}))
	[e.ttl, e.reversible, e.auto] == [1800, true, true]
}

test_the_highest_edge_takes_a_person_s0_33 if {
	_hits(_asks("phoenix", "sovereign", {})) == {"elevation.human": "Escalation to sovereign requires human (sovereign) approval"}
	_verdicts(_asks("phoenix", "sovereign", {})) == {"hold"}
	e := _raise(_asks("phoenix", "sovereign", {}))
	[e.ttl, e.reversible, e.auto, e.type, e.condition] == [0, false, false, "sovereign_override", "manual_release"]
}

test_without_a_terminal_nobody_is_the_person_s0_41 if {
	request := _asks("phoenix", "sovereign", {"peer": {"terminal": false}})
	_hits(request) == {"elevation.human": "Escalation to sovereign requires human (sovereign) approval"}
	_verdicts(request) == {"deny"}
	_effects(request) == set()
}

test_an_agent_waits_for_the_person_s0_41 if _verdicts(_asks("phoenix", "sovereign", {"peer": _agent})) == {"hold"}

test_types_follow_from_who_approved_x_13 if {
	one := [{"approver": "ann", "approve": true}]
	two := [{"approver": "ann", "approve": true}, {"approver": "bob", "approve": true}]
	again := [{"approver": "ann", "approve": true}, {"approver": "ann", "approve": true}]
	_raise(_asks("guardian", "phoenix", {"votes": one})).type == "sovereign_override"
	_raise(_asks("guardian", "phoenix", {"votes": again})).type == "sovereign_override"
	_raise(_asks("guardian", "phoenix", {"votes": two})).type == "quorum_approved"
	_raise(_asks("operator", "guardian", {"votes": two})).type == "operator_request"
}

test_a_reason_is_asked_for_s0_48 if {
	every blank in ["", "  ", "\n\t"] {
		_hits(_asks("operator", "guardian", {"elevate": {"reason": blank}})) == {"elevation.reason": "Escalation to guardian requires a reason"}
	}
	long := concat("", [c | some _ in numbers.range(1, 4097); c := "x"])
	_hits(_asks("operator", "guardian", {"elevate": {"reason": long}})) == {"elevation.reason": "the reason is longer than 4096 bytes"}
	_hits(_asks("operator", "guardian", {"elevate": {"reason": substring(long, 0, 4096)}})) == {}
}

test_the_profile_has_to_be_the_current_one_s0_49 if {
	_hits(_asks("guardian", "phoenix", {"session": {"raised": "observer"}})) == {"elevation.current_profile": "Current profile is observer, not guardian"}
	_hits(_asks("", "guardian", {"session": {"raised": "operator"}})) == {}
}

test_times_have_bounds_s0_50 if {
	every ttl in [0, -1, 28801] {
		_hits(_asks("operator", "guardian", {"elevate": {"ttl": ttl}})) == {"elevation.ttl": sprintf("Escalation to guardian lasts from 1 s to 28800 s, not %d s", [ttl])}
	}
	_hits(_asks("operator", "guardian", {"elevate": {"ttl": 1}})) == {}
	_raise(_asks("operator", "guardian", {"elevate": {"ttl": 1}})).ttl == 1
	_hits(_asks("operator", "guardian", {"elevate": {"ttl": 7200}})) == {}
	_hits(_asks("operator", "guardian", {"elevate": {"ttl": 7201}})) == {"elevation.approval": "Escalation to guardian for longer than 7200 s requires approval"}
	_verdicts(_asks("operator", "guardian", {"elevate": {"ttl": 28800}})) == {"hold"}
}

test_a_shorter_time_can_be_configured_s0_43 if {
	lasts := data.guard.elevation.lasts with data.guard.config.lasts as {"guardian": 5, "phoenix": 9000}
	lasts == {"operator": 3600, "guardian": 5, "phoenix": 1800, "sovereign": 0}
	_hits(_asks("operator", "guardian", {"elevate": {"ttl": 6}})) == {"elevation.approval": "Escalation to guardian for longer than 5 s requires approval"} with data.guard.config.lasts as {"guardian": 5}
}

test_the_longest_time_is_four_times_the_usual_one_s0_50 if {
	every edges in data.guard.elevation.edges {
		every edge in edges {
			_four_times(edge)
		}
	}
}

_four_times(edge) if edge.max == 4 * edge.ttl

_four_times(edge) if edge.ttl == 0

test_a_time_of_its_own_ends_even_the_highest_s0_84 if {
	e := _raise(_asks("phoenix", "sovereign", {"elevate": {"ttl": 60}}))
	[e.ttl, e.auto, e.condition] == [60, true, "timeout"]
}

test_whatever_an_agent_asks_for_is_held if {
	every edge in [["observer", "operator"], ["operator", "guardian"], ["guardian", "phoenix"], ["phoenix", "sovereign"]] {
		_verdicts(_asks(edge[0], edge[1], {"peer": _agent})) == {"hold"}
	}
	_hits(_asks("operator", "guardian", {"peer": _agent})) == {"elevation.approval": "Escalation to guardian requires approval: the asker descends from session s_1"}
}

test_an_agent_asks_for_its_own_session_s0_47 if {
	request := _asks("operator", "guardian", {"peer": object.union(_agent, {"own": false})})
	_hits(request) == {"elevation.identity": "a guarded process asks for its own session alone"}
	_verdicts(request) == {"deny"}
}

test_who_is_locked_out_is_not_raised_s0_47 if {
	locked := {"state": {"lockout": true}}
	_hits(_asks("operator", "guardian", locked)) == {"elevation.lockout": "locked out (velocity level 3) until a human runs: guard lockout reset"}
	_effects(object.union(_asks("operator", "guardian", locked), {"state": {"lockout": true, "elevations": [_unconfirmed]}})) == set()
}

test_an_incident_is_declared_s0_102 if {
	e := _raise(_asks("guardian", "phoenix", {"elevate": {"incident": true}}))
	[e.type, e.condition] == ["crisis_declared", "crisis_resolved"]
	_hits(_asks("guardian", "phoenix", {"elevate": {"incident": true}})) == {"elevation.approval": "Escalation to phoenix requires approval"}
	_hits(_asks("operator", "guardian", {"elevate": {"incident": true}})) == {"elevation.edge": "an incident does not raise from operator to guardian"}
}

test_a_condition_is_one_of_five_s0_14 if {
	every condition, _ in data.guard.elevation.conditions {
		_raise(_asks("operator", "guardian", {"elevate": {"condition": condition}})).condition == condition
	}
	object.keys(_hits(_asks("operator", "guardian", {"elevate": {"condition": "whenever"}}))) == {"elevation.ttl"}
	data.guard.elevation.conditions == {
		"no_active_threats_1h": "No active threats for 1 hour", "no_active_alerts_24h": "No active alerts for 24 hours",
		"crisis_resolved": "Crisis formally concluded", "manual_release": "Operator explicitly released authority",
		"timeout": "Escalation TTL expired",
	}
}

_unconfirmed := {"id": "esc_1", "session": "s_1", "from": "operator", "to": "guardian", "confirmed": false}

test_a_person_confirms_what_a_threat_raised if {
	request := _asks("operator", "guardian", {"session": {"raised": "phoenix"}, "state": {"elevations": [
		_unconfirmed,
		{"id": "esc_2", "session": "s_1", "from": "guardian", "to": "phoenix", "confirmed": true},
	]}})
	_hits(request) == {}
	_effects(request) == {{"do": "confirm", "order": 0, "id": "esc_1", "reason": "to fix it"}}
	_verdicts(object.union(request, {"peer": _agent})) == {"hold"}
	_verdicts(object.union(request, {"elevate": {"reason": " "}})) == {"deny"}
}

test_a_request_that_lost_its_fields_raises_nothing if {
	_effects({"kind": "elevate"}) == set()
	_effects({}) == set()
	not "allow" in _verdicts({"kind": "elevate"})
	count(_hits({"kind": "elevate", "elevate": {}})) == 1
}

test_powers_open_with_the_profile_reached if {
	data.guard.elevation.may == set() with input as {"session": {"raised": "operator"}}
	data.guard.elevation.may == {"tem", "lockout", "review"} with input as {"session": {"raised": "guardian"}}
	data.guard.elevation.may == set() with input as {}
}
