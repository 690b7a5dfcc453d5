# METADATA
# title: Office hours
# description: |
#   What others notice at once (pushes, deployments, clusters) waits for a
#   person outside office hours. The time is the request's own, input.now_ns,
#   so a decision can be replayed; policies have no clock. Written as a
#   negation: a request without a time counts as outside.
package user.office_hours

import data.guard.api

_zone := "Europe/Berlin"

_open := 9

_close := 17

hold contains {
	"id": "closed",
	"msg": sprintf("%s reaches others outside office hours", [s.name]),
	"hint": sprintf("try again on a working day from %d to %d o'clock", [_open, _close]),
	"stage": s.id,
} if {
	some s in input.cmd.stages
	_noticed(s)
	not _office
}

_office if {
	now := api.local(_zone)
	not now.weekday in {"Saturday", "Sunday"}
	now.hour >= _open
	now.hour < _close
}

_noticed(s) if {
	s.name == "git"
	s.sub == "push"
}

_noticed(s) if s.name in {"kubectl", "helm", "terraform", "ansible-playbook"}
