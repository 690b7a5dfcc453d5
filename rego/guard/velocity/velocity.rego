# METADATA
# title: How fast an agent may act
# description: |
#   Surge levels and the lockout (REQUIREMENTS part 4). Go counts root actions
#   over the windows that the preset names; the thresholds here say what level
#   they make. A threshold is proven not to be reached, so counts that are
#   missing are above it.
#
#   Ending a lockout takes a person at a terminal outside every session. Locking
#   an agent out takes authority away, and needs nobody's leave.
package guard.velocity

# METADATA
# title: The answer to how many actions there have been
# description: |
#   The level, how many more actions there may be until the next threshold, and
#   what a level above 0 leads to. Thresholds are those of the agent's trust.
pace := {"level": level, "room": _room, "surge": _surge, "thresholds": _all}

_all contains {"counter": counter, "level": to_number(label), "minutes": t.minutes, "actions": _whole(t.actions * _percent(counter)), "count": _count(counter, t.minutes)} if {
	some counter, levels in _thresholds
	some label, t in levels
}

# Hundredths, rounded up.
_whole(hundredths) := (up - (up % 100)) / 100 if {
	up := hundredths + 99
}

# METADATA
# title: What is to be counted
# description: The windows of every counter, and for how long an identical action counts once (REQUIREMENTS S3-23).
windows := {
	"counters": {{"counter": counter, "minutes": t.minutes} |
		some counter, levels in _thresholds
		some t in levels
	},
	"repeat_seconds": data.guard.config.velocity.repeat_seconds,
}

_thresholds := data.guard.config.presets[data.guard.config.preset].velocity

# METADATA
# title: Level
# description: The highest that a threshold is reached of, highest first (REQUIREMENTS S3-01 to S3-05).
level := max({0} | {r.level | some r in _reached})

_reached contains r if {
	some counter, levels in _thresholds
	some label, t in levels
	not _under(counter, t)
	r := {"level": to_number(label), "counter": counter, "minutes": t.minutes, "actions": t.actions, "count": _count(counter, t.minutes)}
}

_under(counter, t) if _missing(counter, t) > 0

# Hundredths of actions that are missing to a threshold.
_missing(counter, t) := (t.actions * _percent(counter)) - (c.n * 100) if {
	some c in input.state.counts
	c.counter == counter
	c.minutes == t.minutes
}

# Trust widens what an agent may do, never what it may be denied.
_percent("denied") := 100

_percent(counter) := object.get(data.guard.config.velocity.percent, input.agent.trust, 100) if counter != "denied"

default _room := 0

_room := min([whole |
	some counter, levels in _thresholds
	some t in levels
	missing := _missing(counter, t)
	missing > 0
	whole := _whole(missing)
])

default _count(_, _) := 0

_count(counter, minutes) := c.n if {
	some c in input.state.counts
	c.counter == counter
	c.minutes == minutes
}

default _surge := null

_surge := {
	"tier": _tier,
	"action": is.action,
	"risk_class": is.risk_class,
	"executor": is.executor,
	"status": is.status,
	"reason": is.reason,
	"brief": data.guard.velocity.brief,
	"counter": _worst.counter,
	"confidence_ppm": confidence(_violations, input.state.certainty_ppm),
	"violations": _violations,
	"rationale": sprintf("%s triggered by velocity %s/min over %dm window", [_tier, decimal(_rate), _worst.minutes]),
	"velocity": {
		"window_minutes": _worst.minutes, "action_count": _worst.count, "actions_per_minute_e4": _rate,
		"threshold_actions_per_minute_e4": rate(_worst.actions * _percent(_worst.counter), 100 * _worst.minutes),
	},
} if {
	level > 0
	is := data.guard.velocity.levels[format_int(level, 10)]
}

_tier := sprintf("tier_%d", [level])

_worst := sort([r | some r in _reached; r.level == level])[0]

_rate := rate(_worst.count, _worst.minutes)

# METADATA
# title: Actions a minute
# description: In ten-thousandths, rounded (REQUIREMENTS S3-06); there are no floats.
rate(actions, minutes) := (x - (x % (2 * minutes))) / (2 * minutes) if {
	x := (20000 * actions) + minutes
}

# METADATA
# title: A rate in words
# description: With four decimals.
decimal(rate_e4) := sprintf("%d.%04d", [(rate_e4 - (rate_e4 % 10000)) / 10000, rate_e4 % 10000])

_violations := max({0} | {c.n | some c in input.state.counts; c.counter == "denied"})

# METADATA
# title: Confidence
# description: Of a decision about the level, in millionths with three decimals (REQUIREMENTS S3-08).
confidence(violations, certainty_ppm) := max([100000, min([1000000, rounded])]) if {
	x := (550000 + (50000 * violations)) + (((1000000 - certainty_ppm) * 4) / 10)
	rounded := 1000 * round(x / 1000)
}

# METADATA
# title: Carries out one action
# description: |
#   What a shell line, a script or a build driver executes belongs to the one
#   action that it is. What any other program of the agent's own process
#   executes are actions of the agent.
default carries := false

carries if not input.cmd.kind == "exec"

carries if {
	some s in input.cmd.stages
	s.parent == -1
	_carrier(s)
}

_carrier(s) if data.guard.velocity.carriers[s.name]

_carrier(s) if s.payload.lang in {"shell", "make"}

# A script that was not read, because it is older than the session.
_carrier(s) if {
	data.guard.velocity.shells[s.name]
	count(s.operands) > 0
}

_carrier(s) if {
	some interpreter in s.exe.chain
	parts := split(interpreter, "/")
	data.guard.velocity.shells[parts[count(parts) - 1]]
}

# npm is a script of node: the name that counts is the script's.
_carrier(s) if {
	s.payload.kind == "script"
	some word in s.operands
	parts := split(word, "/")
	some ending in ["", "-cli.js", ".js", "-cli.cjs", ".cjs", "-cli.mjs", ".mjs", ".py", ".rb", ".pl", ".php"]
	data.guard.velocity.carriers[trim_suffix(parts[count(parts) - 1], ending)]
}

# What hands its operands on: find -exec, xargs.
_carrier(s) if {
	some other in input.cmd.stages
	other.parent == s.id
}

# METADATA
# title: Refusals
# description: The first one that applies.
# custom:
#   id: velocity.refused
#   remedy: "from a terminal outside every session: guard lockout reset --agent NAME --reason TEXT"
hit contains {"id": sprintf("velocity.%s", [r.rule]), "tier": 0, "verdict": "deny", "stage": -1, "msg": r.msg, "hint": object.get(_instead, r.rule, "")} if {
	input.kind == "lockout"
	r := _refusal
}

# What to do about a refusal, by its rule.
_instead := {
	"reason": sprintf("--reason TEXT, of at most %d bytes", [data.guard.config.reason_bytes]),
	"not_locked": "guard velocity status shows who is",
	"locked": "guard velocity status shows who is",
	"terminal": "at a terminal outside every session: guard lockout reset --agent NAME --reason TEXT",
	"power": "guard elevate guardian --reason TEXT, and lock out the own agent alone",
}

_refusal := {"rule": "reason", "msg": "changing a lockout requires a reason"} if {
	not _has_reason
} else := {"rule": "reason", "msg": sprintf("the reason is longer than %d bytes", [data.guard.config.reason_bytes])} if {
	count(hex.encode(input.lockout.reason)) > 2 * data.guard.config.reason_bytes
} else := {"rule": "not_locked", "msg": sprintf("agent %s is not locked out", [input.lockout.agent])} if {
	not input.lockout.reset == false
	not input.state.lockout == true
} else := {"rule": "locked", "msg": sprintf("agent %s is locked out already", [input.lockout.agent])} if {
	input.lockout.reset == false
	input.state.lockout == true
} else := {"rule": "terminal", "msg": "only a person at a terminal outside every session lets a locked out agent go on"} if {
	not input.lockout.reset == false
	not _at_terminal
} else := {"rule": "power", "msg": "locking an agent out from inside a session needs a session at guardian"} if {
	input.lockout.reset == false
	not _may_enable
}

_has_reason if trim_space(input.lockout.reason) != ""

_at_terminal if {
	input.peer.guarded == ""
	input.peer.terminal == true
}

# Asked for at a terminal, and carried out with the last vote.
_at_terminal if input.hold.state == "approved"

_may_enable if input.peer.guarded == ""

_may_enable if {
	"lockout" in data.guard.elevation.may
	_itself
}

# From inside a session only its own agent can be stopped.
_itself if input.lockout.agent == ""

_itself if input.lockout.agent == input.agent.name

# METADATA
# title: A person has to agree
# description: With the strongest terms there are (REQUIREMENTS S3-21).
# custom:
#   id: velocity.held
#   remedy: wait for the other people to answer
hit contains {"id": "velocity.held", "tier": 4, "verdict": "hold", "stage": -1, "msg": "a lockout is reset by people alone"} if {
	input.kind == "lockout"
	not input.lockout.reset == false
	not _refusal
}

# METADATA
# title: Whose terms
# description: Those of the act lockout.reset.
act := "lockout.reset" if {
	input.kind == "lockout"
	not input.lockout.reset == false
}

# METADATA
# title: What happens
# description: An agent is locked out, or may go on.
effect contains {"do": "unlock", "order": 0, "agent": input.lockout.agent, "reason": input.lockout.reason} if {
	input.kind == "lockout"
	input.lockout.reset == true
	not _refusal
}

effect contains {"do": "lock", "order": 0, "agent": input.lockout.agent, "reason": input.lockout.reason} if {
	input.kind == "lockout"
	input.lockout.reset == false
	not _refusal
}
