package user.office_hours_test

import data.user.office_hours

_at(ns) := {"now_ns": ns, "cmd": {"names": ["git"], "stages": [{"id": 0, "name": "git", "sub": "push"}]}}

# Thursday 2026-01-01 in Berlin
test_morning if {
	count(office_hours.hold) == 0 with input as _at(time.parse_rfc3339_ns("2026-01-01T09:00:00+01:00"))
}

test_evening if {
	count(office_hours.hold) == 1 with input as _at(time.parse_rfc3339_ns("2026-01-01T17:00:00+01:00"))
}

test_saturday if {
	count(office_hours.hold) == 1 with input as _at(time.parse_rfc3339_ns("2026-01-03T12:00:00+01:00"))
}

test_a_request_without_a_time_is_outside if {
	count(office_hours.hold) == 1 with input as object.remove(_at(0), ["now_ns"])
}

test_what_nobody_notices if {
	count(office_hours.hold) == 0 with input as {"now_ns": 0, "cmd": {"names": ["git"], "stages": [{"id": 0, "name": "git", "sub": "status"}]}}
}

test_clusters_are_noticed if {
	count(office_hours.hold) == 1 with input as {"now_ns": 0, "cmd": {"names": ["kubectl"], "stages": [{"id": 0, "name": "kubectl", "sub": "get"}]}}
}
