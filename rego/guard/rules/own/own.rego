# METADATA
# title: guard itself
# description: |
#   What would end guard, answer in a person's place, or start it without its hook.
package guard.rules.own

import data.guard.stage

# METADATA
# title: Kills guard
# description: An agent that can end its guard has none.
# custom:
#   id: process.kill_guard
#   remedy: none; a person ends sessions with guard stop
#   fires: pkill -f guard
#   quiet: pgrep -f guard
hit contains {"id": "process.kill_guard", "tier": 4, "verdict": "deny", "stage": s.id, "msg": msg} if {
	some s in input.cmd.stages
	s.name in {"pkill", "killall", "skill", "systemctl", "service", "launchctl"}
	some word in s.operands
	_names_guard(s, word)
	msg := sprintf("ends guard: %s", [stage.line(s)])
}

# METADATA
# title: Asks guard as a person
# description: |
#   Answering holds, accepting policies and ending sessions is for people. The
#   socket refuses it from inside a session; this says so before it is tried.
# custom:
#   id: guard.authority
#   remedy: ask a person to do it from a terminal outside the session
#   fires: guard approve hold_7f3a90
#   quiet: guard inbox
hit contains {
	"id": "guard.authority", "tier": 3, "verdict": "deny", "stage": s.id,
	"msg": sprintf("answers for a person: %s", [stage.line(s)]),
} if {
	"guard" in input.cmd.names
	some s in input.cmd.stages
	s.name == "guard"
	some word in s.operands
	word in {
		"approve", "deny", "accept", "stop", "threat", "promote", "revoke", "review", "grant", "reset", "create",
	}
	word in array.slice(s.operands, 0, 2)
}

# METADATA
# title: guard without its hook
# description: What is started that way is not held before it runs.
# custom:
#   id: guard.unhooked
#   remedy: leave the option out
#   fires: guard --exec-hook=off -- bash
#   quiet: guard -- make test
hit contains {"id": "guard.unhooked", "tier": 3, "verdict": "hold", "stage": s.id, "msg": "starts guard without its hook"} if {
	"guard" in input.cmd.names
	some s in input.cmd.stages
	s.name == "guard"
	some word in s.args
	startswith(word, "-")
	trim_left(word, "-") in {"exec-hook", "exec-hook=off", "exec-hook=none", "exec-hook=false"}
}

# pkill takes a regular expression, and so it is asked what it would match.
_names_guard(s, word) if {
	s.name == "pkill"
	regex.is_valid(word)
	some name in ["guard", "guardd"]
	regex.match(word, name)
}

_names_guard(s, word) if {
	s.name == "pkill"
	not regex.is_valid(word)
	contains(word, "guard")
}

_names_guard(s, word) if {
	s.name != "pkill"
	word in {"guard", "guardd", "guardd.service"}
	s.sub != "status"
}
