package guard.decision_test

import data.guard.fixture

_ids(request) := {f.id | some f in data.guard.decision.result.findings with input as request}

test_a_result_is_never_undefined if {
	object.keys(data.guard.decision.result) == {"findings", "reliefs", "types", "carries"} with input as {}
	object.keys(data.guard.decision.other) == {"findings", "reliefs", "act", "effects"} with input as {}
	object.keys(data.guard.decision.standing) == {"limits", "approval"} with input as {}
	object.keys(data.guard.decision.fixed) == {"rows", "steps", "acts", "prices", "windows", "resources", "defaults"}
	object.keys(data.guard.decision.due) == {"effects", "next_ms"} with input as {}
}

test_an_empty_request_is_denied if {
	some f in data.guard.decision.result.findings with input as {}
	f.verdict == "deny"
	some g in data.guard.decision.other.findings with input as {}
	g.verdict == "deny"
}

test_a_command_without_facts_is_denied if "request.no_facts" in _ids(object.union(object.remove(fixture.line([]), ["cmd"]), {"cmd": {}}))

test_a_command_with_facts if _ids(fixture.line([{"name": "ls"}])) == set()

_locked := object.union(fixture.line([{"name": "make"}]), {"state": {"lockout": true}})

test_lockout_says_what_to_do_s3_20 if {
	some f in data.guard.decision.result.findings with input as _locked
	f.id == "surge.lockout"
	f.verdict == "deny"
	f.msg == "locked out (velocity level 3) until a human runs: guard lockout reset"
}

test_s3_13_a_surge_is_said_with_what_it_holds if {
	busy := object.union(fixture.line([{"name": "make"}]), {"state": {"surge": 1}})
	some f in data.guard.decision.result.findings with input as busy
	f.id == "surge.level"
	f.verdict == "hold"
	endswith(f.msg, "Escalation action: route_to_autonomous_executor (tier_1)")
}

test_a_surge_leaves_alone_what_only_reads_or_is_relieved if {
	not "surge.level" in _ids(object.union(fixture.line([{"name": "ls"}]), {"state": {"surge": 1}}))
	not "surge.level" in _ids(fixture.line([{"name": "make"}]))
}

test_lockout_leaves_reading_alone if not "surge.lockout" in _ids(object.union(fixture.line([{"name": "ls"}]), {"state": {"lockout": true}}))

_build := fixture.line([{
	"name": "rm", "flags": ["r"], "operands": ["dist"],
	"paths": [fixture.path("delete", "workspace", "/home/dev/app/dist", {})],
}])

test_coding_has_reliefs if count(data.guard.decision.result.reliefs) == 1 with input as _build

test_strict_has_none if {
	count(data.guard.decision.result.reliefs) == 0 with input as _build with data.guard.config.preset as "strict"
}

test_the_tier_is_the_same_in_both if {
	coding := data.guard.decision.result.findings with input as _build
	strict := data.guard.decision.result.findings with input as _build with data.guard.config.preset as "strict"
	coding == strict
}

test_defaults_of_the_presets if {
	data.guard.decision.fixed.defaults == {"profile": "operator", "trust": "T1", "preset": "coding"}
	data.guard.decision.fixed.defaults == {"profile": "operator", "trust": "T0", "preset": "strict"} with data.guard.config.preset as "strict"
}

test_resources_s1_31 if {
	[r.text | some r in data.guard.decision.fixed.resources] == [
		"988 Suicide & Crisis Lifeline (call or text 988)",
		"Crisis Text Line (text HOME to 741741)",
		"911",
	]
}
