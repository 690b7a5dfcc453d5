package guard.approval_test

_vote := {
	"kind": "vote",
	"vote": {"approver": "ann", "approve": true, "assurance": "tty", "reason": "fine"},
	"hold": {
		"id": "hold_7f3a90", "state": "pending", "requester": "claude", "by": "", "act": "", "excluded": [],
		"step": {"tier": 3, "seconds": 120, "approvers": 1, "assurance": "tty", "role": ""},
	},
	"votes": [],
	"peer": {"uid": 1000, "guarded": ""},
}

_refusals(request) := {h.id: h.msg | some h in data.guard.approval.hit with input as request}

_but(more) := object.union(_vote, more)

test_a_plain_vote_is_taken if _refusals(_vote) == {}

test_nothing_is_granted_to_a_request_without_fields if {
	{"approval.guarded", "approval.unknown_kind"} == object.keys(_refusals({}))
	{
		"approval.guarded", "approval.own_request", "approval.reason_too_long", "approval.assurance",
		"approval.twice", "approval.ended",
	} == object.keys(_refusals({"kind": "vote"}))
}

test_every_refusal_denies if {
	hits := data.guard.approval.hit with input as {"kind": "vote"}
	every h in hits {
		h.verdict == "deny"
	}
}

test_a_guarded_process_is_refused if {
	every kind in ["vote", "stop", "accept", "session"] {
		"approval.guarded" in object.keys(_refusals(_but({"kind": kind, "peer": {"guarded": "descends from session s_19c2"}})))
	}
}

test_a_command_comes_from_inside if {
	_refusals({"kind": "command", "peer": {"guarded": "descends from session s_19c2"}}) == {}
}

test_another_kind_is_refused if "approval.unknown_kind" in object.keys(_refusals(_but({"kind": "promote"})))

test_the_requester_is_refused if object.keys(_refusals(_but({"vote": {"approver": "claude"}}))) == {"approval.own_request"}

test_nobody_is_refused if "approval.own_request" in object.keys(_refusals(_but({"vote": {"approver": ""}})))

_long(n) := concat("", [c | some _ in numbers.range(1, n); c := "\u00e4"])

test_a_reason_is_counted_in_bytes if {
	_refusals(_but({"vote": {"reason": _long(2048)}})) == {}
	_refusals(_but({"vote": {"reason": _long(2049)}})) == {"approval.reason_too_long": "the reason is longer than 4096 bytes"}
}

_asks_for(assurance) := {"hold": {"step": {"assurance": assurance}}}

test_assurance_below_the_step if {
	object.keys(_refusals(_but(_asks_for("peercred")))) == {"approval.assurance"}
	object.keys(_refusals(_but({"vote": {"assurance": "hearsay"}}))) == {"approval.assurance"}
}

test_more_assurance_is_fine if _refusals(_but({"vote": {"assurance": "peercred"}})) == {}

test_saying_no_needs_no_proof if _refusals(object.union(_but(_asks_for("fido2_up")), {"vote": {"approve": false}})) == {}

_before := {"votes": [{"approver": "ann", "approve": true, "assurance": "tty", "reason": ""}]}

test_voting_twice if object.keys(_refusals(_but(_before))) == {"approval.twice"}

test_another_person if _refusals(object.union(_but(_before), {"vote": {"approver": "bob"}})) == {}

test_taking_an_approval_back if _refusals(object.union(_but(_before), {"vote": {"approve": false}})) == {}

test_late_answers_have_their_exact_words_s1_45 if {
	_refusals(_but({"hold": {"state": "expired"}}))["approval.ended"] == "Approval hold_7f3a90 has expired"
	_refusals(_but({"hold": {"state": "approved", "by": "bob"}}))["approval.ended"] == "Approval hold_7f3a90 not found (already approved by bob)"
	_refusals(_but({"hold": {"state": "denied", "by": "bob"}}))["approval.ended"] == "Approval hold_7f3a90 not found (already denied by bob)"
	_refusals(_but({"hold": {"state": "cancelled"}}))["approval.ended"] == "Approval hold_7f3a90 not found (already cancelled)"
	_refusals({"kind": "vote"})["approval.ended"] == "Approval not found"
}

_outcome(votes, step) := outcome if {
	outcome := data.guard.approval.outcome with input as object.union(_vote, {"votes": votes, "hold": {"step": step}})
}

_yes(name) := {"approver": name, "approve": true, "assurance": "tty", "reason": ""}

_no(name) := object.union(_yes(name), {"approve": false})

test_outcome if {
	_outcome([], {}) == "pending"
	_outcome([_yes("ann")], {}) == "approved"
	_outcome([_yes("ann"), _no("bob")], {}) == "denied"
	_outcome([_no("bob")], {}) == "denied"
}

test_two_people_are_two_names if {
	_outcome([_yes("ann")], {"approvers": 2}) == "pending"
	_outcome([_yes("ann"), _yes("ann")], {"approvers": 2}) == "pending"
	_outcome([_yes("ann"), _yes("bob")], {"approvers": 2}) == "approved"
}

test_votes_that_do_not_count if {
	_outcome([_yes("claude")], {}) == "pending"
	_outcome([_yes("")], {}) == "pending"
	_outcome([_yes("ann")], {"assurance": "fido2_up"}) == "pending"
	_outcome([], {"approvers": 0}) == "pending"
}

test_no_hold_is_pending if {
	data.guard.approval.outcome == "pending" with input as {}
}

test_the_highest_authority_is_given_at_a_terminal_s0_84 if {
	highest := {"hold": {"act": "elevate.sovereign"}}
	object.keys(_refusals(_but(highest))) == {"approval.in_person"}
	_refusals(object.union(_but(highest), {"peer": {"terminal": true}})) == {}
	_refusals(object.union(_but(highest), {"vote": {"approve": false}})) == {}
	_refusals(_but({"hold": {"act": "elevate.phoenix"}})) == {}
}

test_a_hold_without_its_act_takes_a_person_at_a_terminal if {
	lost := json.remove(_vote, ["hold/act"])
	object.keys(_refusals(lost)) == {"approval.in_person"}
}
