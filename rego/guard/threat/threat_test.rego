package guard.threat_test

_report(raised, confidence, more) := object.union(
	{
		"kind": "threat",
		"threat": {"id": "thr_1", "type": "port_scan", "session": "s_1", "confidence_ppm": confidence, "alerts": 0, "resolve": false, "reason": ""},
		"session": {"raised": raised},
		"state": {"elevations": [], "threats": []},
		"peer": {"guarded": "", "own": false},
	},
	more,
)

_effects(request) := {e.do: e | some e in data.guard.threat.effect with input as request}

_hits(request) := {h.id: h.msg | some h in data.guard.threat.hit with input as request}

_says(request) := _effects(request).decide.reason

_insufficient(raised, confidence, word) if {
	request := _report(raised, confidence, {})
	_says(request) == sprintf("Confidence %s insufficient for escalation from %s", [word, raised])
	object.keys(_effects(request)) == {"report", "decide"}
}

test_the_lowest_profile_is_raised_at_any_confidence_s0_100 if {
	_effects(_report("observer", 0, {})).raise.to == "operator"
	_effects(_report("observer", 1, {})).raise.to == "operator"
}

test_the_second_edge_takes_0_8_s0_100 if {
	_effects(_report("operator", 800000, {})).raise == {
		"do": "raise", "order": 2, "from": "operator", "to": "guardian", "type": "threat_detected", "reason": "threat thr_1 (port_scan)",
		"ttl": 7200, "reversible": true, "auto": true, "condition": "no_active_threats_1h", "confirmed": false,
	}
	_insufficient("operator", 799999, "0.799999")
	_insufficient("operator", 790000, "0.79")
	_insufficient("operator", 0, "0")
}

test_the_third_edge_takes_0_95_s0_100 if {
	_says(_report("guardian", 950000, {})) == "Escalation to phoenix requires approval"
	_insufficient("guardian", 949999, "0.949999")
	_insufficient("phoenix", 1000000, "1")
	_insufficient("sovereign", 1000000, "1")
}

test_the_third_edge_is_only_asked_for_s0_101 if {
	effects := _effects(_report("guardian", 950000, {}))
	object.keys(effects) == {"report", "decide", "ask"}
	effects.ask.to == "phoenix"
}

test_a_person_is_asked_about_what_a_threat_raised if _effects(_report("operator", 920000, {})).ask.to == "guardian"

test_a_detector_that_repeats_itself_does_not_climb if {
	before := {"state": {"elevations": [{"id": "esc_1", "to": "operator", "threat": "thr_1", "confidence_ppm": 900000}]}}
	object.keys(_effects(_report("operator", 900000, before))) == {"report", "decide"}
	_effects(_report("operator", 900001, before)).raise.to == "guardian"
	other := {"state": {"elevations": [{"id": "esc_1", "to": "operator", "threat": "thr_2", "confidence_ppm": 900000}]}}
	_effects(_report("operator", 900000, other)).raise.to == "guardian"
}

test_a_report_about_no_session_raises_none if {
	request := _report("", 1000000, {"threat": {"session": ""}})
	object.keys(_effects(request)) == {"report", "decide"}
	_says(request) == "the report names no session"
}

test_reports_say_something_s0_104 if {
	_hits(_report("operator", 1000000, {})) == {}
	every part in [{"id": " "}, {"type": ""}, {"confidence_ppm": -1}, {"confidence_ppm": 1000001}, {"alerts": -1}] {
		object.keys(_hits(_report("operator", 0, {"threat": part}))) == {"threat.malformed"}
	}
	object.keys(_hits({"kind": "threat"})) == {"threat.malformed"}
}

_active := {"state": {"threats": [{"id": "thr_1", "type": "port_scan", "session": "s_1"}]}}

test_what_is_resolved_was_active if {
	over := {"threat": {"resolve": true}}
	_hits(_report("operator", 0, object.union(over, _active))) == {}
	object.keys(_effects(_report("operator", 0, object.union(over, _active)))) == {"resolve"}
	_hits(_report("operator", 0, over)) == {"threat.unknown": "Threat thr_1 not found or already resolved"}
}

_tem(raised, more) := object.union(
	{
		"kind": "tem", "tem": {"session": "s_1", "threat": "", "reason": "to know"},
		"session": {"raised": raised}, "state": {"elevations": [], "threats": []},
		"peer": {"guarded": "descends from session s_1", "own": true},
	},
	more,
)

test_tem_takes_a_guardian if {
	_hits(_tem("operator", {})) == {"threat.authority": "tem requires the authority of guardian, and the session is at operator"}
	every profile in ["guardian", "phoenix", "sovereign"] {
		_hits(_tem(profile, {})) == {}
	}
	object.keys(_effects(_tem("guardian", {}))) == {"decide", "tem"}
}

test_tem_of_its_own_session_and_a_known_threat if {
	_hits(_tem("guardian", {"peer": {"own": false}})) == {"threat.foreign": "a guarded process speaks for its own session alone"}
	_hits(_tem("guardian", {"tem": {"threat": "thr_9"}})) == {"threat.unknown": "Threat thr_9 not found or already resolved"}
	_hits(_tem("guardian", object.union({"tem": {"threat": "thr_1"}}, _active))) == {}
}
