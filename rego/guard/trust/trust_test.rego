package guard.trust_test

import data.guard.fixture

_agent := {
	"agent": "bot", "uid": 1000, "owner": "ann", "level": "T2", "compliant_runs": 25, "consecutive_compliant": 10, "total_actions": 40,
	"successful_actions": 39, "modifications": 5, "types": ["apply"], "violations": 0, "pending": [],
	"reviewed": ["clear_rollbacks", "complexity_reduction", "correct_escalation", "correct_scoping"], "idle_ms": 0,
	"updated_at": "2026-11-21T12:00:00.000000Z",
}

_asked(op, more) := {
	"kind": "trust", "trust": {"op": op, "agent": "bot", "to": "", "items": [], "reason": "r"},
	"state": {"standings": [object.union(_agent, more)]}, "peer": {"name": "ann"},
}

_evaluation(more) := e if {
	e := data.guard.trust.evaluation with input as _asked("evaluate", more)
}

_ids(request) := {h.id | some h in data.guard.trust.hit with input as request}

test_s2_01_to_s2_04_each_minimum_is_enough_and_one_less_is_not if {
	every level, need in data.guard.trust.requirements {
		exact := {
			"level": level, "compliant_runs": need.compliant, "consecutive_compliant": need.consecutive, "types": need.types,
			"modifications": need.modifications, "violations": need.violations,
		}
		_evaluation(exact).requirements_missing == []
		every less in [
			{"compliant_runs": need.compliant - 1}, {"consecutive_compliant": need.consecutive - 1},
			{"violations": need.violations + 1},
		] {
			_evaluation(object.union(exact, less)).status == "NOT_ELIGIBLE"
		}
	}
}

test_s2_05_s2_10_statuses if {
	_evaluation({}).status == "PENDING_REVIEW"
	_evaluation({}).recommendation == "All automatic criteria met. Manual review required."
	_evaluation({"level": "T0", "types": ["plan"]}).status == "ELIGIBLE"
	_evaluation({"level": "T0", "types": []}).recommendation == "Agent needs to complete 1 requirements"
}

test_s2_06_metrics if {
	every level in ["T2", "T4"] {
		_evaluation({"level": level}).evidence.metrics == {
			"current_tier": to_number(trim_prefix(level, "T")), "compliant_runs": 25, "consecutive_compliant": 10,
			"updated_at": "2026-11-21T12:00:00.000000Z",
		}
	}
}

test_s2_08_the_highest_level if {
	e := _evaluation({"level": "T4"})
	e.status == "NOT_ELIGIBLE"
	e.requirements_missing == ["Already at maximum tier"]
	e.recommendation == "Agent is at Tier 4 (maximum)"
}

test_s2_09_texts_in_order if {
	e := _evaluation({"compliant_runs": 20, "consecutive_compliant": 4, "violations": 2, "types": [], "modifications": 0})
	e.requirements_missing == [
		"Need 5 more compliant runs", "Need 6 more consecutive compliant runs", "Too many violations (2 > 0)",
		"Needs to perform action type: ansible_run", "Needs to perform action type: terraform_apply",
		"Need 5 more successful modifications",
	]
}

test_s2_12_not_eligible_is_not_promoted if {
	_ids(_asked("promote", {"compliant_runs": 24})) == {"trust.not_eligible"}
	effects := data.guard.trust.effect with input as _asked("promote", {"compliant_runs": 24})
	effects == set()
}

test_s2_22_somebody_with_the_role_has_to_agree if {
	_ids(_asked("promote", {})) == {"trust.promotion"}
	act := data.guard.trust.act with input as _asked("promote", {})
	data.guard.config.acts[act].role == "reviewer"
	data.guard.config.acts["trust.promote.T4"].role == "admin"
}

test_s2_25_a_review_is_needed_and_checks_everything if {
	_ids(_asked("promote", {"reviewed": ["clear_rollbacks"]})) == {"trust.not_eligible"}
	review := _asked("review", {})
	_ids(object.union(review, {"trust": {"items": ["clear_rollbacks"]}})) == set()
	_ids(object.union(review, {"trust": {"items": ["anything"]}})) == {"trust.review"}
	_ids(review) == {"trust.review"}
}

_said(request) := {[h.msg, h.hint] | some h in data.guard.trust.hit with input as request}

_unfit(request) := msg if {
	some h in data.guard.trust.hit with input as request with data.guard.config.roles as {"reviewer": ["bob"], "admin": []}
	msg := h.msg
}

test_s2_25_what_a_review_lacks_is_said if {
	_said(_asked("promote", {"reviewed": ["clear_rollbacks", "complexity_reduction"]})) == {[
		"Agent not eligible: a reviewer has not checked correct_scoping, correct_escalation",
		"a reviewer runs: guard trust review bot --checked correct_scoping,correct_escalation",
	]}
	_said(_asked("promote", {"compliant_runs": 24})) == {["Agent not eligible: Agent needs to complete 1 requirements", ""]}
	review := object.union(_asked("review", {}), {"peer": {"name": "bob"}, "trust": {"items": ["clear_rollbacks"]}})
	_unfit(object.union(review, {"peer": {"name": "ann"}})) == "ann is no reviewer: guard.json names others under people or roles"
	_unfit(object.union(review, {"trust": {"agent": "else"}})) == "agent else is not known"
	_unfit(object.union(review, {"trust": {"items": ["x"]}})) == "--checked takes one or more of: correct_scoping, clear_rollbacks, complexity_reduction, correct_escalation"
	_unfit(object.union(_asked("review", {"level": "T0"}), {"peer": {"name": "bob"}})) == "the level after T0 asks for no review"
	_unfit(object.union(_asked("review", {"level": "T4"}), {"peer": {"name": "bob"}})) == "nothing to review"
}

_falls(more) := {[e.to, e.type] | some e in data.guard.trust.lapse with input as {"kind": "due", "state": {"standings": [object.union(_agent, more)]}}}

test_s2_20_revocation if {
	_falls({}) == set()
	_falls({"pending": [{"cause": "denied", "tier": 2}]}) == set()
	_falls({"pending": [{"cause": "denied", "tier": 3}]}) == {["T1", "violation"]}
	_falls({"pending": [{"cause": "denied", "tier": 4}]}) == {["T0", "violation"]}
	_falls({"pending": [{"cause": "lockout", "tier": 0}]}) == {["T0", "violation"]}
	_falls({"idle_ms": 2591999999}) == set()
	_falls({"idle_ms": 2592000000}) == {["T1", "idle"]}
	_falls({"level": "T0", "pending": [{"cause": "denied", "tier": 4}]}) == set()
}

test_s2_26_kinds_of_action if {
	_types("terraform", "plan", []) == {"terraform_plan", "plan"}
	_types("tofu", "apply", []) == {"terraform_apply", "apply"}
	_types("ansible-playbook", "", ["check"]) == {"ansible_check", "dry_run"}
	_types("ansible-playbook", "", []) == {"ansible_run", "apply"}
	_types("npm", "publish", ["dry-run"]) == {"dry_run"}
	_types("ls", "", []) == set()
}

_types(name, sub, flags) := types if {
	types := data.guard.trust.type with input as fixture.line([{"name": name, "sub": sub, "flags": flags}])
}

test_trust_earns_what_is_medium_in_the_workspace if {
	_relieved("T3", {"root": false}) == {"relief.trusted"}
	_relieved("T2", {"root": false}) == set()
	_relieved("T3", {"root": true}) == set()
	_relieved("T3", {"remote": true}) == set()
	_relieved("T3", {"cwd": "/home/dev/application"}) == set()
}

_relieved(trust, more) := {r.id |
	stage := object.union(fixture.line([{"name": "docker", "sub": "rm", "args": ["rm", "a"], "operands": ["a"]}]).cmd.stages[0], more)
	request := object.union(fixture.line([]), {"agent": {"trust": trust}, "cmd": {"names": ["docker"], "stages": [stage]}})
	some r in data.guard.trust.relief with input as request with data.guard.tier.hit as {{"id": "x", "tier": 2, "stage": 0, "msg": "m"}}
}
