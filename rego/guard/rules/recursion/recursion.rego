# METADATA
# title: Calls without end
# description: |
#   Functions of the line that call themselves.
package guard.rules.recursion

# METADATA
# title: Fork bomb
# description: A function that starts itself more than once fills the machine until it stops.
# custom:
#   id: shell.fork_bomb
#   remedy: start a bounded number of processes (xargs -P, make -j)
#   fires: ':(){ :|:& };:'
#   quiet: f() { ls | cat; }; f
hit contains {
	"id": "shell.fork_bomb", "tier": 4, "verdict": "deny", "stage": s.id,
	"msg": "starts itself without end",
} if {
	some s in input.cmd.stages
	s.recursive
	_multiplies(s)
}

# METADATA
# title: Calls itself without end
# description: A function that calls itself with no way to stop.
# custom:
#   id: shell.recursion
#   remedy: give the function an end
#   fires: f() { f; }; f
#   quiet: f() { ls; }; f
hit contains {"id": "shell.recursion", "tier": 2, "stage": s.id, "msg": "a function calls itself"} if {
	some s in input.cmd.stages
	s.recursive
	not _multiplies(s)
}

_multiplies(s) if count(s.reads_from) > 0

_multiplies(s) if count(s.writes_to) > 0

_multiplies(s) if s.background
